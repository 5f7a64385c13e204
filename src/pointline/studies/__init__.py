"""Studies: does one level help the other, and how much of the answer is chance?"""

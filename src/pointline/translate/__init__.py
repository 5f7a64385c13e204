"""Data sets carried into another language: marks in, rules, repair, checks that need no gold, and a report."""

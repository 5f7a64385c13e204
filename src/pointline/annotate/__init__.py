"""Labels that a model server gives, with what a person must look at: open text labels, their names, a queue.

label_text  the run: ask, count, label, queue     settings    how it is asked and what is doubtful
asking      a sample as a request                 answers     what came back, as votes
names       one form for a label's spellings      synonyms    names that may mean one thing
table       the merging table to review           doubts      why a label should be looked at
labelling   the inventory of a whole file         voting      what several answers come to
writing     the outputs                           result      the report
"""

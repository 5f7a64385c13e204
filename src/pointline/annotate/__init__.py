"""Labels for people to check: by a model server (open text labels), by rules (relations, events), by any model.

label_text  the run: ask, count, label, queue     settings    how it is asked and what is doubtful
asking      a sample as a request                 answers     what came back, as votes
names       one form for a label's spellings      synonyms    names that may mean one thing
table       the merging table to review           doubts      why a label should be looked at
labelling   the inventory of a whole file         voting      what several answers come to
writing     the outputs                           result      the report

candidates  documents to samples by rules         documents   category folders, one file a text
rules       the TOML of rules, compiled           matching    a rule on a sentence
wording     many words as one expression          autolabel   the next batch by a model
weighing    how far an answer may be trusted      roles       triples and events as entities
rounds      the book of rounds
"""

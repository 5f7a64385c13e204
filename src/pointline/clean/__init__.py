"""Clean: rules that keep a corpus free of duplicates, conflicts, leaks and noise, and an audit of what stays.

The story is told in `corpus.clean`: scan every text once (`scan`), look again at texts that repeat (`overlap`),
write what is kept byte for byte and what is dropped with its reason.
"""

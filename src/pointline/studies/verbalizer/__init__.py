"""Knowledgeable verbalizers: words that stand for a label, taken from word-level annotations or told by a file."""

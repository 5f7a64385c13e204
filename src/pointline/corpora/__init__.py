"""Corpora: readers by shape, data sets as cards, writers for other tools."""

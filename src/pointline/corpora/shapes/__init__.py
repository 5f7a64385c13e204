"""Readers by shape: one file reads one way of writing annotations down, whatever the data set."""

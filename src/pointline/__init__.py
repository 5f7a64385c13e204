"""Two levels of one text, learned and measured together: the labels of the whole and the spans that stand in it."""

__version__ = "0.1.0"

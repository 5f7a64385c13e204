"""The version of this pointline."""

__version__ = "0.1.0"

"""Formats: how a sample is written as a string for a generative model and read back."""

from pointline.formats.ask import Ask, Codec, parse_tasks
from pointline.formats.paper import Paper
from pointline.formats.problems import CannotHold
from pointline.formats.table import FORMATS, codec

__all__ = ["FORMATS", "Ask", "CannotHold", "Codec", "Paper", "codec", "parse_tasks"]

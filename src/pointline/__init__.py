"""Two levels of one text, learned and measured together: the labels of the whole and the spans that stand in it."""

__version__ = "0.1.0"

from pointline.errors import PointlineError
from pointline.jsonl import read, write
from pointline.models.extractor import Extractor, load
from pointline.sample import Argument, Entity, Event, Pair, Relation, Sample, Span
from pointline.schema import Schema
from pointline.score import Score, score

__all__ = [
    "Argument",
    "Entity",
    "Event",
    "Extractor",
    "Pair",
    "PointlineError",
    "Relation",
    "Sample",
    "Schema",
    "Score",
    "Span",
    "load",
    "read",
    "score",
    "write",
]

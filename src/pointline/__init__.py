"""Two levels of one text, learned and measured together: the labels of the whole and the spans that stand in it."""

from pointline.errors import PointlineError
from pointline.jsonl import read, write
from pointline.models.extractor import Extractor, load
from pointline.sample import Argument, Entity, Event, Pair, Relation, Sample, Span
from pointline.schema import Schema
from pointline.score import Score, score
from pointline.version import __version__

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
    "__version__",
    "load",
    "read",
    "score",
    "write",
]

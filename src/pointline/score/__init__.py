"""Score: pair gold with answers, count as a published protocol does, say how sure one may be."""

from pointline.score.comparing import Comparison, Delta, compare, corrected, holm
from pointline.score.options import Settings
from pointline.score.protocols import PROTOCOLS, Protocol
from pointline.score.result import Board, Figure, Score
from pointline.score.scoring import score, score_all
from pointline.score.spans import span_f1

__all__ = [
    "PROTOCOLS",
    "Board",
    "Comparison",
    "Delta",
    "Figure",
    "Protocol",
    "Score",
    "Settings",
    "compare",
    "corrected",
    "holm",
    "score",
    "score_all",
    "span_f1",
]

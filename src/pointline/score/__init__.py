"""Score: pair gold with answers, count as a published protocol does, say how sure one may be."""

from pointline.score.comparing import Comparison, compare
from pointline.score.protocols import PROTOCOLS, Protocol
from pointline.score.result import Figure, Score
from pointline.score.scoring import Settings, score

__all__ = ["PROTOCOLS", "Comparison", "Figure", "Protocol", "Score", "Settings", "compare", "score"]

"""What a run notes beside its answers: how its words came to be and how much of them was of use."""

from __future__ import annotations

import msgspec


class PieceReport(msgspec.Struct, frozen=True):
    """How a tokenizer cuts label words; shares are of words, between 0 and 1.

    - `words`, `pieces`: words that can be scored, and their mean length in pieces.
    - `left_out`: words that hold a piece the tokenizer does not know.
    - `shared_first`: share whose first piece is the first piece of another label's word too, as the words are cut
      behind the template. Scored by first pieces alone, these words say nothing.
    - `shared_first_bare`, `empty_first`: the same for words cut alone with a space in front, and the share whose
      first piece is then the bare mark of a space, as with most Japanese words.
    """

    words: int
    pieces: float
    left_out: list[str]
    shared_first: float
    shared_first_bare: float
    empty_first: float


class RunRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One arm and seed: shots used, words a label, words dropped as shared by labels.

    - `weight`: of the found words beside the tagger; `covered`: share of test texts with any list word (light).
    - `named`: labels without a word, which their own names stand for; `pieces`; `cut`: texts that were too long for the
      model and lost their end (models).
    """

    arm: str
    seed: int
    shots: int
    words: dict[str, int] = {}
    dropped: int = 0
    weight: float | None = None
    covered: float | None = None
    named: list[str] = []
    pieces: PieceReport | None = None
    cut: int = 0

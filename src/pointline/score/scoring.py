"""Score answers against gold: one pass over the pairs, then figures, intervals and tables from the counts."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from pointline.errors import Refusal
from pointline.sample import Sample
from pointline.score import protocols
from pointline.score.draws import Draws
from pointline.score.figures import draw_figures, figures
from pointline.score.matching import Matcher
from pointline.score.mistakes import Mistakes
from pointline.score.options import DEFAULT, Settings
from pointline.score.pairing import Pairing
from pointline.score.protocols import PROTOCOLS
from pointline.score.result import Board, Confused, Figure, LabelFigure, Score, label_figure
from pointline.score.signature import signature
from pointline.score.sources import Samples
from pointline.score.tally import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_group = attrgetter("lang", "source")


def score(
    gold: Samples,
    answers: Samples,
    protocol: str = "mre",
    *,
    allow_missing: bool = False,
    settings: Settings = DEFAULT,
) -> Score:
    """Score answers against gold, both given as a path (streamed, memory flat) or as samples.

    Raises InputFault where ids do not match (a line that names file and line) and Refusal where the protocol does
    not apply. With `allow_missing` a sample without an answer counts as empty, an answer without gold is left out,
    and both are counted.

    >>> gold = [Sample("1", "a", labels=["x"]), Sample("2", "b", labels=["y"])]
    >>> score(gold, [Sample("1", "a", labels=["x"]), Sample("2", "b", labels=["x"])])["TL"].f1
    50.0
    """
    count = Count(protocol, settings)
    pairing = Pairing(gold, [answers], partial=allow_missing)
    mistakes = Mistakes(settings.worst) if settings.errors else None
    for golds, answered in pairing.blocks():
        count(golds, answered)
        if mistakes:
            mistakes.add(golds, answered)
    result = count.score(pairing)
    result.errors = mistakes.result() if mistakes else None
    return result


def score_all(
    gold: Samples,
    answers: Samples,
    names: Iterable[str] = tuple(PROTOCOLS),
    *,
    allow_missing: bool = False,
    settings: Settings = DEFAULT,
) -> Board:
    """Score by every protocol that applies, in one pass; the others say why they do not.

    >>> gold = [Sample("1", "a", labels=["x"])]
    >>> board = score_all(gold, gold)
    >>> list(board.scores), len(board.refused)
    (['mre', 'mre-accuracy', 'slg', 'offset'], 7)
    """
    counts = {name: Count(name, settings) for name in names}
    refused: dict[str, str] = {}
    pairing = Pairing(gold, [answers], partial=allow_missing)
    for golds, answered in pairing.blocks():
        for name in [name for name in counts if name not in refused]:
            try:
                counts[name](golds, answered)
            except Refusal as reason:
                refused[name] = str(reason)
    scores: dict[str, Score] = {}
    for name in counts:
        if name not in refused:
            try:
                scores[name] = counts[name].score(pairing)
            except Refusal as reason:
                refused[name] = str(reason)
    return Board(scores, refused)


class Count:
    """What one protocol counts in one pass."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._name, self._settings = name, settings
        self._protocol = protocols.named(name)
        self._matcher: Matcher = self._protocol.matcher(settings)
        self._rows = Rows()
        self._draws = Draws(settings) if settings.draws else None

    def __call__(self, golds: Sequence[Sample], answers: Sequence[Sample]) -> None:
        """Count a block."""
        rows = self._matcher(golds, answers)
        self._rows.add(list(map(_group, golds)), rows)
        if self._draws:
            self._draws.add([gold.id for gold in golds], rows)

    def score(self, pairing: Pairing) -> Score:
        """Figures, tables and signature once the pairing is through."""
        found = self._figures()
        if not any(figure.n for figure in found.values()):
            raise Refusal(f"{self._name}: {pairing.gold.name} annotates nothing that this protocol scores")
        labels = self._labels(found)
        diagonal = [(row.label, round(row.recall * row.n / 100)) for row in labels if row.level == "labels"]
        return Score(
            protocol=self._name,
            signature=signature(self._name, self._protocol.version, pairing, self._settings),
            figures=found,
            n=pairing.n,
            missing=pairing.missing,
            extra=pairing.extra,
            labels=labels,
            confusion=[Confused(*row) for row in self._matcher.confusion.rows(diagonal)],
            languages=self._groups(0),
            sources=self._groups(1),
            notes=_notes(pairing, found),
        )

    def _figures(self) -> dict[str, Figure]:
        kind, names = self._protocol.figure, self._matcher.figures
        found = figures(kind, names, self._rows.arrays(self._matcher.table), self._settings)
        if self._draws and found:
            draw_figures(kind, names, self._draws.sums(self._matcher.table), found)
        return found

    def _groups(self, axis: int) -> dict[str, dict[str, Figure]]:
        names = self._rows.groups(axis)
        if len(names) < 2:
            return {}
        kind, wanted, table = self._protocol.figure, self._matcher.figures, self._matcher.table
        parts = {name or "": self._rows.arrays(table, (axis, name)) for name in names}
        return {name: figures(kind, wanted, part, self._settings) for name, part in parts.items()}

    def _labels(self, found: dict[str, Figure]) -> list[LabelFigure]:
        """The per-label table, facet by facet, labels by name; sets macro-F1 over the labels seen on either side."""
        table = [label_figure(facet, *row) for facet, side in self._matcher.labels.items() for row in side.rows()]
        if self._protocol.figure == "f1":
            for figure, members in self._matcher.members().items():
                scores = [row.f1 for row in table if row.level in members]
                if figure in found and scores:
                    found[figure].macro_f1 = sum(scores) / len(scores)
        return table


def _notes(pairing: Pairing, found: dict[str, Figure]) -> list[str]:
    notes = [f"{name}: no answer holds any of it" for name, f in found.items() if f.gold and not f.predicted]
    if pairing.other_texts:
        notes.append(f"{pairing.other_texts} answers have another text than their gold")
    return notes

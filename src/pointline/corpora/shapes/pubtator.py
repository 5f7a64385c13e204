"""PubTator: `id|t|title`, `id|a|abstract`, then tabbed mentions and relations between concepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.corpora.files import blocks
from pointline.corpora.placing import placed
from pointline.corpora.reading import ReaderSettings
from pointline.sample import Entity, Relation, Sample, Span

_FIX = "a document is id|t|title, id|a|abstract, then id TAB start TAB end TAB mention TAB type TAB concept"


class PubTator(ReaderSettings, frozen=True, kw_only=True):
    """How title and abstract are put together."""

    join: str = "\n"
    """What stands between title and abstract: one character, which the offsets count."""


def read(paths: Iterable[Path], settings: PubTator, report: Report) -> Iterator[Sample]:
    """Read PubTator documents; a relation stands between the first mentions of its concepts.

    Raises InputFault with file and line.
    """
    for path in paths:
        for number, block in blocks(path, report, settings.encoding):
            report.path, report.line = path, number
            rows = block.split("\n")
            passages = [row.split("|", 2) for row in rows if "\t" not in row and row.count("|") >= 2]
            if not passages or [kind for _, kind, _ in passages] not in (["t"], ["t", "a"], ["a"]):
                raise report.fault("holds no title or abstract", fix=_FIX)
            text = settings.join.join(passage for _, _, passage in passages)
            sample = Sample(passages[0][0], text, entities=[])
            _annotate(sample, [row.split("\t") for row in rows if "\t" in row], number + len(passages), report)
            yield sample


def _annotate(sample: Sample, rows: list[list[str]], number: int, report: Report) -> None:
    concepts: dict[str, Span] = {}
    entities: list[Entity] = []
    pairs: list[list[str]] = []
    for line, cells in enumerate(rows, number):
        report.line = line
        if len(cells) >= 5 and cells[1].isdecimal() and cells[2].isdecimal():
            place = placed(sample.text, cells[3], int(cells[1]), int(cells[2]), report)
            if place is None:
                continue
            entities.append(Entity(cells[4], *place))
            for concept in cells[5].split("|") if len(cells) > 5 else ():
                concepts.setdefault(concept.strip(), Span(*place, cells[4]))
            if len(cells) > 5 and cells[5]:
                entry = {"start": place.start, "end": place.end, "concept": cells[5]}
                sample.meta.setdefault("entities", []).append(entry)
        elif len(cells) >= 4:
            pairs.append(cells)
        else:
            raise report.fault(f"{len(cells)} columns are neither a mention nor a relation", fix=_FIX)
    sample.entities = entities
    relations = []
    for cells in pairs:
        head, tail = concepts.get(cells[2]), concepts.get(cells[3])
        if head is None or tail is None:
            report.repair("relation_dropped", f"{cells[1]} {cells[2]} {cells[3]}")
        else:
            relations.append(Relation(cells[1], head, tail))
    if pairs:
        sample.relations = relations

"""The layers of one WebAnno TSV 3 document: marks over its rows, made entities, events and relations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pointline.corpora.conversion import Report
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

_STACK = re.compile(r"(?<!\\)\|")
_SLOTS = re.compile(r"(?<!\\);")
_NUMBER = re.compile(r"(?<!\\)\[(\d+)\]$")
_SOURCE = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d+)(?:_(\d+))?\])?")
_ESCAPED = re.compile(r"\\(.)")


class TsvRow(NamedTuple):
    """A token or a part of one: its name in the file, its UTF-16 units, its cells."""

    number: int
    unit: str
    start: int
    end: int
    cells: list[str]


class Layer(NamedTuple):
    """A layer of the file's head: SP spans, RL relations, CH chains."""

    kind: str
    name: str
    features: tuple[str, ...]
    column: int

    @property
    def width(self) -> int:
        """How many columns it fills."""
        return max(len(self.features), 1)

    @property
    def short(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]

    def feature(self, prefix: str) -> int | None:
        """Where the feature with this prefix stands."""
        return next((at for at, name in enumerate(self.features) if name.startswith(prefix)), None)


@dataclass
class _Mark:
    """One annotation: the units it covers and its feature values."""

    start: int
    end: int
    values: list[str]


class WebAnnoText:
    """One document while its layers are put into its sample."""

    def __init__(self, sample: Sample, rows: list[TsvRow], report: Report) -> None:
        self._sample, self._rows, self._report = sample, rows, report
        self._units = {row.unit: row for row in rows}
        self._marks: dict[str, dict[str, _Mark]] = {}
        self._places: list[int] = []
        for at, character in enumerate(sample.text):
            self._places += [at] * (2 if ord(character) > 0xFFFF else 1)
        self._places.append(len(sample.text))

    def take_spans(self, layer: Layer) -> None:
        """Collect the marks of a span layer, by their number, or by their unit where they have none."""
        marks = self._marks[layer.name] = {}
        slot = layer.feature("ROLE_")
        for row, values in self._stacked(layer):
            if all(value == "_" for value in values):
                continue
            own = slice(None) if slot is None else slice(slot + 1)  # numbers behind a slot are its targets'
            numbers = [match[1] for value in values[own] if (match := _NUMBER.search(value))]
            key = numbers[0] if numbers else row.unit
            values[own] = [_NUMBER.sub("", value) for value in values[own]]
            mark = marks.setdefault(key, _Mark(row.start, row.end, values))
            mark.start, mark.end = min(mark.start, row.start), max(mark.end, row.end)

    def add_spans(self, layer: Layer) -> None:
        """Put the marks of a span layer into the sample, as entities or, where it has slots, as events."""
        slot = layer.feature("ROLE_")
        entities, events = self._sample.entities or [], self._sample.events or []
        for mark in self._marks[layer.name].values():
            span = self._span(mark.start, mark.end)
            if span is None:
                continue
            if slot is None:
                entities.append(Entity(_name(layer, mark.values), span.text, span.start, span.end))
            else:
                events.append(Event(_name(layer, mark.values[:slot]), span, list(self._fillers(layer, mark, slot))))
        if slot is None:
            self._sample.entities = entities
        else:
            self._sample.events = events

    def add_relations(self, layer: Layer) -> None:
        """Put the relations of a layer into the sample; they stand in the rows of their tails."""
        base = layer.feature("BT_")
        marks = {} if base is None else self._marks.get(layer.features[base][len("BT_") :], {})
        relations = self._sample.relations or []
        for row, values in self._stacked(layer):
            match = _SOURCE.fullmatch(values[-1])
            if match is None:
                continue
            head, tail = self._end(match[1], match[2], marks), self._end(row.unit, match[3], marks)
            if head is None or tail is None:
                self._report.repair("relation_dropped", repr(values[-1]))
            else:
                relations.append(Relation(_name(layer, values[:-1]), head, tail))
        self._sample.relations = relations

    def _stacked(self, layer: Layer) -> Iterator[tuple[TsvRow, list[str]]]:
        """The values of a layer in every row, one list for each annotation stacked there."""
        for row in self._rows:
            self._report.line = row.number
            columns = [_STACK.split(cell) for cell in row.cells[layer.column : layer.column + layer.width]]
            for at in range(max(map(len, columns))):
                yield row, [column[at] if at < len(column) else "_" for column in columns]

    def _fillers(self, layer: Layer, mark: _Mark, slot: int) -> Iterator[Argument]:
        target_layer = layer.features[slot + 1] if slot + 1 < len(layer.features) else ""
        targets = _SLOTS.split(mark.values[slot + 1]) if slot + 1 < len(mark.values) else []
        for role, target in zip(_SLOTS.split(mark.values[slot]), targets, strict=False):
            match = _SOURCE.fullmatch(target)
            span = None if match is None else self._end(match[1], match[2], self._marks.get(target_layer, {}))
            if span is not None:
                name = "argument" if role in ("*", "_") else plain(role)
                yield Argument(name, span.text, span.start, span.end, span.type)

    def _end(self, unit: str, number: str | None, marks: dict[str, _Mark]) -> Span | None:
        mark = marks.get(unit if number in (None, "0") else str(number))
        row = self._units.get(unit)
        if mark is not None:
            return self._span(mark.start, mark.end)
        return None if row is None else self._span(row.start, row.end)

    def _span(self, first: int, behind: int) -> Span | None:
        start, end = (self._places[min(at, len(self._places) - 1)] for at in (first, behind))
        if start >= end:
            self._report.repair("span_dropped", f"{first}-{behind} covers no character")
            return None
        return Span(self._sample.text[start:end], start, end)


def plain(text: str) -> str:
    """The text without the format's escapes.

    >>> plain("a\\\\|b")
    'a|b'
    """
    return _ESCAPED.sub(lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), text)


def _name(layer: Layer, values: list[str]) -> str:
    value = next((v for v in values if v not in ("*", "_", "")), None)
    return layer.short if value is None else plain(value)

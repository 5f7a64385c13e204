"""Aspect-based sentiment tuples beside a text: ACOS quads, QUAD and ASTE Python lists, implicit parts too."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.files import lines
from pointline.corpora.joining import Joiner, TokenText
from pointline.corpora.placing import Place
from pointline.corpora.reading import ReaderSettings
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, span_key

_LINES = {
    "acos": "text TAB 0,1 CATEGORY polarity 2,3",
    "quad": "text####[[aspect, category, polarity, opinion]]",
    "aste": "text####[([0], [2], polarity)]",
}


class Quads(ReaderSettings, frozen=True, kw_only=True):
    """Which dress the tuples wear."""

    style: Literal["acos", "quad", "aste"] = "acos"
    """`acos`: text TAB `a0,a1 CATEGORY polarity o0,o1` ..., token offsets, -1,-1 implicit; `quad`: text#### list of
    [aspect, category, polarity, opinion] wordings, NULL implicit; `aste`: text#### list of ([index], [index],
    polarity)."""
    polarities: dict[str, str] = msgspec.field(default_factory=dict)
    """Names of the polarities, where the source has codes."""
    join: str | None = None
    """What stands between tokens; by default as the language writes."""


class Quad(NamedTuple):
    """One opinion; an implicit aspect or opinion is None."""

    aspect: Span | None
    category: str | None
    polarity: str
    opinion: Span | None


def read(paths: Iterable[Path], settings: Quads, report: Report) -> Iterator[Sample]:
    """Read texts with opinion tuples.

    Entities are the explicit aspects, typed by polarity. Where opinions are annotated, a triplet is a relation from
    aspect to opinion; where parts may be implicit, each quad is an event whose type is the polarity, trigger the
    opinion and argument the aspect, typed by category. The label is derived: one polarity, several `mixed`, none null.
    Raises InputFault with file and line.
    """
    joiner = Joiner(settings.join, settings.lang, report)
    for path in paths:
        for number, line in lines(path, report, settings.encoding):
            if line.strip():
                report.path, report.line = path, number
                try:
                    text, quads = (
                        _acos(line, joiner, report) if settings.style == "acos" else _listed(line, settings, joiner)
                    )
                except (ValueError, SyntaxError, IndexError, TypeError, RecursionError, MemoryError):
                    fix = f"a line is {_LINES[settings.style]}; set style=acos, quad or aste"
                    raise report.fault(f"is no whole {settings.style} line", fix=fix) from None
                yield _sample(text, quads, settings, report)


def _acos(line: str, joiner: Joiner, report: Report) -> tuple[TokenText, list[Quad]]:
    sentence, *cells = line.rstrip("\t").split("\t")
    if not cells:
        raise ValueError("there is no tuple")
    text = TokenText([token for token in sentence.split(" ") if token], joiner)
    quads = []
    for cell in cells:
        aspect, category, polarity, opinion = cell.split(" ")
        quads.append(Quad(_indexed(text, aspect, report), category, polarity, _indexed(text, opinion, report)))
    return text, quads


def _indexed(text: TokenText, cell: str, report: Report) -> Span | None:
    first, behind = map(int, cell.split(","))
    if first == behind >= 0:
        report.repair("span_dropped", f"{cell} holds no token")
        return None
    return None if first < 0 else text.span(first, behind)


def _listed(line: str, settings: Quads, joiner: Joiner) -> tuple[TokenText, list[Quad]]:
    sentence, mark, literal = line.partition("####")
    if not mark:
        raise ValueError("there is no ####")
    text = TokenText([token for token in sentence.split(" ") if token], joiner)
    quads = []
    for item in ast.literal_eval(literal.strip()):
        if settings.style == "aste":
            aspect, opinion, polarity = item
            quads.append(Quad(text.pieces(aspect), None, polarity, text.pieces(opinion)))
        else:
            wordings = [None if wording == "NULL" else " ".join(wording.split()) for wording in item]
            aspect, category, polarity, opinion = wordings
            quads.append(Quad(_worded(text, aspect), category, polarity or "", _worded(text, opinion)))
    return text, quads


def _worded(text: TokenText, wording: str | None) -> Span | None:
    """The wording at its first occurrence between token borders, else anywhere, else without offsets."""
    if wording is None:
        return None
    at = f" {text.text} ".find(f" {wording} ")
    at = text.text.find(wording) if at < 0 else at
    return Span(wording) if at < 0 else Span(wording, at, at + len(wording))


def _sample(text: TokenText, quads: list[Quad], settings: Quads, report: Report) -> Sample:
    sample = Sample("", text.text, entities=[])
    named = [quad._replace(polarity=settings.polarities.get(quad.polarity, quad.polarity)) for quad in quads]
    entities: dict[Any, Entity] = {}
    for quad in named:
        if quad.aspect is not None:
            entity = Entity(quad.polarity, quad.aspect.text, quad.aspect.start, quad.aspect.end, quad.aspect.fragments)
            entities.setdefault((*span_key(entity), entity.text), entity)
            if entity.start is None:
                report.notice("span_not_found", repr(entity.text))
    sample.entities = list(entities.values())
    if settings.style == "aste":
        sample.relations = [_relation(quad) for quad in named if quad.aspect and quad.opinion]
    else:
        sample.events = [_event(quad) for quad in named]
        sample.meta["quads"] = [[s.text if isinstance(s, Span) else s for s in quad] for quad in named]
    polarities = list(dict.fromkeys(quad.polarity for quad in named))
    if polarities:
        sample.labels = polarities if len(polarities) == 1 else ["mixed"]
        sample.meta["label_derived"] = True
    return sample


def _relation(quad: Quad) -> Relation:
    assert quad.aspect is not None and quad.opinion is not None  # noqa: PT018
    quad.aspect.type, quad.opinion.type = "aspect", "opinion"
    return Relation(quad.polarity, quad.aspect, quad.opinion)


def _event(quad: Quad) -> Event:
    event = Event(quad.polarity, quad.opinion)
    if quad.aspect is not None:
        place = Place(quad.aspect.text, quad.aspect.start, quad.aspect.end)
        event.arguments.append(Argument("aspect", *place, quad.category))
    return event

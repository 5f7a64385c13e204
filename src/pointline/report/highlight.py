"""Spans as HTML: nested and crossing spans of any script, coloured by type, errors told by more than colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Literal, NamedTuple, TypeAlias

from pointline.sample import AnySpan, Entity, Sample, Span
from pointline.web.colours import colours_of, palette_css
from pointline.web.look import sheet

State: TypeAlias = Literal["plain", "right", "wrong", "missed"]

SIGNS = {"plain": "", "right": "✓", "wrong": "✗", "missed": "∅"}
WORDS = {"plain": "", "right": "right", "wrong": "not in gold", "missed": "missed by the prediction"}


class Mark(NamedTuple):
    """A stretch of text to be shown: code points, half-open."""

    start: int
    end: int
    name: str
    state: State = "plain"


def highlight(text: str, marks: Iterable[Mark], colours: Mapping[str, int]) -> str:
    """HTML for `text` with `marks`: nested marks nest, crossing ones are cut at the border; all text is escaped.

    >>> highlight("a<b", [Mark(2, 3, "x")], {"x": 0})
    'a&lt;<mark class="c0">b<small>x</small></mark>'
    """
    wanted = sorted(set(marks), key=lambda mark: (mark.start, -mark.end, mark.name, mark.state))
    borders = sorted({0, len(text), *(m.start for m in wanted), *(m.end for m in wanted)})
    out: list[str] = []
    stack: list[Mark] = []
    for here, there in zip(borders, [*borders[1:], None], strict=True):
        out += _close(stack, here, colours)
        for mark in wanted:
            if mark.start == here < mark.end:
                stack.append(mark)
                out.append(_open(mark, colours))
        out.append(escape(text[here:there], quote=False))
    return "".join(out)


def _close(stack: list[Mark], here: int, colours: Mapping[str, int]) -> Iterator[str]:
    """Close what ends here; marks that lie above it on the stack but go on are cut and opened again."""
    going_on: list[Mark] = []
    while any(mark.end <= here for mark in stack):
        mark = stack.pop()
        if mark.end <= here:
            yield _label(mark) + "</mark>"
        else:
            yield "</mark>"
            going_on.append(mark)
    for mark in reversed(going_on):
        stack.append(mark)
        yield _open(mark, colours)


def _open(mark: Mark, colours: Mapping[str, int]) -> str:
    kind = "" if mark.state == "plain" else f" {mark.state}"
    return f'<mark class="c{colours.get(mark.name, 0)}{kind}">'


def _label(mark: Mark) -> str:
    name = escape(mark.name, quote=False)
    if mark.state == "plain":
        return f"<small>{name}</small>"
    sign = f'<span role="img" aria-label="{WORDS[mark.state]}" title="{WORDS[mark.state]}">{SIGNS[mark.state]}</span>'
    return f"<small>{name} {sign}</small>"


def spans_shown(sample: Sample) -> list[tuple[str, AnySpan]]:
    """The spans of a sample that a text can show, with their names: entities, relation ends, triggers, arguments."""
    shown: list[tuple[str, AnySpan]] = [(entity.type, entity) for entity in sample.entities or ()]
    for relation in sample.relations or ():
        ends: Sequence[Span] = (relation.head, relation.tail)
        shown += [(end.type or relation.type, end) for end in ends]
    for event in sample.events or ():
        if event.trigger is not None:
            shown.append((event.type, event.trigger))
        shown += [(argument.role, argument) for argument in event.arguments]
    return shown


def marks_of(sample: Sample) -> list[Mark]:
    """All spans of one sample, nothing compared."""
    return [mark for name, span in spans_shown(sample) for mark in _marks(name, span, "plain")]


def compared(gold: Sample, prediction: Sample) -> tuple[list[Mark], list[Mark]]:
    """Entities of gold and of a prediction: those found by both are `right`, the others `missed` or `wrong`.

    >>> gold = Sample("1", "ab", entities=[Entity("x", "a", 0, 1), Entity("y", "b", 1, 2)])
    >>> compared(gold, Sample("1", "ab", entities=[Entity("x", "a", 0, 1)]))[0][1].state
    'missed'
    """
    held = {_identity(entity) for entity in gold.entities or ()}
    found = {_identity(entity) for entity in prediction.entities or ()}
    of_gold = [
        m for e in gold.entities or () for m in _marks(e.type, e, "right" if _identity(e) in found else "missed")
    ]
    answered = [
        m for e in prediction.entities or () for m in _marks(e.type, e, "right" if _identity(e) in held else "wrong")
    ]
    return of_gold, answered


def _identity(entity: Entity) -> tuple[object, ...]:
    return (entity.type, entity.start, entity.end, tuple(map(tuple, entity.fragments or ())) or None)


def _marks(name: str, span: AnySpan, state: State) -> Iterator[Mark]:
    if span.fragments:
        yield from (Mark(start, end, name, state) for start, end in span.fragments)
    elif span.start is not None and span.end is not None:
        yield Mark(span.start, span.end, name, state)


def snippet(sample: Sample) -> str:
    """One sample as a piece of HTML that carries its own style, as notebooks show it.

    >>> snippet(Sample("1", "play jazz", entities=[Entity("genre", "jazz", 5, 9)])).endswith("</div>")
    True
    """
    marks = marks_of(sample)
    colours = colours_of(mark.name for mark in marks)
    labels = " ".join(f"<b>{escape(label, quote=False)}</b>" for label in sample.labels or ())
    lang = f' lang="{escape(sample.lang)}"' if sample.lang else ""
    style = palette_css(".pointline") + sheet("marks.css")
    body = highlight(sample.text, marks, colours)
    return f'<div class="pointline"><style>{style}</style>{labels}<p class="text"{lang}>{body}</p></div>'

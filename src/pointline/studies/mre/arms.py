"""The arms of the study: which level is learned, and what of the other level stands beside the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from pointline.sample import Argument, Event, Sample, Span

Levels: TypeAlias = Literal["both", "text", "word"]
Given: TypeAlias = Literal["gold", "predicted", "shuffled", "random"]


class Arm(NamedTuple):
    """One design.

    levels: what is learned and answered. given: where the other level comes from that is put behind the text: as it is
    annotated, as a model of that level alone predicts it, another sample's (control), or drawn at random (null).
    """

    levels: Levels
    given: Given | None = None


ARMS: dict[str, Arm] = {
    "joint": Arm("both"),
    "text": Arm("text"),
    "word": Arm("word"),
    **{f"text+{given}": Arm("text", given) for given in ("gold", "predicted", "shuffled", "random")},
    **{f"word+{given}": Arm("word", given) for given in ("gold", "predicted", "shuffled", "random")},
}
"""GIELLM, Table 2, compares `joint` with `text` and `word`; MMM, Appendix A, `text` with `text+gold` (WLI) and `word`
with `word+gold` (TLI). The other sources are what tells help from leakage."""


class Question(NamedTuple):
    """One comparison: does `arm` answer `figure` better than `beside`?"""

    name: str
    figure: Literal["TL", "WL"]
    arm: str
    beside: str
    asks: str


def questions(chosen: Iterable[str]) -> list[Question]:
    """Every comparison that the chosen arms allow, those of the verdict first.

    >>> [question.name for question in questions(["joint", "text", "word"])]
    ['TL: joint - text', 'WL: joint - word']
    """
    held = set(chosen)
    pairs: list[tuple[Literal["TL", "WL"], str, str, str]] = [
        ("TL", "joint", "text", "does learning the words too help to find the label?"),
        ("WL", "joint", "word", "does learning the label too help to find the words?"),
    ]
    figures: tuple[tuple[Literal["TL", "WL"], str], ...] = (("TL", "text"), ("WL", "word"))
    for figure, own in figures:
        wanted, other = ("the label", "the words") if own == "text" else ("the words", "the label")
        pairs += [
            (figure, f"{own}+predicted", own, f"does knowing {other} as predicted help to find {wanted}?"),
            (
                figure,
                f"{own}+gold",
                own,
                f"does knowing {other} as annotated help to find {wanted}? (give-aways count)",
            ),
            (
                figure,
                f"{own}+gold",
                f"{own}+shuffled",
                f"does knowing {other} help to find {wanted} more than another sample's do?",
            ),
            (figure, f"{own}+shuffled", own, f"what does it cost {wanted} to read another sample's annotation too?"),
            (figure, f"{own}+random", own, f"what does it cost {wanted} to read random annotations too?"),
        ]
    return [Question(f"{f}: {a} - {b}", f, a, b, asks) for f, a, b, asks in pairs if a in held and b in held]


def dressed(samples: Sequence[Sample], arm: Arm, informants: Mapping[str, Sample]) -> list[Sample]:
    """The samples as an arm sees them: the other level behind the text, and what is not learned taken away.

    The two are joined as in MMM, Figure 7, no instruction, no name, but with one blank between, since models that read
    words would else run them together. Offsets stay, as the text comes first.

    >>> sample = Sample("1", "play jazz", labels=["Play"])
    >>> dressed([sample], ARMS["word+gold"], {"1": sample})[0].text
    'play jazz Play'
    """
    out = []
    for sample in samples:
        text = sample.text
        if arm.given is not None:
            text = f"{text} {told(informants[sample.id], arm.levels)}".rstrip()
        fresh = msgspec.structs.replace(sample, text=text, meta={})
        if arm.levels == "text":
            fresh.entities = fresh.relations = fresh.events = None
        elif arm.levels == "word":
            fresh.labels = None
        out.append(fresh)
    return out


def undressed(answers: Iterable[Sample], samples: Sequence[Sample]) -> list[Sample]:
    """Answers about dressed samples as answers about the samples: what was found in the addition is taken out.

    >>> sample = Sample("1", "ab")
    >>> [answer.text for answer in undressed([Sample("1", "ab X")], [sample])]
    ['ab']
    """
    out = []
    for answer, sample in zip(answers, samples, strict=True):
        size = len(sample.text)
        kept = msgspec.structs.replace(answer, text=sample.text, raw=None)
        if answer.entities is not None:
            kept.entities = [entity for entity in answer.entities if (entity.end or 0) <= size]
        if answer.relations is not None:
            kept.relations = [r for r in answer.relations if _within(r.head, size) and _within(r.tail, size)]
        if answer.events is not None:
            kept.events = [event for event in answer.events if _event_within(event, size)]
        out.append(kept)
    return out


def told(informant: Sample, learned: Levels) -> str:
    """What is put behind the text: labels where the words are learned, points where the label is.

    >>> from pointline.sample import Entity
    >>> told(Sample("1", "a joy", entities=[Entity("P", "joy", 2, 5)]), "text")
    ':P;joy'
    """
    if learned == "word":
        return ",".join(informant.labels or ())
    points = [f":{entity.type};{entity.text}" for entity in informant.entities or ()]
    points += [f":{r.head.text};{r.type};{r.tail.text}:" for r in informant.relations or ()]
    for event in informant.events or ():
        slots = [event.trigger.text] if event.trigger else []
        points.append(f":{';'.join([event.type, *slots, *(argument.text for argument in event.arguments)])}:")
    return "".join(points)


def _within(span: Span | Argument, size: int) -> bool:
    return (span.end or 0) <= size


def _event_within(event: Event, size: int) -> bool:
    spans: list[Span | Argument] = [*event.arguments, *([event.trigger] if event.trigger else [])]
    return all(_within(span, size) for span in spans)

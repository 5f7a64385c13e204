"""Raw documents that the project writes itself, in category folders, and what truly stands in their sentences."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from pointline.corpora.synthetic.generator import generate
from pointline.sample import AnySpan, Argument, Event, Relation, Sample, Span
from pointline.text.sentences import sentences

HEADER = 2
"""Lines at the head of every document: an address and a title."""
A_DOCUMENT = 6
"""Texts of a document."""
TASKS = {"re": "relations", "ee": "events", "ner": "entities"}


class Truth:
    """What stands in each sentence: its relations and its events, by the sentence's text."""

    def __init__(self) -> None:
        self._relations: dict[str, list[Relation]] = {}
        self._events: dict[str, list[Event]] = {}

    def add(self, sample: Sample) -> None:
        """Cut a text into sentences, each with what lies in it whole."""
        for start, end in sentences(sample.text, sample.lang):
            text = sample.text[start:end]
            inside = [r for r in sample.relations or () if _inside(start, end, (r.head, r.tail))]
            self._relations[text] = [replace(r, head=_moved(r.head, start), tail=_moved(r.tail, start)) for r in inside]
            held = [e for e in sample.events or () if _inside(start, end, _spans(e))]
            self._events[text] = [_moved_event(e, start) for e in held]

    def review(self, draft: Sample) -> Sample:
        """What a person would make of a candidate or a model's answer: put right, or rejected.

        Rejected is a sentence without a relation (or event, as its task is) or with several: TCREE has one.
        """
        level = "relations" if draft.meta["task"] == "re" else "events"
        true = (self._relations if level == "relations" else self._events).get(draft.text, [])
        if len(true) != 1:
            told = {"status": "rejected", "reason": f"{len(true)} {level}"}
            return replace(draft, meta={**draft.meta, "review": told})
        if level == "relations":
            right = replace(draft, entities=None, events=None, relations=self._relations[draft.text])
        else:
            right = replace(draft, entities=None, relations=None, events=self._events[draft.text])
        right.label_scores = right.problems = None
        right.meta = {**draft.meta, "review": {"status": "accepted"}}
        return right


def write_documents(folder: Path, seed: int, per_task: int) -> Truth:
    """Write `folder/LABEL/LANG-NNN.txt` in three languages; returns what stands in them.

    per_task: texts of each kind and language. The same arguments give the same bytes.
    """
    truth = Truth()
    made: dict[tuple[str, str], list[Sample]] = {}
    for samples in generate(seed, per_task).values():
        for sample in samples:
            if "planted" in sample.meta or sample.meta.get("task") not in TASKS:
                continue
            truth.add(sample)
            made.setdefault(((sample.labels or [""])[0], sample.lang or ""), []).append(sample)
    for (label, lang), own in sorted(made.items()):
        own.sort(key=lambda sample: sample.id)
        random.Random(f"{seed}/{label}/{lang}").shuffle(own)
        for number, start in enumerate(range(0, len(own), A_DOCUMENT)):
            path = folder / label / f"{lang}-{number:03}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            head = f"https://news.example/{label}/{number}\n{label} {number}\n"
            texts = "\n\n".join(sample.text for sample in own[start : start + A_DOCUMENT])
            path.write_text(f"{head}{texts}\n", encoding="utf-8")
    return truth


def _inside(start: int, end: int, spans: Iterable[AnySpan]) -> bool:
    return all(start <= (span.start or 0) and (span.end or 0) <= end for span in spans)


def _spans(event: Event) -> Iterator[AnySpan]:
    if event.trigger is not None:
        yield event.trigger
    yield from event.arguments


S = TypeVar("S", Span, Argument)


def _moved(span: S, by: int) -> S:
    assert span.start is not None
    assert span.end is not None
    return replace(span, start=span.start - by, end=span.end - by, type=None)


def _moved_event(event: Event, by: int) -> Event:
    trigger = None if event.trigger is None else _moved(event.trigger, by)
    return replace(event, trigger=trigger, arguments=[_moved(argument, by) for argument in event.arguments])

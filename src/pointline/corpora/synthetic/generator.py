"""Synthetic samples in three languages and four kinds of task, made from templates, faults planted on purpose.

What it is good for, and what it proves nothing about, stands in `docs/synthetic.md`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from pointline.corpora.synthetic.faults import plant
from pointline.corpora.synthetic.language import LANGUAGES, TASKS, Group, Language, load
from pointline.corpora.synthetic.markup import Mark, Rendered, Renderer
from pointline.errors import Refusal
from pointline.sample import Argument, Entity, Event, Ids, Relation, Sample, Span, span_key

SHARES = {"train": 0.6, "dev": 0.1, "test": 0.3}
LATE_TEMPLATES = 0.25
ATTEMPTS = 60
SOURCE = "synthetic"


def generate(seed: int = 0, per_task: int = 300, languages: Sequence[str] = LANGUAGES) -> dict[str, list[Sample]]:
    """Make `per_task` distinct sentences for each kind of task and language, split 60/10/30, and plant faults in train.

    The same arguments give the same bytes, whatever PYTHONHASHSEED. Dev and test draw from words and templates that
    train never sees. Raises Refusal where the templates cannot make so many distinct sentences.

    >>> splits = generate(per_task=10, languages=["zh"])
    >>> {split: sum("planted" not in s.meta for s in samples) for split, samples in splits.items()}
    {'train': 24, 'dev': 4, 'test': 12}
    """
    splits: dict[str, list[Sample]] = {split: [] for split in SHARES}
    for lang in languages:
        language, seen = load(lang), set[str]()
        for task in TASKS:
            for split, size in _sizes(per_task).items():
                made = _sentences(language, task, f"{seed}/{lang}/{task}/{split}", seen)
                splits[split] += [next(made) for _ in range(size)]
    for lang in languages:
        plant(splits, load(lang), random.Random(f"{seed}/{lang}/faults"))
    for split, samples in splits.items():
        random.Random(f"{seed}/{split}/order").shuffle(samples)
        give_id = Ids(SOURCE, split)
        for sample in samples:
            sample.id, sample.split = give_id(sample.text), split
    return splits


def _sizes(per_task: int) -> dict[str, int]:
    sizes = {split: round(per_task * share) for split, share in SHARES.items()}
    sizes["train"] += per_task - sum(sizes.values())
    return sizes


def _sentences(language: Language, task: str, stream: str, seen: set[str]) -> Iterator[Sample]:
    """Endless sentences of one task, labels in turn, no text twice; `stream` names the split as its last part."""
    labels = language.tasks[task].labels
    number = 0
    while True:
        for attempt in range(ATTEMPTS):
            rng = random.Random(f"{stream}/{number}/{attempt}")
            sample = _sentence(language, task, labels[number % len(labels)], rng, held_out=not stream.endswith("train"))
            if sample.text not in seen:
                break
        else:
            raise Refusal(f"the {language.lang} templates make no more distinct {task} sentences; ask for fewer")
        seen.add(sample.text)
        number += 1
        yield sample


def _sentence(language: Language, task: str, label: str, rng: random.Random, *, held_out: bool) -> Sample:
    late = held_out and rng.random() < LATE_TEMPLATES
    choices = [
        (group, template, f"{task}/{number}/{'late' if late else 'text'}/{place}")
        for number, group in enumerate(language.tasks[task].groups)
        if group.label == label
        for place, template in enumerate(group.late if late else group.text)
    ]
    group, template, name = rng.choice(choices)
    if group.each:
        template = template.replace("@", rng.choice(group.each))
    frame = rng.choice(language.tasks[task].frames)
    renderer = Renderer(rng, language.words(late=False), language.words(late=True) if held_out else {})
    rendered = renderer.render(frame.replace("{}", template))
    if language.capitalise:
        rendered = rendered._replace(text=_capitalised(rendered.text))
    sample = Sample("", rendered.text, language.lang, [label], source=SOURCE)
    sample.meta = {"task": task, "synthetic": True, "template": name}
    _annotate(sample, task, group, rendered)
    return sample


def _capitalised(text: str) -> str:
    """Capitals at sentence starts; ASCII only, so no offset moves."""
    return re.sub(r"(?:^\W*|[.!?] )[a-z]", lambda found: found[0].upper(), text)


def _annotate(sample: Sample, task: str, group: Group, rendered: Rendered) -> None:
    text = sample.text
    if task == "re":
        sample.relations = list(_relations(text, group, rendered.marks))
    elif task == "ee":
        sample.events = _events(text, rendered.marks)
    else:
        sample.entities = [Entity(m.name, text[m.start : m.end], m.start, m.end) for m in rendered.marks]
        sample.entities.sort(key=span_key)


def _relations(text: str, group: Group, marks: Sequence[Mark]) -> Iterator[Relation]:
    ends = {mark.key: mark for mark in reversed(marks)}
    for relation in group.relations:
        head, kind, tail = relation.split()
        if head in ends and tail in ends:
            yield Relation(kind, _span(text, ends[head]), _span(text, ends[tail]))


def _span(text: str, mark: Mark, kind: str | None = None) -> Span:
    return Span(text[mark.start : mark.end], mark.start, mark.end, kind or mark.name)


def _events(text: str, marks: Sequence[Mark]) -> list[Event]:
    """Marks: `trigger@Type`, `role@Type`, or a bare `role` for the first trigger's event; `&` joins two."""
    named = [(mark, *name.partition("@")[::2]) for mark in sorted(marks) for name in mark.name.split("&")]
    events: dict[str, Event] = {}
    for mark, role, kind in named:
        if role == "trigger":
            events[kind] = Event(kind, Span(text[mark.start : mark.end], mark.start, mark.end))
    for mark, role, kind in named:
        if role != "trigger":
            event = events[kind or next(iter(events))]
            event.arguments.append(Argument(role, text[mark.start : mark.end], mark.start, mark.end))
    return list(events.values())

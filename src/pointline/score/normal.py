"""Two published ways to be lenient about surfaces: UniversalNER's normalisation and GoLLIE's filter."""

from __future__ import annotations

import re
import string
from collections import Counter

from pointline.errors import Refusal
from pointline.sample import Event, Sample
from pointline.score.items import Item, trigger_text

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalized(text: str) -> str:
    """Lower case, ASCII punctuation dropped, English articles dropped, white space collapsed.

    The order is that of UniversalNER's evaluation script (Zhou et al. 2024), itself that of SQuAD.

    >>> normalized("The  Who's")
    'whos'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def normalized_entities(sample: Sample) -> list[Item]:
    """Entities as (type, normalized text)."""
    return [(e.type, normalized(e.text)) for e in sample.entities or ()]


def kept_entities(sample: Sample) -> list[Item]:
    """Entities as (type, text in lower case, stripped) that GoLLIE's filter keeps.

    Dropped: what does not stand in the text (case aside), and a surface more often than the text has it.
    """
    text, seen, kept = sample.text.lower(), Counter[str](), []
    for entity in sample.entities or ():
        surface = entity.text.lower()
        if surface.strip() in text and _affordable(surface, text, seen):
            kept.append((entity.type, surface.strip()))
    return kept


def kept_relations(sample: Sample) -> list[Item]:
    """Relations as (relation, head, tail) whose two ends stand in the text, case aside."""
    text = sample.text.lower()
    return [
        (r.type, r.head.text, r.tail.text)
        for r in sample.relations or ()
        if r.head.text.lower() in text and r.tail.text.lower() in text
    ]


def kept_events(sample: Sample) -> list[Item]:
    """Events as (type, trigger) whose trigger the filter keeps."""
    return [(event.type, trigger_text(event)) for event in _kept(sample)]


def kept_arguments(sample: Sample) -> list[Item]:
    """Arguments as (role, event type, trigger, which of the events that share these two, text).

    So an argument can only be right where its event is; events that share type and trigger are paired in order.
    """
    text, seen, items = sample.text.lower(), Counter[tuple[str, str]](), []
    for event in _kept(sample):
        key = (event.type, trigger_text(event))
        seen[key] += 1
        items += [(a.role, *key, seen[key], a.text) for a in event.arguments if a.text.lower() in text]
    return items


def _kept(sample: Sample) -> list[Event]:
    text, seen, kept = sample.text.lower(), Counter[str](), []
    for event in sample.events or ():
        trigger = trigger_text(event).lower()
        if not trigger or (trigger in text and _affordable(trigger, text, seen)):
            kept.append(event)
    return kept


def _affordable(surface: str, text: str, seen: Counter[str]) -> bool:
    seen[surface] += 1
    return seen[surface] <= text.count(surface)


def unfiltered(sample: Sample) -> None:
    """Raise Refusal where the filter would drop some of gold: gold as answer could not score 100."""
    entities, relations, events = sample.entities or (), sample.relations or (), sample.events or ()
    arguments = [a for e in events for a in e.arguments]
    whole = (
        len(kept_entities(sample)) == len(entities)
        and len(kept_relations(sample)) == len(relations)
        and len(_kept(sample)) == len(events)
        and len(kept_arguments(sample)) == len(arguments)
    )
    if not whole:
        what = "a span that is not in its text, or more often than the text has it"
        raise Refusal(f"gold sample {sample.id!r} has {what}: this protocol's filter would drop it even from gold")

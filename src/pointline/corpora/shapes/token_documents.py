"""Documents of tokenized sentences with indices into the document: DyGIE, RAMS, WikiEvents."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.fields import listed, name_of
from pointline.corpora.joining import Joiner, TokenText
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

_FIX = "set shape= to the kind of document"


def dygie(document: dict[str, Any], joiner: Joiner, report: Report) -> Iterator[Sample]:
    """Sentences with `ner`, `relations` and `events`; indices count from the document's first token, ends inclusive."""
    sentences = listed(document.get("sentences"), "sentences", report)
    bases = accumulate(map(len, sentences), initial=0)
    if document.get("clusters"):
        report.notice("value_left_out", "coreference clusters")
    for number, (words, base) in enumerate(zip(sentences, bases, strict=False)):
        text = _Shifted(TokenText(words, joiner), base)
        sample = Sample("", text.inner.text)
        entities = _level(document, "ner", number, len(sentences))
        relations = _level(document, "relations", number, len(sentences))
        events = _level(document, "events", number, len(sentences))
        if entities is not None:
            found = {(start, end, kind): text.span(start, end) for start, end, kind, *_ in entities}
            sample.entities = [Entity(name_of(k[2]), s.text, s.start, s.end) for k, s in found.items()]
        types = {(e.start, e.end): e.type for e in sample.entities or ()}
        if relations is not None:
            sample.relations = [
                Relation(name_of(kind), text.span(a, b, types), text.span(c, d, types))
                for a, b, c, d, kind in relations
            ]
        if events is not None:
            sample.events = [_dygie_event(event, text, types) for event in events]
        if document.get("doc_key"):
            sample.id = f"{document['doc_key']}/{number}"
        yield sample


class _Shifted:
    """A sentence that is asked with the document's indices, ends inclusive."""

    def __init__(self, inner: TokenText, base: int) -> None:
        self.inner, self._base = inner, base

    def span(self, start: int, end: int, types: dict[Any, str] | None = None) -> Span:
        span = self.inner.span(start - self._base, end + 1 - self._base)
        if types:
            span.type = types.get((span.start, span.end))
        return span


def _level(document: dict[str, Any], name: str, number: int, sentences: int) -> list[Any] | None:
    """The annotations of one sentence; where one sentence has several lists, all of them."""
    lists = document.get(name)
    if not isinstance(lists, list):
        return None
    if sentences == 1:
        return list(chain.from_iterable(lists))
    return list(lists[number]) if number < len(lists) else []


def _dygie_event(event: list[Any], text: _Shifted, types: dict[Any, str]) -> Event:
    """[[trigger, type] or [start, end, type], [start, end, role], ...]."""
    (*place, kind), *arguments = event
    found = Event(name_of(kind), text.span(place[0], place[-1], types))
    for start, end, role, *_ in arguments:
        span = text.span(start, end, types)
        found.arguments.append(Argument(name_of(role), span.text, span.start, span.end, span.type))
    return found


def rams(document: dict[str, Any], joiner: Joiner, report: Report) -> Iterator[Sample]:
    """One event a document: `evt_triggers`, and `gold_evt_links` of [trigger, argument, role]; ends inclusive."""
    words = list(chain.from_iterable(listed(document.get("sentences"), "sentences", report)))
    text = _Shifted(TokenText(words, joiner), 0)
    sample = Sample(name_of(document.get("doc_key", "")), text.inner.text, events=[])
    events: dict[tuple[int, int], Event] = {}
    for start, end, kinds in listed(document.get("evt_triggers"), "evt_triggers", report):
        events[start, end] = Event(name_of(kinds[0][0]), text.span(start, end))
    for trigger, argument, role in document.get("gold_evt_links") or ():
        event = events.get((trigger[0], trigger[1]))
        if event is None:
            raise report.fault(f"a link names a trigger {trigger} that is none", field="gold_evt_links", fix=_FIX)
        span = text.span(*argument)
        event.arguments.append(Argument(_role(role), span.text, span.start, span.end))
    sample.events = list(events.values())
    for key in ("source_url", "language_id", "split"):
        if key in document:
            sample.meta[key] = document[key]
    yield sample


def _role(link: str) -> str:
    """`evt043arg01communicator` as `communicator`; other names stay."""
    head, arg, tail = link.partition("arg")
    return tail[2:] if arg and head.startswith("evt") and tail[:2].isdecimal() and tail[2:] else link


def wikievents(document: dict[str, Any], joiner: Joiner, report: Report) -> Iterator[Sample]:
    """`tokens`, `entity_mentions` and `event_mentions`; ends exclusive."""
    text = TokenText(listed(document.get("tokens"), "tokens", report), joiner)
    sample = Sample(name_of(document.get("doc_id", "")), text.text, entities=[], events=[])
    mentions: dict[str, Span] = {}
    for mention in document.get("entity_mentions") or ():
        span = mentions[mention["id"]] = text.span(mention["start"], mention["end"])
        span.type = name_of(mention.get("entity_type", "entity"))
    sample.entities = [Entity(s.type or "", s.text, s.start, s.end) for s in mentions.values()]
    sample.events = []
    for mention in listed(document.get("event_mentions"), "event_mentions", report):
        trigger = mention["trigger"]
        event = Event(name_of(mention["event_type"]), text.span(trigger["start"], trigger["end"]))
        for argument in mention["arguments"]:
            filler = mentions.get(argument["entity_id"])
            if filler is None:
                report.repair("argument_dropped", f"{argument['entity_id']!r} is no entity of the document")
                continue
            event.arguments.append(
                Argument(name_of(argument["role"]), filler.text, filler.start, filler.end, filler.type)
            )
        sample.events.append(event)
    yield sample

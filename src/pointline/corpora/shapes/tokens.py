"""JSON with token indices: SpERT, unified lists, W2NER index lists, FewRel, DyGIE, RAMS, WikiEvents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pointline.corpora.conversion import Report
from pointline.corpora.fields import MISSING, found_at, id_of, labels_of, listed, name_of, pick, rest_of
from pointline.corpora.grouping import Group
from pointline.corpora.joining import Joiner, TokenText
from pointline.corpora.json_files import Found, records
from pointline.corpora.reading import RecordSettings
from pointline.corpora.shapes import token_documents
from pointline.corpora.tags import Decoder, Scheme
from pointline.errors import SettingsFault
from pointline.sample import Entity, Relation, Sample, Span

_FIX = "set shape= or the reader's field names"


class Tokens(RecordSettings, frozen=True, kw_only=True):
    """Which fields hold tokens and what points into them."""

    shape: Literal["record", "dygie", "rams", "wikievents"] = "record"
    """`record`: one text a record, fields as set here; `dygie`: sentences with `ner`, `relations`, `events`, indices of
    the document, ends inclusive, a sample a sentence; `rams`, `wikievents`: a document with events is a sample."""
    tokens: str = "tokens"
    """Field with the list of tokens."""
    join: str | None = None
    """What stands between tokens; by default as the language writes."""
    tags: str = ""
    """Field with one tag a token."""
    scheme: Scheme = "BIO"
    """Scheme of the tags."""
    entities: str = "entities"
    """Field with the entities; "" where there are none."""
    type: str | int = "type"
    """Field of an entity with its type; a number is an index into a list."""
    start: str | int = "start"
    """Field with the first token."""
    end: str | int = "end"
    """Field with the last token, or the one behind it."""
    index: str = ""
    """Field of an entity with all its tokens' indices, instead of start and end."""
    inclusive: bool = False
    """Whether the end is the last token's own index."""
    relations: str = "relations"
    """Field with the relations: [start, end, start, end, type], or objects with type, head and tail, which number the
    entities; "" where there are none."""
    head: str = ""
    """Field with the token indices of the head, where a record is one relation (`h.2.0` in FewRel)."""
    tail: str = ""
    """Field with the token indices of the tail, where a record is one relation."""
    relation: str = "*"
    """Field with the type of that relation; `*` is the key the record was found under."""
    keep: list[str] | None = None
    """Record fields to keep under meta; by default all that were not read."""
    group: bool = False
    """Whether records of one text become one sample; all of a file are then held in memory."""


def read(paths: Iterable[Path], settings: Tokens, report: Report) -> Iterator[Sample]:
    """Read records of tokens with annotations by token index.

    Raises InputFault with file, line and field where an index lies outside the tokens.
    """
    for path in paths:
        found = _samples(path, settings, report)
        if settings.group:
            group = Group()
            for sample in found:
                group.add(sample)
            report.at(path)
            found = iter(group)
        yield from found


def _samples(path: Path, settings: Tokens, report: Report) -> Iterator[Sample]:
    joiner, decoder = Joiner(settings.join, settings.lang, report), Decoder(settings.scheme)
    documents = {
        "dygie": token_documents.dygie,
        "rams": token_documents.rams,
        "wikievents": token_documents.wikievents,
    }
    for found in records(path, report, settings.records, settings.encoding):
        try:
            if settings.shape == "record":
                yield _record(found, settings, (joiner, decoder), report)
            else:
                yield from documents[settings.shape](found.record, joiner, report)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise report.fault(f"is no {settings.shape} ({type(error).__name__}: {error})", fix=_FIX) from None
        except IndexError:
            raise report.fault("an index lies outside the tokens", fix="is the end inclusive? set inclusive=") from None


def _record(found: Found, settings: Tokens, tools: tuple[Joiner, Decoder], report: Report) -> Sample:
    joiner, decoder = tools
    words = listed(found_at(found, settings.tokens), settings.tokens, report)
    text = TokenText(words if {*map(type, words)} <= {str} else [name_of(word) for word in words], joiner)
    sample = Sample(id_of(found, settings.id, report), text.text)
    if settings.label:
        sample.labels = labels_of(found, settings.label, None)
    if settings.tags:
        tags = listed(found_at(found, settings.tags), settings.tags, report)
        if len(tags) != len(text):
            raise report.fault(f"{len(text)} tokens but {len(tags)} tags", field=settings.tags, fix="mend the record")
        sample.entities = _tagged(text, tags, decoder, report)
    elif settings.entities and (value := found_at(found, settings.entities)) is not MISSING:
        sample.entities = [_entity(item, settings, text, report) for item in listed(value, settings.entities, report)]
    numbered = list(sample.entities or ())
    if settings.head:
        sample.relations = [_single(found, settings, text, report)]
    elif settings.relations and (value := found_at(found, settings.relations)) is not MISSING:
        items = listed(value, settings.relations, report)
        sample.relations = [_relation(item, settings, (text, numbered), report) for item in items]
    used = {settings.tokens, settings.label, settings.tags, settings.entities, settings.relations}
    used |= {path.partition(".")[0] for path in (settings.head, settings.tail, settings.relation)}
    used |= {settings.id} if isinstance(settings.id, str) else set(settings.id)
    sample.meta.update(rest_of(found, settings.keep, used))
    return sample


def _tagged(text: TokenText, tags: list[str], decoder: Decoder, report: Report) -> list[Entity]:
    try:
        spans = decoder(tags)
    except SettingsFault as fault:
        raise report.fault(str(fault)) from None
    for name, token in decoder.repairs:
        report.repair(name, repr(tags[token]))
    return [entity_of(kind, text.span(first, behind)) for first, behind, kind in spans]


def entity_of(kind: str, span: Span) -> Entity:
    """The span as an entity of this type."""
    return Entity(kind, span.text, span.start, span.end, span.fragments)


def _entity(item: Any, settings: Tokens, text: TokenText, report: Report) -> Entity:
    kind = pick(item, settings.type)
    if settings.index:
        indices = pick(item, settings.index)
        if kind is MISSING or not _whole(indices):
            raise report.fault("an entity lacks its type or its indices", field=settings.entities, fix=_FIX)
        return entity_of(name_of(kind), text.pieces(indices))
    start, end = pick(item, settings.start), pick(item, settings.end)
    if kind is MISSING or not _whole([start, end]):
        raise report.fault("an entity lacks its type, start or end", field=settings.entities, fix=_FIX)
    return entity_of(name_of(kind), text.span(start, end + settings.inclusive))


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int for value in values)


def _relation(item: Any, settings: Tokens, where: tuple[TokenText, list[Entity]], report: Report) -> Relation:
    text, entities = where
    if isinstance(item, list) and len(item) == 5 and _whole(item[:4]):
        more = settings.inclusive
        spans = text.span(item[0], item[1] + more), text.span(item[2], item[3] + more)
        types = {(e.start, e.end): e.type for e in entities}
        for span in spans:
            span.type = types.get((span.start, span.end))
        return Relation(name_of(item[4]), *spans)
    head, tail, kind = (pick(item, name) for name in ("head", "tail", "type"))
    if kind is MISSING or not _whole([head, tail]):
        raise report.fault("a relation lacks its type, head or tail", field=settings.relations, fix=_FIX)
    if not 0 <= min(head, tail) <= max(head, tail) < len(entities):
        raise report.fault(
            f"a relation names entity {max(head, tail)} of {len(entities)}", field=settings.relations, fix=_FIX
        )
    return Relation(name_of(kind), end_of(entities[head]), end_of(entities[tail]))


def end_of(entity: Entity) -> Span:
    """The entity as an end of a relation."""
    return Span(entity.text, entity.start, entity.end, entity.type, entity.fragments)


def _single(found: Found, settings: Tokens, text: TokenText, report: Report) -> Relation:
    head, tail, kind = (found_at(found, name) for name in (settings.head, settings.tail, settings.relation))
    if kind is MISSING or not _whole(head) or not _whole(tail):
        raise report.fault("the relation lacks its type, head or tail", field=settings.head, fix=_FIX)
    return Relation(name_of(kind), text.pieces(head), text.pieces(tail))

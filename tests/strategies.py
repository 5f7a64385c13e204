"""Hypothesis strategies that many tests share: samples as rough as real ones, and the schemas they belong to."""

from __future__ import annotations

from hypothesis import strategies as st

from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, span_key
from pointline.schema import EventType, RelationType, Schema

CHARS = list("abAB aZ12:;/,<>|_\"'`\\{}[]\n\t") + list(
    "：；／，「」Ａｂ東京か\u3099ｶﾞ株㍿北京한국مרابש😀👨\u200d👩é\u0301ß\u3000\ufeff\ufffd"
)
PIECES = [
    "Bob",
    "Pi:Co",
    "10:30",
    "System/360",
    "東京",
    "東京都",
    ":PER;",
    "/NER/",
    "<a>",
    "NAN",
    "::",
    ";r;",
    "NER",
    "\n",
]

NAMES = st.one_of(
    st.sampled_from(
        ["PER", "LOC", "a_b", 'say "x"', "r", "r:s", "x;y", "人物", "組織/団体", "Product Name", "<b>", "NER"]
    ),
    st.text(CHARS, min_size=1, max_size=6),
)
PLAIN_NAMES = st.sampled_from(["PER", "LOC", "a_b", 'say "x"', "人物", "Product Name", "その他の組織名", "عربي"])


def texts(max_size: int = 40) -> st.SearchStrategy[str]:
    """Texts of any script with marks, line breaks, emoji, full-width and right-to-left characters, and repeats."""
    pieces = st.one_of(st.sampled_from(PIECES), st.text(CHARS, max_size=5))
    return st.lists(pieces, max_size=8).map(lambda row: "".join(row)[:max_size])


@st.composite
def spans(draw: st.DrawFn, text: str) -> tuple[str, int | None, int | None]:
    """(surface, start, end) of a text; now and then a surface that is not in it."""
    if not text or draw(st.integers(0, 14)) == 0:
        return draw(st.text(CHARS, min_size=1, max_size=6)), None, None
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, min(len(text), start + 12)))
    return text[start:end], start, end


@st.composite
def schemas(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES) -> Schema:
    """Schemas of one to four levels; level by level the inventory may be open."""
    some = st.lists(names, min_size=1, max_size=4, unique=True).map(tuple)
    levels = draw(st.sets(st.sampled_from(["labels", "entities", "relations", "events"]), min_size=1))
    events = tuple(EventType(name, ("subject", "object", "time")) for name in draw(some))
    relations = tuple(RelationType(name, draw(names), draw(names)) for name in draw(some))
    return Schema(
        label_types=draw(some) if "labels" in levels else None,
        entity_types=draw(some) if "entities" in levels else None,
        relation_types=relations if "relations" in levels else None,
        event_types=events if "events" in levels else None,
        open=draw(st.sampled_from([(), (), ("entities",), ("labels", "entities")])),
    )


@st.composite
def samples(draw: st.DrawFn, schema: Schema) -> Sample:
    """Samples of a schema: every level that it asks is annotated, maybe with nothing."""
    text = draw(texts())
    sample = Sample("s/1", text, lang=draw(st.sampled_from([None, "en", "ja", "zh", "ar"])))
    if (labels := schema.names("labels")) is not None:
        sample.labels = draw(st.lists(st.sampled_from(labels), max_size=2, unique=True)) if labels else []
    if (types := schema.names("entities")) is not None:
        found = draw(st.lists(st.tuples(st.sampled_from(types), spans(text)), max_size=4))
        sample.entities = sorted((Entity(kind, *span) for kind, span in found), key=span_key)
    if schema.relation_types is not None:
        rows = draw(st.lists(st.tuples(st.sampled_from(schema.relation_list()), spans(text), spans(text)), max_size=3))
        sample.relations = [Relation(r.type, Span(*h, type=r.head), Span(*t, type=r.tail)) for r, h, t in rows]
    if schema.event_types is not None:
        sample.events = draw(st.lists(events(schema, text), max_size=3))
    return sample


@st.composite
def events(draw: st.DrawFn, schema: Schema, text: str) -> Event:
    """Events with or without trigger, each role filled by none, one or several."""
    kind = draw(st.sampled_from(schema.event_list()))
    trigger = Span(*draw(spans(text))) if draw(st.integers(0, 3)) == 0 else None
    rows = draw(st.lists(st.tuples(st.sampled_from(kind.role_names()), spans(text)), max_size=3))
    return Event(kind.type, trigger, [Argument(role, *span) for role, span in rows])


@st.composite
def schemas_and_samples(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES) -> tuple[Schema, Sample]:
    """A schema and a sample of it."""
    schema = draw(schemas(names))
    return schema, draw(samples(schema))

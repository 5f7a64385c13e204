"""What a client of /extract asks: texts, and a schema where only some of what the model knows is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pointline.sample import Ids, Sample
from pointline.schema import LEVELS, Schema
from pointline.serve.settings import ServeSettings
from pointline.web.bodies import decode
from pointline.web.faults import Fault


class Text(msgspec.Struct, forbid_unknown_fields=True):
    """A text with an id or a language of its own."""

    text: str
    id: str | None = None
    lang: str | None = None


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request: one `text`, or a list of `texts`."""

    text: str | None = None
    texts: list[str | Text] | None = None
    lang: str | None = None
    schema: Schema | None = None


class Line(msgspec.Struct):
    """A line of a body of JSON lines: a sample; what it is annotated with is not read."""

    text: str
    id: str | None = None
    lang: str | None = None


class Question(msgspec.Struct, frozen=True):
    """Samples to be read; `single` where one text was asked, not a list."""

    samples: Sequence[Sample]
    schema: Schema | None
    single: bool


_ASKED = msgspec.json.Decoder(Asked)
_LINE = msgspec.json.Decoder(Line)


def read_json(body: bytes, settings: ServeSettings) -> Question:
    """The question in a JSON object; raises Fault.

    >>> read_json(b'{"text": "play jazz"}', ServeSettings()).samples[0].text
    'play jazz'
    """
    asked = decode(_ASKED, body)
    if (asked.text is None) == (asked.texts is None):
        raise Fault(422, "give either one `text` or a list of `texts`", "text")
    check_schema(asked.schema, settings)
    if asked.texts is None:
        given: list[str | Text] = [Text(asked.text or "", lang=asked.lang)]
    else:
        given = asked.texts
    texts = [Text(one, lang=asked.lang) if isinstance(one, str) else one for one in given]
    return Question(_samples(texts, settings), asked.schema, asked.texts is None)


def read_lines(body: bytes, settings: ServeSettings) -> Question:
    """The question in JSON lines, a sample each; raises Fault, which names the line."""
    rows = [(number, row) for number, row in enumerate(_split(body), 1) if row.strip()]
    if len(rows) > settings.max_texts:
        raise _too_many(settings)
    lines = [decode(_LINE, row, number) for number, row in rows]
    return Question(_samples([Text(one.text, one.id, one.lang) for one in lines], settings), None, False)


def check_schema(schema: Schema | None, settings: ServeSettings) -> None:
    """Raise Fault where a schema holds more names than allowed."""
    if schema is None:
        return
    names = sum(len(schema.names(level) or ()) for level in LEVELS)
    names += sum(len(event.roles) for event in schema.event_list())
    if names > settings.max_names:
        raise Fault(422, f"the schema holds {names:,} names; at most {settings.max_names:,} are allowed", "schema")


def check_text(text: str, settings: ServeSettings, field: str) -> None:
    """Raise Fault where a text is longer than allowed."""
    if len(text) > settings.max_characters:
        at_most = f"at most {settings.max_characters:,} are allowed"
        raise Fault(422, f"the text has {len(text):,} characters; {at_most}", field)


def _samples(texts: Sequence[Text], settings: ServeSettings) -> list[Sample]:
    if len(texts) > settings.max_texts:
        raise _too_many(settings)
    ids = Ids(None, None)
    for place, one in enumerate(texts):
        check_text(one.text, settings, f"texts[{place}]" if len(texts) > 1 else "text")
    return [Sample(one.id or ids(one.text), one.text, one.lang) for one in texts]


def _too_many(settings: ServeSettings) -> Fault:
    return Fault(422, f"too many texts; at most {settings.max_texts:,} are allowed in one request", "texts")


def _split(body: bytes) -> Iterator[bytes]:
    return iter(body.split(b"\n"))

"""JSON in any dress, streamed: JSON lines, one array, one object, or objects one after another, whatever the suffix."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.json_pieces import ONE_A_LINE, raw_records

T = TypeVar("T")


class Found(msgspec.Struct, gc=False):
    """A record and the document that holds it (the same, where the file holds records at its top)."""

    record: Any
    document: Any
    key: str | None = None
    """The key it was found under, where `*` stands in the path."""


def records(path: Path, report: Report, where: str = "", encoding: str = "utf-8") -> Iterator[Found]:
    """Stream the records of a JSON file; `where` is their dotted path in a document (`sentences`, `*` any key).

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.json")
    >>> _ = path.write_text('{"a": [{"t": 1}, {"t": 2}]}')
    >>> [(found.record, found.key) for found in records(path, Report(), "*")]
    [({'t': 1}, 'a'), ({'t': 2}, 'a')]
    """
    decoder = msgspec.json.Decoder()
    steps = where.split(".") if where else []
    for line, raw in raw_records(path, report, encoding):
        report.path, report.line = path, line
        try:
            document = decoder.decode(raw)
        except (ValueError, RecursionError):
            document = decode(decoder, raw, report)  # once more, to mend it or say what ails it
        if steps:
            yield from (Found(record, document, key) for record, key in _descend(document, steps, None, report))
        else:
            yield Found(document, document)


def _descend(value: Any, steps: list[str], key: str | None, report: Report) -> Iterator[tuple[Any, str | None]]:
    if isinstance(value, list):
        for item in value:
            yield from _descend(item, steps, key, report)
    elif not steps:
        yield value, key
    elif not isinstance(value, dict):
        raise report.fault(
            f"{steps[0]!r} is looked for in something that is no object",
            field="records",
            fix="set records= to the path of the records",
        )
    elif steps[0] == "*":
        for name, item in value.items():
            yield from _descend(item, steps[1:], name, report)
    elif steps[0] not in value:
        raise report.fault(
            f"there is no {steps[0]!r}", field="records", fix=f"set records= to one of: {', '.join(value)}"
        )
    else:
        yield from _descend(value[steps[0]], steps[1:], key, report)


def decode(decoder: msgspec.json.Decoder[T], raw: Any, report: Report) -> T:
    """Decode one record; a lone surrogate becomes U+FFFD, counted. Raises InputFault at the report's place."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$")
        raise report.fault(what, field=at.rstrip("`").lstrip(".") or None, fix="see the reader's settings") from None
    except UnicodeDecodeError:
        fix = "name its encoding, for example encoding=gb18030, or encoding=mixed to mend stray bytes"
        raise report.fault("is not UTF-8", fix=fix) from None
    except RecursionError:
        raise report.fault("is nested too deeply", fix="is it the right file?") from None
    except msgspec.DecodeError as error:
        mended = _without_surrogates(bytes(raw), report)
        if mended is None:
            raise report.fault(f"is not JSON ({error})", fix=ONE_A_LINE) from None
        return decoder.decode(mended)


def _without_surrogates(raw: bytes, report: Report) -> bytes | None:
    """The record with every lone surrogate as U+FFFD, or None where that is not what ails it."""
    if b"\\ud" not in raw.lower():
        return None
    try:
        text = json.dumps(json.loads(raw), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    fixed = re.sub("[\ud800-\udfff]", "\ufffd", text)
    report.repair("lone_surrogate", count=sum(a != b for a, b in zip(text, fixed, strict=True)))
    return fixed.encode()

"""OIELLM rows: prompt and completion of every sample, with the schema beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.writing import WriterSettings, same_places
from pointline.errors import Refusal
from pointline.formats.ask import Ask
from pointline.formats.oiellm import Oiellm as Codec
from pointline.formats.problems import CannotHold
from pointline.jsonl import writing
from pointline.sample import Sample
from pointline.schema import Schema, read_schema


class Oiellm(WriterSettings, frozen=True, kw_only=True):
    """What the rows ask for."""

    schema: str = ""
    """A JSON file with the schema; by default what the samples show, which are then held in memory."""
    lang: str | None = None
    """The language of the instruction words; by default each sample's own."""


def schema_beside(path: Path) -> Path:
    """Where the schema of a file of rows stands.

    >>> schema_beside(Path("a/rows.jsonl")).as_posix()
    'a/rows.schema.json'
    """
    return path.with_name(f"{path.stem}.schema.json")


def write(samples: Iterable[Sample], out: Path, settings: Oiellm, report: Report) -> int:
    """Write one row a sample and the schema as `NAME.schema.json`; a sample that the format refuses is counted.

    Returns how many samples were written. Raises Refusal where the rows would go to stdout, which holds one file only.
    """
    if str(out) == "-":
        raise Refusal("rows and their schema are two files; name a file by --out")
    if not settings.schema:
        samples = list(samples)
    schema = read_schema(settings.schema) if settings.schema else Schema.of(samples)
    codec = Codec(Ask(schema, lang=settings.lang))
    encode = msgspec.json.Encoder().encode
    count = 0
    with writing(out) as file, writing(schema_beside(out)) as beside:
        beside.write(msgspec.json.format(encode(schema), indent=2) + b"\n")
        for sample in samples:
            try:
                [pair] = codec.encode(sample)
            except CannotHold as refusal:
                report.notice("sample_left_out", f"{sample.id}: {refusal}")
                continue
            if not same_places(sample, codec.decode(pair.completion, sample.text)):
                report.notice("offsets_left_out", sample.id)
            if sample.labels == []:
                report.notice("labels_left_out", sample.id)
            row: dict[str, Any] = {"id": sample.id, "task": pair.task, "lang": sample.lang, "source": sample.source}
            row |= {"split": sample.split, "prompt": pair.prompt, "completion": pair.completion}
            file.write(encode({key: value for key, value in row.items() if value is not None}) + b"\n")
            count += 1
    return count

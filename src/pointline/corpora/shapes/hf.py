"""Hugging Face datasets on disk: parquet files and `save_to_disk` folders, class names from their features."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.fields import kind_of, listed, name_of
from pointline.corpora.placing import Search
from pointline.corpora.shapes.span_fields import SpanFields, place_of
from pointline.corpora.tagged import Row, TagSettings, samples
from pointline.errors import MissingExtra
from pointline.sample import Entity, Sample

Found: TypeAlias = tuple[dict[str, Any], dict[str, list[str]]]
"""A row, and the class names of its columns."""
SPLITS = {"train": "train", "validation": "dev", "valid": "dev", "dev": "dev", "test": "test"}
_FIX = "set tokens=, tags=, text=, label= to the columns' names"


class HuggingFace(TagSettings, frozen=True, kw_only=True):
    """Which columns hold what; of several names the first that is there counts."""

    id: str = "id"
    """Column with the id."""
    tokens: tuple[str, ...] = ("tokens", "words")
    """Columns that may hold tokens."""
    tags: tuple[str, ...] = ("ner_tags", "tags", "labels")
    """Columns that may hold one tag a token, as names or class numbers."""
    text: tuple[str, ...] = ("text", "sentence")
    """Columns that may hold the text, where there are no tokens."""
    label: tuple[str, ...] = ("label", "intent")
    """Columns that may hold the text label or labels, as names or class numbers."""
    entities: str = "entities"
    """Column with spans {type, start, end, text}, where there are no tokens."""


def read(paths: Iterable[Path], settings: HuggingFace, report: Report) -> Iterator[Sample]:
    """Read parquet and arrow files (with the extra `hub`), row by row.

    Raises InputFault where a file cannot be read or has none of the columns, MissingExtra without pyarrow.
    """
    for path in paths:
        for file in _files(path, report):
            report.at(file)
            for sample in _samples(file, settings, report):
                sample.split = sample.split or _split_of(file)
                yield sample


def _samples(file: Path, settings: HuggingFace, report: Report) -> Iterator[Sample]:
    records = _records(file, report)
    first = next(records, None)
    if first is None:
        return
    every = enumerate(chain([first], records), 1)
    if _column(first[0], settings.tokens):
        yield from samples((_row(file, n, found, settings, report) for n, found in every), settings, report)
        return
    for number, found in every:
        report.path, report.line = file, number
        yield _sample(found, settings, report)


def _split_of(path: Path) -> str | None:
    """The split that a file's name or folder tells: `train-00000-of-00002.parquet`, `train/data-00000.arrow`.

    >>> _split_of(Path("x/validation-00000-of-00001.parquet")), _split_of(Path("test/data.arrow")), _split_of(Path("a"))
    ('dev', 'test', None)
    """
    names = (path.name.split("-")[0].split(".")[0], path.parent.name)
    return next((SPLITS[name] for name in names if name in SPLITS), None)


def _files(path: Path, report: Report) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted([*path.rglob("*.parquet"), *path.rglob("data-*.arrow"), *path.rglob("*-[0-9]*.arrow")])
    if not found:
        report.at(path)
        raise report.fault("holds no parquet or arrow file", fix="save it with datasets' save_to_disk or to_parquet")
    return list(dict.fromkeys(found))


def _records(path: Path, report: Report) -> Iterator[Found]:
    """Rows with the class names of their columns."""
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("hub", "pyarrow") from None
    try:
        if path.suffix == ".parquet":
            source = pyarrow.parquet.ParquetFile(path)
            schema, batches = source.schema_arrow, source.iter_batches(1000)
        else:
            stream = pyarrow.ipc.open_stream(str(path))
            schema, batches = stream.schema, stream
        names = _class_names(schema.metadata)
        for batch in batches:
            for record in batch.to_pylist():
                yield record, names
    except (pyarrow.ArrowException, OSError) as error:
        raise report.fault(f"cannot be read as {path.suffix[1:]} ({error})", fix="write it again") from None


def _class_names(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """The names of every class column, from the features that datasets writes into the schema."""
    info = json.loads((metadata or {}).get(b"huggingface", b"{}"))
    features = info.get("info", {}).get("features", {})
    found = {}
    for column, feature in features.items():
        inner = feature.get("feature", feature) if isinstance(feature, dict) else feature
        if isinstance(inner, dict) and isinstance(inner.get("names"), list):
            found[column] = inner["names"]
    return found


def _column(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in record), None)


def _named(value: Any, names: list[str] | None) -> str:
    if names is not None and type(value) is int and 0 <= value < len(names):
        return names[value]
    return name_of(value)


def _labels(found: Found, settings: HuggingFace) -> list[str] | None:
    record, names = found
    column = _column(record, settings.label)
    value = None if column is None else record[column]
    if column is None or value is None or value == -1:
        return None
    return [_named(item, names.get(column)) for item in (value if isinstance(value, list) else [value])]


def _row(path: Path, number: int, found: Found, settings: HuggingFace, report: Report) -> Row:
    record, names = found
    report.path, report.line = path, number
    tokens = listed(record[_column(record, settings.tokens) or ""], "tokens", report)
    column = _column(record, settings.tags)
    tags = None
    if column is not None and record[column] is not None:
        tags = [_named(tag, names.get(column)) for tag in listed(record[column], column, report)]
        if len(tags) != len(tokens):
            raise report.fault(f"{len(tokens)} tokens but {len(tags)} tags", field=column, fix="mend the row")
    labels = _labels(found, settings)
    joined = None if labels is None else (settings.label_separator or "").join(labels)
    name = record.get(settings.id)
    return Row(path, number, tokens, tags, joined, "" if name is None else name_of(name), step=0)


def _own(record: dict[str, Any]) -> Sample:
    """A sample that the writer of this format put down, all levels."""
    record = _without_nulls(record)
    meta = json.loads(record.pop("meta", "{}"))
    return msgspec.convert({"labels": record.pop("label", None), "meta": meta, **record}, Sample)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _sample(found: Found, settings: HuggingFace, report: Report) -> Sample:
    record, _ = found
    if record.keys() >= {"id", "text", "label", "entities", "relations", "events", "meta"}:
        return _own(record)
    column = _column(record, settings.text)
    if column is None or not isinstance(record[column], str):
        known = ", ".join(record)
        raise report.fault(f"there is no text column among {known}", fix=_FIX)
    name = record.get(settings.id)
    sample = Sample("" if name is None else name_of(name), record[column], labels=_labels(found, settings))
    spans = record.get(settings.entities)
    if isinstance(spans, list):
        fields, search = SpanFields(surface="text"), Search(sample.text, report)
        sample.entities = []
        for span in spans:
            if not isinstance(span, dict) or "type" not in span:
                raise report.fault(f"a span is {kind_of(span)} without a type", field=settings.entities, fix=_FIX)
            place = place_of(span, fields, search, report)
            if place is not None:
                sample.entities.append(Entity(name_of(span["type"]), *place))
    return sample

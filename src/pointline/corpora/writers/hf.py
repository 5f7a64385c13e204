"""A Hugging Face datasets folder: one parquet file a split and a dataset card."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.writing import WriterSettings
from pointline.errors import MissingExtra, Refusal
from pointline.jsonl import writing_folder
from pointline.sample import Sample

BATCH = 1000


class HuggingFace(WriterSettings, frozen=True, kw_only=True):
    """What the dataset card says."""

    name: str = "dataset"
    """The data set's name."""
    licence: str = "other"
    """Its licence, as the hub names licences."""
    notes: str = ""
    """A paragraph about it."""


def write(samples: Iterable[Sample], out: Path, settings: HuggingFace, report: Report) -> int:
    """Write `data/SPLIT.parquet` and README.md (with the extra `hub`); returns how many samples were written."""
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingExtra("hub", "pyarrow")
    if out.suffix:
        raise Refusal(f"{out} looks like a file; a datasets export is a folder")
    counts: dict[str, int] = {}
    langs: set[str] = set()
    with writing_folder(out) as folder:
        (folder / "data").mkdir()
        sinks = _Sinks(folder / "data")
        for sample in samples:
            split = sample.split or "train"
            sinks.add(split, _row(sample))
            counts[split] = counts.get(split, 0) + 1
            langs |= {sample.lang} if sample.lang else set()
        sinks.close()
        (folder / "README.md").write_bytes(_card(settings, counts, sorted(langs)).encode())
    return sum(counts.values())


class _Sinks:
    """The parquet writers, one a split, and the rows that wait for them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._schema = folder, _schema()
        self._writers: dict[str, Any] = {}
        self._held: dict[str, list[dict[str, Any]]] = {}

    def add(self, split: str, row: dict[str, Any]) -> None:
        """Hold a row, and write a batch when it is full."""
        rows = self._held.setdefault(split, [])
        rows.append(row)
        if len(rows) == BATCH:
            self._flush(split)

    def close(self) -> None:
        """Write what waits and end every file."""
        for split in sorted(self._held):
            self._flush(split)
        for writer in self._writers.values():
            writer.close()

    def _flush(self, split: str) -> None:
        import pyarrow
        import pyarrow.parquet

        if split not in self._writers:
            self._writers[split] = pyarrow.parquet.ParquetWriter(self._folder / f"{split}.parquet", self._schema)
        self._writers[split].write_table(pyarrow.Table.from_pylist(self._held[split], schema=self._schema))
        self._held[split] = []


def _row(sample: Sample) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(sample)
    row["label"] = row.pop("labels", None)
    row["meta"] = msgspec.json.encode(sample.meta).decode()
    return {key: row.get(key) for key in _COLUMNS}


_COLUMNS = ("id", "text", "lang", "label", "entities", "relations", "events", "source", "split", "meta")


def _schema() -> Any:
    import pyarrow as pa

    place = [("text", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("type", pa.string())]
    place.append(("fragments", pa.list_(pa.list_(pa.int64()))))
    span = pa.struct(place)
    argument = pa.struct([("role", pa.string()), *place])
    relation = pa.struct([("type", pa.string()), ("head", span), ("tail", span)])
    event = pa.struct([("type", pa.string()), ("trigger", span), ("arguments", pa.list_(argument))])
    kinds = {"label": pa.list_(pa.string()), "entities": pa.list_(span)}
    kinds |= {"relations": pa.list_(relation), "events": pa.list_(event)}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in _COLUMNS])


def _card(settings: HuggingFace, counts: dict[str, int], langs: list[str]) -> str:
    return "\n".join(_card_lines(settings, counts, langs)) + "\n"


def _card_lines(settings: HuggingFace, counts: dict[str, int], langs: list[str]) -> Iterator[str]:
    yield "---"
    yield f"license: {settings.licence}"
    if langs:
        yield "language:"
        yield from (f"- {lang}" for lang in langs)
    yield "task_categories:"
    yield from ("- token-classification", "- text-classification")
    yield "configs:"
    yield "- config_name: default"
    yield "  data_files:"
    for split in sorted(counts):
        yield f"  - split: {split}"
        yield f"    path: data/{split}.parquet"
    yield "---"
    yield f"\n# {settings.name}\n"
    if settings.notes:
        yield settings.notes + "\n"
    yield "| split | samples |\n|---|---|"
    yield from (f"| {split} | {count} |" for split, count in sorted(counts.items()))
    yield "\nColumns: `label` is the text level, `entities`, `relations` and `events` the word level with offsets in"
    yield "code points, half-open; null is not annotated, an empty list annotated and empty."

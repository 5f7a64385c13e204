"""What can be opened: a translation run's folder, its review rows, any samples, or an original and its translation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.review.item import Item, Repair
from pointline.sample import Sample, faults, span_key

RUN_FILES = ("review.jsonl", "check.jsonl", "queue.jsonl")
"""Of a translation run: what waits for a person, and the draw of kept samples that tells its precision; of a
labelling run: what is in doubt."""


class Row(msgspec.Struct):
    """A line of a translation run's review files; without a draft the source is what is reviewed."""

    id: str
    source: Sample
    draft: Sample | None = None
    reasons: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()


def read_items(paths: Sequence[str | Path]) -> Iterator[Item]:
    """The items of a run's folder, of a file of samples or review rows, or of two files (original, translation).

    Raises InputFault with file, line and field.
    """
    if len(paths) == 1 and Path(paths[0]).is_dir():
        folder = Path(paths[0])
        found = [folder / name for name in RUN_FILES if (folder / name).is_file()]
        if not found:
            raise InputFault(f"holds no {' or '.join(RUN_FILES)}", path=folder, fix="name a file of samples")
        for path in found:
            yield from _file(path)
    elif len(paths) == 2:
        yield from _beside(*paths)
    elif len(paths) == 1:
        yield from _file(paths[0])
    else:
        raise InputFault(f"{len(paths)} inputs", fix="give a folder, a file, or an original and its translation")


def _file(path: str | Path) -> Iterator[Item]:
    rows, samples = msgspec.json.Decoder(Row), msgspec.json.Decoder(Sample)
    shape = msgspec.json.Decoder(dict[str, msgspec.Raw])
    origin = Path(path).name
    for number, line in jsonl.lines(path):
        fields = jsonl.decode_line(shape, line, path, number)
        if "source" in fields and bytes(fields["source"]).lstrip()[:1] == b"{":
            row = jsonl.decode_line(rows, line, path, number)
            draft = row.draft or msgspec.structs.replace(row.source, id=row.id, entities=None)
            item = Item(draft, row.source, row.reasons, row.repairs, origin)
        else:
            draft = jsonl.decode_line(samples, line, path, number)
            item = Item(draft, None, *_told(draft), origin)
        for sample in (item.draft, item.source):
            if sample is not None:
                _check(sample, path, number)
        yield item


def _told(draft: Sample) -> tuple[tuple[str, ...], tuple[Repair, ...]]:
    """Why a sample may need a look, where it says so: a prediction's problems, a label's doubts, repairs."""
    translated = draft.meta.get("translation")
    held = translated.get("repairs", ()) if isinstance(translated, dict) else ()
    try:
        repairs = msgspec.convert(held, tuple[Repair, ...])
    except msgspec.ValidationError:
        repairs = ()
    labelled = draft.meta.get("annotate")
    doubts = labelled.get("doubts", ()) if isinstance(labelled, dict) else ()
    return tuple(dict.fromkeys([*(draft.problems or ()), *map(str, doubts)])), repairs


def _check(sample: Sample, path: str | Path, number: int) -> None:
    if sample.entities:
        sample.entities.sort(key=span_key)
    for field, what in faults(sample):
        raise InputFault(what, path=path, line=number, field=field, fix="`pointline check` lists every fault")


def _beside(original: str | Path, translated: str | Path) -> Iterator[Item]:
    sources: dict[str, Sample] = {sample.id: sample for sample in jsonl.read(original)}
    for sample in jsonl.read(translated):
        source = next((sources[name] for name in _names(sample) if name in sources), None)
        yield Item(sample, source, *_told(sample), Path(translated).name)


def _names(sample: Sample) -> Iterable[str]:
    """Ids that a translation's original may have: the same, the one that it names, the one without the language."""
    yield sample.id
    told = sample.meta.get("translation")
    if isinstance(told, dict) and isinstance(told.get("of"), str):
        yield told["of"]
    yield sample.id.rpartition("/")[0]

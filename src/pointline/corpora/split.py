"""Cut a corpus into splits: one text in one split only, every label in its share, the same cut for the same seed."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import xxhash

from pointline import jsonl
from pointline.errors import Refusal, SettingsFault
from pointline.sample import Sample

REST = "rest"
PRESETS: dict[str, dict[str, int | float | str]] = {
    "mmm-500": {"train": 500, "test": REST},
    "mmm-1000": {"train": 1000, "test": REST},
    "mmm-2000": {"train": 2000, "test": REST},
    "80-10-10": {"train": 0.8, "dev": 0.1, "test": REST},
}
"""The training sizes of the MMM sub-datasets (OIELLM paper, Tables 5 and 6; the others are test), and a common cut."""


class SplitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to cut."""

    sizes: dict[str, int | float | str] = msgspec.field(default_factory=lambda: dict(PRESETS["80-10-10"]))
    """Split -> number of samples, share of them (below 1), or "rest" (one split at most)."""
    seed: int = 0
    stratified: bool = True
    """Whether each split gets its share of every label; else a plain draw."""

    def __post_init__(self) -> None:
        rests = [name for name, size in self.sizes.items() if size == REST]
        for name, size in self.sizes.items():
            share = isinstance(size, float) and 0 < size < 1
            count = isinstance(size, int) and not isinstance(size, bool) and size >= 0
            if not (share or count or size == REST):
                raise SettingsFault(f"size of {name}: {size!r} is no count, no share below 1 and not {REST!r}")
            if not name or Path(name).name != name or name.startswith("."):
                raise SettingsFault(f"{name!r} is no name of a split")
        if len(rests) > 1 or not self.sizes:
            raise SettingsFault(f"give at least one split, and {REST!r} to one at most")


class Cut(NamedTuple):
    """What a split gave."""

    counts: dict[str, int]
    """Split -> samples."""
    left_out: int
    """Samples that no split wanted."""


class _Group(NamedTuple):
    """All samples of one text."""

    rank: int
    """The draw: a hash of seed and text."""
    samples: int
    stratum: str


def split(data: str | Path, out: str | Path, settings: SplitSettings = SplitSettings()) -> Cut:  # noqa: B008
    """Cut a file into `out/train.jsonl` and so on, `split` set in each sample, order kept.

    Samples with one text (whitespace collapsed) stay together, so that a count may be missed by a few where texts
    repeat. Stratified by the rarest label of a sample, or by its rarest type where labels are not annotated. Reads the
    file twice; memory grows with the number of texts. Raises Refusal where the samples do not suffice.
    """
    if str(data) == "-":
        raise Refusal("a file is split in two passes and stdin can be read only once; save it to a file first")
    plan = assign(jsonl.read(data), settings)
    counts, left_out = dict.fromkeys(settings.sizes, 0), 0
    with contextlib.ExitStack() as stack:
        files = {name: stack.enter_context(jsonl.writing(Path(out) / f"{name}.jsonl")) for name in settings.sizes}
        encode = msgspec.json.Encoder().encode
        for sample in jsonl.read(data):
            sample.split = plan.get(_mark(sample.text))
            if sample.split is not None:
                files[sample.split].write(encode(sample) + b"\n")
                counts[sample.split] += 1
            else:
                left_out += 1
    return Cut(counts, left_out)


def assign(samples: Iterable[Sample], settings: SplitSettings) -> dict[int, str]:
    """The split of each text, by the text's mark; texts that no split wants are left out."""
    groups = _groups(samples, settings)
    total = sum(group.samples for group in groups.values())
    wanted = {name: _count(size, total) for name, size in settings.sizes.items() if size != REST}
    if sum(wanted.values()) > total:
        raise Refusal(f"{sum(wanted.values()):,} samples are asked for and {total:,} are there; ask for fewer")
    left = sorted(groups, key=lambda mark: (groups[mark].rank, mark))
    plan: dict[int, str] = {}
    for name, size in wanted.items():
        taken = _draw(left, groups, size)
        plan.update(dict.fromkeys(taken, name))
        left = [mark for mark in left if mark not in taken]
    plan.update((mark, name) for name, size in settings.sizes.items() if size == REST for mark in left)
    return plan


def _groups(samples: Iterable[Sample], settings: SplitSettings) -> dict[int, _Group]:
    names: dict[int, set[str]] = {}
    counts: Counter[int] = Counter()
    frequency: Counter[str] = Counter()
    for sample in samples:
        mark = _mark(sample.text)
        counts[mark] += 1
        own = set(_names(sample)) if settings.stratified else set()
        frequency.update(own)
        names.setdefault(mark, set()).update(own)
    return {
        mark: _Group(
            xxhash.xxh3_64_intdigest(mark.to_bytes(8, "little"), settings.seed),
            counts[mark],
            min(own, key=lambda name: (frequency[name], name), default=""),
        )
        for mark, own in names.items()
    }


def _names(sample: Sample) -> Iterator[str]:
    """What a sample is stratified by: its labels, or its types where it has none."""
    if sample.labels:
        yield from sample.labels
        return
    for items in (sample.entities, sample.relations, sample.events):
        yield from (item.type for item in items or ())


def _draw(left: list[int], groups: Mapping[int, _Group], size: int) -> dict[int, None]:
    """Texts for `size` samples: each stratum gives its share (largest remainders), in the order of the draw."""
    strata: dict[str, list[int]] = {}
    for mark in left:
        strata.setdefault(groups[mark].stratum, []).append(mark)
    weights = {name: sum(groups[mark].samples for mark in marks) for name, marks in strata.items()}
    total = sum(weights.values())
    exact = {name: size * weight / total for name, weight in weights.items()}
    quota = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (quota[name] - exact[name], groups[strata[name][0]].rank))
    for name in by_remainder[: size - sum(quota.values())]:
        quota[name] += 1
    taken: dict[int, None] = {}
    for name, marks in strata.items():
        _take(marks, groups, quota[name], taken)
    _take(left, groups, size - sum(groups[mark].samples for mark in taken), taken)
    return taken


def _take(marks: Iterable[int], groups: Mapping[int, _Group], size: int, taken: dict[int, None]) -> None:
    for mark in marks:
        if mark not in taken and groups[mark].samples <= size:
            taken[mark] = None
            size -= groups[mark].samples


def _count(size: int | float | str, total: int) -> int:
    return round(size * total) if isinstance(size, float) else int(size)


def _mark(text: str) -> int:
    return xxhash.xxh3_64_intdigest(" ".join(text.split()).encode())

"""What differs between two files of samples: by id, by level, by span."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from pointline import jsonl
from pointline.sample import Sample

Key: TypeAlias = Literal["id", "text"]
ITEMS = ("labels", "entities", "relations", "events")
FIELDS = ("id", "text", "lang", "source", "split", "meta", "label_scores", "raw", "problems")
decode = msgspec.json.Decoder(Sample).decode
encode = msgspec.json.Encoder().encode


class Difference(msgspec.Struct, omit_defaults=True):
    """One thing that differs. `only_a` and `only_b` are samples, levels or items; `changed` is a field."""

    id: str
    level: str
    """`sample`, one of the four levels, or a field's name."""
    kind: Literal["only_a", "only_b", "changed"]
    a: Any = None
    b: Any = None


def diff(a: str | Path, b: str | Path, key: Key = "id") -> Iterator[Difference]:
    """Stream what differs between two files, in the order of `a`, then what only `b` holds.

    Samples are paired by `key`, repeats of one key in their order. An item (a label, an entity, a relation, an event)
    that changes stands as one only in `a` and one only in `b`. A level that is null in one file and annotated in the
    other is told as `changed`. `b` is held in memory. Raises InputFault for a file at fault.

    >>> import tempfile
    >>> a, b = (Path(tempfile.mkdtemp(), "x.jsonl") for _ in "ab")
    >>> _ = jsonl.write(a, [Sample("1", "play jazz", labels=["x"])])
    >>> _ = jsonl.write(b, [Sample("1", "play jazz", labels=["y"])])
    >>> [(d.id, d.level, d.kind, d.a, d.b) for d in diff(a, b)]
    [('1', 'labels', 'only_a', 'x', None), ('1', 'labels', 'only_b', None, 'y')]
    """
    theirs: dict[str, list[bytes]] = {}
    for sample in jsonl.read(b, check=False):
        theirs.setdefault(getattr(sample, key), []).append(encode(sample))
    for lines in theirs.values():
        lines.reverse()
    for sample in jsonl.read(a, check=False):
        waiting = theirs.get(getattr(sample, key))
        if waiting:
            yield from between(sample, decode(waiting.pop()))
        else:
            yield Difference(sample.id, "sample", "only_a", a=sample.text)
    for lines in theirs.values():
        for line in reversed(lines):
            other = decode(line)
            yield Difference(other.id, "sample", "only_b", b=other.text)


def between(one: Sample, other: Sample) -> Iterator[Difference]:
    """What differs between two samples taken for the same."""
    for field in FIELDS:
        if getattr(one, field) != getattr(other, field):
            yield Difference(one.id, field, "changed", getattr(one, field), getattr(other, field))
    for level in ITEMS:
        mine, yours = getattr(one, level), getattr(other, level)
        if (mine is None) != (yours is None):
            yield Difference(one.id, level, "changed", mine, yours)
        elif mine is not None:
            yield from (Difference(one.id, level, "only_a", a=item) for item in _without(mine, yours))
            yield from (Difference(one.id, level, "only_b", b=item) for item in _without(yours, mine))


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    """The items that have no counterpart among others, repeats counted."""
    left = Counter(map(encode, others))
    alone = []
    for item in items:
        mark = encode(item)
        if left[mark]:
            left[mark] -= 1
        else:
            alone.append(item)
    return alone


def summary(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """One plain row for each level and kind: how many differences, in how many samples."""
    counts: Counter[tuple[str, str]] = Counter()
    ids: dict[tuple[str, str], set[str]] = {}
    for difference in differences:
        counts[difference.level, difference.kind] += 1
        ids.setdefault((difference.level, difference.kind), set()).add(difference.id)
    order = ("sample", *FIELDS, *ITEMS)
    ranked = sorted(counts, key=lambda pair: (order.index(pair[0]), pair[1]))
    return [{"level": pair[0], "kind": pair[1], "count": counts[pair], "samples": len(ids[pair])} for pair in ranked]

"""A review file for what is to be reviewed: made and filled, or opened again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from pointline.errors import InputFault
from pointline.review.inputs import read_items
from pointline.review.item import Item
from pointline.review.kinds import kinds
from pointline.review.ledger import Ledger, ReviewSettings
from pointline.review.store import Store
from pointline.schema import Schema

Order = Callable[[Sequence[Item]], Iterable[Item]]


def default_path(inputs: Sequence[str | Path]) -> Path:
    """Where the work is kept if nothing is said: in a run's folder, or beside the last file.

    >>> default_path(["out/en.jsonl", "out/ja.jsonl"]).as_posix()
    'out/ja.jsonl.review.sqlite'
    """
    if not inputs:
        raise InputFault("nothing to review", fix="name a folder or file, or an earlier review with --db")
    last = Path(inputs[-1])
    return last / "review.sqlite" if last.is_dir() else last.with_name(last.name + ".review.sqlite")


def open_store(
    path: str | Path,
    inputs: Sequence[str | Path] = (),
    settings: ReviewSettings | None = None,
    schema: Schema | None = None,
    order: Order | None = None,
) -> Store:
    """Open a review file, with the items of `inputs` that it does not hold yet.

    `order` sets the items' suspicion. Names that may be chosen are those of `schema`, else those that the items show.
    Raises InputFault.
    """
    if not inputs and not Path(path).exists():
        raise InputFault("is not there", path=path, fix="name what is to be reviewed")
    held = list(read_items(inputs)) if inputs else []
    if inputs and not held:
        raise InputFault("holds no samples", path=inputs[-1], fix="check the input")
    store = Store(Ledger(path, settings)) if Path(path).exists() else None
    known = {name for _, name in store.positions()} if store is not None else set()
    if order is not None and any(item.id not in known for item in held):
        held = list(order(held))
    store = store or Store(Ledger(path, settings))
    if store.add(held) or schema is not None:
        shown = schema or _shown(held)
        for name, value in (("schema", shown), ("kinds", kinds(held))):
            _tell(store.ledger, name, msgspec.json.encode(value).decode())
    return store


def _shown(items: Sequence[Item]) -> Schema:
    """The names that the items show, the most frequent first: the first nine types have a key each."""
    schema = Schema.of(item.draft for item in items)
    labels = Counter(label for item in items for label in item.draft.labels or ())
    types = Counter(entity.type for item in items for entity in item.draft.entities or ())
    return msgspec.structs.replace(
        schema,
        label_types=None if schema.label_types is None else _ranked(labels),
        entity_types=None if schema.entity_types is None else _ranked(types),
    )


def _ranked(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _tell(ledger: Ledger, name: str, value: str) -> None:
    with ledger.writing() as db:
        db.execute("INSERT INTO about VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?2", (name, value))

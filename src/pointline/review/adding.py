"""Items put into a review file, ranked by suspicion."""

from __future__ import annotations

from collections.abc import Iterable

from pointline.review.item import Item
from pointline.review.records import Records, encode, names


def add(records: Records, items: Iterable[Item], overlap: int) -> int:
    """Add items in order; those whose id is there already are left as they are. Gives how many are new."""
    with records.ledger.writing() as db:
        first = db.execute("SELECT coalesce(max(pos), 0) FROM items").fetchone()[0]
        held = {row["id"] for row in db.execute("SELECT id FROM items")}
        pos = first
        for item in items:
            if item.id not in held:
                held.add(item.id)
                pos += 1
                _insert(records, pos, item)
        new = db.execute("SELECT pos FROM items WHERE pos > ? ORDER BY suspicion DESC, pos", (first,))
        places = [(first + rank, row["pos"]) for rank, row in enumerate(new.fetchall(), 1)]
        db.executemany("UPDATE items SET rank = ? WHERE pos = ?", places)
        rows = [(place, rank, "waiting" if overlap > 1 else "open") for rank, place in places]
        db.executemany("INSERT INTO lines (item, line, rank, status) VALUES (?, '', ?, ?)", rows)
        if pos > first:
            records.ledger.note(db, "", "added", None, f"{pos - first} items")
    return int(pos - first)


def _insert(records: Records, pos: int, item: Item) -> None:
    sought = "\n".join(sample.text for sample in (item.draft, item.source) if sample is not None)
    values = (
        pos, item.id, -pos, item.draft.lang, item.origin, None if item.source is None else encode(item.source),
        encode(item.draft), encode(item.reasons), encode(item.repairs), item.suspicion, sought.casefold(),
    )  # fmt: skip
    records.db.execute(
        "INSERT INTO items (pos, id, rank, lang, origin, source, draft, reasons, repairs, suspicion, sought) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )
    rows = [("reason", reason.partition(":")[0]) for reason in item.reasons]
    rows += [("repair", repair.what) for repair in item.repairs]
    rows += [("lang", item.draft.lang)] if item.draft.lang else []
    records.facets(pos, [*rows, *names(item.draft)])

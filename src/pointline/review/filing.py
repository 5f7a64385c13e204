"""Results out of a review and back into one: samples that say who reviewed them, verdicts, the trail."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.review.item import DECIDED, STATUSES, Status
from pointline.review.store import COMMON, Store
from pointline.review.viewing import blind_of, history_of, notes_of
from pointline.sample import Sample


def results(store: Store, statuses: Collection[str] = STATUSES) -> Iterator[Sample]:
    """The newest version of every item whose status is one of `statuses`, in the items' order.

    `meta.review` tells status, reviewer, reason, corrected (whether it differs from the draft), history, notes, and
    with overlap what each blind reviewer came to.
    """
    for pos, _ in store.positions():
        state = store.db.execute("SELECT * FROM lines WHERE item = ? AND line = ''", (pos,)).fetchone()
        if state["status"] not in statuses:
            continue
        sample = store.result(pos)
        told: dict[str, Any] = {"status": state["status"]}
        if state["author"]:
            told["reviewer"] = state["author"]
        if state["reason"]:
            told["reason"] = state["reason"]
        if state["changed"]:
            told["corrected"] = True
        if history := history_of(store.db, pos, COMMON):
            told["history"] = history
        if notes := notes_of(store.db, pos, COMMON):
            told["notes"] = msgspec.to_builtins(notes)
        if store.overlap > 1:
            blind = blind_of(store.db, pos, sample)
            told["blind"] = [{"reviewer": b.author, "status": b.status, "reason": b.reason} for b in blind]
        yield msgspec.structs.replace(sample, meta={**sample.meta, "review": told})


def verdicts(store: Store) -> Iterator[dict[str, Any]]:
    """A line for each decided item: its id, and whether it was right as it stood; what a translation's report reads."""
    rows = store.db.execute(
        "SELECT i.id, i.origin, l.status, l.author FROM lines l JOIN items i ON i.pos = l.item "
        f"WHERE l.line = '' AND l.status IN {DECIDED} ORDER BY i.pos"
    )
    for row in rows.fetchall():
        yield {"id": row["id"], "right": row["status"] == "accepted", "reviewer": row["author"], "of": row["origin"]}


class _Told(msgspec.Struct):
    """What `meta.review` of a sample says of where it was reviewed before."""

    status: Status = "open"
    reviewer: str = "(import)"
    reason: str = ""


def bring(store: Store, path: str | Path) -> tuple[int, int]:
    """Take results from a file of samples, matched by id; gives how many were taken and how many ids are not here.

    A sample's `meta.review` tells who reviewed it and with what status; one without it is an open edit. Raises
    InputFault.
    """
    places = {id_: pos for pos, id_ in store.positions()}
    taken = unknown = 0
    for number, sample in enumerate(jsonl.read(path), 1):
        pos = places.get(sample.id)
        if pos is None:
            unknown += 1
            continue
        try:
            told = msgspec.convert(sample.meta.get("review", {}), _Told)
        except msgspec.ValidationError as error:
            fix = "meta.review holds status, reviewer and reason"
            raise InputFault(str(error), path=path, line=number, field="meta.review", fix=fix) from None
        decided = None if told.status == "open" else (told.status, told.reason)
        store.bring(pos, told.reviewer, sample, decided)
        taken += 1
    return taken, unknown

"""What becomes of blind work: agreed where all came to the same, else for an adjudicator."""

from __future__ import annotations

from pointline.review.item import DECIDED, content
from pointline.review.records import Records

AGREED = "(agreed)"
"""Who decides where blind reviewers came to the same."""


def settle(records: Records, pos: int, overlap: int) -> None:
    """Look at an item's blind lines; until all are decided it waits. What an adjudicator has decided stands."""
    common, rows = records.line(pos, ""), records.lines(pos)
    if common["author"] not in (None, AGREED):
        return
    if len(rows) < overlap or any(row["status"] == "open" for row in rows):
        if common["status"] != "waiting":
            records.decide(pos, "", "", ("waiting", "", None))
        return
    draft = records.draft(pos)
    made = [records.version(row["head"]) or draft for row in rows]
    same = all(content(one) == content(made[0]) for one in made) and len({row["status"] for row in rows}) == 1
    if not same or rows[0]["status"] not in DECIDED:
        records.decide(pos, "", "", ("disputed", "", None))
        return
    if content(made[0]) != content(records.version(common["head"]) or draft):
        records.advance(pos, "", AGREED, ("agreed", common["head"], made[0]))
    records.decide(pos, "", AGREED, (rows[0]["status"], rows[0]["reason"], None))

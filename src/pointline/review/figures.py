"""What a review shows: progress by person and reason, share corrected, seconds an item, agreement."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Hashable
from typing import Any

import msgspec

from pointline.review.agreement import alpha, kappa
from pointline.review.item import DECIDED
from pointline.review.records import to_sample
from pointline.review.settling import AGREED
from pointline.review.store import COMMON, Store
from pointline.sample import Sample
from pointline.score.proportion import Share, wilson
from pointline.score.spans import span_f1


class Work(msgspec.Struct, frozen=True):
    """One person's work; `seconds` is the median for an item."""

    name: str
    decided: int
    accepted: int
    fixed: int
    rejected: int
    skipped: int
    flagged: int
    seconds: float | None


class Pairwise(msgspec.Struct, frozen=True):
    """Two people on the items that both decided; figures in per cent but kappa."""

    first: str
    second: str
    items: int
    same_status: float
    labels_kappa: float | None
    span_f1: float | None


class Agreement(msgspec.Struct, frozen=True):
    """All blind work together: alpha of the labels (a label set is one value) and of the status; pairs of people."""

    labels_alpha: float | None
    status_alpha: float | None
    pairs: list[Pairwise]


class Figures(msgspec.Struct, frozen=True):
    """Everything that can be counted; `corrected` is the share of decided items that were not right as they stood."""

    items: int
    statuses: dict[str, int]
    reasons: dict[str, dict[str, int]]
    people: list[Work]
    corrected: Share | None
    corrected_by_origin: dict[str, Share]
    seconds: float | None
    agreement: Agreement | None


def figures(store: Store) -> Figures:
    """Count a review file as it stands."""
    db = store.db
    statuses = {
        row["status"]: row["n"]
        for row in db.execute("SELECT status, count(*) AS n FROM lines WHERE line = '' GROUP BY status ORDER BY status")
    }
    reasons: dict[str, dict[str, int]] = {}
    query = (
        "SELECT f.value, l.status, count(*) AS n FROM facets f JOIN lines l ON l.item = f.item AND l.line = '' "
        "WHERE f.kind = 'reason' GROUP BY f.value, l.status ORDER BY f.value, l.status"
    )
    for row in db.execute(query):
        reasons.setdefault(row["value"], {})[row["status"]] = row["n"]
    seconds = [row["seconds"] for row in db.execute("SELECT seconds FROM decisions WHERE seconds IS NOT NULL")]
    return Figures(
        items=db.execute("SELECT count(*) FROM items").fetchone()[0], statuses=statuses, reasons=reasons,
        people=_people(store), corrected=corrected(store), corrected_by_origin=_by_origin(store),
        seconds=statistics.median(seconds) if seconds else None,
        agreement=_agreement(store) if store.overlap > 1 else None,
    )  # fmt: skip


def corrected(store: Store, origin: str | None = None) -> Share | None:
    """The share of decided items that were fixed or rejected, with Wilson's interval; of one origin if told."""
    where, values = ("", []) if origin is None else (" AND i.origin = ?", [origin])
    row = store.db.execute(
        "SELECT sum(l.status != 'accepted') AS wrong, count(*) AS n FROM lines l JOIN items i ON i.pos = l.item "
        f"WHERE l.line = '' AND l.status IN {DECIDED}{where}",
        values,
    ).fetchone()
    return wilson(row["wrong"] or 0, row["n"])


def _by_origin(store: Store) -> dict[str, Share]:
    origins = [row[0] for row in store.db.execute("SELECT DISTINCT origin FROM items ORDER BY origin")]
    shares = {origin: corrected(store, origin) for origin in origins}
    return {origin: share for origin, share in shares.items() if share is not None}


def _people(store: Store) -> list[Work]:
    """Each person's newest status of each item; time over all decisions."""
    rows = store.db.execute(
        "SELECT author, status, seconds, n = max(n) OVER (PARTITION BY author, item) AS newest FROM decisions "
        "WHERE author NOT IN ('', ?) ORDER BY n",
        (AGREED,),
    ).fetchall()
    found: list[Work] = []
    for name in sorted({row["author"] for row in rows}):
        mine = [row for row in rows if row["author"] == name]
        last = [row["status"] for row in mine if row["newest"]]
        times = [row["seconds"] for row in mine if row["seconds"] is not None]
        counts = {status: last.count(status) for status in (*DECIDED, "skipped", "flagged")}
        decided = sum(counts[status] for status in DECIDED)
        found.append(Work(name, decided, **counts, seconds=statistics.median(times) if times else None))
    return found


def _agreement(store: Store) -> Agreement:
    """Over the blind lines that are decided."""
    rows = store.db.execute(
        "SELECT l.item, l.line, l.status, coalesce(v.sample, i.draft) AS sample FROM lines l "
        "JOIN items i ON i.pos = l.item LEFT JOIN versions v ON v.n = l.head "
        f"WHERE l.line != ? AND l.status IN {DECIDED} ORDER BY l.item, l.line",
        (COMMON,),
    )
    work: dict[int, dict[str, tuple[str, Sample]]] = {}
    for row in rows:
        work.setdefault(row["item"], {})[row["line"]] = (row["status"], to_sample(row["sample"]))
    labels = [[_labels(sample) for _, sample in item.values()] for item in work.values()]
    people = sorted({name for item in work.values() for name in item})
    return Agreement(
        labels_alpha=alpha(labels),
        status_alpha=alpha([[status for status, _ in item.values()] for item in work.values()]),
        pairs=[
            pair for a, b in itertools.combinations(people, 2) if (pair := _pair(work, a, b)) is not None
        ],
    )  # fmt: skip


def _pair(work: dict[int, dict[str, tuple[str, Sample]]], a: str, b: str) -> Pairwise | None:
    both = [(item[a], item[b]) for item in work.values() if a in item and b in item]
    if not both:
        return None
    same = sum(first[0] == second[0] for first, second in both)
    marked = [(x, y) for (_, x), (_, y) in both if x.text == y.text and x.entities is not None]
    f1 = span_f1([_spans(x) for x, _ in marked], [_spans(y) for _, y in marked]).f1 if marked else None
    labels = kappa((_labels(x), _labels(y)) for (_, x), (_, y) in both)
    return Pairwise(a, b, len(both), 100 * same / len(both), labels, f1)


def _labels(sample: Sample) -> Hashable:
    return None if sample.labels is None else tuple(sorted(sample.labels))


def _spans(sample: Sample) -> list[tuple[Any, ...]]:
    return [(span.type, span.start, span.end, span.text) for span in sample.entities or ()]

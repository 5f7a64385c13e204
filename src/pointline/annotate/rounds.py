"""The book of rounds: what a model drafted, what people made of it, the labels that were saved, and the scores."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.annotate.weighing import LEVELS, points
from pointline.errors import InputFault
from pointline.sample import Sample
from pointline.score import score

OPEN = ("open", "skipped", "flagged", "waiting", "disputed")
"""Statuses of a review under which a sample is not decided; one without a status counts as decided."""


class Labels(msgspec.Struct):
    """Labels at one level: in drafts, in what was decided, and in both (which nobody had to write)."""

    drafted: int = 0
    decided: int = 0
    kept: int = 0


class Round(msgspec.Struct, kw_only=True):
    """One round. `saved`: per cent of the decided labels that the draft had already; None where there are none.

    accepted, fixed: samples left as they were, changed; rejected ones are in no count of labels. `scores`: the
    figures of the round's model on held-out gold, per cent, by level.
    """

    number: int
    model: str | None
    drafted: int
    decided: int
    accepted: int
    fixed: int
    rejected: int
    open: int
    labels: dict[str, Labels]
    saved: float | None
    scores: dict[str, float] | None = None
    signature: str | None = None
    reviewed_sha256: str


class Book(msgspec.Struct):
    """All rounds in order."""

    rounds: list[Round] = msgspec.field(default_factory=list)


def read_book(path: str | Path) -> Book:
    """Read a book; a file that is not there is an empty one. Raises InputFault where it is none."""
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Book)
    except FileNotFoundError:
        return Book()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"is no book of rounds ({error})", path=path, fix="name another --book") from None


def record(
    book: str | Path, drafts: str | Path, reviewed: str | Path, test: tuple[str | Path, str | Path] | None = None
) -> Round:
    """Compare drafts with what reviewers made of them, matched by id, and write the round into the book.

    reviewed: samples as `pointline review` exports them (`meta.review.status`), or any corrected samples. test: gold
    and the answers of the round's model to it. The same reviewed file again replaces its round.
    Raises InputFault for a reviewed sample that was not drafted; what `score` raises.
    """
    found = read_book(book)
    digest = hashlib.sha256(Path(reviewed).read_bytes()).hexdigest() if Path(reviewed).is_file() else ""
    told = compare(drafts, reviewed)
    told.reviewed_sha256 = digest
    if test is not None:
        scored = score(jsonl.read(test[0]), jsonl.read(test[1]))
        told.scores = {level: round(figure.value, 2) for level, figure in scored.figures.items()}
        told.signature = str(scored.signature)
    held = [number for number, one in enumerate(found.rounds) if one.reviewed_sha256 == digest]
    told.number = held[0] + 1 if held else len(found.rounds) + 1
    if held:
        found.rounds[held[0]] = told
    else:
        found.rounds.append(told)
    with jsonl.writing(book) as file:
        file.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return told


def decided(path: str | Path) -> Iterator[Sample]:
    """The samples of a reviewed file that can be learned from: neither rejected nor still open."""
    for sample in jsonl.read(path):
        if _told(sample, "review").get("status") not in ("rejected", *OPEN):
            yield sample


def compare(drafts: str | Path, reviewed: str | Path) -> Round:
    """The figures of one round, without scores and not yet in a book."""
    before = {sample.id: sample for sample in jsonl.read(drafts)}
    statuses: Counter[str] = Counter()
    labels = {level: Labels() for level in LEVELS}
    models: Counter[str] = Counter()
    for number, after in enumerate(jsonl.read(reviewed), 1):
        draft = before.pop(after.id, None)
        if draft is None:
            fix = "give the queue that was reviewed; an id stands in it once"
            raise InputFault(f"sample {after.id!r} is not among the drafts", path=reviewed, line=number, fix=fix)
        models.update(filter(None, [_told(draft, "annotate").get("model")]))
        status = _status(draft, after)
        statuses[status] += 1
        if status in ("accepted", "fixed"):
            for level, count in labels.items():
                _count(count, points(draft, level), points(after, level))
    total = sum(count.decided for count in labels.values())
    return Round(
        number=0,
        model=models.most_common(1)[0][0] if models else None,
        drafted=len(before) + statuses.total(),
        decided=statuses["accepted"] + statuses["fixed"] + statuses["rejected"],
        accepted=statuses["accepted"],
        fixed=statuses["fixed"],
        rejected=statuses["rejected"],
        open=len(before) + statuses["open"],
        labels={level: count for level, count in labels.items() if count.drafted or count.decided},
        saved=round(100 * sum(count.kept for count in labels.values()) / total, 2) if total else None,
        reviewed_sha256="",
    )


def _status(draft: Sample, after: Sample) -> str:
    """accepted, fixed (by what it holds, whatever was said), rejected or open."""
    said = _told(after, "review").get("status")
    if said in OPEN:
        return "open"
    if said == "rejected":
        return "rejected"
    same = all(_sorted(points(draft, level)) == _sorted(points(after, level)) for level in LEVELS)
    return "accepted" if same else "fixed"


def _sorted(found: list[Any] | None) -> list[Any] | None:
    return None if found is None else sorted(found, key=repr)


def _count(count: Labels, draft: list[Any] | None, after: list[Any] | None) -> None:
    here, there = Counter(draft or ()), Counter(after or ())
    count.drafted += here.total()
    count.decided += there.total()
    count.kept += (here & there).total()


def _told(sample: Sample, part: str) -> dict[str, Any]:
    found = sample.meta.get(part)
    return found if isinstance(found, dict) else {}

"""What a run kept, in the form of the papers' Table 7, beside the papers' own figures; reasons, repairs, costs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from pointline.score.proportion import Share
from pointline.translate.outcome import STATUSES, Outcome, Spent

PAPER = (
    ("SCNM", "JA → EN", "GPT-3.5-Turbo", 4449, 16.73),
    ("SCNM", "JA → EN", "GPT-4o", 3996, 25.21),
    ("SCPOS:RW", "JA → EN", "GPT-3.5-Turbo", 1312, 34.40),
    ("SCPOS:RW", "JA → EN", "GPT-4o", 1182, 41.04),
    ("SCPOS:Adj&N", "JA → EN", "GPT-3.5-Turbo", 4801, 51.99),
    ("SCPOS:Adj&N", "JA → EN", "GPT-4o", 4821, 51.79),
    ("TCREE", "JA → EN", "GPT-3.5-Turbo", 1910, 4.50),
    ("TCREE", "JA → EN", "GPT-4o", 1979, 1.05),
    ("TCONER", "EN → ZH", "GPT-3.5-Turbo", 9047, 9.53),
    ("TCONER", "EN → ZH", "GPT-4o", 7951, 20.49),
)
"""Table 7 of MMM: data set, direction, model, remaining samples, lost per cent as printed."""


class Row(msgspec.Struct, frozen=True):
    """A row of the retention table."""

    dataset: str
    direction: str
    model: str
    remaining: int
    lost_percent: float
    samples: int | None = None


class Report(msgspec.Struct, omit_defaults=True):
    """What a run did; `retention` are its rows, `paper` those of Table 7.

    Samples kept by several drafts, located words and so on count as `repaired`; remaining = kept + repaired.
    precision: of the kept samples that a person looked at, in per cent with Wilson's interval.
    """

    direction: str
    model: str
    method: str
    labels: str
    prompt: str
    version: str
    settings: dict[str, Any]
    counts: dict[str, int]
    retention: list[Row]
    paper: list[Row]
    reasons: dict[str, dict[str, int]]
    repairs: dict[str, int]
    cleared: dict[str, int]
    spent: Spent
    cost_per_kept: float | None = None
    tokens_per_kept: float | None = None
    precision: Share | None = None


class Tally:
    """Counts outcomes as they come."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: dict[str, Counter[str]] = {status: Counter() for status in STATUSES}
        self.repairs: Counter[str] = Counter()
        self.cleared: Counter[str] = Counter()
        self.spent = Spent()
        self._sets: dict[str, Counter[str]] = {}

    def add(self, outcome: Outcome, dataset: str) -> None:
        """Count one outcome."""
        self.counts[outcome.status] += 1
        self.reasons[outcome.status].update(outcome.reasons)
        self.repairs.update(repair.what for repair in outcome.repairs if outcome.status == "repaired")
        self.cleared.update(outcome.cleared)
        self.spent.join(outcome.spent)
        self._sets.setdefault(dataset, Counter())[outcome.status] += 1

    @property
    def remaining(self) -> int:
        """Samples kept, repaired or not."""
        return self.counts["kept"] + self.counts["repaired"]

    def rows(self, direction: str, model: str) -> list[Row]:
        """One row a data set."""
        rows = []
        for name, counts in sorted(self._sets.items()):
            remaining, all_ = counts["kept"] + counts["repaired"], counts.total()
            rows.append(Row(name, direction, model, remaining, round(100 * (1 - remaining / all_), 2), all_))
        return rows

    def told(self) -> dict[str, Any]:
        """The fields of a report that are counted here."""
        kept = self.remaining
        tokens = self.spent.prompt_tokens + self.spent.completion_tokens
        return {
            "counts": {status: self.counts[status] for status in STATUSES},
            "reasons": {status: _ranked(counts) for status, counts in self.reasons.items() if counts},
            "repairs": _ranked(self.repairs),
            "cleared": _ranked(self.cleared),
            "spent": self.spent,
            "cost_per_kept": self.spent.cost / kept if kept and self.spent.cost else None,
            "tokens_per_kept": round(tokens / kept, 1) if kept else None,
        }


def paper_rows() -> list[Row]:
    """The rows of Table 7."""
    return [Row(*row) for row in PAPER]


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def markdown(report: Report) -> str:
    """The report as a page to read."""
    counts = report.counts
    total, remaining = sum(counts.values()), counts["kept"] + counts["repaired"]
    lines = [
        f"# Translation {report.direction}",
        "",
        f"{remaining} of {total} samples remain ({counts['kept']} as translated, {counts['repaired']} repaired); "
        f"{counts['review']} wait for review, {counts['dropped']} are dropped.",
        "",
        f"Model `{report.model}`, method `{report.method}`, labels `{report.labels}`, prompts `{report.prompt}`, "
        f"pointline {report.version}.",
        "",
        "## Retention",
        "",
        "| dataset | direction | model | remaining | lost |",
        "|---|---|---|---:|---:|",
        *(_line(row, f" of {row.samples}") for row in report.retention),
        *(_line(row, "", " (paper)") for row in report.paper),
        "",
        "The paper's rows are Table 7 of MMM: other data, other models, measured before its manual review.",
        "",
    ]
    if report.precision is not None:
        value, low, high, n = report.precision
        lines += [f"Precision of what remains, by {n} reviewed samples: {value:.1f} % ({low:.1f} to {high:.1f}).", ""]
    else:
        lines += [
            "Precision is not known: no kept sample has a verdict (check.jsonl holds some to look at).",
            "",
        ]
    for title, rows in _sections(report):
        if rows:
            lines += [f"## {title}", "", "| what | samples |", "|---|---:|"]
            lines += [f"| {name} | {count} |" for name, count in rows.items()] + [""]
    return "\n".join([*lines, *_costs(report)])


def _sections(report: Report) -> list[tuple[str, dict[str, int]]]:
    reasons = [(f"Why: {status}", counts) for status, counts in report.reasons.items()]
    return [*reasons, ("Repairs", report.repairs), ("Doubts that a back-translation cleared", report.cleared)]


def _line(row: Row, of: str, mark: str = "") -> str:
    return f"| {row.dataset}{mark} | {row.direction} | {row.model} | {row.remaining}{of} | {row.lost_percent:.2f} % |"


def _costs(report: Report) -> list[str]:
    spent = report.spent
    said = f"{spent.requests} answers, {spent.prompt_tokens} prompt tokens and {spent.completion_tokens} of answers"
    lines = ["## Costs", "", said + (f", {report.tokens_per_kept} tokens" if report.tokens_per_kept else "")]
    lines[-1] += " for each sample that remains." if report.tokens_per_kept else "."
    if report.cost_per_kept is not None:
        lines.append(f"Money: {spent.cost:.4f} in all, {report.cost_per_kept:.6f} for each sample that remains.")
    return [*lines, ""]

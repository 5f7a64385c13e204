"""The page of a cleaning: what was read and kept, why samples left, what an audit found in the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pointline.clean.corpus import CleanReport
from pointline.clean.findings import Finding
from pointline.report.page import Block, Facts, Page, Prose, Section, Table


def cleaning_page(report: CleanReport) -> Page:
    """The report of a cleaning as a page, to be rendered.

    >>> from pointline.clean.rules import CleanSettings
    >>> page = cleaning_page(CleanReport(CleanSettings(), [], [], [], []))
    >>> page.title, [section.heading for section in page.sections]
    ('Cleaning', ['What left and why', 'What stays'])
    """
    read, kept = sum(file.read for file in report.files), sum(file.kept for file in report.files)
    return Page(
        "Cleaning",
        f"{kept:,} of {read:,} samples kept, by the rules {report.settings.rules}.",
        (
            Section("What left and why", tuple(_overview(report))),
            Section("What stays", tuple(_findings(report))),
        ),
    )


def _overview(report: CleanReport) -> Iterator[Block]:
    reasons = tuple(dict.fromkeys(reason for file in report.files for reason in file.dropped))
    rows = tuple(
        (
            file.name,
            *(f"{count:,}" for count in (file.read, file.kept, *(file.dropped.get(reason, 0) for reason in reasons))),
        )
        for file in report.files
    )
    note = "Each dropped sample stands in dropped.jsonl with its reason and the id of its twin."
    yield Table("Samples of each file", ("file", "read", "kept", *reasons), rows, note, scale=None)
    if report.shared:
        shared = tuple((" and ".join(pair.files), f"{pair.texts:,}") for pair in report.shared)
        yield Table("Texts that two files had in common", ("files", "texts"), shared, scale=None)


def _findings(report: CleanReport) -> Iterator[Block]:
    counts = tuple((finding.about, f"{finding.count:,}") for finding in report.findings)
    if counts:
        yield Facts(counts)
    for reason in report.skipped:
        yield Prose(f"Not looked at: {reason}.")
    yield from (_table(finding) for finding in report.findings if finding.rows)


def _table(finding: Finding) -> Table:
    header = tuple(finding.rows[0])
    rows = tuple(tuple(_cell(row.get(name)) for name in header) for row in finding.rows)
    shown = f"{len(rows):,} of {finding.count:,} shown." if len(rows) < finding.count else None
    about = finding.about[:1].upper() + finding.about[1:]
    return Table(about, tuple(name.replace("_", " ") for name in header), rows, shown, scale=None)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{key} {count:,}" if isinstance(count, int) else f"{key} {count}" for key, count in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)

"""Whether what is kept is looked at a second time: audited within the limits, near duplicates of test texts dropped.

The audit and its tables are loaded only where they are used.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence

import numpy as np

from pointline.clean.findings import Finding, Place
from pointline.clean.rules import KEPT, NEAR_TEST, CleanSettings
from pointline.clean.sorting import SortedFile
from pointline.errors import MissingExtra


def look_over(files: Sequence[SortedFile], settings: CleanSettings) -> tuple[list[Finding], list[str]]:
    """Audit what is kept as far as the limits of the settings allow; (findings, what was left out and why).

    With `near=drop`, samples of train and dev that are near a test text get the verdict `near_test` first.
    """
    kept = sum(int(np.count_nonzero(file.verdicts == KEPT)) for file in files)
    skipped = []
    if settings.near == "drop":
        _drop_near_test(files, settings)
    near = settings.near != "off" and kept <= settings.near_limit
    if settings.near == "report" and not near:
        skipped.append(f"near duplicates: {kept:,} samples are more than near_limit={settings.near_limit:,}")
    if kept > settings.audit_limit:
        return [], [*skipped, f"audit: {kept:,} samples are more than audit_limit={settings.audit_limit:,}"]
    from pointline.clean.audit import audit

    if near and not importlib.util.find_spec("rensa"):
        near = False
        skipped.append(f"near duplicates: {MissingExtra('near', 'rensa')}")
    return audit(_places(files), settings.examples, near), skipped


def _places(files: Sequence[SortedFile]) -> Iterator[Place]:
    for file in files:
        yield from (Place(file.scan.part.name, line + 1, sample) for line, sample in file.kept())


def _drop_near_test(files: Sequence[SortedFile], settings: CleanSettings) -> None:
    from pointline.clean.near import near_pairs

    places = [(file, row, sample.id) for file in files for row, sample in file.kept()]
    texts = [sample.text for file in files for _, sample in file.kept()]
    for one, other, _ in near_pairs(texts):
        for (file, row, _), (twin_file, _, twin) in ((places[one], places[other]), (places[other], places[one])):
            if twin_file.scan.part.split == "test" and file.scan.part.split in settings.leak_splits:
                file.verdicts[row] = NEAR_TEST
                file.twins.setdefault(row, twin)

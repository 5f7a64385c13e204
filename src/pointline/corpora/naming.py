"""Ids for converted samples: the source's own, or made from the text; every one once."""

from __future__ import annotations

from pointline.corpora.conversion import Report
from pointline.sample import Ids, Sample


class Names:
    """Gives every sample an id of its own: the source's, or made from its text."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._makers: dict[tuple[str | None, str | None], Ids] = {}
        self._maker: Ids | None = None
        self._source: str | None = None
        self._split: str | None = None
        self._owner: dict[str, int] = {}
        self._part = 0

    def enter(self) -> None:
        """Start with the next part of the plan."""
        self._part += 1

    def __call__(self, sample: Sample) -> None:
        """Set the sample's id; one that another part of the source used gets source, split and language in front."""
        if not sample.id:
            source, split = sample.source, sample.split
            if self._maker is None or source != self._source or split != self._split:
                self._source, self._split = source, split
                self._maker = self._makers.setdefault((source, split), Ids(source, split))
            sample.id = self._maker(sample.text)
            return
        if self._owner.setdefault(sample.id, -self._part) == -self._part:
            self._owner[sample.id] = self._part
            return
        if self._owner[sample.id] != self._part:
            self._report.notice("id_shared", repr(sample.id))
            front = "".join(f"{part}/" for part in (sample.source, sample.split, sample.lang) if part)
            if front and front + sample.id not in self._owner:
                sample.id = front + sample.id
                self._owner[sample.id] = self._part
                return
        self._report.repair("id_repeated", repr(sample.id))
        count = 2
        while f"{sample.id}-{count}" in self._owner:
            count += 1
        sample.id = f"{sample.id}-{count}"
        self._owner[sample.id] = self._part

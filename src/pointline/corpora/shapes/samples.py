"""Our own record: JSON lines (or an array) of samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.json_files import decode
from pointline.corpora.json_pieces import raw_records
from pointline.corpora.reading import ReaderSettings
from pointline.errors import InputFault
from pointline.sample import Sample


class Samples(ReaderSettings, frozen=True, kw_only=True):
    """Nothing beyond what every reader can be told."""


def read(paths: Iterable[Path], settings: Samples, report: Report) -> Iterator[Sample]:
    """Read samples; a missing id is made by the conversion.

    Raises InputFault with file, line and field.
    """
    decoder = msgspec.json.Decoder(Sample)
    plain = msgspec.json.Decoder()
    for path in paths:
        for line, raw in raw_records(path, report, settings.encoding):
            report.path, report.line = path, line
            try:
                yield decode(decoder, raw, report)
            except InputFault as fault:
                if "missing required field `id`" not in fault.what:
                    raise
                record = decode(plain, raw, report)
                if not isinstance(record, dict):
                    raise
                again = msgspec.json.encode({"id": "", **record})
                yield decode(decoder, again, report)

"""What was wrong with the answers in a file of predictions, counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from pointline import jsonl


class _Line(msgspec.Struct):
    problems: list[str] | None = None


def troubles(path: str | Path) -> dict[str, int]:
    """How many predictions of a file have each of the `problems`, the most frequent first.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.jsonl")
    >>> _ = path.write_text('{"problems": ["truncated"]}\\n{}\\n{"problems": ["wrong_marks", "truncated"]}\\n')
    >>> troubles(path)
    {'truncated': 2, 'wrong_marks': 1}
    """
    found: Counter[str] = Counter()
    decode = msgspec.json.Decoder(_Line).decode
    for _, line in jsonl.lines(path):
        if b'"problems":' in line:
            found.update({problem.partition(":")[0] for problem in decode(line).problems or ()})
    return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))

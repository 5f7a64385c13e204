"""The public face: every name is there, documented, and nothing else leaks."""

from __future__ import annotations

from pathlib import Path

import pointline as pl


def test_every_name_is_documented() -> None:
    assert pl.__all__ == sorted(pl.__all__)
    for name in set(pl.__all__) - {"__version__"}:
        assert getattr(pl, name).__doc__, name


def test_read_write_score(tmp_path: Path) -> None:
    gold = [pl.Sample("1", "play jazz", labels=["PlayMusic"], entities=[pl.Entity("genre", "jazz", 5, 9)])]
    assert pl.write(tmp_path / "a.jsonl", gold) == 1
    assert list(pl.read(tmp_path / "a.jsonl")) == gold
    score = pl.score(gold, tmp_path / "a.jsonl")
    assert {name: score[name].f1 for name in ("TL", "WL", "ALL")} == {"TL": 100.0, "WL": 100.0, "ALL": 100.0}

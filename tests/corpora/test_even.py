"""Runs of even columns: taken as even only where every line is, and then cut as block by block."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.corpora.even import even_blocks
from pointline.corpora.files import blocks_in
from pointline.errors import InputFault

ROWS = ["語\tO", "a\tB-x", "a b\tO", "a", "", "\t", "a\tO\tO", " ", "a\t", "\u3000\tO"]
LINES = st.lists(st.sampled_from(ROWS), max_size=9)


@given(LINES, st.sampled_from("\t "), st.integers(0, 3))
def test_even_means_every_line(lines: list[str], mark: str, ends: int) -> None:
    text = "\n".join(lines) + "\n" * ends
    width, blocks = even_blocks(text, mark)
    widths = {len(line.split(mark)) for line in text.rstrip("\n").split("\n") if line}
    gaps = "\n\n\n" in text.rstrip("\n") or text.startswith("\n")
    assert bool(width) == (len(widths) == 1 and widths != {1} and not gaps)
    if width:
        assert widths == {width}
        assert blocks == text.rstrip("\n").split("\n\n")
        if all(line.strip() for block in blocks for line in block.split("\n")):
            assert blocks == [block for _, block in blocks_in(text, 1)]


@pytest.mark.parametrize("odd", ["\t\n", "# c\n", "-DOCSTART-\tO\n\n"])
def test_a_run_reads_the_same_with_an_odd_block_behind(file, odd: str) -> None:
    even = "a\tB-x\nb\tI-x\n\nc\tO\n\n"
    request = Request("columns", options=("lang=en", "scheme=BIO", "tag=-1"))
    alone = list(convert([file("a.conll", even)], request, Report()))
    together = list(convert([file("b.conll", even + odd)], request, Report()))
    assert [(s.text, s.entities) for s in together][:2] == [(s.text, s.entities) for s in alone]


def test_the_line_of_a_fault_behind_even_runs(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(("a" * 60 + "\tO\n\n") * 30_000 + "b\tI-x\n\nc\tQ-x\tO\nd\tO\n", encoding="utf-8")
    report = Report()
    with pytest.raises(InputFault, match="2 column"):
        list(convert([path], Request("columns", options=("lang=en", "scheme=BIO")), report))
    assert report.places["orphan_tag"] == [f"{path}:60001: 'I-x'"]
    assert report.line == 60_004

"""The stream of records: nothing lost, every fault with file and line."""

from __future__ import annotations

import gzip
import io
import logging
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline import jsonl
from pointline.errors import InputFault
from pointline.sample import Entity, Sample

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 9), names), max_size=4))
    entities = sorted(
        (Entity(kind, text[a : a + n], a, min(a + n, len(text))) for a, n, kind in spans),
        key=lambda e: (e.start, e.end, e.type),
    )
    return Sample(
        draw(names),
        text,
        labels=draw(st.none() | st.lists(names, max_size=2)),
        entities=draw(st.sampled_from([None, entities])),
        meta=draw(st.dictionaries(names, st.integers(-9, 9), max_size=2)),
    )


@given(st.lists(samples(), max_size=5))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, written: list[Sample]) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    assert jsonl.write(path, written) == len(written)
    assert list(jsonl.read(path)) == written


def test_null_and_empty_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    jsonl.write(path, [Sample("1", "a", labels=[], entities=None), Sample("2", "b", entities=[])])
    first, second = jsonl.read(path)
    assert (first.labels, first.entities) == ([], None)
    assert (second.labels, second.entities) == (None, [])
    assert b'"labels":[]' in path.read_bytes()


def test_a_span_without_offsets_keeps_its_nulls(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    jsonl.write(path, [Sample("1", "a", entities=[Entity("X", "b")])])
    assert b'"start":null,"end":null' in path.read_bytes()
    assert next(iter(jsonl.read(path))).entities == [Entity("X", "b", None, None)]


FAULTY = [
    (b'{"id": "1", "text": "a"}\n{"id": "2", "text": "b\xff"}', 2, "not UTF-8"),
    (b'{"id": "1", "text": "\\ud83d"}', 1, "lone surrogate"),
    (b'{"id": "1", "text": "a", "labels": "x"}', 1, "labels"),
    (b'{"id": "1", "text": "a", "lables": []}', 1, "lables"),
    (b'{"id": "1", "text": "ab", "entities": [{"type": "X", "text": "b", "start": 0, "end": 1}]}', 1, "entities[0]"),
    (b'{"id": "1", "text": "ab", "entities": [{"type": "X", "text": "b", "start": 1, "end": 9}]}', 1, "entities[0]"),
    (b'{"id": "1", "text": "ab", "entities": [{"type": "X", "text": "b", "start": 1}]}', 1, "entities[0]"),
    (b'{"id": "", "text": "ab"}', 1, "id"),
    (b'{"id": "1", "te', 1, "not JSON"),
    (b"[1, 2]", 1, "object"),
    (b'{"id": "1"}\n', 1, "text"),
]


@pytest.mark.parametrize(("content", "line", "word"), FAULTY)
def test_faults_name_file_line_and_field(tmp_path: Path, content: bytes, line: int, word: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputFault) as caught:
        list(jsonl.read(path))
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert word in message
    assert "; " in message
    assert "\n" not in message


def test_deep_nesting_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_bytes(b'{"id": "1", "text": "a", "meta": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}")
    with pytest.raises(InputFault, match="nested too deeply"):
        list(jsonl.read(path))


def test_bom_crlf_and_blank_lines_are_handled_and_the_bom_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "1", "text": "a"}\r\n\r\n{"id": "2", "text": "b"}\r\n')
    with caplog.at_level(logging.WARNING, "pointline"):
        assert [s.id for s in jsonl.read(path)] == ["1", "2"]
    assert "byte order mark" in caplog.text


def test_missing_file_folder_and_broken_gzip(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="No such file"):
        list(jsonl.read(tmp_path / "no.jsonl"))
    with pytest.raises(InputFault, match=r"folder|directory"):
        list(jsonl.read(tmp_path))
    packed = tmp_path / "a.jsonl.gz"
    jsonl.write(packed, [Sample("1", "a" * 1000)])
    assert gzip.decompress(packed.read_bytes()).startswith(b'{"id":"1"')
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(InputFault, match="gzip"):
        list(jsonl.read(packed))


def test_an_interrupted_write_leaves_nothing_and_the_old_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    jsonl.write(path, [Sample("1", "old")])

    def stream() -> object:
        yield Sample("2", "new")
        raise RuntimeError("pulled the plug")

    with pytest.raises(RuntimeError):
        jsonl.write(path, stream())  # type: ignore[arg-type]
    assert [s.text for s in jsonl.read(path)] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_lone_surrogate_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="lone surrogate"):
        jsonl.write(tmp_path / "a.jsonl", [Sample("1", "\ud800")])
    assert not list(tmp_path.iterdir())


def test_stdin_and_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrapped:
        buffer = io.BytesIO(b'{"id": "1", "text": "a"}\n')

    monkeypatch.setattr(sys, "stdin", Wrapped)
    assert [s.text for s in jsonl.read("-")] == ["a"]


@pytest.mark.slow
def test_a_million_samples_stream_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    jsonl.write(path, (Sample(str(i), "play jazz by miles", labels=["x"]) for i in range(1_000_000)))
    code = (
        "import resource, sys; from pointline import jsonl\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "n = sum(1 for _ in jsonl.read(sys.argv[1]))\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count == 1_000_000
    assert grown < 8_000, f"{grown} kB more (limits: {resource.getpagesize()} byte pages)"

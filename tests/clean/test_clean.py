"""Cleaning as a whole: its laws, on files that collide a lot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline import jsonl
from pointline.clean import scan as scan_file
from pointline.clean.corpus import clean, clean_corpora, folder_splits
from pointline.clean.keys import text_key
from pointline.clean.rules import CleanSettings
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.sample import Entity, Sample

TEXTS = [
    "play jazz by Miles",
    "play  jazz by Miles ",
    "東京で寿司を食べた",
    "東京で　寿司を食べた",
    "北京今天天气很好",
    "not to be",
    "12 34 56 78",
    "hm",
    "Straße nach Köln",
    "",
]
few = settings(max_examples=50)
RULES = ["default", "iepile-published"]


@st.composite
def rows(draw: st.DrawFn) -> Sample:
    text = draw(st.sampled_from(TEXTS))
    labels = draw(st.sampled_from([None, [], ["a"], ["b"]]))
    entities = draw(st.sampled_from([None, [], [Entity("T", text[:2], 0, 2)] if len(text) > 1 else []]))
    task = draw(st.sampled_from([{}, {}, {"task": "re"}]))
    return Sample("", text, labels=labels, entities=entities, meta=dict(task))


def corpora(minimum: int = 0) -> st.SearchStrategy[dict[str, list[Sample]]]:
    files = {split: st.lists(rows(), min_size=minimum, max_size=12) for split in ("train", "dev", "test")}
    return st.fixed_dictionaries(files).map(numbered)


def numbered(corpus: dict[str, list[Sample]]) -> dict[str, list[Sample]]:
    return {
        split: [msgspec.structs.replace(sample, id=f"{split}-{i}") for i, sample in enumerate(samples)]
        for split, samples in corpus.items()
    }


def written(corpus: dict[str, list[Sample]], folder: Path) -> dict[str, Path]:
    for split, samples in corpus.items():
        jsonl.write(folder / f"{split}.jsonl", samples)
    return folder_splits(folder)


def cleaned(corpus: dict[str, list[Sample]], rules: str = "default", workers: int = 1) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        quick = CleanSettings(rules=rules, workers=workers, audit_limit=0, near="off")  # type: ignore[arg-type]
        clean(written(corpus, Path(folder, "in")), out, quick)
        return {path.name: path.read_bytes().replace(folder.encode(), b"") for path in sorted(out.iterdir())}


def read_back(files: dict[str, bytes]) -> dict[str, list[Sample]]:
    decoder = msgspec.json.Decoder(Sample)
    return {split: decoder.decode_lines(files[f"{split}.jsonl"]) for split in ("train", "dev", "test")}


@few
@given(corpora(), st.sampled_from(RULES))
def test_kept_and_dropped_are_what_was_read(corpus: dict[str, list[Sample]], rules: str) -> None:
    files = cleaned(corpus, rules)
    kept = read_back(files)
    dropped = [json.loads(line) for line in files["dropped.jsonl"].splitlines()]
    report = json.loads(files["report.json"])
    ids = {sample.id: sample for samples in corpus.values() for sample in samples}
    for entry in report["files"]:
        split = entry["split"]
        here = [row for row in dropped if row["file"] == split]
        assert entry["read"] == len(corpus[split]) == entry["kept"] + sum(entry["dropped"].values())
        assert entry["kept"] == len(kept[split])
        assert sum(entry["dropped"].values()) == len(here)
        assert {sample.id for sample in kept[split]} | {row["id"] for row in here} == {s.id for s in corpus[split]}
        assert all(sample == ids[sample.id] for sample in kept[split])
        for row in here:
            assert corpus[split][row["line"] - 1].id == row["id"]
            assert row["reason"] in entry["dropped"]
            if "twin" in row:
                assert text_key(ids[row["twin"]].text) == text_key(row["text"])
                assert row["twin"] != row["id"]


@few
@given(corpora(), st.sampled_from(RULES))
def test_cleaning_twice_changes_nothing(corpus: dict[str, list[Sample]], rules: str) -> None:
    once = cleaned(corpus, rules)
    twice = cleaned(read_back(once), rules)
    for split in ("train.jsonl", "dev.jsonl", "test.jsonl"):
        assert twice[split] == once[split]
    assert twice["dropped.jsonl"] == b""


@few
@given(corpora(), st.sampled_from(RULES), st.randoms(use_true_random=False))
def test_order_does_not_change_which_texts_survive(corpus: dict[str, list[Sample]], rules: str, random: object) -> None:
    def surviving(files: dict[str, bytes]) -> dict[str, set[str]]:
        return {split: {text_key(s.text) for s in samples} for split, samples in read_back(files).items()}

    before = surviving(cleaned(corpus, rules))
    for samples in corpus.values():
        random.shuffle(samples)  # type: ignore[attr-defined]
    assert surviving(cleaned(corpus, rules)) == before


@few
@given(corpora())
def test_no_test_text_stays_in_train_or_dev(corpus: dict[str, list[Sample]]) -> None:
    kept = read_back(cleaned(corpus))
    tested = {text_key(sample.text) for sample in corpus["test"]}
    assert not tested & {text_key(s.text) for s in kept["train"] + kept["dev"]}


@few
@given(corpora())
def test_within_a_file_no_annotation_contradicts_another(corpus: dict[str, list[Sample]]) -> None:
    for samples in read_back(cleaned(corpus)).values():
        said: dict[tuple[str, object, str], object] = {}
        seen = set()
        for sample in samples:
            key, task = text_key(sample.text), sample.meta.get("task")
            assert (key, task, repr(sample.labels), repr(sample.entities)) not in seen
            seen.add((key, task, repr(sample.labels), repr(sample.entities)))
            for level in ("labels", "entities"):
                value = getattr(sample, level)
                if value is not None:
                    plain = [(e.type, text_key(e.text)) for e in value] if level == "entities" else value
                    assert said.setdefault((key, task, level), plain) == plain


@few
@given(corpora(minimum=4), st.sampled_from(RULES))
def test_chance_fingerprints_do_not_matter(corpus: dict[str, list[Sample]], rules: str) -> None:
    right = cleaned(corpus, rules)
    true_print = scan_file.fingerprint
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan_file, "fingerprint", lambda data: true_print(data) % 2)
        assert cleaned(corpus, rules) == right


def test_conflict_duplicate_leak_and_quality_are_told_apart(tmp_path: Path) -> None:
    texts = [
        "play some jazz",
        "play some jazz",
        "play more jazz",
        "play more jazz",
        "stop the music",
        "1 2 3 4 5",
        "ok",
    ]
    labels = [["a"], ["a"], ["a"], ["b"], ["a"], ["a"], None]
    train = [Sample(f"t{i}", text, labels=said) for i, (text, said) in enumerate(zip(texts, labels, strict=True))]
    corpus = {"train": train, "dev": [Sample("d0", "stop  the music")], "test": [Sample("e0", "stop the music")]}
    report = clean(written(corpus, tmp_path / "in"), tmp_path / "out")
    why = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").read_bytes().splitlines()]
    assert [(row["id"], row["reason"], row.get("twin")) for row in why] == [
        ("t1", "duplicate", "t0"),
        ("t2", "conflict", "t3"),
        ("t3", "conflict", "t2"),
        ("t4", "in_test", "e0"),
        ("t5", "non_alphabetic", None),
        ("t6", "too_short", None),
        ("d0", "in_test", "e0"),
    ]
    assert [(s.files, s.texts) for s in report.shared] == [
        (("train", "dev"), 1),
        (("train", "test"), 1),
        (("dev", "test"), 1),
    ]


def test_published_rules_leave_dev_alone_but_for_its_own_repeats(tmp_path: Path) -> None:
    same = Sample("x", "play jazz", labels=["a"])
    other = Sample("y", "play jazz", labels=["b"])
    corpus = {"train": [same, other], "dev": [same, other], "test": [same]}
    report = clean(written(corpus, tmp_path / "in"), tmp_path / "out", CleanSettings(rules="iepile-published"))
    assert [(entry.kept, entry.dropped) for entry in report.files] == [
        (0, {"duplicate": 1, "in_test": 1}),
        (1, {"duplicate": 1}),
        (1, {}),
    ]


def test_several_corpora_at_once(tmp_path: Path) -> None:
    texts = ["play some jazz", "book a table", "stop the music"]
    one = [Sample(f"o{i}", text, labels=["a"]) for i, text in enumerate(texts)]
    files = {
        "one": written({"train": one, "test": [Sample("t", texts[0])]}, tmp_path / "a"),
        "two": written({"train": one[2:], "test": [Sample("u", texts[1])]}, tmp_path / "b"),
    }
    clean_corpora(files, tmp_path / "out")
    why = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").read_bytes().splitlines()]
    assert [(row["id"], row["reason"], row["twin"], row["file"]) for row in why] == [
        ("o0", "in_test", "t", "one/train"),
        ("o1", "in_other_test", "u", "one/train"),
    ]
    assert [s.id for s in jsonl.read(tmp_path / "out" / "one" / "train.jsonl")] == ["o2"]
    assert [s.id for s in jsonl.read(tmp_path / "out" / "two" / "train.jsonl")] == ["o2"]
    with pytest.raises(Refusal, match="name"):
        clean_corpora({"../up": files["one"]}, tmp_path / "out")


def test_same_bytes_whatever_hash_seed_and_workers(tmp_path: Path) -> None:
    texts = [f"{verb} {n} {name}" for n in range(400) for verb in ("play", "stop") for name in ("miles", "東京")]
    samples = [Sample(f"i{i}", text, labels=[str(i % 3)]) for i, text in enumerate(texts + texts[::3])]
    folder = tmp_path / "in"
    written({"train": samples, "test": samples[::50]}, folder)
    code = (
        "import sys, pathlib\n"
        "from pointline.clean import scan\nfrom pointline.clean.corpus import clean, folder_splits\n"
        "from pointline.clean.rules import CleanSettings\n"
        "if __name__ == '__main__':\n"
        "    scan.CHUNK = 4096\n"
        "    clean(folder_splits(sys.argv[1]), sys.argv[2], CleanSettings(workers=int(sys.argv[3])))\n"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    results = []
    for seed, workers in (("0", 1), ("1", 1), ("2", 2)):
        out = tmp_path / f"out{seed}"
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, str(script), str(folder), str(out), str(workers)], check=True, env=env)
        results.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert results[0] == results[1]
    for files in results:
        report = json.loads(files.pop("report.json"))
        assert report["files"][0]["kept"] > 0
    assert results[0] == results[2]


ODD = (
    b'\xef\xbb\xbf{"id": "1", "text": "play some jazz"}\r\n'
    b"\r\n"
    b'  {"id": "2", "text": "play  some jazz"}  \r\n'
    b'{"id": "3", "text": "stop the music"}'
)


def test_bom_crlf_blank_lines_and_a_missing_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(ODD)
    report = clean({"train": tmp_path / "a.jsonl"}, tmp_path / "out")
    assert (report.files[0].read, report.files[0].kept) == (3, 2)
    assert [s.id for s in jsonl.read(tmp_path / "out" / "train.jsonl")] == ["1", "3"]
    assert b"\r" not in (tmp_path / "out" / "train.jsonl").read_bytes()
    dropped = json.loads((tmp_path / "out" / "dropped.jsonl").read_bytes())
    assert (dropped["id"], dropped["twin"], dropped["line"]) == ("2", "1", 3)


def test_gzip_is_read(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl.gz", [Sample("1", "play jazz"), Sample("2", "play jazz")])
    clean({"train": tmp_path / "a.jsonl.gz"}, tmp_path / "out")
    assert [s.id for s in jsonl.read(tmp_path / "out" / "train.jsonl")] == ["1"]


def test_an_empty_file_is_a_clean_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert clean({"train": tmp_path / "a.jsonl"}, tmp_path / "out").files[0].read == 0
    assert (tmp_path / "out" / "train.jsonl").read_bytes() == b""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("line", "word"),
    [(b'{"id": "1", "te', "not JSON"), (b'{"id": "1"}', "text"), (b'{"id": "1", "text": "a\xff"}', "UTF-8")],
)
def test_faults_name_the_line_and_nothing_is_written(tmp_path: Path, line: bytes, word: str, workers: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": "0", "text": "play jazz"}\n\n' + line + b"\n")
    with pytest.raises(InputFault, match=f"a.jsonl:3: .*{word}"):
        clean({"train": path}, tmp_path / "out", CleanSettings(workers=workers))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "lines",
    [
        b'{"id":"1","text":"play jazz"}{"id":"2","text":"stop it all"}\n\n',
        b'{"id":"1","text":"play"}\n{"id":"2",\n"text":"stop it"}\n{"id":"3","text":"a"}{"id":"4","text":"b"}\n',
        b'[{"id":"1","text":"play jazz"}]\n',
        b'"play jazz"\n',
    ],
)
def test_objects_that_are_not_one_a_line_are_refused(tmp_path: Path, lines: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines)
    with pytest.raises(InputFault, match=r"a.jsonl:[12]: "):
        clean({"train": tmp_path / "a.jsonl"}, tmp_path / "out", CleanSettings(rules="iepile-published"))


def test_repeated_samples_must_be_in_form(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": "0", "text": "play jazz"}\n{"id": "1", "text": "play jazz", "labels": 3}\n')
    with pytest.raises(InputFault, match=r"a.jsonl:2: labels: "):
        clean({"train": path}, tmp_path / "out")


def test_what_cannot_be_cleaned_is_refused(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl", [Sample("1", "play jazz")])
    with pytest.raises(Refusal, match="stdin"):
        clean({"train": "-"}, tmp_path / "out")
    with pytest.raises(SettingsFault, match="nothing"):
        clean({}, tmp_path / "out")
    with pytest.raises(Refusal, match="valid"):
        clean({"valid": tmp_path / "a.jsonl"}, tmp_path / "out")
    with pytest.raises(InputFault, match=r"none.jsonl: No such file"):
        clean({"train": tmp_path / "none.jsonl"}, tmp_path / "out")
    clean({"train": tmp_path / "a.jsonl", "dev": tmp_path / "a.jsonl"}, tmp_path / "out")
    with pytest.raises(Refusal, match=r"dev.jsonl of another run"):
        clean({"train": tmp_path / "a.jsonl"}, tmp_path / "out")
    with pytest.raises(InputFault, match=r"train\.jsonl"):
        folder_splits(tmp_path / "in")


def test_a_corpus_can_be_cleaned_in_place(tmp_path: Path) -> None:
    written({"train": [Sample("1", "play jazz"), Sample("2", "play jazz")]}, tmp_path)
    clean(folder_splits(tmp_path), tmp_path)
    assert [s.id for s in jsonl.read(tmp_path / "train.jsonl")] == ["1"]


def test_a_line_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_file, "CHUNK", 64)
    monkeypatch.setattr(scan_file, "LONGEST_LINE", 256)
    jsonl.write(tmp_path / "a.jsonl", [Sample("1", "play jazz " * 100)])
    with pytest.raises(InputFault, match="longer than"):
        clean({"train": tmp_path / "a.jsonl"}, tmp_path / "out")

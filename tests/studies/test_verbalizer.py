"""The light verbalizer from files to verdict, told lists, shots, and lists that a server gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_samples import made

from pointline import jsonl
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.sample import Entity, Sample
from pointline.studies.verbalizer.belonging import belonging
from pointline.studies.verbalizer.finding import Finder
from pointline.studies.verbalizer.listing import Sources, lists_of, named
from pointline.studies.verbalizer.mixing import WEIGHTS, mixed, weight_of
from pointline.studies.verbalizer.settings import VerbalizerSettings
from pointline.studies.verbalizer.shots import few_shots, held_back, label_of, labelled
from pointline.studies.verbalizer.told import listed, read_lists, write_lists

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from pointline.studies.verbalizer.judging import judge_together  # noqa: E402
from pointline.studies.verbalizer.running import Study  # noqa: E402
from pointline.studies.verbalizer.study import read_result, run  # noqa: E402

QUICK = ("max_steps=4", "hidden=32", "word_width=32")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    for name, count, seed in (("train", 60, 0), ("test", 30, 2)):
        jsonl.write(tmp_path / f"{name}.jsonl", made(count, seed))
    (tmp_path / "types.toml").write_text('name = "Call"\nplace = "Book"\n')
    write_lists(tmp_path / "lists.toml", {"Call": ["call", "now"], "Book": ["book", "a trip"]})
    arms = ("plain", "origin", "all-words", "wli-texts", "wli-types")
    settings = VerbalizerSettings(arms, seeds=2, shots=5, weight="log-odds")
    sources = Sources(str(tmp_path / "lists.toml"), str(tmp_path / "types.toml"))
    files = (str(tmp_path / name) for name in ("train.jsonl", "test.jsonl", "out"))
    return Study(*files, settings=settings, sources=sources, tagger=QUICK)


def test_from_files_to_verdict(study: Study) -> None:
    result = run(study)
    assert [arm.arm for arm in result.arms] == list(study.settings.arms)
    assert len(result.deltas) == 9
    assert read_result(study.out) == result
    origin = next(arm for arm in result.arms if arm.arm == "origin")
    assert origin.mean == 100  # its words tell the labels apart in every text
    assert origin.runs[0].covered == 1
    assert not list(Path(study.out).rglob("model"))
    told = [path.read_bytes() for path in sorted(Path(study.out).rglob("*.json*"))]
    again = msgspec.structs.replace(study, out=study.out + "2")
    run(again)
    assert told == [path.read_bytes() for path in sorted(Path(again.out).rglob("*.json*"))]
    judge_together([result, result])
    assert all(delta.p_holm >= delta.test.p for delta in result.deltas)


def test_runs_are_kept_and_others_refused(study: Study) -> None:
    one = msgspec.structs.replace(study, settings=msgspec.structs.replace(study.settings, seeds=1))
    run(one)
    path = next(Path(study.out).rglob("origin-seed0/answers.jsonl"))
    before = path.stat().st_mtime_ns
    assert len(run(study).arms[0].values) == 2
    assert path.stat().st_mtime_ns == before
    for other in (
        msgspec.structs.replace(study, tagger=()),
        msgspec.structs.replace(study, settings=msgspec.structs.replace(study.settings, source="shots")),
    ):
        with pytest.raises(Refusal, match="holds runs on other data"):
            run(other)


def test_what_cannot_be_studied_is_said(study: Study, tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="--told"):
        run(msgspec.structs.replace(study, sources=Sources(), out=study.out + "2"))
    bare = msgspec.structs.replace(study, settings=VerbalizerSettings(shots=0), out=study.out + "3")
    with pytest.raises(Refusal, match="without shots"):
        run(bare)
    jsonl.write(study.test, [Sample("1", "a", labels=["x", "y"])])
    with pytest.raises(Refusal, match="several labels"):
        run(study)
    write_lists(tmp_path / "a.json", {"Cal": ["x"]})
    with pytest.raises(InputFault, match="did you mean 'Call'"):
        read_lists(tmp_path / "a.json", ["Call"])
    (tmp_path / "b.toml").write_text("Call = [1]")
    with pytest.raises(InputFault, match="list of words"):
        read_lists(tmp_path / "b.toml", ["Call"])
    with pytest.raises(SettingsFault, match="nothing to learn from"):
        VerbalizerSettings(shots=0, aggregate="learned")


def test_held_shots_are_in_no_list_that_weighs_them(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from pointline.studies.verbalizer import light

    seen = []
    real = light.verbalized

    def spied(folder, shots, test, lists, blind):  # type: ignore[no-untyped-def]
        seen.append((shots, blind))
        return real(folder, shots, test, lists, blind)

    monkeypatch.setattr(light, "verbalized", spied)
    settings = VerbalizerSettings(("plain", "wli-texts"), seeds=1, shots=10, source="shots", shared=True)
    run(msgspec.structs.replace(study, settings=settings))
    ((shots, blind),) = seen
    assert shots.held
    expected = lists_of("wli-texts", shots.learn, ["Book", "Call"], settings, Sources())
    assert blind.words == expected.words


WORDS = st.text('ab"\\ 中カ\n', min_size=1, max_size=5).filter(lambda word: word.strip())


@given(st.dictionaries(st.text("ab.中 ", min_size=1, max_size=3), st.lists(WORDS, max_size=4), min_size=1, max_size=3))
def test_told_lists_come_back(tmp_path_factory: pytest.TempPathFactory, table: dict[str, list[str]]) -> None:
    folder = tmp_path_factory.mktemp("lists")
    for name in ("lists.toml", "lists.json"):
        write_lists(folder / name, table)
        assert read_lists(folder / name, table) == listed(dict(sorted(table.items())))


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40), st.integers(1, 6), st.integers(0, 3))
def test_shots_are_nested_and_even(labels: list[str], shots: int, seed: int) -> None:
    samples = [Sample(str(at), "", labels=[label]) for at, label in enumerate(labels)]
    few, more = few_shots(samples, shots, seed), few_shots(samples, shots + 2, seed)
    assert {s.id for s in few} <= {s.id for s in more}
    for label in set(labels):
        assert sum(label_of(s) == label for s in few) == min(shots, labels.count(label))
    assert few == few_shots(samples[::-1], shots, seed)
    learn, held = held_back(few)
    assert {label_of(s) for s in learn} == set(labels)
    assert len(learn) + len(held) == len(few)


def test_words_are_found_in_any_script() -> None:
    lists = listed({"A": ["free jazz", "tea"], "B": ["下雨", "雨"], "C": ["ジャズ"]})
    texts = ["Free jazz, tea and tea!", "teapot", "今天会下雨吗", "ジャズを聞く"]
    found = Finder(lists).counts(Sample(str(at), text) for at, text in enumerate(texts))
    assert found.tolist() == [[2, 0, 0], [0, 0, 0], [0, 2, 0], [0, 0, 1]]


@given(st.lists(st.tuples(st.floats(-5, 0), st.floats(-5, 0), st.integers(0, 3), st.integers(0, 1)), max_size=8))
def test_a_weight_is_chosen_by_likelihood(rows: list[tuple[float, float, int, int]]) -> None:
    said = np.array([row[:2] for row in rows]).reshape(len(rows), 2)
    found = np.array([[row[2], 0] for row in rows], dtype=float).reshape(len(rows), 2)
    gold = [row[3] for row in rows]
    best = weight_of(said, found, gold)
    assert best in WEIGHTS
    if rows:
        at = np.arange(len(rows))
        likely = {w: mixed(said, found, w)[at, gold].mean() for w in WEIGHTS}
        assert likely[best] == pytest.approx(max(likely.values()))


def test_types_belong_by_name_or_majority() -> None:
    rows = [
        Sample(str(at), "", labels=["Book"], entities=[Entity("place", "x"), Entity("Call", "y")]) for at in range(2)
    ]
    rows.append(Sample("9", "", labels=["Call"], entities=[Entity("place", "x"), Entity("time", "z")]))
    assert belonging(rows) == {"Call": "Call", "place": "Book", "time": "Call"}
    assert named(listed({"bookTrip": [], "b": ["w"]})) == (
        listed({"bookTrip": ["book trip"], "b": ["w"]}),
        ["bookTrip"],
    )


def test_the_control_takes_every_word() -> None:
    rows = [Sample("1", "play jazz", "en", ["Play"], [Entity("x", "jazz")]), Sample("2", "book it", "en", ["Book"], [])]
    found = lists_of("all-words", rows, ["Book", "Play"], VerbalizerSettings(), Sources())
    assert found.words == {"Book": {"book": 1, "it": 1}, "Play": {"jazz": 1, "play": 1}}


def test_only_one_label_a_text() -> None:
    with pytest.raises(Refusal, match="no sample has a text label"):
        labelled([Sample("1", "a")], "train")


def test_opening_the_verb_loads_no_torch() -> None:
    code = "import sys, pointline, pointline.cli.app; assert not {'torch', 'transformers', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

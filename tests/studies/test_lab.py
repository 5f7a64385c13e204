"""The lab from files to verdict on made samples, with the embedded model."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_samples import made

from pointline import jsonl
from pointline.errors import InputFault, PointlineError, Refusal, SettingsFault
from pointline.sample import Entity, Sample
from pointline.studies.mre.arms import ARMS, dressed, questions, undressed
from pointline.studies.mre.informants import informants
from pointline.studies.mre.learners import Learner
from pointline.studies.mre.plan import Run, part_of, plan
from pointline.studies.mre.running import Study
from pointline.studies.mre.settings import MreSettings
from pointline.studies.mre.study import judge_together, read_result, run

pytest.importorskip("torch")
pytest.importorskip("scipy")
QUICK = Learner(words=("max_steps=4", "hidden=32", "word_width=32"))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    for name, count, seed in (("train", 60, 0), ("dev", 20, 1), ("test", 30, 2)):
        jsonl.write(tmp_path / f"{name}.jsonl", made(count, seed))
    files = (str(tmp_path / f"{name}.jsonl") for name in ("train", "dev", "test"))
    settings = MreSettings(seeds=2, sizes=(50.0,))
    return Study(*files, str(tmp_path / "out"), QUICK, settings)


def _patiently(study: Study) -> None:
    """Run again as soon as the workers of a killed run have noticed that nobody listens any more."""
    deadline = time.monotonic() + 120
    while True:
        try:
            run(study)
        except PointlineError as fault:
            if "another run" not in str(fault) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def told(study: Study) -> dict[str, bytes]:
    """Every file that a study leaves."""
    out = Path(study.out)
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_arms_of_every_kind_from_files_to_verdict(study: Study) -> None:
    arms = ("joint", "text", "word", "text+gold", "text+shuffled", "word+predicted", "word+random")
    result = run(msgspec.structs.replace(study, settings=MreSettings(arms, seeds=1, sizes=(50.0,))))
    assert [(arm.arm, arm.figure) for arm in result.arms if arm.arm in ("joint", "text", "word")] == [
        ("joint", "TL"), ("joint", "WL"), ("text", "TL"), ("word", "WL"),
    ]  # fmt: skip
    assert {delta.question for delta in result.deltas} == {question.name for question in questions(arms)}
    assert len(result.deltas) == 7
    assert set(result.verdict.values()) == {"too little data to tell"}, "one seed says nothing of other trainings"
    assert read_result(study.out) == result
    golden = next(arm for arm in result.arms if (arm.arm, arm.figure) == ("text+gold", "TL"))
    assert len(golden.values) == 1
    left = {path.name for path in Path(study.out).rglob("*")}
    assert "model" not in left


def test_workers_and_a_kill_change_nothing(study: Study) -> None:
    run(study)
    once = told(study)
    other = msgspec.structs.replace(
        study, out=study.out + "2", settings=msgspec.structs.replace(study.settings, workers=2)
    )
    process = multiprocessing.get_context("spawn").Process(target=run, args=(other,))
    process.start()
    deadline = time.monotonic() + 60
    while not list(Path(other.out).rglob("answers.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    _patiently(other)
    again = told(other)
    assert again.keys() == once.keys()
    assert {name for name in once if once[name] != again[name]} <= {"mre.json"}  # it names the workers
    assert read_result(other.out).deltas == read_result(study.out).deltas


def test_another_study_in_the_folder_is_refused(study: Study) -> None:
    run(study)
    with pytest.raises(Refusal, match="holds runs on other data"):
        run(msgspec.structs.replace(study, learner=Learner(words=("max_steps=9",))))
    more = msgspec.structs.replace(study, settings=MreSettings(seeds=3, sizes=(50.0,)))
    assert len(run(more).arms[0].values) == 3


def test_derived_labels_stay_out(study: Study) -> None:
    samples = list(jsonl.read(study.test))
    for sample in samples[:20]:
        sample.meta["label_derived"] = True
    jsonl.write(study.test, samples)
    result = run(study)
    assert (result.n, result.left_out) == (10, 20)
    for sample in samples:
        sample.meta["label_derived"] = True
    jsonl.write(study.test, samples)
    with pytest.raises(Refusal, match="derived from the words"):
        run(msgspec.structs.replace(study, out=study.out + "2"))


def test_what_cannot_be_studied_is_said(study: Study) -> None:
    jsonl.write(study.dev or "", [Sample("1", "a", labels=["x"])])
    with pytest.raises(InputFault, match="word level"):
        run(study)
    with pytest.raises(SettingsFault, match="no arm"):
        MreSettings(arms=("joint", "txt"))


def test_results_of_several_data_sets_are_corrected_together(study: Study) -> None:
    result = run(study)
    overall = judge_together([result, msgspec.convert(msgspec.to_builtins(result), type(result))])
    assert set(overall) == set(result.verdict)
    for delta in result.deltas:
        assert delta.p_holm == pytest.approx(min(1.0, 2 * delta.test.p))


def test_larger_parts_hold_smaller_ones() -> None:
    train = made(100)
    ids = [{s.id for s in part_of(train, Run("text", size, 3), 2)[0]} for size in (1, 10, 50, 100)]
    assert [len(part) for part in ids] == [1, 10, 50, 100]
    assert ids[0] < ids[1] < ids[2] < ids[3]
    kept, held = part_of(train, Run("text", 50, 3, fold=1), 2)
    assert {s.id for s in kept} | {s.id for s in held} == ids[2]
    assert not {s.id for s in kept} & {s.id for s in held}


def test_a_wave_needs_only_the_waves_before() -> None:
    done: set[Run] = set()
    for wave in plan(MreSettings(arms=tuple(ARMS), seeds=2, sizes=(1, 10))):
        for one in wave:
            assert set(one.told_by(2)) <= done
        done |= set(wave)


@given(st.lists(st.text("ab中😀 :;", min_size=1, max_size=6), min_size=2, max_size=5), st.sampled_from(sorted(ARMS)))
def test_dressing_moves_no_offset(texts: list[str], name: str) -> None:
    samples = [
        Sample(str(at), text, labels=[f"l{at}"], entities=[Entity("T", text, 0, len(text))])
        for at, text in enumerate(texts)
    ]
    arm = ARMS[name]
    known = informants(samples, arm.given, 0, {s.id: s for s in samples}) if arm.given else {}
    seen = dressed(samples, arm, known)
    assert all(other.text.startswith(sample.text) or not arm.given for other, sample in zip(seen, samples, strict=True))
    back = undressed(seen, samples)
    for answer, sample in zip(back, samples, strict=True):
        assert answer.text == sample.text
        assert answer.labels == (None if arm.levels == "word" else sample.labels)
        assert answer.entities == (None if arm.levels == "text" else sample.entities)


def test_random_annotations_do_not_depend_on_the_text() -> None:
    samples = made(50)
    drawn = informants(samples, "random", seed=1)
    assert drawn == informants(list(reversed(samples)), "random", seed=1)
    assert sum(drawn[s.id].labels == s.labels for s in samples) < 40
    assert {label for s in drawn.values() for label in s.labels or ()} == {"Book", "Call"}


def test_splits_may_share_ids_and_texts_seen_in_train_are_counted(study: Study) -> None:
    jsonl.write(study.test, made(5, 0))
    arms = ("word", "word+predicted")
    result = run(msgspec.structs.replace(study, settings=MreSettings(arms, seeds=1, sizes=(50.0,))))
    assert (result.seen, result.n) == (5, 5)


def test_a_run_that_could_not_begin_leaves_the_folder_free(study: Study, tmp_path: Path) -> None:
    for name, content, match in (("no.jsonl", None, "no.jsonl"), ("bad.jsonl", b"\xff\n", "bad.jsonl:1")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputFault, match=match):
            run(msgspec.structs.replace(study, train=str(tmp_path / name)))
    assert run(study).n == 30


@pytest.mark.slow
def test_a_generative_model_is_studied_alike(study: Study) -> None:
    words = ("format=plain", "max_steps=3", "width=48", "layers=1")
    learner = Learner("new:causal", words)
    settings = MreSettings(("text", "word", "word+gold"), seeds=1, sizes=(50.0,))
    result = run(msgspec.structs.replace(study, learner=learner, settings=settings))
    assert {arm.figure for arm in result.arms} == {"TL", "WL"}

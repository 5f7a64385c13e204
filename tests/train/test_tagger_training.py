"""Fitting a tagger on small data: it learns, resumes to the bit, and holds what is half annotated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import msgspec
import pytest

pytest.importorskip("torch")

from made_samples import made

from pointline import jsonl
from pointline.errors import Refusal, SettingsFault
from pointline.models.extractor import load
from pointline.sample import Sample
from pointline.train.dev import dev_score
from pointline.train.record import Progress
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining, chosen

QUICK = TaggerTraining(epochs=4, batch=16, hidden=16, readers=1, word_width=32, learning_rate=5e-3, dropout=0.2)


def weights(folder) -> bytes:
    return (folder / "weights.safetensors").read_bytes()


def test_a_learnable_set_is_learned(tmp_path):
    record = fit(made(300), made(40, seed=1), msgspec.structs.replace(QUICK, epochs=10), tmp_path)
    model = load(tmp_path)
    test = made(100, seed=2)
    score = dev_score(test, list(model.extract(test)))
    assert score.TL is not None
    assert score.WL is not None
    assert score.TL > 95
    assert score.WL > 95
    assert record.curve[-1].dev is not None
    assert (tmp_path / "training.json").exists()
    assert not (tmp_path / "checkpoint").exists()


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path):
    short = msgspec.structs.replace(QUICK, max_steps=5)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        fit(made(60), made(10, seed=1), msgspec.structs.replace(short, seed=seed), tmp_path / name)
    assert weights(tmp_path / "a") == weights(tmp_path / "b") != weights(tmp_path / "c")


class _Stop(Exception):
    pass


@pytest.mark.parametrize("stop", [4, 6, 9])
def test_a_resumed_training_ends_in_the_same_weights(tmp_path, stop):
    """Stopped at an epoch's end (4 batches an epoch) or in its middle."""

    def interrupt(progress: Progress) -> None:
        if progress.step == stop:
            raise _Stop

    train, dev = made(60), made(10, seed=1)
    whole = fit(train, dev, QUICK, tmp_path / "whole")
    with pytest.raises(_Stop):
        fit(train, dev, QUICK, tmp_path / "cut", progress=interrupt)
    cut = fit(train, dev, QUICK, tmp_path / "cut", resume=True)
    assert weights(tmp_path / "whole") == weights(tmp_path / "cut")
    assert cut.curve == whole.curve


def test_a_killed_training_resumes_to_the_same_weights(tmp_path):
    samples = tmp_path / "s.jsonl"
    jsonl.write(samples, made(60))
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent("""
        import sys, time
        from pointline import jsonl
        from pointline.train.tagger.settings import TaggerTraining
        from pointline.train.tagger import fit
        settings = TaggerTraining(epochs=4, batch=16, hidden=16, learning_rate=5e-3, dropout=0.2, readers=1)
        slow = lambda progress: time.sleep(float(sys.argv[3]))
        fit(jsonl.read(sys.argv[1]), None, settings, sys.argv[2], resume=True, progress=slow)
        """)
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    command = [sys.executable, str(script), str(samples)]
    checkpoint = tmp_path / "killed" / "checkpoint" / "state.safetensors"
    with subprocess.Popen([*command, str(tmp_path / "killed"), "0.2"], env=environment) as killed:
        deadline = time.monotonic() + 60
        while not checkpoint.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
    assert checkpoint.exists()
    assert not (tmp_path / "killed" / "model.json").exists()
    for name in ("killed", "whole"):
        subprocess.run([*command, str(tmp_path / name), "0"], env=environment | {"PYTHONHASHSEED": "8"}, check=True)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    def interrupt(progress: Progress) -> None:
        if progress.step == 5:
            raise _Stop

    with pytest.raises(_Stop):
        fit(made(60), None, QUICK, tmp_path, progress=interrupt)
    with pytest.raises(Refusal, match="other data, settings or versions"):
        fit(made(61), None, QUICK, tmp_path, resume=True)


def test_a_finished_training_is_not_run_again(tmp_path):
    short = msgspec.structs.replace(QUICK, max_steps=4)
    first = fit(made(30), None, short, tmp_path)
    told: list[Progress] = []
    assert fit(made(30), None, short, tmp_path, resume=True, progress=told.append) == first
    assert not told


@pytest.mark.parametrize(("levels", "labels", "words"), [("text", True, False), ("word", False, True)])
def test_one_level_alone(tmp_path, levels, labels, words):
    fit(made(60), None, msgspec.structs.replace(QUICK, levels=levels, max_steps=6), tmp_path)
    prediction = load(tmp_path).extract("call ann in oslo now")
    assert (prediction.labels is not None) == labels
    assert (prediction.entities is not None) == words


def test_a_dev_part_that_cannot_judge_leaves_the_last_epoch(tmp_path):
    unlabelled = [Sample(s.id, s.text, s.lang, s.labels) for s in made(10, seed=1)]
    record = fit(made(60), unlabelled, msgspec.structs.replace(QUICK, levels="word"), tmp_path)
    assert record.best_epoch == 3
    assert record.curve[-1].dev is None


def test_half_annotated_samples_train_what_they_have(tmp_path):
    samples = made(90)
    for sample in samples[:30]:
        sample.labels = None
    for sample in samples[30:60]:
        sample.entities = None
    samples.append(Sample("empty", "nothing here"))
    samples.append(Sample("blank", "  ", labels=["Call"]))
    record = fit(samples, made(20, seed=1), msgspec.structs.replace(QUICK, epochs=12), tmp_path)
    assert record.skipped == {"without annotation": 1, "without text": 1}
    score = dev_score(made(30, seed=3), list(load(tmp_path).extract(made(30, seed=3))))
    assert score.ALL is not None
    assert score.ALL > 60


def test_several_labels_a_text(tmp_path):
    samples = made(200)
    for sample in samples:
        marks = [name for name in ("call", "oslo", "rome", "now") if name in sample.text]
        sample.labels = marks
    fit(samples, samples[:20], msgspec.structs.replace(QUICK, epochs=25, hidden=32), tmp_path)
    model = load(tmp_path)
    [prediction] = model.extract(["call ann in oslo now"])
    assert prediction.labels == ["call", "now", "oslo"]
    [prediction] = model.extract(["book a trip to bonn for ann"])
    assert prediction.labels == []
    with pytest.raises(Refusal, match="multi"):
        fit(samples, None, msgspec.structs.replace(QUICK, multi="single"), tmp_path)


def test_nothing_to_learn_is_refused(tmp_path):
    with pytest.raises(Refusal, match="no sample to train on"):
        fit([Sample("1", "a")], None, QUICK, tmp_path)


def test_impossible_settings_are_refused():
    with pytest.raises(SettingsFault, match="dropout"):
        TaggerTraining(dropout=1.5)
    with pytest.raises(SettingsFault, match="preset"):
        TaggerTraining(preset="klingon")


def test_presets_follow_language_and_size():
    assert chosen(TaggerTraining(), [Sample("1", "あ", "ja")] * 5000).preset == "ja"
    small = chosen(TaggerTraining(), [Sample("1", "a", "en")] * 100)
    assert small.preset == "words"
    assert small.epochs == 40
    assert chosen(TaggerTraining(epochs=3), [Sample("1", "a", "en")] * 100).epochs == 3

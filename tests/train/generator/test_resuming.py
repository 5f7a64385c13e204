"""A killed training goes on and ends in the same bytes: in mid-epoch or at its end, with LoRA, packed, half cut."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("transformers")

from made_samples import made
from train.generator.tiny import TINY, folder, weights

from pointline import jsonl
from pointline.errors import InputFault, Refusal
from pointline.models.generator.card import GeneratorCard
from pointline.resume import exclusive
from pointline.train.generator.fitting import train_generator
from pointline.train.generator.settings import GeneratorTraining
from pointline.train.record import Progress

LORA = {"method": "lora", "lora_rank": 4, "substitution": 0.0}
CASES: dict[str, dict[str, Any]] = {
    "packed": {"model": "new:causal", "batching": "packed", "pack_length": 60, "dropout": 0.2},
    "seq2seq": {"model": "new:seq2seq", "batching": "grouped", "accumulate": 2},
    "lora": {"batching": "packed", "pack_length": 60, **LORA},
    "full": {"batching": "random", "schedule": "cosine", "optimizer": "adam"},
}


class Stop(Exception):
    pass


def settings(case: str, tmp_path: Path) -> GeneratorTraining:
    values = dict(CASES[case])
    if "model" not in values:
        values["model"] = str(folder(tmp_path / "base"))
    return msgspec.structs.replace(TINY, save_steps=2, **values)


def stopped_at(step: int) -> Any:
    def interrupt(progress: Progress) -> None:
        if progress.step == step:
            raise Stop

    return interrupt


@pytest.mark.parametrize("case", CASES)
def test_a_resumed_training_ends_in_the_same_weights_and_losses(tmp_path: Path, case: str) -> None:
    train, dev, chosen = made(40), made(6, 1), settings(case, tmp_path)
    whole = train_generator(train, dev, chosen, tmp_path / "whole")
    per_epoch = whole.curve[0].step
    assert per_epoch > 2
    for stop in (3, per_epoch + 1, whole.steps):
        out = tmp_path / f"cut{stop}"
        with pytest.raises(Stop):
            train_generator(train, dev, chosen, out, progress=stopped_at(stop))
        assert not (out / "model.json").exists()
        told: list[Progress] = []
        cut = train_generator(train, dev, chosen, out, resume=True, progress=told.append)
        assert weights(out) == weights(tmp_path / "whole") != {}
        assert (cut.curve, cut.losses) == (whole.curve, whole.losses)
        assert told[0].step > 1
        assert not (out / "checkpoint").exists()


def test_one_seed_gives_the_same_weights_another_others(tmp_path: Path) -> None:
    short = msgspec.structs.replace(TINY, max_steps=3)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train_generator(made(30), None, msgspec.structs.replace(short, seed=seed), tmp_path / name)
    assert weights(tmp_path / "a") == weights(tmp_path / "b") != weights(tmp_path / "c")


def test_a_half_cut_checkpoint_gives_way_to_the_one_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    train, dev, chosen = made(40), made(6, 1), msgspec.structs.replace(TINY, save_steps=2)
    train_generator(train, dev, chosen, tmp_path / "whole")
    for name, harm in (("optimizer.pt", 100), ("complete.json", None), ("model.safetensors", 50)):
        out = tmp_path / name
        with pytest.raises(Stop):
            train_generator(train, dev, chosen, out, progress=stopped_at(5))
        found = sorted(path.name for path in (out / "checkpoint").glob("checkpoint-*"))
        assert found == ["checkpoint-2", "checkpoint-4"]
        victim = out / "checkpoint" / "checkpoint-4" / name
        victim.unlink() if harm is None else os.truncate(victim, harm)
        with caplog.at_level(logging.WARNING, "pointline"):
            caplog.clear()
            train_generator(train, dev, chosen, out, resume=True)
        assert "going back to the one before" in caplog.text
        assert weights(out) == weights(tmp_path / "whole")


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Stop):
        train_generator(made(40), None, TINY, tmp_path, progress=stopped_at(6))
    with pytest.raises(Refusal, match="other data, settings, model or versions"):
        train_generator(made(41), None, TINY, tmp_path, resume=True)


def test_a_finished_training_is_not_run_again(tmp_path: Path) -> None:
    short = msgspec.structs.replace(TINY, max_steps=2)
    first = train_generator(made(20), None, short, tmp_path)
    told: list[Progress] = []
    assert train_generator(made(20), None, short, tmp_path, resume=True, progress=told.append) == first
    assert not told


def test_a_training_killed_while_its_folder_is_written_ends_in_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: GeneratorCard, folder: Path) -> None:
        raise Stop

    short = msgspec.structs.replace(TINY, max_steps=3)
    whole = train_generator(made(20), None, short, tmp_path / "whole")
    with monkeypatch.context() as patched:
        patched.setattr(GeneratorCard, "write", killed)
        with pytest.raises(Stop):
            train_generator(made(20), None, short, tmp_path / "cut")
    assert not (tmp_path / "cut" / "model.json").exists()
    told: list[Progress] = []
    cut = train_generator(made(20), None, short, tmp_path / "cut", resume=True, progress=told.append)
    assert not told
    assert cut.curve == whole.curve
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole") != {}
    assert (tmp_path / "cut" / "model.json").exists()


def test_two_trainings_into_one_folder_are_refused(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(InputFault, match="another run is writing it"):
        train_generator(made(20), None, TINY, tmp_path)


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_weights(tmp_path: Path) -> None:
    samples = tmp_path / "s.jsonl"
    jsonl.write(samples, made(40))
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent("""
        import sys, time, msgspec
        from pointline import jsonl
        from pointline.train.generator.fitting import train_generator
        from train.generator.tiny import TINY
        settings = msgspec.structs.replace(TINY, save_steps=2, model="new:causal")
        slow = lambda progress: time.sleep(float(sys.argv[3]))
        train_generator(jsonl.read(sys.argv[1]), None, settings, sys.argv[2], resume=True, progress=slow)
        """)
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    command = [sys.executable, str(script), str(samples)]
    root = tmp_path / "killed" / "checkpoint"
    with subprocess.Popen([*command, str(tmp_path / "killed"), "0.4"], env=environment) as killed:
        deadline = time.monotonic() + 120
        while not any(root.glob("checkpoint-*/optimizer.pt")) and time.monotonic() < deadline:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
    assert any(root.glob("checkpoint-*"))
    assert not (tmp_path / "killed" / "model.json").exists()
    for name in ("killed", "whole"):
        subprocess.run([*command, str(tmp_path / name), "0"], env=environment | {"PYTHONHASHSEED": "8"}, check=True)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole") != {}

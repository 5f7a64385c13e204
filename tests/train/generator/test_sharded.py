"""FSDP, two processes on the CPU: the same weights and losses as data parallelism, saved whole, resumed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("accelerate")

from made_samples import made
from train.generator.tiny import folder, weights

from pointline import jsonl, load
from pointline.train.generator.record import GeneratorRecord

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = Path(__file__).with_name("fsdp_on_cpu.py")
FSDP = {
    "ACCELERATE_USE_FSDP": "true",
    "ACCELERATE_USE_CPU": "true",
    "FSDP_VERSION": "2",
    "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
    "FSDP_RESHARD_AFTER_FORWARD": "true",
    "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT",
    "FSDP_CPU_RAM_EFFICIENT_LOADING": "false",
}


def train(tmp_path: Path, out: str, *more: str, **environment: str) -> int:
    """Train in two processes; returns the exit code."""
    words = ["train", tmp_path / "train.jsonl", "--dev", tmp_path / "dev.jsonl", "--model", tmp_path / "base"]
    words += ["--max-steps", 6, "--out", tmp_path / out, *more]
    settings = ("batch=4", "learning_rate=0.005", "warm_up=0", "save_steps=2", "threads=1", "dev_samples=0")
    words += [f"--set={word}" for word in settings]
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29519"]
    paths = {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [*launch, str(SCRIPT), *map(str, words)]
    done = subprocess.run(command, env=os.environ | paths | environment, capture_output=True, text=True, timeout=300)
    print(done.stderr)
    return done.returncode


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--lora",)], ids=["full", "lora"])
def test_shards_train_as_copies_do(tmp_path: Path, more: tuple[str, ...]) -> None:
    jsonl.write(tmp_path / "train.jsonl", made(40))
    jsonl.write(tmp_path / "dev.jsonl", made(6, 1))
    folder(tmp_path / "base")
    assert train(tmp_path, "copies", *more) == 0
    assert train(tmp_path, "shards", *more, **FSDP) == 0
    assert train(tmp_path, "stopped", *more, **FSDP, POINTLINE_TEST_STOP="2") != 0
    assert not (tmp_path / "stopped" / "model.json").exists()
    assert train(tmp_path, "stopped", *more, "--resume", **FSDP) == 0
    names = ("copies", "shards", "stopped")
    copies, shards, stopped = (
        msgspec.json.decode((tmp_path / name / "training.json").read_bytes(), type=GeneratorRecord) for name in names
    )
    assert (copies.devices, copies.select, shards.select) == (2, "loss", "loss")
    for other in (shards, stopped):
        for (step, loss), (same, wanted) in zip(other.losses, copies.losses, strict=True):
            assert (step, loss) == (same, pytest.approx(wanted, abs=1e-5))
    from safetensors.torch import load as read

    [wanted], *found = (list(map(read, weights(tmp_path / name).values())) for name in names)
    for [other] in found:
        assert other.keys() == wanted.keys()
        assert all((other[key] - wanted[key]).abs().max() < 1e-5 for key in wanted)
    assert load(tmp_path / "shards").extract("Book a table") is not None

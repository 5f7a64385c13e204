"""Several processes train one model: the same weights as one process that accumulates; the shipped configurations."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("accelerate")

from made_samples import made
from train.generator.tiny import folder, weights

from pointline import jsonl

ROOT = Path(__file__).resolve().parents[3]
CONFIGS = sorted((ROOT / "examples" / "accelerate").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_accelerate_reads_the_configuration(path: Path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(path))
    assert config.num_processes > 1
    assert config.distributed_type.value in ("MULTI_GPU", "MULTI_CPU", "FSDP", "DEEPSPEED")


def test_there_are_configurations() -> None:
    assert [path.stem for path in CONFIGS] == ["ddp-cpu", "ddp", "deepspeed-zero3", "fsdp"]


@pytest.mark.slow
def test_two_processes_train_as_one_that_accumulates(tmp_path: Path) -> None:
    """Two devices read a batch each for one step; one device reads both in turn."""
    jsonl.write(tmp_path / "train.jsonl", made(40))
    jsonl.write(tmp_path / "dev.jsonl", made(6, 1))
    base = folder(tmp_path / "base")
    words = ["train", tmp_path / "train.jsonl", "--dev", tmp_path / "dev.jsonl", "--model", base, "--max-steps", 6]
    words += [f"--set={word}" for word in ("batch=4", "learning_rate=0.005", "warm_up=0", "save_steps=2", "threads=1")]
    launch = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29517", "-m", "pointline"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}

    def run(start: list[str], out: Path, *more: str) -> None:
        command = [sys.executable, *start, *map(str, words), "--out", str(out), *more]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr

    run(launch, tmp_path / "two")
    run(["-m", "pointline"], tmp_path / "one", "--set", "accumulate=2")
    [two], [one] = weights(tmp_path / "two").values(), weights(tmp_path / "one").values()
    from safetensors.torch import load

    found, wanted = load(two), load(one)
    assert found.keys() == wanted.keys()
    assert all((found[name] - wanted[name]).abs().max() < 1e-4 for name in wanted)
    import msgspec

    from pointline.train.generator.record import GeneratorRecord

    records = [
        msgspec.json.decode((tmp_path / name / "training.json").read_bytes(), type=GeneratorRecord)
        for name in ("two", "one")
    ]
    assert records[0].devices == 2
    assert [step for step, _ in records[0].losses] == [step for step, _ in records[1].losses]
    for (_, a), (_, b) in zip(records[0].losses, records[1].losses, strict=True):
        assert a == pytest.approx(b, abs=1e-4)

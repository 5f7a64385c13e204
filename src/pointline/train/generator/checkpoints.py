"""Checkpoints of a generator's training: written by Trainer, vouched for by us, found again after a kill."""

from __future__ import annotations

import logging
import os
import re
import shutil
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.train.generator.model import digest_of
from pointline.train.generator.record import GeneratorRecord

log = logging.getLogger("pointline")

VOUCHER = "complete.json"
PROGRESS = "progress.json"


def vouch(folder: Path, record: GeneratorRecord) -> None:
    """Write the record, then, last, the hashes of all files: a checkpoint without them is not whole."""
    with jsonl.writing(folder / PROGRESS) as file:
        file.write(msgspec.json.encode(record))
    hashes = {path.name: digest_of(path) for path in _files(folder)}
    with jsonl.writing(folder / VOUCHER) as file:
        file.write(msgspec.json.encode(hashes))


def newest(root: Path) -> tuple[Path, GeneratorRecord] | None:
    """The newest whole checkpoint and its record; broken newer ones are passed over with a word, and removed."""
    found = sorted(root.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]), reverse=True)
    for folder in found:
        if _whole(folder):
            return folder, record_of(folder)
        log.warning("%s: the checkpoint is not whole; going back to the one before", folder)
        shutil.rmtree(folder)
    return None


def record_of(folder: Path) -> GeneratorRecord:
    """The record as it stood at a checkpoint."""
    return msgspec.json.decode((folder / PROGRESS).read_bytes(), type=GeneratorRecord)


def best_folder(root: Path, step: int) -> Path:
    """Where the best model stands that was seen at `step`."""
    return root / f"best-{step}"


def forget_bests(root: Path) -> None:
    """Remove the best models that no whole checkpoint names any more."""
    wanted = {record_of(folder).best_step for folder in root.glob("checkpoint-*") if (folder / VOUCHER).exists()}
    for folder in root.glob("best-*"):
        if re.fullmatch(r"best-\d+", folder.name) and int(folder.name[5:]) not in wanted:
            shutil.rmtree(folder)


def place(source: Path, target: Path) -> None:
    """Put the files of `source` into `target`, each whole at once, and take weights of an older model away.

    Files are linked where the disk allows it: nothing large is copied.
    """
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.json").unlink(missing_ok=True)
    names = {path.name for path in _files(source)}
    for old in target.iterdir():
        if old.name not in names and (old.suffix == ".safetensors" or old.name.startswith(("adapter_", "tokenizer"))):
            old.unlink()
    for path in _files(source):
        aside = target / f".{path.name}.part"
        aside.unlink(missing_ok=True)
        try:
            os.link(path, aside)
        except OSError:
            shutil.copyfile(path, aside)
        os.replace(aside, target / path.name)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != VOUCHER)


def _whole(folder: Path) -> bool:
    try:
        hashes = msgspec.json.decode((folder / VOUCHER).read_bytes(), type=dict[str, str])
        return all(digest_of(folder / name) == digest for name, digest in hashes.items())
    except (OSError, msgspec.DecodeError):
        return False

"""What happens between the steps: noise seeded, losses noted, dev judged, the best kept, checkpoints vouched for."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from pointline.train.dev import DevScore
from pointline.train.draws import number
from pointline.train.generator import checkpoints
from pointline.train.generator.dev import Judge
from pointline.train.generator.record import GeneratorRecord
from pointline.train.generator.trainer import Device, GeneratorTrainer
from pointline.train.record import Epoch, Progress

POINTS = 200
"""Losses noted in a whole training, about."""


class GeneratorCourse(TrainerCallback):  # type: ignore[misc]
    """Told by the trainer what it does; decides when to note, judge, save and stop.

    All of it hangs on the number of the step alone, so that a resumed training does the same.
    """

    def __init__(self, record: GeneratorRecord, per_epoch: int, root: Path, device: Device) -> None:
        self.record = record
        self._per_epoch = per_epoch
        self._root = root
        self._device = device
        self._every = max(1, record.steps // POINTS)
        self._started = (time.perf_counter(), time.process_time())
        self._before = (record.seconds, record.cpu_seconds)
        self.judge: Judge | None = None
        self.trainer: GeneratorTrainer | None = None
        self.progress: Callable[[Progress], None] | None = None

    def stale(self) -> bool:
        """Whether dev has not been bettered for longer than the settings allow."""
        patience, curve = self.record.settings.patience, self.record.curve
        return patience is not None and bool(curve) and curve[-1].epoch - self.record.best_epoch >= patience

    def on_step_begin(self, args: Any, state: Any, control: Any, **also: Any) -> None:
        """Seed all noise of the step: dropout is the same whatever happened before it."""
        torch.manual_seed(number(self.record.settings.seed, "noise", state.global_step, self._device.rank))

    def on_step_end(self, args: Any, state: Any, control: Any, **also: Any) -> None:
        """Say what is due after this step."""
        step = state.global_step
        ends = step % self._per_epoch == 0 or step == self.record.steps
        save = self.record.settings.save_steps
        due = ends or (save is not None and step % save == 0)
        control.should_save = due
        control.should_log = due or step % self._every == 0
        control.should_evaluate = ends
        self.record.step = step
        if self.progress is not None:
            self.progress(Progress(step, self.record.steps, self.record.curve[-1] if self.record.curve else None))

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **also: Any) -> None:
        """Note the mean loss since the last note."""
        if "loss" in logs:
            self.record.losses.append((state.global_step, logs["loss"]))

    def evaluate(self) -> None:
        """An epoch is over: judge it, and keep the model where it is the best so far."""
        assert self.trainer is not None
        record, step = self.record, self.record.step
        score, loss = self._judged()
        epoch = Epoch((step - 1) // self._per_epoch, step, round(self._epoch_loss(), 6), score, loss)
        worth = _worth(score, loss)
        best = next((old for old in record.curve if old.step == record.best_step), None)
        before = None if best is None else _worth(best.dev, best.dev_loss)
        if not before or worth is None or worth > before:
            record.best_epoch, record.best_step = epoch.epoch, step
            self._keep()
        record.curve.append(epoch)
        self.trainer.model.train()
        if self.stale():
            self.trainer.control.should_training_stop = True

    def saved(self, folder: str) -> None:
        """Vouch for a checkpoint, then let go of best models that none needs."""
        self._clock()
        checkpoints.vouch(Path(folder), self.record)
        checkpoints.forget_bests(self._root)

    def _judged(self) -> tuple[DevScore | None, float | None]:
        """What the judge says; where the first device alone answers dev, the others are told."""
        assert self.judge is not None
        if self._device.devices == 1 or self.record.select != "score":
            return self.judge()
        said = [self.judge() if self._device.rank == 0 else None]
        torch.distributed.broadcast_object_list(said, src=0)
        assert said[0] is not None
        return said[0]

    def _keep(self) -> None:
        """Save the model as the best, aside and then moved."""
        assert self.trainer is not None
        final = checkpoints.best_folder(self._root, self.record.best_step)
        aside = self._root / f".best-{self.record.best_step}.part"
        main = self.trainer.args.should_save
        if main:
            shutil.rmtree(aside, ignore_errors=True)
        self.trainer.save_model(str(aside), _internal_call=True)
        if main:
            (aside / "training_args.bin").unlink(missing_ok=True)
            shutil.rmtree(final, ignore_errors=True)
            aside.rename(final)

    def _epoch_loss(self) -> float:
        """Mean loss a token since the epoch before, each step weighing the same."""
        begin = self.record.curve[-1].step if self.record.curve else 0
        total, last = 0.0, begin
        for step, loss in self.record.losses:
            if step > begin:
                total += loss * (step - last)
                last = step
        return total / max(1, last - begin)

    def _clock(self) -> None:
        wall, cpu = self._started
        self.record.seconds = round(self._before[0] + time.perf_counter() - wall, 3)
        self.record.cpu_seconds = round(self._before[1] + time.process_time() - cpu, 3)


def _worth(score: DevScore | None, loss: float | None) -> float | None:
    """What is compared: the mean of the figures, or the loss, less being better; None: dev cannot judge.

    While nothing is right (0), a later epoch counts as better.
    """
    if score is not None and score.applies():
        return score.mean()
    return None if loss is None else -loss

"""Fit a generator: from samples or pairs to a model folder, resumable at every checkpoint."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from pointline.errors import Refusal
from pointline.models.generator.card import GeneratorCard
from pointline.resume import exclusive
from pointline.schema import Schema
from pointline.train.draws import number
from pointline.train.generator import checkpoints, collate
from pointline.train.generator.arguments import arguments, optimizer_of, quiet
from pointline.train.generator.course import GeneratorCourse
from pointline.train.generator.data import GeneratorData, Records, gather
from pointline.train.generator.dev import Answering, Judge, askable, chosen_dev, dev_loss, longest_completion
from pointline.train.generator.model import fingerprint, longest, open_model, precision_of, with_adapters
from pointline.train.generator.plan import Plan, Rows
from pointline.train.generator.record import GeneratorRecord, new_record
from pointline.train.generator.separation import require_separation
from pointline.train.generator.settings import GeneratorTraining, chosen
from pointline.train.generator.tokens import Example, Tokens, add_characters, substituted
from pointline.train.generator.trainer import Device, Feed, GeneratorTrainer
from pointline.train.record import Progress, finished, write

WORK = "checkpoint"


def train_generator(
    train: Records,
    dev: Records | None,
    settings: GeneratorTraining,
    out: str | Path,
    *,
    schema: Schema | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> GeneratorRecord:
    """Train a generative model on samples (written by the format set) or ready pairs; write it to the folder `out`.

    The folder holds Hugging Face's files, `model.json` and `training.json`. Without `dev`, 10 % of train is held back
    by a hash of the ids. The epoch that answers dev best is kept. With `resume` a killed training goes on from its
    last whole checkpoint, and ends in the same weights.
    Raises Refusal where there is nothing to learn, a sample would have to be cut, or a checkpoint belongs to another
    training; ModelFault where the model cannot be opened; InputFault where another run is writing `out`.
    """
    folder = Path(out)
    filled = chosen(settings)
    data = gather(train, dev, filled, schema)
    device = Device(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))
    record = new_record(data, filled, fingerprint(filled), precision_of(filled), device.devices)
    if resume and (done := finished(folder, record.identity, GeneratorRecord)):
        return done
    with contextlib.ExitStack() as stack:
        stack.enter_context(exclusive(folder) if device.rank == 0 else contextlib.nullcontext())
        stack.enter_context(quiet(filled.threads))
        training = GeneratorFit(data, record, folder, device)
        return training.run(resume, progress)


class GeneratorFit:
    """One training: the model, the examples, and the story from the first step to the folder."""

    def __init__(self, data: GeneratorData, record: GeneratorRecord, folder: Path, device: Device) -> None:
        self.data, self.record, self.folder, self.device = data, record, folder, device
        self.root = folder / WORK
        settings = self.settings = record.settings
        torch.manual_seed(number(settings.seed, "weights"))
        opened = open_model(settings, data.train)
        if settings.unknown == "add":
            record.added = add_characters(opened.tokenizer, opened.model, data.train, settings)
        limit = longest(opened, settings)
        self.tokens = Tokens(opened.tokenizer, opened.architecture, limit, settings.on_long)
        self.examples = self.tokens(data.train)
        if not self.examples:
            raise Refusal(f"no sample of train fits max_length = {limit}; raise it")
        record.skipped |= dict(sorted(self.tokens.dropped.items()))
        if settings.batching == "packed":
            require_separation(opened.model, self.examples, opened.tokenizer.pad_token_id)
        self.opened = opened._replace(model=with_adapters(opened, settings))
        self.plan = Plan.of([example.size for example in self.examples], settings, device.devices)
        assert settings.epochs is not None
        record.steps = self.plan.steps * settings.epochs
        if settings.max_steps is not None:
            record.steps = min(record.steps, settings.max_steps)
        record.architecture = opened.architecture
        record.tokens = sum(example.size for example in self.examples)
        record.parameters = self.opened.model.num_parameters()
        record.trained = self.opened.model.num_parameters(only_trainable=True)
        self.limit = limit

    def run(self, resume: bool, progress: Callable[[Progress], None] | None) -> GeneratorRecord:
        """Train to the end, or on from the last checkpoint; write the folder."""
        how = arguments(self.settings, self.record, self.root)
        with how.main_process_first(desc="find the checkpoint"):
            found = self._found(resume)
        if found is not None:
            if found[1].identity != self.record.identity:
                raise Refusal(
                    f"{self.folder}: the checkpoint is of a training with other data, settings, model or versions; "
                    "leave --resume out to start anew"
                )
            self.record = found[1]
        course = GeneratorCourse(self.record, self.plan.steps, self.root, self.device)
        course.progress = progress
        trainer = self._trainer(course, how)
        if self.record.step < self.record.steps and not course.stale():
            trainer.train(resume_from_checkpoint=None if found is None else str(found[0]))
        if self.device.rank == 0:
            self._write()
        trainer.accelerator.wait_for_everyone()
        return self.record

    def _write(self) -> None:
        """The best model's files, the card, the record; then the checkpoints go."""
        checkpoints.place(checkpoints.best_folder(self.root, self.record.best_step), self.folder)
        self._card().write(self.folder)
        write(self.folder, self.record)
        shutil.rmtree(self.root)

    def _card(self) -> GeneratorCard:
        settings = self.settings
        return GeneratorCard(
            format=settings.format,
            schema=self.data.ask.schema,
            architecture=self.opened.architecture,
            tasks=settings.tasks or None,
            lang=settings.lang,
            max_length=self.limit,
            training={"identity": self.record.identity, "base": settings.model, "method": settings.method},
        )

    def _found(self, resume: bool) -> tuple[Path, GeneratorRecord] | None:
        """The checkpoint to go on from; without one, what an earlier training left is cleared away."""
        found = checkpoints.newest(self.root) if resume else None
        if found is None and self.device.rank == 0:
            shutil.rmtree(self.root, ignore_errors=True)
            (self.folder / "model.json").unlink(missing_ok=True)
        return found

    def _trainer(self, course: GeneratorCourse, how: Any) -> GeneratorTrainer:
        feed = Feed(self.plan, self.record.steps, self._epoch, self._collate, self.device)
        trainer = GeneratorTrainer(
            feed,
            self.settings.smoothing,
            model=self.opened.model,
            processing_class=self.opened.tokenizer,
            args=how,
            optimizer_cls_and_kwargs=optimizer_of(self.settings),
            callbacks=[course],
        )
        course.trainer, trainer.course = trainer, course
        course.judge = self._judge(trainer)
        return trainer

    def _epoch(self, epoch: int) -> list[Example]:
        """An epoch's examples; where a substituted one does not fit, the original."""
        last = epoch == (self.record.steps - 1) // self.plan.steps
        pairs = self.data.epoch(epoch, last, self.settings)
        if pairs is self.data.train:
            return self.examples
        return substituted(self.tokens, self.examples, pairs)

    def _collate(self, examples: list[Example], rows: Rows) -> dict[str, torch.Tensor]:
        if self.settings.batching == "packed":
            return collate.packed(examples, rows, self.opened.tokenizer.pad_token_id)
        return self._plain(examples, rows)

    def _judge(self, trainer: GeneratorTrainer) -> Judge:
        """By answers where dev has samples and one process holds the whole model; else by dev's loss."""
        lenient = Tokens(self.opened.tokenizer, self.opened.architecture, self.limit, "drop")
        pairs = lenient(self.data.dev_pairs)
        asked = askable(self.data.dev, self.settings.format, self.data.ask)
        samples = chosen_dev(asked, self.settings.dev_samples)
        answering = Answering(self.opened, self._card(), longest_completion(pairs))
        sharded = trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled
        self.record.select = "score" if samples and not sharded else "loss" if pairs else "last"

        def judge() -> Any:
            if self.record.select == "score":
                return answering(samples), None
            if self.record.select == "loss":
                rows = [[[i] for i in range(at, min(at + 8, len(pairs)))] for at in range(0, len(pairs), 8)]
                batches = (self._plain(pairs, part) for part in rows)
                return None, dev_loss(trainer.model_wrapped, batches, trainer.args.device)
            return None, None

        return judge

    def _plain(self, examples: list[Example], rows: Rows) -> dict[str, torch.Tensor]:
        pad = self.opened.tokenizer.pad_token_id
        if self.opened.architecture == "seq2seq":
            return collate.encoded(examples, rows, pad, self.opened.start)
        return collate.padded(examples, rows, pad)

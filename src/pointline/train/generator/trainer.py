"""transformers' Trainer with our order of batches, our loss on completions alone, and our checkpoints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from transformers import PrinterCallback, ProgressCallback, Trainer

from pointline.train.generator.collate import IGNORED, idle, inputs_of
from pointline.train.generator.plan import Plan, Rows
from pointline.train.generator.tokens import Example


class Device(NamedTuple):
    """Which of how many devices this process drives."""

    rank: int
    devices: int


class Feed:
    """The batches of one device, from step `at()` to the end: what a resumed training goes on with.

    examples: the samples of an epoch; collate: rows of them as tensors.
    """

    def __init__(
        self,
        plan: Plan,
        steps: int,
        examples: Callable[[int], list[Example]],
        collate: Callable[[list[Example], Rows], dict[str, Tensor]],
        device: Device,
    ) -> None:
        self._plan, self._steps, self._examples, self._collate, self._device = plan, steps, examples, collate, device
        self.at: Callable[[], int] = lambda: 0

    def __len__(self) -> int:
        return self._steps * self._plan.together // self._device.devices

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        plan = self._plan
        step = self.at()
        while step < self._steps:
            epoch, within = divmod(step, plan.steps)
            examples = self._examples(epoch)
            batches = plan.epoch([example.size for example in examples], epoch)
            for rows in batches[within * plan.together :][self._device.rank :: self._device.devices]:
                yield self._collate(examples, rows) if rows else idle(self._collate(examples, [[0]]))
            step = (epoch + 1) * plan.steps


class Course(Protocol):
    """Who decides what happens between the steps."""

    def evaluate(self) -> None:
        """Judge the model; all devices call it."""

    def saved(self, folder: str) -> None:
        """A checkpoint's files stand in `folder`; only the main process calls it."""


class GeneratorTrainer(Trainer):  # type: ignore[misc]
    """A Trainer whose loss is the cross-entropy of the completions' tokens, averaged over all tokens of a step."""

    def __init__(self, feed: Feed, smoothing: float, **rest: Any) -> None:
        super().__init__(compute_loss_func=_never, **rest)
        self.course: Course | None = None
        self.loss_is_scaled_for_ga = True
        self._loss_shifts_labels = False
        self._smoothing = smoothing
        self._feed = feed
        feed.at = lambda: self.state.global_step
        forward = getattr(self.model, "get_base_model", lambda: self.model)().forward
        self._keeps = "logits_to_keep" in inspect.signature(forward).parameters
        self.remove_callback(PrinterCallback)
        self.remove_callback(ProgressCallback)

    def get_train_dataloader(self) -> Any:
        """Our own feed: it knows its device and where a resumed training stands."""
        return self._feed

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Sum over the wanted tokens, divided by those of the whole step, on all devices."""
        loss = token_losses(model, inputs, self._smoothing, self._keeps)
        if num_items_in_batch is None:
            num_items_in_batch = inputs["labels"].ne(IGNORED).sum()
        share = self.accelerator.num_processes if self.args.average_tokens_across_devices else 1
        return loss * (share / torch.clamp(torch.as_tensor(num_items_in_batch), min=1))

    def evaluate(self, *unused: Any, **also: Any) -> dict[str, float]:
        """The course judges; Trainer learns only that it was done."""
        assert self.course is not None
        self.course.evaluate()
        self.control.should_evaluate = False
        return {}

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        if self.args.should_save:
            assert self.course is not None
            self.course.saved(f"{self.args.output_dir}/checkpoint-{self.state.global_step}")


def token_losses(model: Any, batch: dict[str, Any], smoothing: float = 0.0, keeps: bool = False) -> Tensor:
    """The summed cross-entropy of the wanted tokens of a batch.

    With `keeps` the output layer works only where some row wants a token: most of a batch is prompts.
    """
    labels, inputs = batch["labels"], inputs_of(batch)
    if keeps:
        places = labels.ne(IGNORED).any(0).nonzero().squeeze(1)
        labels = labels[:, places]
        inputs["logits_to_keep"] = places
    logits = model(**inputs).logits.float()
    return F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]),
        labels.reshape(-1),
        ignore_index=IGNORED,
        reduction="sum",
        label_smoothing=smoothing,
    )


def _never(*unused: Any, **also: Any) -> Tensor:
    """Trainer counts a step's tokens only where a loss function is given; `compute_loss` is what is called."""
    raise NotImplementedError

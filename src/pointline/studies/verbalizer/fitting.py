"""Few-shot training: the labels' cross entropy through the word lists, on transformers' Trainer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import transformers
from torch import Tensor

from pointline.sample import Sample
from pointline.studies.verbalizer.shots import label_of
from pointline.train.draws import number
from pointline.train.generator.arguments import quiet

if TYPE_CHECKING:
    from pointline.studies.verbalizer.prompting import Prompted

DECAY = 0.01
WEIGHTS_RATE = 1e-2
"""Learning rate of the learned word weights, which begin equal."""


class _Few(torch.nn.Module):
    """Trainer's view: rows are numbers of texts."""

    def __init__(self, asker: Prompted, few: Sequence[Sample]) -> None:
        super().__init__()
        self.asker = asker
        self.texts = [sample.text for sample in few]

    def forward(self, at: Tensor, labels: Tensor) -> dict[str, Tensor]:
        scores = self.asker([self.texts[row] for row in at.tolist()])
        return {"loss": torch.nn.functional.cross_entropy(scores, labels), "scores": scores}


def fit(asker: Prompted, few: Sequence[Sample], seed: int) -> None:
    """Train in place, AdamW with a linear fall of the rate; the same seed gives the same weights on one machine."""
    gold = [asker.pieces.labels.index(label_of(sample)) for sample in few]
    rows = [{"at": at, "labels": label} for at, label in enumerate(gold)]
    with quiet(None), tempfile.TemporaryDirectory(prefix="pointline-") as folder:
        torch.manual_seed(number(seed, "verbalizer"))
        trainer = transformers.Trainer(
            model=_Few(asker, few), args=_arguments(asker, folder, seed), train_dataset=rows,
            optimizers=(_optimizer(asker), None),
        )  # fmt: skip
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    asker.eval()


def _arguments(asker: Prompted, folder: str, seed: int) -> Any:
    settings, cuda = asker.settings, torch.cuda.is_available()
    return transformers.TrainingArguments(
        output_dir=folder,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        seed=seed,
        remove_unused_columns=False,
        logging_strategy="no",
        eval_strategy="no",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        log_level="error",
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
    )


def _optimizer(asker: Prompted) -> torch.optim.Optimizer:
    """AdamW; no decay of biases, norms and word weights (Hu et al. 2022)."""
    plain: list[Any] = []
    decayed: list[Any] = []
    for parameter in asker.model.parameters():
        if parameter.requires_grad:
            (decayed if parameter.dim() > 1 else plain).append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0},
    ]  # fmt: skip
    if asker.weights is not None:
        groups.append({"params": [asker.weights], "weight_decay": 0.0, "lr": WEIGHTS_RATE})
    return torch.optim.AdamW(groups, lr=asker.settings.learning_rate)

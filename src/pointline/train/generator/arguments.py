"""Our settings in transformers' words, and its talk turned off."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import transformers

from pointline.train.generator.record import GeneratorRecord
from pointline.train.generator.settings import GeneratorTraining

KEPT = 2
"""Checkpoints kept: where the newest is broken, the one before takes its place."""


def arguments(settings: GeneratorTraining, record: GeneratorRecord, root: Path) -> transformers.TrainingArguments:
    """Trainer's arguments; when to log, judge and save is the course's matter, so all strategies are "no"."""
    schedule = "constant_with_warmup" if settings.schedule == "constant" else settings.schedule
    return transformers.TrainingArguments(
        output_dir=str(root),
        max_steps=record.steps,
        per_device_train_batch_size=settings.batch,
        gradient_accumulation_steps=settings.accumulate,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=schedule,
        warmup_steps=min(settings.warm_up or 0, record.steps // 5),
        optim="adamw_torch_fused",
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.clip,
        bf16=record.precision == "bf16",
        fp16=record.precision == "fp16",
        activation_checkpointing=settings.checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False} if settings.checkpointing else None,
        seed=settings.seed,
        save_total_limit=KEPT,
        logging_strategy="no",
        eval_strategy="no",
        save_strategy="no",
        logging_nan_inf_filter=False,
        report_to=[],
        disable_tqdm=True,
        log_level="error",
        ignore_data_skip=True,
        use_cpu=not torch.cuda.is_available(),
        ddp_backend="gloo" if record.devices > 1 and not torch.cuda.is_available() else None,
    )


def optimizer_of(settings: GeneratorTraining) -> tuple[Any, dict[str, Any]] | None:
    """Adam (Kingma & Ba 2015) with its decay in the gradient, where it was asked for; None: AdamW."""
    if settings.optimizer != "adam":
        return None
    return torch.optim.Adam, {"lr": settings.learning_rate, "betas": (0.9, 0.999), "eps": 1e-8}


@contextlib.contextmanager
def quiet(threads: int | None) -> Iterator[None]:
    """Let torch use so many threads, keep its random state for the caller, and transformers silent but for errors."""
    before = torch.get_num_threads(), transformers.logging.get_verbosity()
    if threads is not None:
        torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    accelerate = logging.getLogger("accelerate")
    level = accelerate.level
    accelerate.setLevel(logging.ERROR)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            for kind in (FutureWarning, DeprecationWarning):  # what libraries tell each other
                warnings.simplefilter("ignore", kind)
            yield
    finally:
        accelerate.setLevel(level)
        torch.set_num_threads(before[0])
        transformers.logging.set_verbosity(before[1])
        transformers.logging.enable_progress_bar()

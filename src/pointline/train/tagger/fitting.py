"""Fit a tagger: from samples to a model folder, resumable at every epoch."""

from __future__ import annotations

import contextlib
import copy
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec
import torch

from pointline.errors import Refusal
from pointline.models.tagger.collate import collate
from pointline.models.tagger.encode import Encoder
from pointline.models.tagger.example import Example
from pointline.models.tagger.network import Network
from pointline.models.tagger.reader import Output, Reader
from pointline.models.tagger.tagger import OVERLAP, WINDOW, Tagger
from pointline.models.windows import windows
from pointline.resume import exclusive
from pointline.sample import Sample
from pointline.train import augment
from pointline.train.dev import DevScore, dev_score
from pointline.train.draws import keyed, number
from pointline.train.record import Epoch, Progress, finished, write
from pointline.train.tagger import checkpoint
from pointline.train.tagger.batches import batches, drop, forget
from pointline.train.tagger.data import TrainingData, gather
from pointline.train.tagger.linking import Asking, Wanted, link_loss
from pointline.train.tagger.losses import joint_loss
from pointline.train.tagger.optimizer import optimizer_of
from pointline.train.tagger.record import TaggerRecord, new_record
from pointline.train.tagger.settings import TaggerTraining
from pointline.train.tagger.sizes import network_sizes


def fit(
    train: Iterable[Sample],
    dev: Iterable[Sample] | None,
    settings: TaggerTraining,
    out: str | Path,
    *,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> TaggerRecord:
    """Train a tagger and write it to the folder `out`, with `training.json` beside it.

    Without `dev`, 10 % of train is held back by a hash of the ids. After each epoch a checkpoint is moved into
    place; with `resume` a killed training goes on from it, and ends in the very same weights.
    Raises Refusal where there is nothing to learn or the checkpoint belongs to another training, InputFault where
    another run is writing `out`.
    """
    folder = Path(out)
    data = gather(train, dev, settings)
    record = new_record(data)
    if resume and (done := finished(folder, record.identity, TaggerRecord)):
        return done
    with exclusive(folder), _threads(data.settings.threads):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number(data.settings.seed, "weights"))
            training = _Training(data, record, folder)
            if resume:
                training.resume()
            training.run(progress)
        write(folder, training.record)
        shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    return training.record


class _Training:
    """The state of one training: network, optimizer, moving average, best weights, record."""

    def __init__(self, data: TrainingData, record: TaggerRecord, folder: Path) -> None:
        self.data = data
        self.record = record
        self.folder = folder
        self.settings = settings = data.settings
        self.encoder = Encoder(data.inventory, data.features)
        self.examples = [self._parts(sample) for sample in data.train]
        record.lost_entities = dict(sorted(self.encoder.lost.items()))
        self.values = augment.values(data.train) if settings.levels != "text" else {}
        self.network = Network(network_sizes(data))
        if self.network.pretrained is not None and data.weights is not None:
            self.network.pretrained.model.load_state_dict(data.weights)
        self.average = copy.deepcopy(self.network)
        self.best = copy.deepcopy(self.network)
        record.parameters = sum(p.numel() for p in self.network.parameters())
        assert settings.batch is not None
        assert settings.epochs is not None
        assert settings.learning_rate is not None
        self.batch = settings.batch
        per_epoch = -(-sum(map(len, self.examples)) // self.batch)
        self.steps = min(per_epoch * settings.epochs, settings.max_steps or per_epoch * settings.epochs)
        self.last_epoch = -(-self.steps // per_epoch) - 1
        structure = data.inventory.structure
        self.asking = Asking(structure, settings.negatives) if structure else None
        self.optimizer, self.rates = optimizer_of(self.network, settings)

    def run(self, progress: Callable[[Progress], None] | None) -> None:
        """Train to the end (or from where the record stands), keep the best, save the model."""
        started, cpu = time.perf_counter(), time.process_time()
        before, cpu_before = self.record.seconds, self.record.cpu_seconds
        while len(self.record.curve) <= self.last_epoch and not self._stale():
            self._epoch(len(self.record.curve), progress)
            self.record.seconds = round(before + time.perf_counter() - started, 3)
            self.record.cpu_seconds = round(cpu_before + time.process_time() - cpu, 3)
            checkpoint.write(self.folder, self._modules(), self.optimizer, self.record)
        Tagger(self.best, self.data.inventory, self.data.features).save(self.folder)

    def resume(self) -> None:
        """Go back to the last checkpoint, if there is one."""
        saved = checkpoint.read(self.folder, self._modules(), self.optimizer)
        if saved is None:
            return
        found = msgspec.json.decode(saved, type=TaggerRecord)
        if found.identity != self.record.identity:
            raise Refusal(
                f"{self.folder}: the checkpoint is of a training with other data, settings or versions; "
                "leave --resume out to start anew"
            )
        self.record = found

    def _epoch(self, epoch: int, progress: Callable[[Progress], None] | None) -> None:
        record, settings = self.record, self.settings
        examples = [part for parts in self._epoch_examples(epoch) for part in parts]
        total = 0.0
        count = 0
        self.network.train()
        for chosen in batches([e.size for e in examples], self.batch, settings.seed, epoch):
            if record.step == self.steps:
                break
            total += self._step([examples[i] for i in chosen])
            count += 1
            if progress is not None:
                progress(Progress(record.step, self.steps, record.curve[-1] if record.curve else None))
        dev = self._dev()
        if dev is None or all(dev.mean() > old.dev.mean() for old in record.curve if old.dev is not None):
            self.best.load_state_dict(self.average.state_dict())
            record.best_epoch = epoch
        record.curve.append(Epoch(epoch, record.step, round(total / max(1, count), 4), dev))

    def _step(self, examples: list[Example]) -> float:
        settings = self.settings
        step = self.record.step = self.record.step + 1
        self.network.noise.seed(number(settings.seed, "noise"), step)
        if self.network.pretrained is not None:
            torch.manual_seed(number(settings.seed, "encoder", step))
        noise = self.network.noise.generator
        examples = forget(examples, settings.gazetteer_dropout, noise)
        batch = collate(examples, len(self.data.inventory.labels or ()))
        batch = drop(batch, settings.word_dropout or 0, settings.feature_dropout or 0, noise)
        said = self.network.outputs(batch)
        losses = [joint_loss(self.network, batch, one, settings.crf_weight, settings.smoothing) for one in said]
        loss = torch.stack(losses).sum()
        if self.asking is not None:
            loss = loss + settings.link_weight * self._link_losses(said, self.asking(examples, noise))
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * self._schedule(step)
        self.optimizer.zero_grad(set_to_none=True)
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
        weight = 1 - min(settings.average, step / (step + 10))
        with torch.no_grad():
            for mean, parameter in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(parameter, weight)
        return float(loss.detach())

    def _link_losses(self, said: Sequence[Output], wanted: Wanted) -> torch.Tensor:
        """What the readers' heads lose on relations and events."""
        losses = []
        for reader, one in zip(self.network.readers, said, strict=True):
            events, links = cast(Reader, reader).joins(cast(torch.Tensor, one.states), wanted.asked)
            losses.append(link_loss(wanted, events, links, len(one.valid)))
        return torch.stack(losses).sum()

    def _schedule(self, step: int) -> float:
        """Linear warm-up, then linear decay to zero."""
        warm = max(1, round(self.settings.warm_up * self.steps))
        return step / warm if step < warm else (self.steps - step + 1) / (self.steps - warm + 1)

    def _epoch_examples(self, epoch: int) -> Iterable[list[Example]]:
        """The examples of one epoch, values substituted; the last epoch is clean."""
        rate = self.settings.substitution if epoch < self.last_epoch else 0
        for sample, parts in zip(self.data.train, self.examples, strict=True):
            new = sample
            if rate:
                new = augment.substitute(sample, self.values, rate, keyed(self.settings.seed, epoch, sample.id))
            yield parts if new is sample else self._parts(new)

    def _parts(self, sample: Sample) -> list[Example]:
        example = self.encoder.gold(sample)
        return [example.part(w.start, w.end) for w in windows(example.size, WINDOW, OVERLAP)]

    def _dev(self) -> DevScore | None:
        if not self.data.dev:
            return None
        self.average.eval()
        tagger = Tagger(self.average, self.data.inventory, self.data.features)
        score = dev_score(self.data.dev, tagger.extract(self.data.dev))
        return score if score.applies() else None

    def _stale(self) -> bool:
        record = self.record
        return len(record.curve) - 1 - record.best_epoch >= self.settings.patience

    def _modules(self) -> dict[str, torch.nn.Module]:
        return {"network": self.network, "average": self.average, "best": self.best}


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let torch use so many threads for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

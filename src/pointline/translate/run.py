"""From a file of samples to a folder: kept, review, dropped, a draw to check, a report; resumed from paid answers."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from pointline import jsonl, resume
from pointline.corpora.labelmap import apply
from pointline.llm import Client, Endpoint, Estimate
from pointline.llm.request import Request
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.translate import finding, prompt
from pointline.translate.asking import Asking, Steps
from pointline.translate.cascade import Cascade
from pointline.translate.driving import Faults, streamed
from pointline.translate.form import Form
from pointline.translate.labels import Chosen, choose
from pointline.translate.languages import Pair
from pointline.translate.looking import looked_over, pair_for
from pointline.translate.marks import Names
from pointline.translate.outcome import Outcome, ReviewRow
from pointline.translate.paper import Lines, question
from pointline.translate.papers_way import PapersWay
from pointline.translate.placing import Placing
from pointline.translate.retention import Report, Tally, markdown, paper_rows
from pointline.translate.reviewed import CheckSample, Precision
from pointline.translate.settings import TranslateSettings
from pointline.translate.units import units_of
from pointline.version import __version__

ANSWERS = "answers.db"
"""The file of paid answers in the output folder."""
FILES = ("kept.jsonl", "review.jsonl", "dropped.jsonl")


class Translation:
    """A file of samples and how it is translated. Raises a fault before anything is asked.

    source: the language of the samples; None = the one that they name.

    Raises InputFault for a faulty file, Refusal for an incomplete label map, mixed or unknown languages, MissingExtra.
    """

    def __init__(
        self, path: str | Path, endpoint: Endpoint, target: str, settings: TranslateSettings, source: str | None = None
    ) -> None:
        self.path, self.endpoint, self.settings = path, endpoint, settings
        finding.ready()
        inventory, langs, self.count = looked_over(path)
        self.pair = pair_for(path, source, target, langs, settings)
        self.labels: Chosen = choose(settings.labels, inventory, self.pair.source, target)
        schema = Schema.of(apply(jsonl.read(path), self.labels.map))
        self.form = Form(schema, target)
        way = PapersWay if settings.method == "paper" else Cascade
        self.translate: Callable[[Sample], Steps[Outcome]] = way(self.pair, settings, self.form)

    def samples(self) -> Iterator[Sample]:
        """The samples, their labels translated."""
        return apply(jsonl.read(self.path), self.labels.map)

    def client(self, folder: Path | None) -> Client:
        """The client, its paid answers in a folder."""
        cache = folder / ANSWERS if folder is not None else None
        return Client(self.endpoint, cache, self.settings.client, self.settings.sampling(0))

    @property
    def prompts(self) -> str:
        """A hash over everything that decides prompts."""
        made = _standard(self.pair, Names())
        return hashlib.sha256("\0".join([*made, str(self.pair.glossary)]).encode()).hexdigest()[:12]

    def run(
        self, out: str | Path, tick: Callable[[int], None] | None = None, reviewed: str | Path | None = None
    ) -> Report:
        """Translate into the folder `out`; answers that stand in its `answers.db` are not paid again.

        A run that was stopped goes on with what was answered, and ends in the same bytes. Raises EndpointFault,
        BudgetSpent (what was answered stays), InputFault where another run is writing the folder.
        """
        folder = Path(out)
        precision = Precision(reviewed) if reviewed is not None else None
        with resume.exclusive(folder):
            for left in folder.glob(".*.part"):
                left.unlink(missing_ok=True)
            return self._run(folder, tick, precision)

    def _run(self, folder: Path, tick: Callable[[int], None] | None, precision: Precision | None) -> Report:
        client, tally, faults = self.client(folder), Tally(), Faults()
        check = CheckSample(self.settings.check_sample, self.settings.seed)
        encode = msgspec.json.Encoder().encode
        # the samples as they came run beside: what reviewers see is the source, not its renamed copy
        originals = jsonl.read(self.path)
        with contextlib.ExitStack() as stack:
            files = {name: stack.enter_context(jsonl.writing(folder / name)) for name in FILES}
            for outcome in streamed(self.samples(), self.translate, client, self.settings.window):
                outcome.source = next(originals)
                self._finish(outcome)
                faults.add(outcome)
                tally.add(outcome, outcome.source.source or Path(self.path).stem)
                if outcome.status in ("kept", "repaired"):
                    check.add(outcome)
                    if precision is not None:
                        precision.add(outcome)
                _write(files, outcome, encode)
                if tick is not None:
                    tick(1)
        faults.tell()
        jsonl.write(folder / "check.jsonl", check.rows())
        report = self._report(tally, precision)
        with jsonl.writing(folder / "report.json") as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        with jsonl.writing(folder / "report.md") as file:
            file.write(markdown(report).encode())
        return report

    def _finish(self, outcome: Outcome) -> None:
        """Name the target and say where it comes from."""
        target = outcome.target
        if target is None:
            return
        told: dict[str, Any] = {
            "of": outcome.source.id, "from": self.pair.source, "to": self.pair.target, "model": self.endpoint.model,
            "method": self.settings.method, "prompt": self.prompts, "outcome": outcome.status, "drafts": outcome.drafts,
        }  # fmt: skip
        if outcome.repairs:
            told["repairs"] = msgspec.to_builtins(outcome.repairs)
        if outcome.cleared:
            told["cleared"] = list(outcome.cleared)
        target.id = f"{outcome.source.id}/{self.pair.target}"
        target.lang = self.pair.target
        target.meta = {**target.meta, "translation": told}

    def _report(self, tally: Tally, precision: Precision | None) -> Report:
        direction = f"{self.pair.source.upper()} → {self.pair.target.upper()}"
        settings = msgspec.to_builtins(self.settings)
        del settings["client"]
        return Report(
            direction=direction, model=self.endpoint.model, method=self.settings.method, labels=self.labels.name,
            prompt=self.prompts, version=__version__, settings=settings,
            retention=tally.rows(direction, self.endpoint.model), paper=paper_rows(),
            precision=precision.share() if precision is not None else None, **tally.told(),
        )  # fmt: skip

    def dry_run(self, out: str | Path) -> Estimate:
        """What a run would cost if every first draft were right: one draft a sample, and the questions that check it.

        Answers that stand in the folder's `answers.db` already count as paid; the questions are estimated with the
        source in place of its translation.
        """
        folder = Path(out)
        return self.client(folder if (folder / ANSWERS).is_file() else None).dry_run(self._expected())

    def _expected(self) -> Iterator[Request]:
        for sample in self.samples():
            steps = self.translate(sample)
            with contextlib.suppress(StopIteration):
                yield from next(steps)
            steps.close()
            units = units_of(sample)
            if self.settings.method == "paper" or not units.places or units.loose is not None:
                continue
            placing = Placing(sample.text, units.places, sample.text, self.settings)
            placing.mark(units.places)
            with contextlib.suppress(StopIteration):
                yield from next(placing.settle(Asking(sample.id, self.pair, self.settings)))


def _write(files: dict[str, IO[bytes]], outcome: Outcome, encode: Callable[[Any], bytes]) -> None:
    if outcome.status in ("kept", "repaired"):
        files["kept.jsonl"].write(encode(outcome.target) + b"\n")
        return
    id = outcome.target.id if outcome.target is not None else outcome.source.id
    row = ReviewRow(id, outcome.source, outcome.target, outcome.reasons, outcome.repairs)
    files[f"{outcome.status}.jsonl"].write(encode(row) + b"\n")


def _standard(one: Pair, names: Names) -> Iterable[str]:
    """Every form of question about one standard text."""
    text, places = "a b", {1: (0, 1)}
    yield prompt.draft(one, text, places, names)
    yield prompt.plain(one, text, names)
    yield prompt.locate(one, text, places, text, names)
    yield prompt.insert(one, text, places, text, names)
    yield prompt.residue(one, text, text, (0, 1), names)
    yield question(one, Lines(text, text), ["b"])

"""Open text labels from a model server: ask, join spellings, label, and queue what a person must look at."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.annotate import table
from pointline.annotate.answers import Vote, read
from pointline.annotate.asking import INSTRUCTIONS, requests
from pointline.annotate.labelling import Inventory, Labelled, labelled
from pointline.annotate.result import LabelReport, Paid, told
from pointline.annotate.settings import LabelSettings
from pointline.annotate.synonyms import proposals
from pointline.annotate.voting import Voted
from pointline.annotate.writing import Folder
from pointline.errors import InputFault
from pointline.llm import Answer, Client, Endpoint, Estimate, Request
from pointline.llm.progress import Watcher
from pointline.resume import exclusive
from pointline.sample import Sample

ANSWERS, VOTES, LABELLED, QUEUE = "answers.db", "votes.jsonl", "labelled.jsonl", "queue.jsonl"
TABLE, REPORT = "merge.toml", "report.json"


class Job(msgspec.Struct, frozen=True):
    """What is labelled, by whom, into which folder; `merge` is a reviewed table, `replay` recorded answers."""

    data: str
    out: str
    endpoint: Endpoint
    settings: LabelSettings = LabelSettings()
    merge: str | None = None
    replay: str | None = None

    @property
    def client(self) -> Client:
        """The client that asks, with the folder's paid answers."""
        return Client(self.endpoint, Path(self.out, ANSWERS), self.settings.client, self.settings.sampling())


def dry_run(job: Job) -> Estimate:
    """What a run would cost, without asking."""
    return job.client.dry_run(_requests(_samples(job), job.settings, deque(maxlen=1)))


def label_text(job: Job, watch: Watcher | None = None) -> LabelReport:
    """Label a file and write the folder: labelled.jsonl, queue.jsonl, merge.toml, votes.jsonl, report.json.

    The folder's answers.db holds what was paid: the same command goes on after a kill, and another table, more
    samples or other thresholds cost nothing new. Memory holds the inventory of labels, not the samples.

    Raises InputFault (data or table), EndpointFault and BudgetSpent as `Client.ask` does.
    """
    merge = table.read(job.merge) if job.merge else {}
    with exclusive(job.out):
        client = job.client
        paid = Paid()
        jsonl.write(Path(job.out, VOTES), _ask(job, client, paid, watch))
        inventory = Inventory(merge, job.settings)
        for voted in _votes(job):
            inventory.see(voted)
        for sample, voted in _both(job):
            inventory.count(labelled(sample, voted, inventory))
        proposed = proposals(inventory.texts, inventory.together)
        with Folder(Path(job.out, LABELLED), Path(job.out, QUEUE)) as folder:
            for sample, voted in _both(job):
                folder.add(_signed(labelled(sample, voted, inventory), job), inventory)
        table.write(Path(job.out, TABLE), merge, inventory.joined(), proposed)
        report = told(job.endpoint.model, digest(), inventory, folder, (paid, client.bill), len(proposed))
        with jsonl.writing(Path(job.out, REPORT)) as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return report


def _ask(job: Job, client: Client, paid: Paid, watch: Watcher | None) -> Iterator[Voted]:
    """The votes on every sample, in order."""
    waiting: deque[tuple[Voted, int]] = deque()
    asked = _requests(_samples(job), job.settings, waiting)
    answers = client.replay(asked, job.replay) if job.replay else client.ask(asked, progress=watch)
    for answer in answers:
        while waiting[0][1] == 0:
            yield waiting.popleft()[0]
        voted, wanted = waiting[0]
        paid.add(answer)
        voted.votes.append(_vote(answer, job.settings))
        if len(voted.votes) == wanted:
            yield waiting.popleft()[0]
    for voted, _ in waiting:
        yield voted


def _vote(answer: Answer, settings: LabelSettings) -> Vote:
    if answer.fault is not None:
        return Vote(problem=answer.fault)
    return read(answer.text, settings.max_labels, settings.max_words)


def _requests(
    samples: Iterable[Sample], settings: LabelSettings, waiting: deque[tuple[Voted, int]]
) -> Iterator[Request]:
    """The requests of all samples; each sample is put in line before its first request goes out."""
    for sample in samples:
        skipped = (
            "empty_text"
            if not sample.text.strip()
            else "has_labels"
            if sample.labels is not None and not settings.relabel
            else None
        )
        waiting.append((Voted(sample.id, skipped=skipped), 0 if skipped else settings.samples))
        if not skipped:
            yield from requests(sample, settings)


def _samples(job: Job) -> Iterator[Sample]:
    if job.data == "-":
        raise InputFault("is read several times", path="stdin", fix="write it into a file first")
    return jsonl.read(job.data)


def _votes(job: Job) -> Iterator[Voted]:
    path = Path(job.out, VOTES)
    decoder = msgspec.json.Decoder(Voted)
    return (jsonl.decode_line(decoder, line, path, number) for number, line in jsonl.lines(path))


def _both(job: Job) -> Iterator[tuple[Sample, Voted]]:
    return zip(_samples(job), _votes(job), strict=True)


def _signed(row: Labelled, job: Job) -> Labelled:
    """The sample with where its label comes from."""
    if row.choice is not None:
        row.sample.meta["annotate"] = {
            "model": job.endpoint.model,
            "instructions": digest(),
            "votes": row.choice.votes,
        }
    return row


def digest() -> str:
    """A hash of the instructions, for the record."""
    return hashlib.sha256(msgspec.json.encode(INSTRUCTIONS)).hexdigest()[:12]

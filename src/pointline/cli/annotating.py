"""The verbs of annotate: candidates by rules, labels by a model, the book of rounds; for people to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pointline import settings
from pointline.cli import console
from pointline.cli.options import Json, Out, Seed
from pointline.errors import SettingsFault

if TYPE_CHECKING:
    from pointline.annotate.autolabel import BatchReport
    from pointline.annotate.candidates import CandidateReport
    from pointline.annotate.result import LabelReport
    from pointline.annotate.rounds import Book
    from pointline.llm import Progress

SHOWN = 20

ABOUT = "Candidates by rules and labels by a model, with a queue for those who check them."
app = typer.Typer(no_args_is_help=True, help=ABOUT)


@app.callback(help=ABOUT)
def _annotate() -> None:
    pass


Config = Annotated[str | None, typer.Option(help="A TOML file of settings.")]
Words = Annotated[list[str] | None, typer.Option("--set", help="One setting, as key=value; may be repeated.")]


@app.command()
def candidates(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Category folders: one file a text, folder = label.")],
    rules: Annotated[list[str], typer.Option(metavar="RULES.toml", help="Rules; may be repeated.")],
    out: Out,
    lang: Annotated[str | None, typer.Option(help="Language of all texts; by default as their script says.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The files' encoding (utf-8), for example cp932.")] = None,
    header: Annotated[int | None, typer.Option(min=0, help="Lines at the head of each file that are no text.")] = None,
    config: Config = None,
    setting: Words = None,
    as_json: Json = False,
) -> None:
    """Find sentences that may hold a relation or an event, one of either a sample, as TCREE was begun.

    Example: [bold]pointline annotate candidates news --rules rules.toml --header 3 --out candidates[/]
    """
    from pointline.annotate.candidates import candidates as run
    from pointline.annotate.documents import DocumentSettings
    from pointline.annotate.rules import read_rules

    told = {"lang": lang, "encoding": encoding, "header": header}
    words = [*(setting or []), *(f"{name}={value}" for name, value in told.items() if value is not None)]
    chosen = settings.load(DocumentSettings, config, words)
    with console.bar("documents") as advance:
        report = run(folder, read_rules(*rules), out, chosen, advance)
    console.document(report) if as_json else _tell_candidates(report, out)


@app.command()
def label(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model folder: tagger, generator or endpoint.")],
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="Samples; a text label that they have stays.")],
    out: Out,
    size: Annotated[int | None, typer.Option(min=1, help="Samples of the queue.")] = None,
    order: Annotated[str | None, typer.Option(help="[bold]uncertain[/], random or file.")] = None,
    done: Annotated[list[str] | None, typer.Option(metavar="S.jsonl", help="Labelled already; left out.")] = None,
    schema: Annotated[str | None, typer.Option("--schema", help="A JSON file that says what to ask for.")] = None,
    model_setting: Annotated[
        list[str] | None, typer.Option("--model-set", help="A setting of a generative or served model.")
    ] = None,
    config: Config = None,
    setting: Words = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Label the next batch with a model: a queue, least sure first, and what is sure apart from it.

    Example: [bold]pointline annotate label model candidates/candidates.jsonl --done reviewed.jsonl --size 200 --out round-2[/]
    """  # noqa: E501 - a command is one line
    from pointline.annotate.autolabel import BatchSettings
    from pointline.annotate.autolabel import label as run
    from pointline.models.opening import Opening
    from pointline.schema import read_schema

    told = {"size": size, "order": order, "seed": seed or None}
    words = [*(setting or []), *(f"{name}={value}" for name, value in told.items() if value is not None)]
    chosen = settings.load(BatchSettings, config, words)
    opened = Opening(model, tuple(model_setting or ()))()
    wanted = read_schema(schema) if schema else None
    with console.bar("label") as advance:
        report = run(opened, data, out, chosen, done=tuple(done or ()), schema=wanted, tick=advance)
    console.document(report) if as_json else _tell_batch(report, out)


@app.command()
def roles(
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="Samples with relations or events.")], out: Out
) -> None:
    """Write relations and events as entities named for their roles, which the embedded tagger can learn.

    Example: [bold]pointline annotate roles reviewed.jsonl --out train.jsonl[/]
    """
    from pointline import jsonl
    from pointline.annotate.roles import as_entities
    from pointline.annotate.rounds import decided

    count = jsonl.write(out, as_entities(decided(data)))
    console.note(f"{count:,} texts in {out}")


@app.command("round")
def round_(
    drafts: Annotated[str, typer.Argument(metavar="QUEUE.jsonl", help="What the model had labelled.")],
    reviewed: Annotated[str, typer.Argument(metavar="REVIEWED.jsonl", help="What reviewers made of it.")],
    book: Annotated[str, typer.Option(metavar="ROUNDS.json", help="The book; made where it is not there.")],
    gold: Annotated[str | None, typer.Option(help="Held-out gold, for the scores of the round's model.")] = None,
    answers: Annotated[str | None, typer.Option(help="That model's answers to it.")] = None,
    as_json: Json = False,
) -> None:
    """Write a round into the book: drafts beside what was decided, the labels saved, the model's scores.

    Example: [bold]pointline annotate round round-2/queue.jsonl reviewed-2.jsonl --book rounds.json[/]
    """
    from pointline.annotate.rounds import read_book, record

    if (gold is None) != (answers is None):
        raise SettingsFault("--gold and --answers go together")
    told = record(book, drafts, reviewed, None if gold is None or answers is None else (gold, answers))
    console.document(told) if as_json else _tell_book(read_book(book))


@app.command("label-text")
def label_text(
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="Samples; those with a text label stay as they are.")],
    out: Out,
    endpoint: Annotated[str, typer.Option(help="The server's address up to /v1.")],
    model: Annotated[str, typer.Option(help="The model's name on that server.")],
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds the key.")] = None,
    merge: Annotated[
        str | None, typer.Option(metavar="TABLE.toml", help="A reviewed merging table of an earlier run.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the labels; by default each sample's.")] = None,
    budget: Annotated[float | None, typer.Option(help="The most to spend; needs prices (--set client=...).")] = None,
    replay: Annotated[
        str | None, typer.Option(metavar="ANSWERS.jsonl", help="Recorded answers instead of the server.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and ask nothing.")] = False,
    config: Config = None,
    setting: Words = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Give every text an open label: several answers each, spellings joined, doubtful ones queued.

    Example: [bold]pointline annotate label-text ner.jsonl --endpoint http://127.0.0.1:8000/v1 --model small --out labels[/]
    """  # noqa: E501 - a command is one line
    from pointline.annotate import label_text as labelling
    from pointline.annotate.settings import LabelSettings
    from pointline.llm import Endpoint

    words = [*(setting or []), *([f"lang={lang}"] if lang else []), *([f"seed={seed}"] if seed else [])]
    chosen = settings.load(LabelSettings, config, words).within(budget)
    job = labelling.Job(data, out, Endpoint(endpoint, model, key_env), chosen, merge, replay)
    if dry_run:
        console.document(labelling.dry_run(job))
        return
    with console.bar("answers") as advance:

        def tell(progress: Progress) -> None:
            advance(0, None, progress.total, progress.done)

        report = labelling.label_text(job, tell)
    console.document(report) if as_json else _tell(report, out)


def _tell(report: LabelReport, out: str) -> None:
    rows = list(report.labels.items())
    console.table(f"{report.names:,} labels", ["label", "texts"], [(name, f"{n:,}") for name, n in rows[:SHOWN]])
    if len(rows) > SHOWN:
        console.out(f"... and {len(rows) - SHOWN:,} more in {out}/report.json")
    console.out()
    console.table("to look at", ["why", "samples"], [(why, f"{n:,}") for why, n in report.queue.items()])
    for name in report.unused:
        console.note(f"pointline: the table names a label that no answer gave: {name}")
    skipped = "".join(f", {n:,} not asked ({why})" for why, n in report.skipped.items())
    console.note(
        f"{report.labelled:,} of {report.samples:,} samples labelled{skipped}; mean agreement {report.agreement:.0%}; "
        f"{report.queued:,} in {out}/queue.jsonl; {report.proposals:,} merges proposed in {out}/merge.toml"
    )


def _tell_candidates(report: CandidateReport, out: str) -> None:
    rows = [
        (label, *(f"{found.get(name, 0):,}" for name in ("documents", "sentences", "relations", "events")))
        for label, found in report.by_label.items()
    ]
    console.table("read and found", ["label", "documents", "sentences", "relations", "events"], rows)
    console.out()
    types = [(name, level, f"{n:,}") for level, found in report.by_type.items() for name, n in found.items()]
    console.table("by type", ["type", "level", "samples"], types)
    console.out()
    console.table("by rule", ["rule", "samples"], [(name, f"{n:,}") for name, n in report.by_rule.items()])
    dropped = "".join(f", {n:,} dropped ({why})" for why, n in report.dropped.items())
    console.note(
        f"{report.documents:,} documents, {report.sentences:,} sentences, {report.matched:,} matched a rule, "
        f"{report.both:,} two; {report.samples:,} samples in {out}/candidates.jsonl{dropped}"
    )


def _tell_batch(report: BatchReport, out: str) -> None:
    console.table("doubts", ["why", "samples"], [(why, f"{n:,}") for why, n in report.doubts.items()])
    left = f", {report.done:,} left out as labelled already" if report.done else ""
    console.note(
        f"{report.pool:,} samples labelled{left}: {report.queued:,} in {out}/queue.jsonl, {report.sure:,} in "
        f"sure.jsonl, {report.later:,} in later.jsonl; mean chance that all is right {report.mean_chance:.0%}"
    )


def _tell_book(book: Book) -> None:
    names = list(dict.fromkeys(name for one in book.rounds for name in one.scores or {}))
    rows = [
        (
            one.number,
            one.decided,
            one.accepted,
            one.fixed,
            one.rejected,
            "" if one.saved is None else f"{one.saved:.1f} %",
            *(f"{(one.scores or {}).get(name, float('nan')):.1f}" for name in names),
        )
        for one in book.rounds
    ]
    console.table("rounds", ["round", "decided", "accepted", "fixed", "rejected", "labels saved", *names], rows)

"""The verb annotate: labels that a model server gives, for a person to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pointline import settings
from pointline.cli import console
from pointline.cli.options import Json, Out, Seed

if TYPE_CHECKING:
    from pointline.annotate.result import LabelReport
    from pointline.llm import Progress

SHOWN = 20

app = typer.Typer(no_args_is_help=True, help="Labels by a model server, with a queue for those who check them.")


@app.callback()
def _annotate() -> None:
    """Labels by a model server, with a queue for those who check them."""


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
    config: Annotated[str | None, typer.Option(help="A TOML file of settings.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One setting, as key=value; may be repeated.")
    ] = None,
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

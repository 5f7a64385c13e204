"""The verb translate: a data set carried into another language by a model behind a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import typer

from pointline import settings
from pointline.cli import console
from pointline.cli.options import Json, Seed
from pointline.errors import SettingsFault

if TYPE_CHECKING:
    from pointline.translate.retention import Report


def translate(
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="The samples to translate.")],
    to: Annotated[str, typer.Option("--to", help="The language wanted: en, ja, zh, ...")],
    endpoint: Annotated[str, typer.Option(help="The server's address up to /v1.")],
    model: Annotated[str, typer.Option(help="The model's name on that server.")],
    out: Annotated[str, typer.Option("--out", help="The folder to write; run again to go on with it.")],
    source: Annotated[
        str | None, typer.Option("--from", help="The language that all samples are in; by default the one they name.")
    ] = None,
    method: Annotated[
        Literal["marks", "plain", "paper"],
        typer.Option(help="Spans by inline marks, by projection alone, or the question of the paper."),
    ] = "marks",
    labels: Annotated[
        str | None, typer.Option(help="A label map: scnm, scpos, tcree or a TOML file; by default the one that fits.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="The most to spend: money where prices are told, else tokens.")
    ] = None,
    price_in: Annotated[float | None, typer.Option(min=0, help="Price of a million prompt tokens.")] = None,
    price_out: Annotated[float | None, typer.Option(min=0, help="Price of a million tokens of answer.")] = None,
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds the key.")] = None,
    reviewed: Annotated[
        str | None, typer.Option(metavar="V.jsonl", help="Verdicts on kept samples: an id and right, a line each.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and ask nothing.")] = False,
    seed: Seed = 0,
    config: Annotated[str | None, typer.Option(help="A TOML file of settings.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One setting, as key=value; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Translate samples with their labels and spans; what cannot be trusted waits for review, with its reason.

    Example: [bold]pointline translate train.jsonl --to zh --endpoint http://127.0.0.1:8000/v1 --model small --out zh[/]
    """
    from pointline.llm import Endpoint
    from pointline.translate.run import Translation
    from pointline.translate.settings import TranslateSettings

    table: dict[str, Any] = settings.read_toml(config) if config else {}
    told = {"method": None if method == "marks" else method, "labels": labels, "seed": seed or None}
    table |= {name: value for name, value in told.items() if value is not None}
    made = settings.fill(TranslateSettings, table, setting or (), config)
    made = msgspec.structs.replace(made, client=_client(made.client, budget, price_in, price_out))
    job = Translation(data, Endpoint(endpoint, model, key_env), to, made, source)
    if dry_run:
        console.document(job.dry_run(out))
        return
    with console.bar("translate", job.count) as advance:
        report = job.run(out, advance, reviewed)
    if as_json:
        console.document(report)
    else:
        _tell(report, out)


def _client(held: Any, budget: float | None, price_in: float | None, price_out: float | None) -> Any:
    """The client's settings with prices and budget; without prices a budget counts tokens."""
    told = {"price_in": price_in, "price_out": price_out}
    changed: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    if budget is not None and (changed or held.price_in is not None):
        changed["budget"] = budget
    elif budget is not None:
        if not budget.is_integer():
            fix = "a budget of money needs --price-in and --price-out"
            raise SettingsFault(f"--budget {budget:g} counts tokens where no prices are told; {fix}")
        changed["budget_tokens"] = int(budget)
    return msgspec.structs.replace(held, **changed)


def _tell(report: Report, out: str) -> None:
    counts = report.counts
    remaining = counts["kept"] + counts["repaired"]
    labels = "names of labels as they were" if report.labels == "kept" else f"labels by {report.labels}"
    console.note(
        f"{out}: {remaining:,} of {sum(counts.values()):,} samples remain ({counts['repaired']:,} repaired), "
        f"{counts['review']:,} to review, {counts['dropped']:,} dropped; {labels}; see {out}/report.md"
    )

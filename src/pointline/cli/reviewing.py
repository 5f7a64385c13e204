"""The verb review: a page on which people correct samples, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pointline import jsonl
from pointline.cli import console
from pointline.cli.options import Json
from pointline.errors import MissingExtra, SettingsFault
from pointline.schema import read_schema

if TYPE_CHECKING:
    from pointline.review.figures import Figures
    from pointline.review.item import Item
    from pointline.review.opening import Order
    from pointline.review.people import Role
    from pointline.review.store import Store


def review(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DIR_OR_FILES", help="A translation run, a file of samples, or an original and its translation."
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen; by default this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8010,
    db: Annotated[str | None, typer.Option(help="The file that holds the work; by default beside the input.")] = None,
    invite: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Make a link for a person; NAME:adjudicator for one who decides."),
    ] = None,
    revoke: Annotated[list[str] | None, typer.Option(metavar="NAME", help="End a person's link, and stop.")] = None,
    overlap: Annotated[
        int | None, typer.Option(min=1, max=20, help="People who look at each item, blind; set when the file is made.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="What links begin with, where a proxy stands in front.")] = None,
    schema: Annotated[str | None, typer.Option(help="Names to choose from; by default what the samples show.")] = None,
    predictions: Annotated[
        str | None, typer.Option(metavar="A.jsonl", help="A model's answers: what they doubt comes first.")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, max=10, help="Without answers: those of the embedded model, trained so often on the rest."),
    ] = None,
    queue: Annotated[bool, typer.Option(help="Suspicious samples first; else in the order of the file.")] = True,
    out: Annotated[str | None, typer.Option("--export", metavar="PATH", help="Write the results, and stop.")] = None,
    to: Annotated[str, typer.Option(help="samples, verdicts, trail (what was done), or one of `export`.")] = "samples",
    status: Annotated[
        str | None, typer.Option(help="Only these, with commas; another tool gets accepted,fixed by default.")
    ] = None,
    take: Annotated[
        str | None, typer.Option("--import", metavar="S.jsonl", help="Take results in by id, and stop.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures", help="Print progress and agreement, and stop.")] = False,
    serve: Annotated[bool, typer.Option(help="--no-serve with --invite: make links beside a running page.")] = True,
    as_json: Json = False,
) -> None:
    """Open samples on a page where people correct them, one on a laptop or a group by links.

    Example: [bold]pointline review zh[/]
    """
    from pointline.review.ledger import ReviewSettings
    from pointline.review.opening import default_path, open_store

    path = db or str(default_path(inputs or []))
    settings = None if overlap is None else ReviewSettings(overlap)
    order = _order(predictions, folds) if queue or predictions or folds else None
    store = open_store(path, inputs or (), settings, read_schema(schema) if schema else None, order)
    told: dict[str, Any] = {}
    if revoke:
        told["revoked"] = _revoke(store, revoke)
    if take:
        told["imported"] = _take(store, take)
    if out:
        told["exported"] = _export(store, out, to, status)
    if figures:
        told["figures"] = _figures(store, as_json)
    invited = [_invited(word) for word in invite or ()]
    if not told and serve:
        _serve(store, path, (host, port, url), invited, as_json)
    elif invited:
        told["links"] = _links(store, url or f"http://{host}:{port}", invited)
    if as_json and told:
        console.document(told["figures"] if list(told) == ["figures"] else told)


def _order(predictions: str | None, folds: int | None) -> Order:
    from pointline.review.suspicion import ordering

    if predictions or not folds:
        return ordering(jsonl.read(predictions) if predictions else ())

    def order(items: Sequence[Item]) -> Iterator[Item]:
        from pointline.review.folds import out_of_fold

        with console.bar("train and judge", folds) as advance:
            return ordering(out_of_fold([item.draft for item in items], folds, tick=advance))(items)

    return order


def _invited(word: str) -> tuple[str, Role]:
    name, colon, role = word.rpartition(":")
    if not colon:
        return word, "reviewer"
    if role not in ("reviewer", "adjudicator"):
        raise SettingsFault(f"--invite {word}: {role!r} is no role; known: reviewer, adjudicator")
    return name, "adjudicator" if role == "adjudicator" else "reviewer"


def _serve(
    store: Store, path: str, where: tuple[str, int, str | None], invited: list[tuple[str, Role]], as_json: bool
) -> None:
    try:
        from pointline.review.server import Door, Ready, serve
    except ModuleNotFoundError as error:
        raise MissingExtra("serve", error.name or "starlette") from None
    host, port, url = where

    def ready(told: Ready) -> None:
        if as_json:
            console.document({"url": told.url, "db": path, "links": told.links})
            return
        console.note(f"pointline: review at {told.url}, kept in {path} (stop with Ctrl-C)")
        for name, link in told.links.items():
            console.note(f"pointline: {name}: {link}")

    serve(store, Door(host, port, tuple(invited), url), ready)


def _links(store: Store, url: str, invited: list[tuple[str, Role]]) -> dict[str, str]:
    from pointline.review.people import People

    links = {name: f"{url.rstrip('/')}/join/{People(store.ledger).invite(name, role)}" for name, role in invited}
    for name, link in links.items():
        console.note(f"pointline: {name}: {link}")
    return links


def _revoke(store: Store, names: list[str]) -> list[str]:
    from pointline.review.people import People

    for name in names:
        People(store.ledger).revoke(name)
        console.note(f"pointline: {name} cannot come in any more")
    return names


def _take(store: Store, path: str) -> dict[str, Any]:
    from pointline.review.filing import bring

    taken, unknown = bring(store, path)
    more = f"; {unknown:,} ids are not in this review" if unknown else ""
    console.note(f"{path}: {taken:,} results taken{more}")
    return {"from": path, "taken": taken, "unknown": unknown}


def _export(store: Store, out: str, to: str, status: str | None) -> dict[str, Any]:
    from pointline.corpora.conversion import Report
    from pointline.corpora.export import export
    from pointline.review.filing import results, verdicts
    from pointline.review.item import STATUSES

    own = to in ("samples", "verdicts", "trail")
    wanted = status.split(",") if status else list(STATUSES) if own else ["accepted", "fixed"]
    for one in wanted:
        if one not in STATUSES:
            raise SettingsFault(f"--status {one!r} is unknown; known: {', '.join(STATUSES)}")
    if to == "verdicts":
        count = jsonl.write(out, verdicts(store))
    elif to == "trail":
        count = jsonl.write(out, store.ledger.trail())
    elif to == "samples":
        count = jsonl.write(out, results(store, wanted))
    else:
        report = Report()
        count = export(results(store, wanted), to, Path(out), (), report)
        for line in report.lines():
            console.note(line)
    console.note(f"{out}: {count:,} {to if own else 'samples'}")
    return {"out": out, "format": to, "written": count}


def _figures(store: Store, as_json: bool) -> Figures:
    from pointline.review.figures import figures

    shown = figures(store)
    if as_json:
        return shown
    console.out(f"{shown.items:,} items: " + ", ".join(f"{n:,} {status}" for status, n in shown.statuses.items()))
    if shown.corrected is not None:
        share = shown.corrected
        console.out(f"corrected: {share.value:.1f} % ({share.low:.1f} to {share.high:.1f}) of {share.n:,} decided")
    if shown.agreement is not None and shown.agreement.labels_alpha is not None:
        console.out(f"Krippendorff's alpha of labels: {shown.agreement.labels_alpha:.3f}")
    if shown.people:
        heads = ["person", "decided", "accepted", "fixed", "rejected", "skipped", "flagged", "seconds"]
        rows = [
            (p.name, p.decided, p.accepted, p.fixed, p.rejected, p.skipped, p.flagged, p.seconds or "-")
            for p in shown.people
        ]
        console.table(f"{len(rows)} people", heads, rows)
    return shown

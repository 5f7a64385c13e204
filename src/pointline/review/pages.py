"""The pages as HTML: the shell of the review page with its first item in it, figures as tables, the door."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Any

import msgspec
from starlette.responses import Response

from pointline.errors import Refusal
from pointline.review.desk import Desk
from pointline.review.figures import Figures
from pointline.review.item import STATUSES
from pointline.review.people import Person
from pointline.schema import LEVELS, EventType, Schema, name_of
from pointline.score.proportion import Share
from pointline.web.colours import colours_of
from pointline.web.faults import Fault
from pointline.web.look import style

SCRIPTS = (
    "main", "acts", "clock", "desk", "draw", "edit", "keys", "links", "marking", "names", "panels", "pick", "points",
    "shown", "way", "wire",
)  # fmt: skip
FILES = ("/page.css", "/join.js", *(f"/{name}.js" for name in SCRIPTS))
CHOOSABLE = {"reason": "reason", "repair": "repair", "label": "label", "type": "type", "lang": "language",
             "origin": "file"}  # fmt: skip


def held() -> dict[str, Response]:
    """Scripts and style, by path."""
    sheet = Response(style(_text("page.css")), media_type="text/css")
    scripts = {path: Response(_text(path[1:]), media_type="text/javascript") for path in FILES if path != "/page.css"}
    return {"/page.css": sheet, **scripts}


def page(desk: Desk, person: Person, session: str, told: str) -> Response:
    """The page of a person, opened at the item that is told, else at the next of the queue."""
    try:
        view = desk.jump(person, told) if told else desk.next(person, 0) or desk.view(person, 1)
    except (Fault, Refusal):
        view = desk.view(person, 1)
    store = desk.store
    schema = msgspec.json.decode(store.ledger.about("schema") or b"{}", type=Schema)
    choices = desk.seeking.choices()
    names = _names(schema, choices)
    kinds = msgspec.json.decode(store.ledger.about("kinds") or b"{}", type=dict[str, str])
    state = {
        "me": person, "token": desk.people.token(session), "db": store.ledger.about("name"), "overlap": store.overlap,
        "names": names, "kinds": kinds, "colours": _colours(names, kinds), "view": view,
        "progress": desk.progress(person),
        "count": store.db.execute("SELECT count(*) FROM items").fetchone()[0],
    }  # fmt: skip
    filled = {
        "STATE": msgspec.json.encode(state).decode().replace("<", "\\u003c"),
        "FILTERS": "".join(_filters(choices, desk)),
        "WHO": escape(f"{person.name}, {person.role}" if store.overlap > 1 else person.name),
    }
    return _html(_filled(_text("page.html"), filled))


def _names(schema: Schema, choices: dict[str, list[tuple[str, int]]]) -> dict[str, Any]:
    """What may be chosen, level by level; labels that were added meanwhile too."""
    names: dict[str, Any] = {level: list(schema.names(level) or ()) for level in LEVELS}
    names["labels"] += [name for name, _ in choices.get("label", ()) if name not in names["labels"]]
    entries: Iterable[EventType] = schema.event_list()
    names["roles"] = {entry.type: list(entry.role_names()) for entry in entries}
    names["about"] = {
        name_of(entry): entry.description
        for group in (schema.label_types, schema.entity_types, schema.relation_types, schema.event_types)
        for entry in group or ()
        if not isinstance(entry, str) and entry.description
    }
    return names


def _colours(names: dict[str, Any], kinds: dict[str, str]) -> dict[str, int]:
    """A place in the palette for each name; a translated type has the colour of the type that it translates."""
    shown = {name for level in ("entities", "relations", "events") for name in names[level]}
    shown |= {role for roles in names["roles"].values() for role in roles}
    colours = colours_of({kinds.get(name, name) for name in shown} | set(kinds.values()))
    return {name: colours[kinds.get(name, name)] for name in sorted(shown | set(kinds.values()))}


def _filters(choices: dict[str, list[tuple[str, int]]], desk: Desk) -> Iterable[str]:
    """A list to choose from for everything that tells items apart."""
    yield _select("status", "status", [(status, None) for status in STATUSES])
    for kind, said in CHOOSABLE.items():
        found = choices.get(kind, [])
        if len(found) > 1 or (found and kind in ("reason", "repair")):
            yield _select(kind, said, found)
    rows = desk.store.db.execute("SELECT DISTINCT author FROM decisions WHERE author NOT LIKE '(%' AND author != ''")
    people = sorted(row["author"] for row in rows)
    if people:
        yield _select("reviewer", "reviewer", [(name, None) for name in people])


def _select(name: str, said: str, values: Iterable[tuple[str, int | None]]) -> str:
    options = "".join(
        f'<option value="{escape(value)}">{escape(value)}{"" if n is None else f" ({n:,})"}</option>'
        for value, n in values
    )
    return f'<label>{said} <select name="{name}"><option value="">any</option>{options}</select></label>'


def figures_page(shown: Figures, all_of_it: bool) -> Response:
    """Progress, share corrected, seconds, agreement; of other people's work only where one may see it."""
    parts = [_table("Progress", ("status", "items"), shown.statuses.items())]
    parts.append(_told("Items", f"{shown.items:,}"))
    if shown.corrected is not None:
        parts.append(_told("Corrected", f"{_share(shown.corrected)} of {shown.corrected.n:,} decided"))
    if shown.seconds is not None:
        parts.append(_told("Seconds an item (median)", f"{shown.seconds:.1f}"))
    if shown.corrected_by_origin and len(shown.corrected_by_origin) > 1:
        rows = [(origin, _share(share), share.n) for origin, share in shown.corrected_by_origin.items()]
        parts.append(_table("Corrected, by file", ("file", "corrected", "decided"), rows))
    if shown.reasons:
        kept = [status for status in STATUSES if any(status in counts for counts in shown.reasons.values())]
        rows_ = [(reason, *(counts.get(status, 0) for status in kept)) for reason, counts in shown.reasons.items()]
        parts.append(_table("By reason", ("reason", *kept), rows_))
    if all_of_it:
        heads = ("name", "decided", "accepted", "fixed", "rejected", "skipped", "flagged", "seconds")
        work = [tuple(_cell(value) for value in msgspec.structs.astuple(one)) for one in shown.people]
        parts.append(_table("By person", heads, work))
        if shown.agreement is not None:
            told = shown.agreement
            parts.append(_told("Krippendorff's alpha, labels", _cell(told.labels_alpha)))
            parts.append(_told("Krippendorff's alpha, status", _cell(told.status_alpha)))
            between = ("one", "other", "items", "same status %", "kappa of labels", "span F1 %")
            pairs = [tuple(_cell(value) for value in msgspec.structs.astuple(one)) for one in told.pairs]
            parts.append(_table("Pairs of people", between, pairs))
    return _html(_filled(_text("figures.html"), {"BODY": "".join(parts)}))


def door(said: str) -> Response:
    """What somebody sees who may not come in."""
    return _html(_filled(_text("door.html"), {"SAID": escape(said)}), 401)


def welcome() -> Response:
    """What a link opens: it leads on to the page."""
    return _html(_text("welcome.html"))


def _share(share: Share) -> str:
    return f"{share.value:.1f} % ({share.low:.1f} to {share.high:.1f})"


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else f"{value}"


def _told(what: str, said: str) -> str:
    return f"<dl><div><dt>{escape(what)}</dt><dd>{escape(said)}</dd></div></dl>"


def _table(title: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    return f'<h2>{escape(title)}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>{body}</table></div>'


def _text(name: str) -> str:
    return files("pointline.review").joinpath("page", name).read_text(encoding="utf-8")


def _filled(template: str, values: dict[str, str]) -> str:
    """Put values where the template names them; a value's own text is never looked through."""
    out = template
    for name in sorted(values, key=lambda name: -template.index(f"@{name}@")):
        place = template.index(f"@{name}@")
        out = out[:place] + values[name] + out[place + len(name) + 2 :]
    return out


def _html(body: str, status: int = 200) -> Response:
    return Response(body, status, media_type="text/html")

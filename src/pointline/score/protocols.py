"""The published ways to count, by name. A protocol is a row of the table: definition, figure, how it matches."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Literal, NamedTuple

from pointline.errors import Refusal
from pointline.score.items import entity_items, event_items, label_items, relation_items
from pointline.score.matching import Facet, Matcher


class Protocol(NamedTuple):
    """`version` rises when a figure could change; `figure` says how counts become a number."""

    version: int
    figure: Literal["f1", "accuracy"]
    matcher: Callable[[], Matcher]


WORD_LEVEL = (
    Facet("entities", "WL", "entities", entity_items),
    Facet("relations", "WL", "relations", relation_items),
    Facet("events", "WL", "events", event_items),
)
TEXT_LEVEL = Facet("labels", "TL", "labels", label_items)


def mre() -> Matcher:
    """Micro-F1 of OIELLM: MMM paper, section 5.2 and appendix "Calculate Detail of F1 Score", equations 1-3.

    Precision = |real & generated| / |generated|, recall = |real & generated| / |real|, sets over the file.
    TL: (id, label). WL: (id, type, text), (id, head, relation, tail), (id, event slots). ALL: samples whose gold has
    both levels; a hit when both item sets are equal; generated = samples whose output is not empty. No normalisation.
    """
    return Matcher((TEXT_LEVEL, *WORD_LEVEL), whole="ALL")


PROTOCOLS: dict[str, Protocol] = {
    "mre": Protocol(1, "f1", mre),
}


def named(name: str) -> Protocol:
    """Look a protocol up; raises Refusal that names the nearest one and all of them."""
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    near = difflib.get_close_matches(name, PROTOCOLS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise Refusal(f"unknown protocol {name!r}; {hint}known: {', '.join(PROTOCOLS)}")

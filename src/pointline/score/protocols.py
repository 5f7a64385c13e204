"""The published ways to count, by name: each a function that says its definition and source, and builds a matcher.

All are micro-averaged over the samples of a file. A level that gold has as null is not scored for that sample; an
answer's null counts as empty. Two protocols with the same figure may differ by many points on the same answers.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Literal, NamedTuple

from pointline.errors import Refusal
from pointline.sample import Sample
from pointline.score import items, normal
from pointline.score.accuracy import MreAccuracy, Sequences
from pointline.score.items import Item
from pointline.score.matching import Facet, Facets, Matcher
from pointline.score.options import Settings
from pointline.score.partial import Partial

TEXT_LEVEL = Facet("labels", "labels", items.label_items, ("TL",))
WORD_LEVEL = (
    Facet("entities", "entities", items.entity_items, ("WL",)),
    Facet("relations", "relations", items.relation_items, ("WL",)),
    Facet("events", "events", items.event_items, ("WL",)),
)


def mre(settings: Settings) -> Matcher:
    """Micro-F1 of OIELLM (MMM paper, section 5.2 and appendix "Calculate Detail of F1 Score", equations 1-3).

    Precision = |real & generated| / |generated|, recall = |real & generated| / |real|, over sets: a repeat counts
    once. TL: (id, label). WL: (id, type, text), (id, head, relation, tail), (id, event slots). ALL: samples whose
    gold has both levels; a hit when both item sets are equal; generated = samples whose output is not empty.
    No normalisation.
    """
    return Facets((TEXT_LEVEL, *WORD_LEVEL), whole="ALL")


def mre_accuracy(settings: Settings) -> Matcher:
    """Accuracy of GIELLM (GIELLM paper, section 4.1, equations 4 and 5).

    TL = samples with the right label / all. WL = matched pairs / pairs in gold, as multisets: there is no precision.
    ALL = samples with TL right and WL at 100 %: spurious pairs do not break it, as printed, unless `strict_all`;
    a sample without pairs in gold is right if and only if none was generated.
    """
    return MreAccuracy(Facets((TEXT_LEVEL, *WORD_LEVEL), multiset=True), strict=settings.strict_all)


def slg(settings: Settings) -> Matcher:
    """Accuracy by string equality, as in the sentence-to-label generation work (Gan, Zhang and Mori 2023).

    TL: the label string is equal. WL: the whole list of label-span pairs is equal, in order. ALL: both.
    Entities are compared in the record's order (start, end, type).
    """
    return Sequences(Facets((TEXT_LEVEL, *WORD_LEVEL), multiset=True))


def iepile(settings: Settings) -> Matcher:
    """Span micro-F1 of IEPile over multisets (IEPile paper, appendix C.1, and its published evaluation, "normal").

    NER (type, text); RE and KG (subject, relation, object); SPO the same with the types of both ends; EE-trigger and
    EET (event type, trigger); EE-argument and EEA (event type, argument, role). Where gold names one of these tasks
    in `meta.task`, only that one is scored; else each annotated level is, SPO where all ends are typed.
    WL sums them up. Unlike the published script nothing is rounded before F1.
    """
    return Facets(_iepile(), multiset=True)


def iepile_set(settings: Settings) -> Matcher:
    """As `iepile`, over sets (the published evaluation's mode "set"): a repeat counts once."""
    return Facets(_iepile())


def offset(settings: Settings) -> Matcher:
    """Exact offsets and type, over multisets: the strict way of NER and the "boundaries" way of relation extraction.

    NER (type, place); RE (relation, place of head, place of tail); EE-trigger (event type, place); EE-argument
    (role, event type, place). A place is (start, end) or all fragments. WL sums them up, TL and ALL are those of
    `mre`. Refuses gold spans without offsets. Sources: Tjong Kim Sang and De Meulder 2003; Taillé et al. 2020.
    """
    facets = (
        TEXT_LEVEL,
        Facet("entities", "entities", items.placed_entities, ("WL", "NER"), items.grounded_entities),
        Facet("relations", "relations", items.placed_relations, ("WL", "RE"), items.grounded_relations),
        Facet("triggers", "events", items.placed_triggers, ("WL", "EE-trigger"), items.grounded_triggers),
        Facet("arguments", "events", items.placed_arguments, ("WL", "EE-argument"), items.grounded_arguments),
    )
    return Facets(facets, multiset=True, whole="ALL")


def partial(settings: Settings) -> Matcher:
    """Entities with partial credit: strict, exact, partial and type (MUC-5; SemEval-2013 task 9.1, Segura-Bedmar).

    Precision = credit / answers, recall = credit / gold. Gold and answers are paired in the best way, so the order
    of entities does not matter. Refuses gold entities without offsets.
    """
    return Partial()


def universalner(settings: Settings) -> Matcher:
    """Entities as sets of (type, normalised text) (UniversalNER, Zhou et al. 2024, its published evaluation).

    Normalised: lower case, ASCII punctuation and English articles dropped, white space collapsed.
    """
    return Facets((Facet("entities", "entities", normal.normalized_entities, ("WL",)),))


def gliner(settings: Settings) -> Matcher:
    """Entities as sets of (type, start, end) (GLiNER, Zaratiana et al. 2024, its published evaluator).

    Refuses gold entities without offsets.
    """
    placed = Facet("entities", "entities", items.placed_entities, ("WL",), items.grounded_entities)
    return Facets((placed,))


def gollie(settings: Settings) -> Matcher:
    """Micro-F1 over multisets after dropping answers that are not in the text (GoLLIE, Sainz et al. 2024).

    NER (type, text in lower case, stripped); RE (relation, head, tail); EE-trigger (event type, trigger); EE-argument
    (role, text) only within events that are right. An answer whose surface the text does not have, or has less
    often, is dropped first. Refuses gold that this filter would change.
    """
    facets = (
        Facet("entities", "entities", normal.kept_entities, ("WL", "NER"), _unfiltered(normal.kept_entities)),
        Facet("relations", "relations", normal.kept_relations, ("WL", "RE"), _unfiltered(normal.kept_relations)),
        Facet("triggers", "events", normal.kept_events, ("WL", "EE-trigger"), _unfiltered(normal.kept_events)),
        Facet("arguments", "events", normal.kept_arguments, ("WL", "EE-argument"), _unfiltered(normal.kept_arguments)),
    )
    return Facets(facets, multiset=True)


def seqeval(settings: Settings) -> Matcher:
    """Entity-level micro-F1 of CoNLL tag sequences (seqeval, Nakayama 2018; conlleval), over (type, start, end).

    Refuses what a tag sequence cannot hold: overlaps and discontinuous spans on either side, gold without offsets.
    Answers without offsets count as wrong.
    """
    return Facets((Facet("entities", "entities", items.tagged_entities, ("WL",), items.tagged_gold),))


class Protocol(NamedTuple):
    """`version` rises when a figure could change; `figure` says how counts become a number."""

    version: int
    figure: Literal["f1", "accuracy"]
    matcher: Callable[[Settings], Matcher]


PROTOCOLS: dict[str, Protocol] = {
    "mre": Protocol(1, "f1", mre),
    "mre-accuracy": Protocol(1, "accuracy", mre_accuracy),
    "slg": Protocol(1, "accuracy", slg),
    "iepile": Protocol(1, "f1", iepile),
    "iepile-set": Protocol(1, "f1", iepile_set),
    "offset": Protocol(1, "f1", offset),
    "partial": Protocol(1, "f1", partial),
    "universalner": Protocol(1, "f1", universalner),
    "gliner": Protocol(1, "f1", gliner),
    "gollie": Protocol(1, "f1", gollie),
    "seqeval": Protocol(1, "f1", seqeval),
}


def named(name: str) -> Protocol:
    """Look a protocol up; raises Refusal that names the nearest one and all of them."""
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    near = difflib.get_close_matches(name, PROTOCOLS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise Refusal(f"unknown protocol {name!r}; {hint}known: {', '.join(PROTOCOLS)}")


_Items = Callable[[Sample], list[Item]]
_TASKS = ("NER", "RE", "EE", "EET", "EEA", "SPO", "KG")


def _unfiltered(read: _Items) -> _Items:
    def gold_items(sample: Sample) -> list[Item]:
        normal.unfiltered(sample)
        return read(sample)

    return gold_items


def _iepile() -> tuple[Facet, ...]:
    """One facet for each task, which is scored where gold names the task or names none."""
    relations, triggers, arguments = items.relation_items, items.trigger_items, items.argument_items
    typed = items.typed_relation_items
    rows: tuple[tuple[str, Literal["entities", "relations", "events"], _Items, str, bool], ...] = (
        ("NER", "entities", items.entity_items, "NER", True),
        ("RE", "relations", relations, "RE", True),
        ("KG", "relations", relations, "KG", False),
        ("SPO", "relations", typed, "SPO", False),
        ("EE-trigger", "events", triggers, "EE", True),
        ("EE-argument", "events", arguments, "EE", True),
        ("EET", "events", triggers, "EET", False),
        ("EEA", "events", arguments, "EEA", False),
    )
    facets = [Facet(f, level, read, ("WL", f), _of_task(read, task, default)) for f, level, read, task, default in rows]
    return (*facets, Facet("SPO", "relations", typed, ("SPO",), _all_typed))


def _of_task(read: _Items, task: str, default: bool) -> Callable[[Sample], list[Item] | None]:
    def gold_items(sample: Sample) -> list[Item] | None:
        said = _task(sample)
        return read(sample) if said == task or (said is None and default) else None

    return gold_items


def _all_typed(sample: Sample) -> list[Item] | None:
    """SPO beside RE, where gold names no task and types both ends of every relation."""
    ends = [end for r in sample.relations or () for end in (r.head, r.tail)]
    typed = bool(ends) and all(end.type is not None for end in ends)
    return items.typed_relation_items(sample) if typed and _task(sample) is None else None


def _task(sample: Sample) -> str | None:
    said = str(sample.meta.get("task", "")).upper()
    return said if said in _TASKS else None

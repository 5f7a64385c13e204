"""Verbs about IEPile's instructions: hard negatives, and pairs in batches of labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from pointline import jsonl
from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.errors import Refusal
from pointline.formats.ask import Ask, parse_tasks, tasks_of
from pointline.instruct.batches import Batching
from pointline.instruct.dictionary_files import read_dictionary, report_unknown, write_dictionary
from pointline.instruct.evidence import gather
from pointline.instruct.hard_negatives import HardNegatives, Mining, Sources, edited, mine
from pointline.instruct.labels import TASKS, Task, labels_of
from pointline.instruct.pairs import Building, Instructions
from pointline.schema import Schema, read_schema

AUTO = "auto"


def hard_negatives(
    schema: Annotated[str, typer.Argument(metavar="SCHEMA", help="A schema as JSON, or samples that show one.")],
    out: Out,
    task: Annotated[str, typer.Option(help=f"One of {', '.join(TASKS)}.")] = "ner",
    samples: Annotated[str | None, typer.Option(help="Annotated samples: what labels share in use.")] = None,
    by_hand: Annotated[str | None, typer.Option("--edit", help="A dictionary edited by hand; its labels win.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Neighbours a label at most.")] = 6,
    symmetric: Annotated[bool, typer.Option("--symmetric", help="A neighbour's neighbour is the label.")] = False,
    as_json: Json = False,
) -> None:
    """The dictionary of labels that are easily taken for one another, with score and signal.

    Example: [bold]pointline hard-negatives schema.json --task ner --out hard.json[/]
    """
    shown = schema.endswith((".jsonl", ".jsonl.gz"))
    asked = Schema.of(jsonl.read(schema)) if shown else read_schema(schema)
    chosen = _task(task)
    labels = labels_of(asked, chosen)
    source = samples or (schema if shown else None)
    sources = Sources(evidence=gather(jsonl.read(source), labels, chosen)) if source else Sources()
    found = mine(labels, sources, Mining(least=min(4, most), most=most, symmetric=symmetric))
    if by_hand:
        found = edited(found, read_dictionary(by_hand))
    write_dictionary(out, found)
    if as_json:
        console.document(found)
    else:
        console.note(f"{sum(map(len, found.labels.values())):,} neighbours of {len(labels):,} labels in {out}")


def batched(
    data: str,
    out: str,
    schema: Schema,
    told: tuple[str | None, str | None],
    shape: tuple[Literal["train", "test"], int | None, int],
    building: Building,
) -> dict[str, int]:
    """Write IEPile rows in batches of labels, task after task; returns what was counted. The verb `build` calls this.

    `told` is (task or None, hard negatives: a file, `auto` or None); `shape` is (mode, split_num, seed).
    """
    task, negatives = told
    mode, split_num, seed = shape
    tasks = [_task(name) for name in parse_tasks(task)] or _tasks_shown(data, schema)
    makers = [
        Instructions(
            schema,
            one,
            negatives=_negatives(negatives, data, schema, one),
            batching=Batching(split_num=split_num, mode=mode, seed=seed),
            building=building,
        )
        for one in tasks
    ]

    def rows() -> Iterator[bytes]:
        for sample in jsonl.read(data):
            for make in makers:
                yield from (line.encode() + b"\n" for line in make.lines(sample))

    with jsonl.writing(out) as file:
        file.writelines(rows())
    return {
        "samples": max((make.tally.samples for make in makers), default=0),
        "rows": sum(make.tally.instructions for make in makers),
        "left_out": sum(make.tally.left_out for make in makers),
    }


def _tasks_shown(data: str, schema: Schema) -> list[Task]:
    """The tasks that the samples name or bear, in the order ner, re, ee."""
    ask = Ask(schema)
    names: dict[str, None] = {}
    for sample in jsonl.read(data):
        if any(level is not None for level in (sample.entities, sample.relations, sample.events)):
            names.update(dict.fromkeys(tasks_of(sample, ask)))
    return [one for one in TASKS if one in names]


def _negatives(told: str | None, data: str, schema: Schema, task: Task) -> HardNegatives | None:
    if told is None:
        return None
    labels = labels_of(schema, task)
    if told == AUTO:
        return mine(labels, Sources(evidence=gather(jsonl.read(data), labels, task)))
    found = read_dictionary(told, task=task)
    report_unknown(found, [label.key for label in labels])
    return found


def _task(name: str) -> Task:
    lowered = name.strip().lower()
    for task in TASKS:
        if task == lowered:
            return task
    raise Refusal(f"no task {name!r}; known: {', '.join(TASKS)}")

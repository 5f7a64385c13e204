"""Verbs about IEPile's instructions: hard negatives, and pairs in batches of labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer

from pointline import jsonl, settings
from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.instruct.batches import Batching
from pointline.instruct.dictionary_files import read_dictionary, report_unknown, write_dictionary
from pointline.instruct.evidence import confusions, gather
from pointline.instruct.hard_negatives import Mining, Sources, edited, mine
from pointline.instruct.labels import TASKS, labels_of
from pointline.instruct.pairs import Building
from pointline.instruct.rows import Batched, BatchedRows, task_named
from pointline.schema import Schema, read_schema


def hard_negatives(
    schema: Annotated[str, typer.Argument(metavar="SCHEMA", help="A schema as JSON, or samples that show one.")],
    out: Out,
    task: Annotated[str, typer.Option(help=f"One of {', '.join(TASKS)}.")] = "ner",
    samples: Annotated[str | None, typer.Option(help="Annotated samples: what labels share in use.")] = None,
    dev: Annotated[str | None, typer.Option(help="Gold samples of a dev run, with --answers.")] = None,
    answers: Annotated[str | None, typer.Option(help="What a model answered to them: what it took for what.")] = None,
    model: Annotated[str | None, typer.Option(help="A folder with a sentence encoder (transformers).")] = None,
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
    chosen = task_named(task)
    labels = labels_of(asked, chosen)
    source = samples or (schema if shown else None)
    sources = Sources(evidence=gather(jsonl.read(source), labels, chosen) if source else None)
    if (dev is None) != (answers is None):
        raise Refusal("--dev and --answers belong together: the gold of a dev run and what a model answered")
    if dev and answers:
        said = {sample.id: sample for sample in jsonl.read(answers, check=False)}
        sources.confusions, sources.gold = confusions(jsonl.read(dev), said, chosen)
    if model:
        from pointline.models.sentences import sentence_encoder

        sources.embed = sentence_encoder(model)
    found = mine(labels, sources, Mining(least=min(4, most), most=most, symmetric=symmetric))
    if by_hand:
        by_person = read_dictionary(by_hand, task=chosen)
        report_unknown(by_person, [label.key for label in labels])
        found = edited(found, by_person)
    write_dictionary(out, found)
    if as_json:
        console.document(found)
    else:
        console.note(f"{sum(map(len, found.labels.values())):,} neighbours of {len(labels):,} labels in {out}")


def told(words: list[str], task: str | None, negatives: str | None, batching: Batching, building: Building) -> Batched:
    """Put `key=value` words into the settings that have the key; raises SettingsFault for an unknown one."""
    ours = {field.name for field in msgspec.structs.fields(Batching)}
    known = ours.union(field.name for field in msgspec.structs.fields(Building))
    for word in words:
        key = word.partition("=")[0]
        if key not in known:
            raise SettingsFault(f"unknown setting {key!r}; known: {', '.join(sorted(known))}")
    batching = settings.fill(
        Batching, msgspec.structs.asdict(batching), [w for w in words if w.partition("=")[0] in ours]
    )
    rest = [word for word in words if word.partition("=")[0] not in ours]
    return Batched(task, negatives, batching, settings.fill(Building, msgspec.structs.asdict(building), rest))


def batched(data: str, out: str, schema: Schema, asked: Batched) -> dict[str, Any]:
    """Write IEPile rows in batches of labels; returns what was counted. The verb `build` calls this."""
    rows = BatchedRows(data, schema, asked)
    with jsonl.writing(out) as file:
        for sample in jsonl.read(data):
            file.writelines(line.encode() + b"\n" for line in rows(sample))
        if not rows.samples:
            raise InputFault("holds no sample", path=data, fix="give a file with at least one JSON line")
        counts = rows.counts()
        if not counts["rows"]:
            refusal = first_refusal(counts.get("refused", {}), counts["first"])
            raise InputFault(f"gives no pair: {refusal}", path=data, fix="see --schema and --task")
    return counts


def first_refusal(refused: Mapping[str, int], first: Mapping[str, str]) -> str:
    """The commonest reason for which samples were refused, with its first sample."""
    reason = max(refused, key=lambda name: refused[name], default="")
    return f"{refused[reason]:,} {reason} (first: {first.get(reason, '')})" if reason else "no sample bears the level"

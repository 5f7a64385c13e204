"""The law on every sample of real sets in three languages, and on all of IEPile's published samples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_sets import SETS

from pointline.formats import Ask, CannotHold, codec
from pointline.formats.build import Build, Shape
from pointline.formats.law import same
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.schema import EventType, RelationType, Schema


@pytest.mark.parametrize("format", ["oiellm", "giellm", "slg", "usa", "plain", "iepile"])
@pytest.mark.parametrize("name", sorted(SETS))
def test_law_on_real_sets(shared_data: Path, name: str, format: str) -> None:
    samples = list(SETS[name](shared_data))
    schema = Schema.of(samples)
    refused: Counter[str] = Counter()
    tasks = ("ner",) if format in ("plain", "usa") and name == "conll04" else ()
    bound = codec(format, Ask(schema, tasks))
    for sample in samples:
        try:
            pairs = bound.encode(sample)
        except CannotHold as refusal:
            refused[refusal.reason] += 1
            continue
        for pair in pairs:
            read = bound.decode(pair.completion, sample.text)
            levels = tuple(
                level
                for level in Ask(schema, tasks).levels()
                if (format != "iepile" or level == {"NER": "entities", "RE": "relations", "EE": "events"}[pair.task])
                and getattr(read, level) is not None
            )
            assert levels
            assert same(sample, read, levels)
            assert not read.problems or set(read.problems) <= {"span_repeated"}
    assert set(refused) <= _structural(name, format), refused


def _structural(name: str, format: str) -> set[str]:
    """What a format has no place for, whatever the sample."""
    allowed = set()
    if format in ("giellm", "slg", "usa") and name != "snips":
        allowed |= {"no_label_inventory"}
    if name == "fewfc" and format != "iepile":
        allowed |= {"trigger_not_held", "level_not_held"}
    return allowed


def test_stockmark_gets_its_gold_offsets(shared_data: Path) -> None:
    samples = list(SETS["stockmark"](shared_data))
    bound = codec("oiellm", Ask(Schema.of(samples)))
    right = 0
    for sample in samples:
        read = bound.decode(bound.encode(sample)[0].completion, sample.text)
        right += read.entities == sample.entities
    assert right / len(samples) >= 0.999


def _published(data: Path, task: str) -> Iterator[tuple[Schema, Sample, dict[str, Any], dict[str, Any]]]:
    """(schema as the instruction lists it, sample, row, instruction) of a published file."""
    lines = [line for line in (data / "sample.json").read_text("utf-8").splitlines() if line.strip()]
    samples = {row["text"]: _sample(row, task) for row in map(json.loads, lines)}
    for name in ("train", "test"):
        for line in (data / f"{name}.json").read_text("utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                told = json.loads(row["instruction"])
                yield _schema(task, told["schema"]), samples[told["input"]], {**row, "mode": name}, told


def _sample(row: dict[str, Any], task: str) -> Sample:
    sample = Sample("x", row["text"], "zh", source=task)
    if "entity" in row:
        sample.entities = [Entity(e["entity_type"], e["entity"]) for e in row["entity"]]
    if "relation" in row:
        kind = "人物" if task == "KG" else None
        sample.relations = [
            Relation(
                r["relation"],
                Span(r["head"], type=r.get("head_type", kind)),
                Span(r["tail"], type=r.get("tail_type")),
            )
            for r in row["relation"]
        ]
    if "event" in row:
        sample.events = [
            Event(
                e["event_type"],
                Span(e["event_trigger"]),
                [Argument(a["role"], a["argument"]) for a in e["arguments"]],
            )
            for e in row["event"]
        ]
    return sample


def _schema(task: str, rows: list[Any]) -> Schema:
    if task == "NER":
        return Schema(entity_types=tuple(rows))
    if task == "RE":
        return Schema(relation_types=tuple(rows))
    if task == "SPO":
        triples = [RelationType(r["predicate"], r["subject_type"], r["object_type"]) for r in rows]
        return Schema(relation_types=tuple(triples))
    if task == "KG":
        return Schema(relation_types=tuple(RelationType(a, r["entity_type"]) for r in rows for a in r["attributes"]))
    if task == "EET":
        return Schema(event_types=tuple(rows))
    return Schema(event_types=tuple(EventType(r["event_type"], tuple(r["arguments"])) for r in rows))


def _asked(sample: Sample, schema: Schema) -> Sample:
    """The sample as a batch of the schema sees it: only the types that the batch asks."""
    part = Sample(sample.id, sample.text, sample.lang, source=sample.source)
    if (names := schema.names("entities")) is not None:
        part.entities = [e for e in sample.entities or () if e.type in names]
    if schema.relation_types is not None:
        keys = {(r.type, r.head, r.tail) for r in schema.relation_list()}
        part.relations = [
            r
            for r in sample.relations or ()
            if any(
                r.type == k and (h is None or h == r.head.type) and (t is None or t == r.tail.type) for k, h, t in keys
            )
        ]
    if (names := schema.names("events")) is not None:
        part.events = [e for e in sample.events or () if e.type in names]
    return part


@pytest.mark.parametrize("task", ["NER", "RE", "EE", "EET", "EEA", "SPO", "KG"])
def test_published_rows_come_out_byte_for_byte(shared_data: Path, task: str) -> None:
    rows = 0
    for schema, sample, row, _told in _published(shared_data / "iepile_data" / task, task):
        shape = Shape(mode=row.pop("mode"), published=True)
        build = Build("iepile", Ask(schema, (task.lower(),)), shape)
        batch = _asked(sample, schema)
        if shape.mode == "test":
            [ours] = build([sample if task == "EEA" else batch])
            assert isinstance(ours, dict)
            assert list(ours) == list(row)
            assert ours["instruction"] == row["instruction"]
            whole = list(Build("iepile", Ask(Schema.of([sample]), (task.lower(),)), shape)([sample]))
            assert not whole or whole[0]["label"] == row["label"]  # type: ignore[index]
        else:
            [ours] = build([batch])
            assert ours == {**row, "source": task}
            _law(schema, batch, task, row["output"])
        rows += 1
    assert rows >= 10


def _law(schema: Schema, batch: Sample, task: str, output: str) -> None:
    read = codec("iepile", Ask(schema, (task.lower(),))).decode(output, batch.text)
    if task == "EET":
        batch.events = [Event(e.type, e.trigger) for e in batch.events or ()]
    level = "entities" if task == "NER" else "events" if task.startswith("E") else "relations"
    assert same(batch, read, (level,))  # type: ignore[arg-type]


def test_two_relations_with_one_predicate_keep_their_types() -> None:
    schema = Schema().relations([RelationType("by", "song", "band"), RelationType("by", "book", "person")])
    held = [
        Relation("by", Span("Ode_1", 0, 5, "song"), Span('"B"', 6, 9, "band")),
        Relation("by", Span("Emma", 10, 14, "book"), Span("Jane", 15, 19, "person")),
    ]
    sample = Sample("1", 'Ode_1 "B" Emma Jane', "en", relations=held)
    bound = codec("iepile", Ask(schema, ("spo",)))
    [pair] = bound.encode(sample)
    assert bound.decode(pair.completion, sample.text).relations == held


def test_english_instructions_and_names_with_marks() -> None:
    schema = Schema().entities(["a_b", 'say "x"', "人_物"])
    sample = Sample("1", "tall {Bob}", "en", entities=[Entity('say "x"', "{Bob}", 5, 10)])
    [pair] = codec("iepile", Ask(schema)).encode(sample)
    told = json.loads(pair.prompt)
    assert told["instruction"].startswith("You are an expert in named entity recognition.")
    assert told["schema"] == ["a_b", 'say "x"', "人_物"]
    assert pair.completion == '{"a_b": [], "say \\"x\\"": ["{Bob}"], "人_物": []}'

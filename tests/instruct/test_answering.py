"""Outputs of several tasks and batches of one text become one prediction."""

from __future__ import annotations

import json

import pytest

from pointline.formats.ask import Ask
from pointline.instruct.answering import Answering
from pointline.instruct.batches import Batching
from pointline.instruct.labels import TASKS, Task
from pointline.instruct.pairs import Instructions
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.schema import EventType, RelationType, Schema

TEXT = "Ann of Rome sang in Rome"
ANN, ROME = {"text": "Ann", "start": 0, "end": 3}, {"text": "Rome", "start": 7, "end": 11}
SCHEMA = Schema(
    entity_types=("person", "place", "song"),
    relation_types=tuple(RelationType(name, "person", "place") for name in ("from", "in", "near", "far", "left")),
    event_types=tuple(EventType(name, ("who", "where")) for name in ("Sing", "Leave", "Die", "Win", "Sleep")),
)
SAMPLE = Sample(
    "1", TEXT, "en",
    entities=[Entity("person", **ANN), Entity("place", **ROME)],  # type: ignore[arg-type]
    relations=[Relation("from", Span(**ANN, type="person"), Span(**ROME, type="place"))],  # type: ignore[arg-type]
    events=[Event("Sing", Span("sang", 12, 16), [Argument("who", **ANN)])],  # type: ignore[arg-type]
)  # fmt: skip
TEST = Batching(split_num=2, mode="test")


def outputs(task: Task) -> list[str]:
    return [pair.completion for pair in Instructions(SCHEMA, task, batching=TEST).pairs(SAMPLE)]


def test_outputs_of_several_levels_in_any_order() -> None:
    raws = [*outputs("ee"), *outputs("ner"), *outputs("re")][::-1]
    said = Answering(Ask(SCHEMA), TEST)("1", TEXT, raws)
    assert said.entities == SAMPLE.entities
    assert [(r.type, r.head.text, r.tail.text) for r in said.relations or ()] == [("from", "Ann", "Rome")]
    assert [(e.type, e.trigger and e.trigger.text) for e in said.events or ()] == [("Sing", "sang")]
    assert (said.problems, said.raw) == (None, "\n".join(raws))


@pytest.mark.parametrize("task", [task for task in TASKS if task != "eea"])
def test_a_task_told(task: Task) -> None:
    read = Answering(Ask(SCHEMA, (task,)), TEST)
    raws = outputs(task)
    assert read("1", TEXT, raws).problems is None
    level = "entities" if task == "ner" else "events" if task in ("ee", "eet") else "relations"
    assert len(getattr(read("1", TEXT, raws), level)) == len(getattr(SAMPLE, level))
    lacking = read("1", TEXT, raws[:-1]) if len(raws) > 2 else read("1", TEXT, ["{"])
    assert "batch_missing" in (lacking.problems or ())


def test_graph_outputs_are_known_by_their_heads() -> None:
    ask = Ask(Schema(relation_types=SCHEMA.relation_types))
    said = Answering(ask, Batching())("1", TEXT, ['{"person": {"Ann": {"from": "Rome"}}}'])
    assert [(r.type, r.head.text, r.tail.text) for r in said.relations or ()] == [("from", "Ann", "Rome")]


def test_one_output_about_several_levels_is_read_as_it_stands() -> None:
    raw = json.dumps({"person": ["Ann"], "place": [], "song": [], "Sing": [{"trigger": "sang", "arguments": {}}]})
    said = Answering(Ask(SCHEMA), Batching())("1", TEXT, [raw])
    assert (len(said.entities or ()), len(said.events or ()), said.relations) == (1, 1, [])


def test_answers_to_labels_not_asked_are_kept_where_nobody_else_answers() -> None:
    ask = Ask(Schema(entity_types=SCHEMA.entity_types))
    said = Answering(ask, Batching(split_num=1))("1", TEXT, ['{"person": ["Ann"], "place": ["Rome"]}', '{"song": []}'])
    assert [entity.text for entity in said.entities or ()] == ["Ann", "Rome"]
    assert said.meta["batches"] == {"label_not_asked": ["place"]}


@pytest.mark.parametrize("raw", ["", "{", "no idea", "[]", '{"person": 3}', "null"])
def test_nothing_raises(raw: str) -> None:
    said = Answering(Ask(SCHEMA), TEST)("1", TEXT, [raw, raw])
    assert (said.entities, said.relations, said.events) == ([], [], []) or said.problems

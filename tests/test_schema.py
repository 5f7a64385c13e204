"""The schema: built, read, inferred; the wire form is the contract's."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pointline.errors import InputFault
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.schema import Described, EventType, RelationType, Schema, read_schema


def test_the_builder_writes_the_contracts_form() -> None:
    schema = (
        Schema()
        .label("sentiment", ["positive", "negative"])
        .entities({"artist": "who plays"})
        .relations([RelationType("plays", "artist", "genre")])
        .events({"Play": ["artist", "track"]})
    )
    assert msgspec.json.decode(msgspec.json.encode(schema)) == {
        "labels": ["positive", "negative"],
        "entities": [{"name": "artist", "description": "who plays"}],
        "relations": [{"type": "plays", "head": "artist", "tail": "genre"}],
        "events": [{"type": "Play", "roles": ["artist", "track"]}],
        "label_name": "sentiment",
    }


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"labels": ["a", {"name": "b", "description": "bee"}], "entities": [], "open": ["entities"]}')
    schema = read_schema(str(path))
    assert schema.names("labels") == ("a", "b")
    assert schema.names("entities") == ()
    assert schema.names("relations") is None
    assert schema.open == ("entities",)
    path.write_text('{"label": []}')
    with pytest.raises(InputFault, match=r"schema.json: .*unknown field `label`"):
        read_schema(str(path))


def test_the_schema_of_annotations_is_sorted_and_null_levels_stay_unasked() -> None:
    samples = [
        Sample("1", "ab", labels=["z"], entities=[Entity("T", "a", 0, 1), Entity("B", "b", 1, 2)]),
        Sample("2", "ab", labels=["a"], relations=[Relation("r", Span("a", 0, 1, "T"), Span("b", 1, 2))]),
        Sample("3", "ab", events=[Event("E", None, [Argument("who", "a", 0, 1)]), Event("D", None)]),
    ]
    assert Schema.of(samples) == Schema(
        ("a", "z"),
        ("B", "T"),
        (RelationType("r", "T"),),
        (EventType("D"), EventType("E", ("who",))),
    )
    assert Schema.of([Sample("1", "a", entities=[])]) == Schema(entity_types=())


def test_one_string_is_no_list_of_names() -> None:
    with pytest.raises(TypeError, match="list"):
        Schema().entities("artist")
    assert Schema().entities([Described("x")]).names("entities") == ("x",)  # type: ignore[list-item]

"""What can be opened, what is refused, and which types belong together in two languages."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from review_samples import draft

from pointline import jsonl
from pointline.errors import InputFault
from pointline.review.inputs import read_items
from pointline.review.item import Item, Repair
from pointline.review.kinds import kinds
from pointline.review.opening import open_store
from pointline.sample import Entity, Sample


def row(name: str, **more: object) -> dict[str, object]:
    return {"id": f"{name}/en", "source": msgspec.to_builtins(draft()), **more}


def test_a_run_of_translation(tmp_path: Path) -> None:
    made = msgspec.to_builtins(msgspec.structs.replace(draft(), id="a/en"))
    repairs = [{"what": "located", "source": "x", "target": "y"}]
    rows = [row("a", draft=made, reasons=["numbers_differ"], repairs=repairs), row("b", reasons=["no_answer"])]
    (tmp_path / "review.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "check.jsonl").write_text(json.dumps(row("c", draft={**made, "id": "c/en"})) + "\n")
    first, second, third = read_items([tmp_path])
    assert (first.id, first.reasons, first.repairs) == ("a/en", ("numbers_differ",), (Repair("located", "x", "y"),))
    assert (second.id, second.draft.text, second.draft.entities) == ("b/en", draft().text, None)
    assert (third.origin, third.source is not None) == ("check.jsonl", True)


def test_the_rows_that_a_translation_writes(tmp_path: Path) -> None:
    from pointline.translate.outcome import Repair as Mended
    from pointline.translate.outcome import ReviewRow

    made = msgspec.structs.replace(draft(), id="s/1/de", entities=[Entity("person", "gone")])
    jsonl.write(tmp_path / "review.jsonl", [ReviewRow("s/1/de", draft(), made, ("entity_lost",), (Mended("located"),))])
    [item] = read_items([tmp_path])
    assert (item.id, item.source, item.draft) == ("s/1/de", draft(), made)
    assert (item.reasons, item.repairs) == (("entity_lost",), (Repair("located"),))


def test_the_queue_of_a_labelling_run(tmp_path: Path) -> None:
    doubtful = msgspec.structs.replace(draft(), meta={"annotate": {"doubts": {"low_agreement": 0.4}}})
    jsonl.write(tmp_path / "queue.jsonl", [doubtful])
    [item] = read_items([tmp_path])
    assert (item.reasons, item.source) == (("low_agreement",), None)


def test_two_files_by_id(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl", [Sample(name, name) for name in ("1", "2", "3")])
    translated = [Sample("1", "eins"), Sample("2/de", "zwei"), Sample("x", "drei", meta={"translation": {"of": "3"}})]
    jsonl.write(tmp_path / "b.jsonl", [*translated, Sample("lost", "?")])
    items = read_items([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert [(item.id, item.source and item.source.id) for item in items] == [
        ("1", "1"),
        ("2/de", "2"),
        ("x", "3"),
        ("lost", None),
    ]


def test_a_faulty_file_is_refused_with_its_line_and_nothing_is_made(tmp_path: Path) -> None:
    data = tmp_path / "s.jsonl"
    wrong = {"id": "2", "text": "a", "entities": [{"type": "x", "text": "b", "start": 0, "end": 1}]}
    data.write_text('{"id": "1", "text": "a"}\n' + json.dumps(wrong))
    with pytest.raises(InputFault, match=r"s.jsonl:2: entities\[0\]"):
        open_store(tmp_path / "r.sqlite", [data])
    assert not (tmp_path / "r.sqlite").exists()
    with pytest.raises(InputFault, match=r"holds no review\.jsonl"):
        list(read_items([tmp_path]))
    (tmp_path / "e.jsonl").write_text("")
    with pytest.raises(InputFault, match="holds no samples"):
        open_store(tmp_path / "e.sqlite", [tmp_path / "e.jsonl"])
    assert not (tmp_path / "e.sqlite").exists()
    with pytest.raises(InputFault, match="is not there"):
        open_store(tmp_path / "none.sqlite")


def test_types_that_belong_together() -> None:
    def item(*types: tuple[str, str]) -> Item:
        here = [Entity(a, "x", 2 * n, 2 * n + 1) for n, (a, _) in enumerate(types)]
        there = [Entity(b, "x", 2 * n, 2 * n + 1) for n, (_, b) in enumerate(types)]
        text = "x " * len(types)
        return Item(Sample("t", text, entities=here), Sample("s", text, entities=there))

    person, place, day = ("person", "人名"), ("place", "地名"), ("DATE", "DATE")
    found = kinds([item(person, place), item(place), item(person, person), item(day, person)])
    assert found == {"DATE": "DATE", "person": "人名", "place": "地名"}
    assert kinds([item(person, place)]) == {"person": "人名", "place": "地名"}

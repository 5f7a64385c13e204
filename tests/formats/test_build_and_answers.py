"""From samples to rows and from raw outputs back to predictions, through files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pointline import jsonl
from pointline.errors import InputFault, Refusal
from pointline.formats import Ask, Paper, codec, parse_tasks
from pointline.formats.answers import Answers
from pointline.formats.build import Build, Shape
from pointline.formats.words import WORDS, load
from pointline.sample import Entity, Pair, Relation, Sample, Span
from pointline.schema import RelationType, Schema

SCHEMA = Schema().label("t", ["news", "a,b"]).entities(["PER"]).relations([RelationType("knows", "PER", "PER")])
SAMPLES = [
    Sample("1", "Ann knows Bo", "en", ["news"], [Entity("PER", "Ann", 0, 3), Entity("PER", "Bo", 10, 12)],
           [Relation("knows", Span("Ann", 0, 3), Span("Bo", 10, 12))], source="x"),
    Sample("2", "Cy", "en", ["a,b"], [Entity("PER", "Cy", 0, 2)], [], source="x"),
    Sample("3", "Di", "en", ["news"], [], [], source="x"),
]  # fmt: skip


def build(format: str, shape: Shape, tasks: str | None = None) -> tuple[Build, list[object]]:
    made = Build(format, Ask(SCHEMA, parse_tasks(tasks)), shape)
    return made, list(made(SAMPLES))


def test_train_refuses_and_counts() -> None:
    made, rows = build("oiellm", Shape())
    assert [row.completion for row in rows if isinstance(row, Pair)] == [
        "news/NER/:PER;Ann:PER;Bo/relation extraction/:Ann;knows;Bo:",
        "news/NER//relation extraction/",
    ]
    assert dict(made.refused) == {"comma_in_label": 1}
    assert made.first["comma_in_label"].startswith("2: ")


def test_test_mode_loses_no_sample() -> None:
    made, rows = build("oiellm", Shape("test"))
    assert [(row.id, bool(row.completion)) for row in rows if isinstance(row, Pair)] == [
        ("1", True),
        ("2", False),
        ("3", True),
    ]
    assert (dict(made.refused), dict(made.unheld)) == ({}, {"comma_in_label": 1})


def test_iepile_rows_have_the_published_fields() -> None:
    made, rows = build("iepile", Shape())
    assert [list(row) for row in rows if isinstance(row, dict)] == [["task", "source", "instruction", "output"]] * 6
    assert made.left_out == {"labels": 3}
    assert [next(iter(r)) for r in build("iepile", Shape(keep_id=True))[1] if isinstance(r, dict)] == ["id"] * 6
    row = build("iepile", Shape("test"), "re")[1][0]
    assert isinstance(row, dict)
    assert list(row) == ["id", "task", "source", "instruction", "label"]
    assert json.loads(row["label"]) == [{"head": "Ann", "relation": "knows", "tail": "Bo"}]
    row = build("iepile", Shape("test", published=True), "re")[1][0]
    assert isinstance(row, dict)
    assert list(row) == ["id", "instruction", "label"]


def _files(folder: Path, raws: list[dict[str, object]]) -> tuple[Path, Path]:
    jsonl.write(folder / "gold.jsonl", SAMPLES)
    (folder / "raw.jsonl").write_text("".join(json.dumps(row) + "\n" for row in raws), "utf-8")
    return folder / "raw.jsonl", folder / "gold.jsonl"


BATCHES: list[dict[str, object]] = [
    {"id": "1", "raw": '{"PER": ["Ann", "Bo"]}', "model": "m"},
    {"id": "1", "raw": '{"knows": [{"head": "Ann", "tail": "Bo"}'},
    {"id": "3", "raw": "nothing"},
]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_batches_of_one_id_are_joined_in_any_order(tmp_path: Path, order: list[int]) -> None:
    answers = Answers(codec("iepile", Ask(SCHEMA)).decode)
    found = list(answers(*_files(tmp_path, [BATCHES[i] for i in order])))
    assert [answer.id for answer in found] == ["1", "3"]
    assert found[0].entities == SAMPLES[0].entities
    assert [r.tail.text for r in found[0].relations or ()] == ["Bo"]
    assert (found[0].labels, found[1].entities) == (None, [])
    assert (found[0].problems, found[1].problems) == (["truncated"], ["not_json"])
    assert (answers.decoded, answers.damaged, answers.missing) == (2, 2, 1)
    jsonl.write(tmp_path / "out.jsonl", found)
    assert list(jsonl.read(tmp_path / "out.jsonl")) == found


def test_foreign_ids_and_lines_are_faults(tmp_path: Path) -> None:
    answers = Answers(codec("iepile", Ask(SCHEMA)).decode)
    with pytest.raises(InputFault, match=r"raw\.jsonl:2: id: gold has no id '9'"):
        list(answers(*_files(tmp_path, [{"id": "1", "raw": ""}, {"id": "9", "raw": ""}])))
    with pytest.raises(InputFault, match=r"raw\.jsonl:1:"):
        list(answers(*_files(tmp_path, [{"id": "1"}])))


def test_the_paper_reader_follows_its_algorithm(tmp_path: Path) -> None:
    reader = Paper(Ask(Schema().label("t", ["news"]).entities(["TIME", "PER"])))
    read = reader.decode("news/NER/:TIME;10:30:PER;Bo:PER;Bo", "Bo 10:30")
    assert [(e.type, e.text) for e in read.entities or ()] == [("PER", "Bo"), ("TIME", "10")]
    assert read.problems == ["paper_tuple"]
    read = Paper(Ask(SCHEMA, ("re",))).decode("news/relation extraction/:Ann;knows;Bo:", "Ann knows Bo")
    assert [(r.head.text, r.type, r.tail.text) for r in read.relations or ()] == [("Ann", "knows", "Bo")]
    assert reader.decode("news", "Bo").labels == []
    assert Paper(Ask(Schema().entities(["PER"])), bare=True).decode("NER:PER;Bo", "Bo").entities


def test_words_can_be_replaced_and_are_checked(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[ner]\nen = "Entities"\nfr = "Entités"\n', "utf-8")
    words = load(tmp_path / "w.toml")
    bound = codec("oiellm", Ask(SCHEMA, ("ner",), words))
    [pair] = bound.encode(SAMPLES[0])
    assert pair.prompt == "Ann knows Bo/Entities"
    assert bound.decode(pair.completion, SAMPLES[0].text).entities == SAMPLES[0].entities
    assert words.word("ner", "fr-CA") == "Entités"
    assert WORDS.word("ner", "en") == "NER"
    for bad in ('[nerr]\nen = "x"\n', '[ner]\nen = "a/b"\n', "ner = 3\n"):
        (tmp_path / "w.toml").write_text(bad, "utf-8")
        with pytest.raises(InputFault, match=r"w\.toml: ner"):
            load(tmp_path / "w.toml")


def test_unknown_names_say_what_is_known() -> None:
    with pytest.raises(Refusal, match="did you mean 'oiellm'"):
        codec("oielm", Ask(SCHEMA))
    with pytest.raises(Refusal, match="known: ner"):
        parse_tasks("nerd")


def test_prompts_for_bare_texts_ask_everything() -> None:
    bare = Sample("9", "東京へ")
    assert codec("oiellm", Ask(SCHEMA)).prompts(bare)[0].prompt == "東京へ/固有表現抽出/関係抽出"
    assert len(codec("iepile", Ask(SCHEMA)).prompts(bare)) == 2
    assert codec("plain", Ask(Schema().label("t", ["a"]).entities(["X"]))).prompts(bare)[0].prompt == "東京へ"


def test_usa_shows_its_example() -> None:
    schema = Schema().label("t", ["+", "-"]).entities(["+"])
    shown = Sample("e", "a joy", labels=["+"], entities=[Entity("+", "joy", 2, 5)])
    [pair] = codec("usa", Ask(schema, example=shown)).encode(Sample("1", "sad", labels=["-"], entities=[]))
    assert pair.prompt == "<a joy><+><-><a joy>POS:+;\n<+>POS:+;joy\n<sad><+><-><sad>POS:+;"
    assert pair.completion == "<->POS"

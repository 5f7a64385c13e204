"""Instructions: their strings, their laws, and the way back from answers to the gold annotation."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline.errors import Refusal, SettingsFault
from pointline.formats.iepile_writing import answer, entries, instruction, label
from pointline.formats.iepile_writing import given as given_events
from pointline.instruct.batches import Batching
from pointline.instruct.hard_negatives import HardNegatives, Neighbour
from pointline.instruct.joining import BATCH_MISSING, CONTRADICTION, LABEL_MISSING, LABEL_NOT_ASKED, Joining
from pointline.instruct.labels import TASKS, Task, keys_in
from pointline.instruct.pairs import Building, Instructions, Tally
from pointline.instruct.wordings import LANGUAGES, wordings
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.schema import Described, EventType, RelationType, Schema

WORDS = ["Ann", "東京", 'a "b"', "x_y", "back\\slash", "😀", "U:S", "two words"]
NAMES = ["person", "place", 'odd "name"', "naïve_type", "場所", "new\nline"]
TEXT = " ".join(WORDS) + " and more"
SCHEMA = Schema(
    entity_types=tuple(NAMES),
    relation_types=tuple(RelationType(p, h, t) for p in ("of", "in_at", "は") for h, t in (("A", "B"), ("C", "D"))),
    event_types=tuple(EventType(name, ("who", 'where "x"')) for name in NAMES),
)
LEVELS = {"ner": "entities", "re": "relations", "spo": "relations", "kg": "relations"}


def span(word: str) -> dict[str, Any]:
    start = TEXT.index(word)
    return {"text": word, "start": start, "end": start + len(word)}


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    words = st.sampled_from(WORDS)
    entities = [
        Entity(kind, **span(word))
        for kind, word in sorted(draw(st.sets(st.tuples(st.sampled_from(NAMES), words), max_size=6)))
    ]
    relations = []
    for relation in draw(st.lists(st.sampled_from(SCHEMA.relation_list()), max_size=4)):
        head, tail = draw(words), draw(words)
        found = Relation(relation.type, Span(**span(head), type=relation.head), Span(**span(tail), type=relation.tail))
        relations += [found] if found not in relations else []
    events = []
    for kind in draw(st.lists(st.sampled_from(NAMES), max_size=3)):
        roles = draw(st.lists(st.tuples(st.sampled_from(("who", 'where "x"')), words), max_size=3, unique=True))
        trigger = draw(st.none() | words)
        arguments = [Argument(role, **span(word)) for role, word in roles]
        found_event = Event(kind, None if trigger is None else Span(**span(trigger)), arguments)
        events += [found_event] if found_event not in events else []
    id = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5))
    return Sample(id, TEXT, "en", entities=entities, relations=relations, events=events, source="s")


def content(sample: Sample, task: Task) -> Counter[Any]:
    """What a task asks of a sample, without offsets."""
    if task == "ner":
        return Counter((e.type, e.text) for e in sample.entities or ())
    if task in ("re", "spo", "kg"):
        typed = {"re": (False, False), "spo": (True, True), "kg": (True, False)}[task]
        return Counter(
            (r.type, r.head.text, r.tail.text, r.head.type if typed[0] else 0, r.tail.type if typed[1] else 0)
            for r in sample.relations or ()
        )
    return Counter(
        (
            e.type,
            e.trigger.text if e.trigger else None,
            frozenset(Counter((a.role, a.text) for a in e.arguments).items()) if task != "eet" else 0,
        )
        for e in sample.events or ()
    )


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=30)
@given(samples(), st.sampled_from([1, 2, 3, 4, -1]))
def test_gold_joined_from_test_batches_is_gold(task: Task, sample: Sample, split_num: int) -> None:
    batching = Batching(split_num=split_num, mode="test")
    pairs = Instructions(SCHEMA, task, batching=batching).pairs(sample)
    joined = Joining(SCHEMA, task, batching)(sample.id, sample.text, [pair.completion for pair in pairs])
    assert content(joined, task) == content(sample, task)
    assert joined.problems is None
    assert {pair.id for pair in pairs} <= {sample.id}
    shuffled = [pair.completion for pair in reversed(pairs)]
    assert content(Joining(SCHEMA, task, batching)("", sample.text, shuffled), task) == content(sample, task)
    assert content(Joining(SCHEMA, task)("", sample.text, shuffled), task) == content(sample, task)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=30)
@given(samples(), st.integers(0, 5), st.sampled_from(["train", "test"]))
def test_the_strings_are_those_of_the_format(task: Task, sample: Sample, seed: int, mode: Any) -> None:
    build = Instructions(SCHEMA, task, batching=Batching(split_num=2, seed=seed, mode=mode))
    rows = entries(task.upper(), SCHEMA)
    for pair in build.pairs(sample):
        asked = [rows[i] for i in _positions(task, rows, json.loads(pair.prompt)["schema"])]
        said = given_events(asked, sample, triggers=mode == "train") if task == "eea" else asked
        assert pair.prompt == instruction(task.upper(), "en", said, sample.text)
        if task != "spo":
            assert pair.completion == answer(task.upper(), sample, asked)
        assert pair.task == task.upper()


def _positions(task: Task, rows: list[Any], schema: list[Any]) -> list[int]:
    if task != "eea":
        return [rows.index(row) for row in schema]
    kinds = [row["event_type"] for row in rows]
    return [kinds.index(row["event_type"]) for row in schema]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("mode", ["train", "test"])
@settings(max_examples=30)
@given(samples())
def test_lines_say_what_pairs_say(task: Task, mode: Any, sample: Sample) -> None:
    build = Instructions(SCHEMA, task, batching=Batching(mode=mode), building=Building(keep_id=True))
    lines = [json.loads(line) for line in build.lines(sample)]
    for pair, row in zip(build.pairs(sample), lines, strict=True):
        assert (row["id"], row["task"], row["source"], row["instruction"]) == (pair.id, pair.task, "s", pair.prompt)
        if mode == "train":
            assert row["output"] == pair.completion
        else:
            assert row["label"] == label(task.upper(), sample)


SWIFT_NAMES = ["person", "place", 'odd "name"', "naïve_type", "場所"]
SWIFT = Schema().entities(SWIFT_NAMES)


@settings(max_examples=200)
@given(
    st.text(st.sampled_from('ab 日😀"\\\n é'), max_size=20).map(lambda text: f"NAN {text} NAN"[: 4 + len(text)]),
    st.lists(
        st.tuples(st.sampled_from(SWIFT.names("entities") or ()), st.integers(0, 20), st.integers(0, 6)), max_size=6
    ),
    st.booleans(),
    st.sampled_from(["all", "none", "wrong"]),
    st.booleans(),
)
def test_the_quick_way_writes_the_bytes_of_the_general_way(
    text: str, spans: list[tuple[str, int, int]], keep_id: bool, offsets: str, named: bool
) -> None:
    found = []
    for kind, start, length in spans:
        wording = text[start : start + length]
        place = {"all": (start, start + length), "none": (None, None), "wrong": (start + 1, start + 1 + length)}[
            offsets
        ]
        found.append(Entity(kind, wording, *place))
    told = {"lang": "en", "source": 's "x"'} if named else {}
    sample = Sample('id "1"', text, entities=found, split="train", **told)
    quick, general = (Instructions(SWIFT, "ner", building=Building(keep_id=keep_id)) for _ in range(2))
    general._swift = None
    assert quick.lines(sample) == general.lines(sample)
    assert quick.lines(sample, "another key") == general.lines(sample, "another key")
    assert quick.tally == general.tally
    assert quick.tally == general.tally


def test_fields_of_the_published_files() -> None:
    sample = Sample("1", "Ann", entities=[Entity("person", "Ann", 0, 3)], source="s")
    ask = Schema().entities(["person"])
    train = json.loads(Instructions(ask, "ner").lines(sample)[0])
    assert list(train) == ["task", "source", "instruction", "output"]
    kept = json.loads(Instructions(ask, "ner", building=Building(keep_id=True)).lines(sample)[0])
    assert list(kept) == ["id", "task", "source", "instruction", "output"]
    test = Instructions(ask, "ner", batching=Batching(mode="test"))
    assert list(json.loads(test.lines(sample)[0])) == ["id", "task", "source", "instruction", "label"]
    published = Building(fields="published")
    bare = Instructions(ask, "ner", batching=Batching(mode="test"), building=published)
    assert list(json.loads(bare.lines(sample)[0])) == ["id", "instruction", "label"]


@pytest.mark.parametrize("task", [task for task in TASKS if task != "eea"])
@settings(max_examples=30)
@given(samples())
def test_positives_are_always_asked_in_training(task: Task, sample: Sample) -> None:
    pairs = Instructions(SCHEMA, task, batching=Batching(split_num=2)).pairs(sample)
    joined = Joining(SCHEMA, task)("", sample.text, [pair.completion for pair in pairs])
    assert content(joined, task) == content(sample, task)
    assert set(keys_in(sample, task)) <= set(keys_in(joined, task))


@settings(max_examples=30)
@given(st.lists(samples(), min_size=2, max_size=5, unique_by=lambda s: s.id), st.data())
def test_an_inserted_record_changes_only_its_own_rows(many: list[Sample], data: st.DataObject) -> None:
    left_out = data.draw(st.sampled_from(many))
    told = {"batching": Batching(negatives=0.5, seed=3), "building": Building(wording="varied", keep_id=True)}
    whole = list(Instructions(SCHEMA, "ner", **told)(many))  # type: ignore[arg-type]
    without = list(Instructions(SCHEMA, "ner", **told)([s for s in many if s is not left_out]))  # type: ignore[arg-type]
    assert [row for row in whole if json.loads(row)["id"] != left_out.id] == without


def test_hard_negatives_are_asked_beside_the_positives() -> None:
    names = [f"type{i}" for i in range(30)]
    hard = HardNegatives({"type3": [Neighbour("type9", 1.0, ""), Neighbour("type11", 1.0, "")]})
    build = Instructions(Schema().entities(names), "ner", negatives=hard)
    sample = Sample("1", "x", entities=[Entity("type3", "x", 0, 1)])
    asked = [name for pair in build.pairs(sample) for name in json.loads(pair.prompt)["schema"]]
    assert {"type3", "type9", "type11"} <= set(asked)
    assert len(asked) == 9
    assert build.tally == Tally(1, 2, {6: 1, 3: 1}, {"-": 1})


def test_not_annotated_is_left_out_of_training_and_asked_in_a_test() -> None:
    sample = Sample("1", "Ann", lang="en")
    train = Instructions(SCHEMA, "ner")
    assert train.pairs(sample) == []
    assert train.tally.left_out == 1
    assert len(Instructions(SCHEMA, "ner", batching=Batching(mode="test")).pairs(sample)) == 1


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_task_has_wordings_in_every_language(task: Task, lang: str) -> None:
    known = wordings(task, lang)
    assert len(set(known)) == len(known) >= 2
    build = Instructions(SCHEMA, task, building=Building(lang=lang, wording="varied"))
    events = [Event("place", Span("Ann", 0, 3))]
    said = set()
    for i in range(60):
        sample = Sample(str(i), "Ann", entities=[], relations=[], events=events)
        said.update(json.loads(pair.prompt)["instruction"] for pair in build.pairs(sample))
    assert said == set(known)


def test_the_language_follows_the_text() -> None:
    build = Instructions(Schema().entities(["人"]), "ner")
    said = [
        json.loads(build.pairs(Sample("1", text, entities=[]))[0].prompt) for text in ("早上好", "おはよう", "hello")
    ]
    assert [row["instruction"] for row in said] == [wordings("ner", lang)[0] for lang in ("zh", "ja", "en")]


def test_descriptions_and_guidelines() -> None:
    schema = Schema(
        entity_types=(Described("person", 'who "acts"'), "place"),
        event_types=(EventType("Buy", ("who",), "a purchase"), EventType("Sell", ("who",))),
    )
    building = Building(describe=True, guidelines="Take the longest span.")
    sample = Sample("1", "Ann", "en", entities=[Entity("person", "Ann", 0, 3)], events=[])
    test = Batching(mode="test")
    ner = Instructions(schema, "ner", batching=test, building=building)
    prompt = json.loads(ner.pairs(sample)[0].prompt)
    assert prompt["schema"] == {"person": 'who "acts"', "place": ""}
    assert prompt["instruction"].endswith("JSON string. Take the longest span.")
    assert json.loads(json.loads(ner.lines(sample)[0])["instruction"]) == prompt
    rows = json.loads(Instructions(schema, "ee", batching=test, building=building).pairs(sample)[0].prompt)["schema"]
    assert rows[0] == {"event_type": "Buy", "trigger": True, "arguments": ["who"], "description": "a purchase"}
    assert "description" not in rows[1]


def test_faults_get_one_clear_line() -> None:
    sample = Sample("s/1", "Ann", entities=[Entity("ghost", "Ann", 0, 3)])
    with pytest.raises(Refusal, match="sample 's/1': label 'ghost' is not in the schema; add it there or map it away"):
        Instructions(SCHEMA, "ner").pairs(sample)
    with pytest.raises(Refusal, match="the schema asks for no relations"):
        Instructions(Schema().entities(["x"]), "re")
    with pytest.raises(Refusal, match="nothing to ask"):
        Instructions(Schema(entity_types=()), "ner")
    with pytest.raises(SettingsFault, match="lang='fr'"):
        Building(lang="fr")


JOIN = Joining(Schema().entities(["a", "b", "c", "d"]), "ner", Batching(split_num=2))


@pytest.mark.parametrize(
    ("raws", "problem", "labels"),
    [
        (['{"a": [], "b": []}'], BATCH_MISSING, ["c", "d"]),
        (['{"a": [], "b": []}', '{"c": []}'], LABEL_MISSING, ["d"]),
        (['{"a": ["x"], "b": []}', '{"c": [], "d": []}', '{"a": ["y"], "b": []}'], CONTRADICTION, ["a"]),
        (['{"a": [], "b": []}', '{"c": [], "d": [], "a": ["x"]}'], LABEL_NOT_ASKED, ["a"]),
        ([], BATCH_MISSING, ["a", "b", "c", "d"]),
        (["no JSON", '{"c": [], "d": []}'], BATCH_MISSING, ["a", "b"]),
    ],
)
def test_what_is_missing_or_contradicts_is_said(raws: list[str], problem: str, labels: list[str]) -> None:
    joined = JOIN("1", "x y", raws)
    assert problem in (joined.problems or ())
    assert joined.meta["batches"] == {problem: labels}
    assert [e.text for e in joined.entities or ()] == (["x"] if problem == CONTRADICTION else [])


def test_a_repeated_batch_counts_once() -> None:
    raws = ['{"a": ["x"], "b": []}', '{"c": [], "d": []}', '{"a": ["x"], "b": []}']
    joined = JOIN("1", "x x", raws)
    assert len(joined.entities or ()) == 1
    assert joined.problems is None

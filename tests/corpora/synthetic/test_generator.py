"""The synthetic samples: varied, exact, the same each time, with the faults that were announced."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter

import msgspec
import pytest

from pointline.corpora.synthetic.generator import generate
from pointline.corpora.synthetic.language import LANGUAGES, TASKS, load
from pointline.corpora.synthetic.markup import Choice, Slot, parse
from pointline.errors import Refusal
from pointline.sample import blemishes, faults, spans_of

LEVEL = {"ner": "entities", "scpos-rw": "entities", "re": "relations", "ee": "events"}


@pytest.fixture(scope="module")
def splits():
    return generate()


@pytest.fixture(scope="module")
def rows(splits):
    return [sample for samples in splits.values() for sample in samples]


def _made(rows):
    return [sample for sample in rows if "planted" not in sample.meta]


def test_sizes_and_splits(splits):
    made = {name: Counter((s.lang, s.meta["task"]) for s in _made(samples)) for name, samples in splits.items()}
    assert set(made["train"].values()) == {180}
    assert set(made["dev"].values()) == {30}
    assert set(made["test"].values()) == {90}
    assert all(len(counts) == 12 for counts in made.values())
    assert all(sample.split == name for name, samples in splits.items() for sample in samples)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_distinct_and_varied(rows, lang):
    mine = [sample for sample in _made(rows) if sample.lang == lang]
    texts = [sample.text for sample in mine]
    assert len(set(texts)) == len(texts) == 1200
    assert len({sample.meta["template"] for sample in mine}) >= 110
    skeletons = {_skeleton(sample) for sample in mine}
    assert len(skeletons) >= 600
    surfaces = {span.text for sample in mine for _, span in spans_of(sample)}
    assert len(surfaces) >= 700
    counts = Counter(len(list(spans_of(sample))) for sample in mine)
    assert {0, 1, 2, 3, 4} <= set(counts)
    assert any(len({s.text for _, s in spans_of(x)}) < len(list(spans_of(x))) for x in mine if x.meta["task"] == "ner")


def _skeleton(sample):
    """The text with every annotated span replaced by its place holder, numbers folded."""
    text = sample.text
    for start, end in sorted({(s.start, s.end) for _, s in spans_of(sample)}, reverse=True):
        text = text[:start] + "_" + text[end:]
    return re.sub(r"\d+", "0", text)


def test_every_record_is_sound(rows):
    for sample in rows:
        assert list(faults(sample)) == [], sample
        assert list(blemishes(sample)) == [], sample
        assert sample.meta["synthetic"] is True
        assert sample.text == sample.text.strip()
    ids = [sample.id for sample in rows]
    assert len(set(ids)) == len(ids)
    assert all(sample.id.startswith(f"synthetic/{sample.split}/") for sample in rows)


def test_each_task_annotates_its_level_and_no_other(rows):
    for sample in rows:
        level = LEVEL[sample.meta["task"]]
        for other in ("entities", "relations", "events"):
            assert (getattr(sample, other) is not None) == (other == level)
        assert sample.labels is not None
        assert len(sample.labels) == 1


def test_relations_and_events_are_typed(rows):
    kinds = {r.type for s in rows for r in s.relations or ()}
    assert kinds == {"works_for", "based_in", "makes", "founded"}
    assert all(r.head.type and r.tail.type for s in rows for r in s.relations or ())
    assert {e.type for s in rows for e in s.events or ()} == {"Acquire", "Appoint", "Launch", "Open", "Win"}
    assert {a.role for s in rows for e in s.events or () for a in e.arguments} == {"subject", "object", "time"}
    for sample in rows:
        for event in sample.events or ():
            assert event.trigger is not None
            roles = [argument.role for argument in event.arguments]
            assert len(set(roles)) == len(roles)
    assert any(len(s.events or ()) == 2 for s in rows)
    assert any(len(s.relations or ()) >= 2 for s in rows)


def test_no_label_follows_from_the_presence_of_spans_alone(rows):
    """A fifth and more of each kind's labels stand beside no span, and polar words of one kind under several labels."""
    for task in TASKS:
        bare = {s.labels[0] for s in _made(rows) if s.meta["task"] == task and not list(spans_of(s))}
        assert len(bare) >= 1
    polar = [s for s in _made(rows) if s.meta["task"] == "scpos-rw"]
    for kind in ("positive", "negative"):
        labels = {s.labels[0] for s in polar if any(e.type == kind for e in s.entities)}
        assert labels == {"positive", "negative", "neutral"}


def test_names_are_ambiguous(rows):
    for lang in LANGUAGES:
        types: dict[str, set[str]] = {}
        for sample in rows:
            if sample.lang == lang:
                for entity in sample.entities or ():
                    types.setdefault(entity.text.casefold(), set()).add(entity.type)
        assert sum(len(found) > 1 for found in types.values()) >= 8, lang


def test_held_out_words_and_templates_stay_out_of_train(splits):
    train = _made(splits["train"])
    assert not [s for s in train if "/late/" in s.meta["template"]]
    for lang in LANGUAGES:
        language = load(lang)
        early, late = language.words(late=False), language.words(late=True)
        assert len(late) >= sum(any("{" not in value for value in values) for values in early.values()) / 3
        surfaces = {span.text for s in train if s.lang == lang for _, span in spans_of(s)}
        test = [span.text for s in splits["test"] if s.lang == lang for _, span in spans_of(s)]
        unseen = sum(text not in surfaces for text in test)
        assert 0.25 < unseen / len(test) < 0.75, (lang, unseen, len(test))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_planted_faults_are_exactly_those_announced(splits, lang):
    train = [s for s in splits["train"] if s.lang == lang]
    planted = Counter(s.meta.get("planted") for s in train)
    assert planted == {None: 720, "duplicate": 14, "conflict": 7, "leak": 7, "junk": 4}
    own = {s.text: s for s in train if "planted" not in s.meta}
    test = {s.text: s for s in splits["test"]}
    for sample in train:
        fault = sample.meta.get("planted")
        if fault == "duplicate":
            assert _annotation(sample) == _annotation(own[sample.text])
        elif fault == "conflict":
            assert _annotation(sample) != _annotation(own[sample.text])
        elif fault == "leak":
            assert _annotation(sample) == _annotation(test[sample.text])
        else:
            assert sample.text not in test
    assert not [s for name in ("dev", "test") for s in splits[name] if "planted" in s.meta]


def _annotation(sample):
    return (sample.labels, sample.entities, sample.relations, sample.events)


def test_scripts_and_spaces(rows):
    for sample in _made(rows):
        if sample.lang == "en":
            assert "  " not in sample.text
            assert not re.search(r" [.,;:!?]", sample.text)
            assert not sample.text[0].islower()
        else:
            assert " " not in sample.text.replace("12 %", ""), sample.text
        assert not re.search(r"[{}\[\]|@]|、、|。。|，，|，。|、。|\.\.", sample.text), sample.text
    assert any("😋" in s.text or "📉" in s.text for s in rows)
    assert any("１２" in s.text for s in rows)


def test_every_slot_is_filled_and_every_list_used():
    for lang in LANGUAGES:
        language = load(lang)
        lists = language.words(late=False)
        sections = [values for section in language.slots.values() for values in section]
        assert len(sections) == len(set(sections))
        templates = [t for task in language.tasks.values() for g in task.groups for t in g.text + g.late]
        templates += [f for task in language.tasks.values() for f in task.frames]
        used = set()
        todo = [t.replace("@", each) for t in templates for each in ("food", "hotel", "device")]
        while todo:
            for name in _names(parse(todo.pop().replace("{}", ""))):
                assert name in lists, (lang, name)
                if name not in used:
                    used.add(name)
                    todo += lists[name] + language.words(late=True).get(name, [])
        assert used == set(lists), set(lists) ^ used
        assert set(language.words(late=True)) <= used
        for values in (*lists.values(), *language.words(late=True).values()):
            assert values


def _names(nodes):
    for node in nodes:
        if isinstance(node, Choice):
            for branch in node.branches:
                yield from _names(branch)
        elif isinstance(node, Slot) and not node.literal:
            yield node.name


def test_languages_are_parallel_in_design():
    shapes = {lang: {task: load(lang).tasks[task].labels for task in TASKS} for lang in LANGUAGES}
    assert shapes["en"] == shapes["ja"] == shapes["zh"]


def test_the_seed_decides_and_too_many_sentences_are_refused(monkeypatch):
    def texts(seed):
        return [s.text for s in generate(seed, 12, ["zh"])["test"]]

    assert texts(1) == texts(1) != texts(2)
    monkeypatch.setattr("pointline.corpora.synthetic.generator.ATTEMPTS", 1)
    with pytest.raises(Refusal, match="no more distinct"):
        generate(per_task=400, languages=["zh"])


SCRIPT = """
import hashlib, msgspec
from pointline.corpora.synthetic.generator import generate
print(hashlib.sha256(msgspec.json.encode(generate(3, 40))).hexdigest())
"""


def test_the_bytes_do_not_depend_on_the_hash_seed():
    here = hashlib.sha256(msgspec.json.encode(generate(3, 40))).hexdigest()
    for hash_seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == here

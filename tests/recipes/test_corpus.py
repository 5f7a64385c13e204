"""The corpus recipe: from cards and samples to shards, resumed after a kill, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl, resume
from pointline.corpora.synthetic.generator import generate
from pointline.errors import InputFault, PointlineError
from pointline.recipes.corpus import build
from pointline.recipes.corpus_settings import read_recipe
from pointline.sample import Entity, Sample
from pointline.shards.sinks import read_rows

CARD = """
name = "birds"
title = "Birds"
task = "entities"
langs = ["en"]
licence = "own"
domain = "nature"
reader = "columns"
[options]
scheme = "BIO"
separator = "tab"
[[files]]
split = "train"
glob = "train.txt"
[[files]]
split = "held"
glob = "held.txt"
"""
RECIPE = """
name = "Tiny"
seed = 3
data = "data"
[instructions]
wording = "varied"
[mixture]
temperature = 2.0
[shards]
shards = 3
[[corpus]]
card = "birds.toml"
folder = "birds"
splits = { held = "test" }
[[corpus]]
name = "demo"
samples = { train = "demo/train.jsonl", test = "demo/test.jsonl" }
task = ["ner", "re"]
cap = 60
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a recipe, a card of its own, raw columns and sample files."""
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "birds.toml").write_text(CARD)
    kinds = ["bird", "tree", "place", "season", "sound", "food", "nest", "person"]
    for split, start in (("train", 0), ("held", 100)):
        blocks = [f"heron{i}\tB-{kinds[i % 8]}\nrests\tO\nby\tO\nlake{i}\tB-place\n" for i in range(start, start + 40)]
        path = tmp_path / "data" / "birds" / f"{split}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(blocks))
    for split, samples in generate(per_task=30).items():
        jsonl.write(tmp_path / "demo" / f"{split}.jsonl", samples)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(row) for path in sorted(folder.glob("rows-*")) for row in read_rows(path, "jsonl")]


def test_a_recipe_becomes_a_corpus(place: Path) -> None:
    made = build(read_recipe(place / "recipe.toml"), place / "out", {})
    found = contents(place / "out")
    manifest = json.loads(found["manifest.json"])
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name != "manifest.json"}
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == hashes
    train = rows(place / "out" / "train")
    assert len(train) == made.rows["train"] == sum(record.instructions for record in made.records)
    assert {row["task"] for row in train} == {"NER", "RE"}
    assert len({json.loads(row["instruction"])["instruction"] for row in train if row["source"] == "birds"}) == 3
    birds = [row for row in train if row["source"] == "birds"]
    assert birds != sorted(birds, key=lambda row: row["id"])
    record = json.loads(found["record.json"])
    assert record["birds ner"]["#Instance"] == {"train": 40, "test": 40}
    assert record["birds ner"]["Domain"] == "nature"
    assert record["birds ner"]["Split_num"] == 6
    assert all(len(json.loads(row["instruction"])["schema"]) <= 9 for row in train)
    assert len({row["id"] for row in rows(place / "out" / "test") if row.get("source") == "birds"}) == 40
    assert "| birds | ner | nature | 8 |" in found["README.md"].decode()
    assert json.loads(found["hard_negatives/birds.ner.json"])["labels"]["bird"]
    assert not any(str(place).encode() in data for data in found.values())


def test_the_same_bytes_wherever_and_however(place: Path) -> None:
    build(read_recipe(place / "recipe.toml"), place / "one", {})
    for seed, workers in (("1", 1), ("2", 2)):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        words = ["build-corpus", place / "recipe.toml", "--out", place / seed / "two", "--workers", workers, "--json"]
        subprocess.run([sys.executable, "-m", "pointline", *map(str, words)], check=True, env=env, capture_output=True)
        assert contents(place / seed / "two") == contents(place / "one")


def test_what_is_done_is_not_done_again_and_what_changed_is(place: Path) -> None:
    out = place / "out"
    build(read_recipe(place / "recipe.toml"), out, {})
    before, whole = {path: path.stat().st_mtime_ns for path in out.rglob("rows-*")}, contents(out)
    said: list[str] = []
    build(read_recipe(place / "recipe.toml"), out, {}, lambda what, step, steps: said.append(what))
    assert {path: path.stat().st_mtime_ns for path in out.rglob("rows-*")} == before
    assert contents(out) == whole
    (out / "clean" / "birds" / "train.jsonl").write_text("damaged")
    (place / "birds.toml").write_text(CARD.replace("nature", "air"))
    build(read_recipe(place / "recipe.toml"), out, {})
    assert json.loads((out / "record.json").read_text())["birds ner"]["Domain"] == "air"
    recipe = RECIPE.partition("[[corpus]]\ncard")[0] + "[[corpus]]\nname" + RECIPE.partition("[[corpus]]\nname")[2]
    (place / "recipe.toml").write_text(recipe)
    build(read_recipe(place / "recipe.toml"), out, {})
    assert not list(out.rglob("*birds*/*.jsonl"))
    build(read_recipe(place / "recipe.toml"), place / "fresh", {})
    assert contents(out) == contents(place / "fresh")


@pytest.mark.parametrize("stage", ["clean", "instructions: train"])
def test_a_killed_run_goes_on(place: Path, stage: str) -> None:
    out = place / "out"
    code = (
        "import os, signal, sys\n"
        "from pointline.recipes import corpus\nfrom pointline.recipes.corpus_settings import read_recipe\n"
        "def tell(what, step, steps):\n"
        f"    if what == {stage!r}:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "corpus.build(read_recipe(sys.argv[1]), sys.argv[2], {}, tell)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", code, str(place / "recipe.toml"), str(out)], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    converted = {path: path.stat().st_mtime_ns for path in (out / "samples").rglob("*.jsonl")}
    assert converted
    time.sleep(0.02)
    build(read_recipe(place / "recipe.toml"), out, {})
    assert {path: path.stat().st_mtime_ns for path in converted} == converted
    build(read_recipe(place / "recipe.toml"), place / "unbroken", {})
    assert contents(out) == contents(place / "unbroken")


def test_two_at_once_are_refused(place: Path) -> None:
    with resume.exclusive(place / "out"), pytest.raises(InputFault, match="another run is writing it"):
        build(read_recipe(place / "recipe.toml"), place / "out", {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "Tiny"', "name = ", "recipe.toml: is not TOML"),
        ("seed = 3", 'seed = "x"', "seed"),
        ("seed = 3", "sead = 3", "unknown field `sead`"),
        ("cap = 60", "caps = 60", "corpus[1]"),
        ("cap = 60", "cap = -1", "must not be below 0"),
        ("temperature = 2.0", "temperature = 0", "temperature=0"),
        ("shards = 3", "shards = 0", "shards=0"),
        ('card = "birds.toml"', 'card = "bards.toml"', "bards.toml"),
        ('card = "birds.toml"', 'card = "snips"', "there is no card 'snips'; did you mean"),
        ('folder = "birds"', 'folder = "fish"', "fish: corpus birds: no such folder"),
        ('splits = { held = "test" }', "", "the card has a split 'held'"),
        ('name = "demo"', 'name = "birds"', "two corpora are called 'birds'"),
        ('name = "demo"', 'name = "../demo"', "is no name for a corpus"),
        ('task = ["ner", "re"]', 'task = ["nerr"]', "Invalid enum value 'nerr'"),
        ('task = ["ner", "re"]', 'task = "ner"\ncard = "birds.toml"', "either a card or samples"),
        ('wording = "varied"', 'lang = "fr"', "lang='fr'"),
        ("demo/test.jsonl", "demo/none.jsonl", "none.jsonl"),
    ],
)
def test_a_bad_recipe_is_one_clear_line(place: Path, old: str, new: str, said: str) -> None:
    assert old in RECIPE
    (place / "recipe.toml").write_text(RECIPE.replace(old, new))
    with pytest.raises(PointlineError) as caught:
        build(read_recipe(place / "recipe.toml"), place / "out", {})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("format", "form"), [("oiellm", "jsonl"), ("giellm", "jsonl"), ("iepile", "jsonl.zst")])
def test_every_format_and_form(place: Path, format: str, form: str) -> None:
    if form != "jsonl":
        pytest.importorskip("zstandard")
    recipe = f'format = "{format}"\n' + RECIPE.replace("shards = 3", f'shards = 3\nform = "{form}"')
    (place / "recipe.toml").write_text(recipe)
    made = build(read_recipe(place / "recipe.toml"), place / "out", {})
    files = sorted((place / "out" / "train").glob(f"rows-*.{form}"))
    found = [json.loads(row) for path in files for row in read_rows(path, form)]  # type: ignore[arg-type]
    assert len(found) == made.rows["train"] > 0
    assert {"instruction" if format == "iepile" else "prompt"} <= set(found[0])


def test_an_inserted_sample_changes_only_its_own_rows(place: Path) -> None:
    recipe = RECIPE.replace("[mixture]\ntemperature = 2.0", "[hard_negatives]\nannotations = false").replace(
        "cap = 60", ""
    )
    (place / "recipe.toml").write_text(recipe)
    build(read_recipe(place / "recipe.toml"), place / "one", {})
    path = place / "demo" / "train.jsonl"
    samples = list(jsonl.read(path))
    kind = next(entity.type for sample in samples for entity in sample.entities or ())
    extra = Sample("new", "Zed waits in Ux.", "en", entities=[Entity(kind, "Zed", 0, 3)])
    jsonl.write(path, [*samples[:9], extra, *samples[9:]])
    build(read_recipe(place / "recipe.toml"), place / "two", {})
    more = [row for row in rows(place / "two" / "train") if row["id"] != "new"]
    assert more == rows(place / "one" / "train")


def test_a_text_of_an_earlier_corpus_is_asked_once(place: Path) -> None:
    again = '[[corpus]]\nname = "again"\nsamples = { train = "demo/train.jsonl" }\ntask = %s\n'
    recipe = RECIPE.replace("temperature = 2.0", "").replace("cap = 60", "")
    recipe = recipe.replace("shards = 3", "shards = 3\ndistinct = true")
    rows_by_task = {}
    for task in ('["ner", "re"]', '"ner"'):
        (place / "recipe.toml").write_text(recipe + again % task)
        made = build(read_recipe(place / "recipe.toml"), place / task, {})
        rows_by_task[task] = {record.name: record.instructions for record in made.records if record.task == "ner"}
    assert rows_by_task['["ner", "re"]']["again"] == 0
    assert rows_by_task['"ner"']["again"] == rows_by_task['"ner"']["demo"] > 0

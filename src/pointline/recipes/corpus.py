"""From cards to a corpus of instructions: convert, clean, hard negatives, mixture, shards, record, manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from pointline import jsonl, resume
from pointline.clean.corpus import CleanReport, clean_corpora
from pointline.errors import InputFault
from pointline.instruct.batches import Batching
from pointline.instruct.corpus import Corpus, build_mixture
from pointline.instruct.dictionary_files import read_dictionary, report_unknown, write_dictionary
from pointline.instruct.evidence import gather
from pointline.instruct.hard_negatives import HardNegatives, Mining, Sources, edited, mine
from pointline.instruct.labels import LEVEL_OF, Task, labels_of
from pointline.instruct.mixture import Share, rates
from pointline.instruct.record import InstructionRecord
from pointline.recipes.corpus_result import Made, write_result
from pointline.recipes.corpus_settings import SPLITS, Opened, Source
from pointline.recipes.corpus_sources import Tell, converted, write_json
from pointline.recipes.corpus_stages import Stages
from pointline.schema import Schema, read_schema
from pointline.shards import Sharding
from pointline.shards.manifest import file_hash

Asked = dict[str, dict[Task, tuple[Schema, HardNegatives]]]
USUAL: tuple[Task, ...] = ("ner", "re", "ee")


def build(opened: Opened, out: str | Path, running: Mapping[str, Any], tell: Tell | None = None) -> Made:
    """Make the corpus of a recipe in the folder `out`; what an earlier run of it finished is kept.

    Leaves `samples/` and `clean/` (a folder a data set), `schemas/`, `hard_negatives/`, the shards in `train/`, `dev/`
    and `test/`, `record.json` (Figure 4 of IEPile), `README.md` (the corpus card) and `manifest.json`, which has the
    hash of every file. `running` holds what changes no byte: workers, engine, address.
    Raises PointlineError with one line; InputFault where another run writes the same folder.
    """
    folder, say = Path(out).resolve(), tell or (lambda what, step, steps: None)
    sharding = replace(opened.recipe.shards, seed=opened.recipe.seed, **running)
    with resume.exclusive(folder):
        stages = Stages(folder)
        samples = converted(opened, folder, stages, say)
        say("clean", 0, 1)
        report, cleaned = _cleaned(opened, folder, stages, samples)
        asked = _asked(opened, folder, stages, cleaned, say)
        train = _mixed(opened, report, asked)
        records: dict[str, list[InstructionRecord]] = {}
        for split in SPLITS:
            say(f"instructions: {split}", 0, 1)
            records[split] = _sharded(folder, split, (train, cleaned), _shape(opened, sharding, split))
        stages.finish()
        say("record and manifest", 0, 1)
        return write_result(opened, folder, records, report)


def _cleaned(
    opened: Opened, folder: Path, stages: Stages, samples: dict[str, dict[str, Path]]
) -> tuple[CleanReport, dict[str, dict[str, Path]]]:
    """`clean/NAME/SPLIT.jsonl`: all corpora at once, so that no training text is a test text of any."""
    into = folder / "clean"
    settings = opened.recipe.clean
    hashes = {name: {split: file_hash(path) for split, path in files.items()} for name, files in samples.items()}
    made = {name: {split: into / name / f"{split}.jsonl" for split in files} for name, files in samples.items()}

    def do() -> Iterator[Path]:
        report = clean_corpora(samples, into, settings)
        report.files = [replace(file, path=f"{file.corpus}/{file.split}.jsonl") for file in report.files]
        write_json(into / "report.json", report)
        yield from (into / "report.json", into / "dropped.jsonl")
        yield from (path for files in made.values() for path in files.values())

    stages.stage("clean", {"settings": replace(settings, workers=1), "samples": hashes}, do)
    return msgspec.json.decode((into / "report.json").read_bytes(), type=CleanReport), made


def _asked(opened: Opened, folder: Path, stages: Stages, cleaned: dict[str, dict[str, Path]], say: Tell) -> Asked:
    """Schema and hard negatives of every data set and task: `schemas/NAME.json`, `hard_negatives/NAME.TASK.json`."""
    asked: Asked = {}
    for number, source in enumerate(opened.recipe.corpus):
        say(f"hard negatives: {source.title}", number, len(opened.recipe.corpus))
        files = cleaned[source.title]
        told = {
            "source": source,
            "mining": opened.recipe.hard_negatives,
            "clean": {split: file_hash(path) for split, path in files.items()},
            "read": [file_hash(opened.folder / path) for path in (source.schema, source.hard_negatives) if path],
        }
        made = stages.stage(f"ask {source.title}", told, partial(_ask, opened, source, files, folder))
        schema = read_schema(str(folder / "schemas" / f"{source.title}.json"))
        paths = [folder / path for path in made if path.startswith("hard_negatives")]
        tasks: dict[Task, Path] = {msgspec.convert(path.stem.rpartition(".")[2], Task): path for path in paths}
        asked[source.title] = {task: (schema, read_dictionary(path)) for task, path in tasks.items()}
    return asked


def _ask(opened: Opened, source: Source, files: dict[str, Path], folder: Path) -> Iterable[Path]:
    """Write the schema of a data set and its dictionaries."""
    schema = (
        read_schema(str(opened.folder / source.schema))
        if source.schema
        else Schema.of(sample for path in files.values() for sample in jsonl.read(path))
    )
    path = folder / "schemas" / f"{source.title}.json"
    write_json(path, schema)
    yield path
    mining = opened.recipe.hard_negatives
    plain = Mining(**{name: getattr(mining, name) for name in Mining.__struct_fields__})
    for task in _tasks(source, schema):
        labels = labels_of(schema, task)
        shown = mining.annotations and "train" in files
        evidence = gather(jsonl.read(files["train"]), labels, task) if shown else None
        found = mine(labels, Sources(evidence), plain)
        if source.hard_negatives:
            by_hand = read_dictionary(opened.folder / source.hard_negatives, task, source.source)
            report_unknown(by_hand, [label.key for label in labels])
            found = edited(found, by_hand)
        path = folder / "hard_negatives" / f"{source.title}.{task}.json"
        write_dictionary(path, found)
        yield path


def _tasks(source: Source, schema: Schema) -> list[Task]:
    if source.task is not None:
        return list(source.task) if isinstance(source.task, list) else [source.task]
    found = [task for task in USUAL if schema.names(LEVEL_OF[task])]
    if not found:
        raise InputFault("has no word level", field=f"corpus {source.title}", fix="take it out of the recipe")
    return found


def _mixed(opened: Opened, report: CleanReport, asked: Asked) -> dict[str, list[Corpus]]:
    """What is asked of each data set in training, with the rate at which its samples are taken."""
    recipe = opened.recipe
    kept = {file.corpus: file.kept for file in report.files if file.split == "train"}
    shares = [Share(s.title, kept.get(s.title, 0), s.weight, s.cap) for s in recipe.corpus]
    rate = rates(shares, recipe.mixture.temperature, recipe.mixture.total)
    found: dict[str, list[Corpus]] = {}
    for source in recipe.corpus:
        card = opened.cards.get(source.title)
        split_num = source.split_num if source.split_num is not None else recipe.batches.split_num
        found[source.title] = [
            Corpus(
                source.title,
                schema,
                task,
                negatives,
                Batching(split_num, negatives=recipe.batches.negatives, seed=recipe.seed),
                recipe.instructions,
                rate[source.title],
                source.domain or (card.domain if card else None),
                recipe.format,
            )
            for task, (schema, negatives) in asked[source.title].items()
        ]
    return found


def _shape(opened: Opened, sharding: Sharding, split: str) -> Sharding:
    """Training rows are shuffled as the recipe says; those of dev and test keep their order."""
    return sharding if split == "train" else replace(sharding, shards=opened.recipe.held_out_shards, order="input")


def _sharded(
    folder: Path,
    split: str,
    corpora: tuple[dict[str, list[Corpus]], dict[str, dict[str, Path]]],
    sharding: Sharding,
) -> list[InstructionRecord]:
    train, cleaned = corpora
    inputs: dict[str, list[Corpus]] = {}
    for name, asked in train.items():
        if split in cleaned[name]:
            inputs[str(cleaned[name][split])] = asked if split == "train" else [_tested(corpus) for corpus in asked]
    return build_mixture(inputs, folder / split, sharding) if inputs else []


def _tested(corpus: Corpus) -> Corpus:
    """The same asked in test mode: all labels, every sample once."""
    return replace(corpus, batching=replace(corpus.batching, mode="test"), negatives=None, rate=1.0)

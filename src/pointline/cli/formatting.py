"""Verbs about formats: build pairs for a generative model, decode what a model said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import msgspec
import typer

from pointline import jsonl
from pointline.cli import console
from pointline.cli.instructing import batched, first_refusal, told
from pointline.cli.options import Json, Out, Seed
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.formats import words as instruction_words
from pointline.formats.answers import Answers
from pointline.formats.ask import Ask, parse_tasks
from pointline.formats.build import Build, Row, Shape
from pointline.formats.paper import Paper
from pointline.formats.table import FORMATS, codec
from pointline.instruct.answering import Answering
from pointline.instruct.batches import Batching
from pointline.instruct.pairs import Building
from pointline.instruct.wordings import LANGUAGES
from pointline.sample import Sample
from pointline.schema import Schema, read_schema

Format = Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")]
Task = Annotated[str | None, typer.Option(help="The task, several joined by a comma; by default the sample's own.")]
SchemaFile = Annotated[str | None, typer.Option("--schema", help="What may be asked; by default what the file shows.")]
WordsFile = Annotated[str | None, typer.Option("--words", help="A TOML file of instruction words.")]
Lang = Annotated[str | None, typer.Option(help="Language of the instruction words; by default the sample's.")]


def build(
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="Samples.")],
    out: Out,
    format: Format,
    schema: SchemaFile = None,
    task: Task = None,
    mode: Annotated[Literal["train", "test"], typer.Option(help="Test rows keep the answer apart.")] = "train",
    lang: Lang = None,
    words: WordsFile = None,
    keep_id: Annotated[bool, typer.Option("--keep-id", help="IEPile: add the id to train rows.")] = False,
    split_num: Annotated[
        int | None, typer.Option(help="IEPile: labels a batch, by default 6 for NER and 4 else; -1 is all.", min=-1)
    ] = None,
    hard_negatives: Annotated[
        str | None,
        typer.Option(help="IEPile: FILE or FILE#SOURCE; `auto` mines the samples too, `none` takes no hard ones."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="IEPile: negatives, wording, describe, guidelines, lang as key=value."),
    ] = None,
    seed: Seed = 0,
    drop_triggers: Annotated[
        bool, typer.Option("--drop-triggers", help="Write events without the triggers that a format cannot hold.")
    ] = False,
    fields: Annotated[
        Literal["all", "published"], typer.Option(help="IEPile: `published` omits what a published test file lacks.")
    ] = "all",
    as_json: Json = False,
) -> None:
    """Training or test pairs in the format that a generative model learns.

    Example: [bold]pointline build train.jsonl --format oiellm --out pairs.jsonl[/]
    """
    ask = _ask(data, schema, task, lang, words)
    if format == "iepile":
        if words or drop_triggers:
            raise SettingsFault("--words and --drop-triggers are not for --format iepile, which needs neither")
        batching = Batching(split_num=split_num, mode=mode, seed=seed)
        building = Building(_known(lang), keep_id=keep_id, fields="published" if fields == "published" else "ours")
        asked = told(setting or [], task, hard_negatives, batching, building)
        _tell(batched(data, out, ask.schema, asked), out, as_json)
        return
    if split_num is not None or hard_negatives is not None or setting:
        raise SettingsFault(f"--format {format}: --split-num, --hard-negatives and --set belong to --format iepile")
    if format == "usa":
        ask = msgspec.structs.replace(ask, example=_first(data))
    making = Build(format, ask, Shape(mode, keep_id, fields == "published"))
    rows = making(map(_without_triggers, _whole(data)) if drop_triggers else _whole(data))
    jsonl.write(out, _written(rows, lambda: first_refusal(making.refused, making.first), data))
    counts = {name: dict(sorted(c.items())) for name, c in _counted(making).items() if c}
    _tell({"samples": making.samples, "rows": making.rows, **counts, "first": making.first}, out, as_json)


def decode(
    raw: Annotated[str, typer.Argument(metavar="RAW.jsonl", help='{"id", "raw"} a line; lines of one id are batches.')],
    gold: Annotated[str, typer.Option("--gold", help="Samples; only id, text and the inventory are read.")],
    out: Out,
    format: Format,
    schema: SchemaFile = None,
    task: Task = None,
    lang: Lang = None,
    words: WordsFile = None,
    reader: Annotated[
        Literal["ours", "paper", "paper-bare"], typer.Option(help="`paper` is Algorithm 1 of MMM, for comparison.")
    ] = "ours",
    mode: Annotated[
        Literal["train", "test"], typer.Option(help="IEPile: training prompts ask for some labels: none is missing.")
    ] = "test",
    split_num: Annotated[int | None, typer.Option(help="IEPile: labels a batch, as told to `build`.", min=-1)] = None,
    as_json: Json = False,
) -> None:
    """Model outputs to predictions; what was wrong with an output stands in `problems`.

    Example: [bold]pointline decode raw.jsonl --gold test.jsonl --format oiellm --out answers.jsonl[/]
    """
    ask = _ask(gold, schema, task, lang, words)
    chosen: Any = codec(format, ask) if reader == "ours" else Paper(ask, bare=reader == "paper-bare")
    answers = Answers(chosen.decode)
    if format == "iepile" and reader == "ours":
        answers.read_all = Answering(ask, Batching(split_num=split_num, mode="test") if mode == "test" else None)
    count = jsonl.write(out, _some(answers(raw, gold), raw))
    told = {"decoded": answers.decoded, "damaged": answers.damaged, "missing": answers.missing}
    if as_json and out != "-":
        console.document({"out": out, **told})
    else:
        console.note(
            f"{count:,} predictions in {out}; {answers.damaged:,} outputs had problems, "
            f"{answers.missing:,} samples have no output"
        )


def _tell(counts: dict[str, Any], out: str, as_json: bool) -> None:
    """Say what was built: a JSON document, or a line for each reason and one for the whole."""
    if as_json and out != "-":
        console.document({"out": out, **counts})
        return
    for name in ("refused", "answer_refused", "left_out"):
        for reason, count in counts.get(name, {}).items():
            console.note(f"{name.replace('_', ' ')}: {count:,} {reason} (first: {counts['first'].get(reason, '')})")
    console.note(f"{counts['rows']:,} pairs of {counts['samples']:,} samples in {out}")


def _known(lang: str | None) -> str | None:
    """The language of IEPile's instructions: as told, English where there are none in it."""
    return lang if lang is None or lang.split("-")[0].lower() in LANGUAGES else "en"


def _ask(data: str, schema: str | None, task: str | None, lang: str | None, words: str | None) -> Ask:
    if data == "-" and schema is None:
        raise Refusal("stdin can be read only once: give --schema, or a file")
    found = read_schema(schema) if schema else Schema.of(_whole(data))
    return Ask(found, parse_tasks(task), instruction_words.load(words) if words else instruction_words.WORDS, lang)


def _whole(path: str) -> Iterator[Sample]:
    sample = None
    for sample in jsonl.read(path):
        yield sample
    if sample is None:
        raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")


def _without_triggers(sample: Sample) -> Sample:
    for event in sample.events or ():
        event.trigger = None
    return sample


def _some(answers: Iterator[Sample], raw: str) -> Iterator[Sample]:
    """The answers, of which there must be one, else nothing is written."""
    answer = None
    for answer in answers:
        yield answer
    if answer is None:
        raise InputFault("holds no output", path=raw, fix='give lines of {"id": ..., "raw": ...}')


def _written(rows: Iterator[Row], refusal: Callable[[], str], data: str) -> Iterator[Row]:
    """The rows, of which there must be one, else nothing is written."""
    row = None
    for row in rows:
        yield row
    if row is None:
        raise InputFault(f"gives no pair: {refusal()}", path=data, fix="see --schema, --task and --format")


def _first(path: str) -> Sample | None:
    """The example in context: the first sample with a label and a word level that is not empty."""
    annotated = (s for s in jsonl.read(path) if s.labels and (s.entities or s.relations or s.events))
    return next(annotated, None)


def _counted(making: Build) -> dict[str, Any]:
    return {"refused": making.refused, "answer_refused": making.unheld, "left_out": making.left_out}

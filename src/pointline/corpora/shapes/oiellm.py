"""Rows of prompt and completion in the OIELLM format; spans are found in the text again, left to right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.fields import kind_of, name_of
from pointline.corpora.json_files import records
from pointline.corpora.reading import ReaderSettings
from pointline.corpora.writers.oiellm import schema_beside
from pointline.formats.ask import Ask, parse_tasks
from pointline.formats.oiellm import Oiellm as Codec
from pointline.formats.problems import SPAN_NOT_IN_TEXT, CannotHold
from pointline.formats.words import LEVEL_TASK, TASK_LEVEL, WORDS
from pointline.sample import Sample
from pointline.schema import LEVELS, Level, Schema, read_schema

OPEN = Schema((), (), (), (), LEVELS)


class Oiellm(ReaderSettings, frozen=True, kw_only=True):
    """Field names, and what may be said."""

    schema: str = ""
    """A JSON file with the schema; by default NAME.schema.json beside the rows, else whatever the rows say."""
    prompt: tuple[str, ...] = ("prompt", "input", "instruction")
    """Fields that may hold the text with its instruction words; the first one present counts."""
    completion: tuple[str, ...] = ("completion", "output", "response")
    """Fields that may hold the answer."""


def read(paths: Iterable[Path], settings: Oiellm, report: Report) -> Iterator[Sample]:
    """Read one row a sample; an answer that is not in form is counted and its problems named.

    Raises InputFault with file, line and field where a row lacks prompt or completion.
    """
    for path in paths:
        beside = settings.schema or schema_beside(path)
        schema = read_schema(str(beside)) if settings.schema or Path(beside).is_file() else OPEN
        codecs: dict[tuple[str, ...], Codec] = {}
        for found in records(path, report, "", settings.encoding):
            record = found.record
            if not isinstance(record, dict):
                raise report.fault(f"a row is {kind_of(record)}, not an object", fix="is it the right file?")
            yield _sample(record, schema, settings, (codecs, report))


def _sample(
    record: dict[str, Any], schema: Schema, settings: Oiellm, held: tuple[dict[tuple[str, ...], Codec], Report]
) -> Sample:
    codecs, report = held
    text, tasks = _asked(_field(record, settings.prompt, report), record.get("task"), report)
    if tasks not in codecs:
        codecs[tasks] = Codec(Ask(_narrowed(schema, tasks), tasks))
    sample = codecs[tasks].decode(_field(record, settings.completion, report), text)
    amiss = [problem for problem in sample.problems or () if problem != SPAN_NOT_IN_TEXT]
    if amiss:
        report.repair("answer_amiss", ", ".join(amiss))
    elif sample.problems:
        report.notice("span_not_found", sample.id)
    sample.problems = sample.raw = None
    sample.labels = sample.labels or None  # nothing before the first mark: the text level is not annotated
    sample.id = name_of(record["id"]) if "id" in record else ""
    for field in ("lang", "source", "split"):
        if isinstance(value := record.get(field), str):
            setattr(sample, field, value)
    special = [task for task in tasks if LEVEL_TASK.get(TASK_LEVEL[task]) not in (task, None)]
    if special:
        sample.meta["task"] = ",".join(tasks)
    return sample


def _field(record: dict[str, Any], names: tuple[str, ...], report: Report) -> str:
    for name in names:
        if isinstance(value := record.get(name), str):
            return value
    raise report.fault("there is no such text", field=" or ".join(names), fix="set prompt= and completion=")


def _asked(prompt: str, told: object, report: Report) -> tuple[str, tuple[str, ...]]:
    """The text and the tasks of a prompt; where the row names its tasks, only their words are taken off."""
    if isinstance(told, str):
        try:
            named = parse_tasks(told)
        except CannotHold as fault:
            raise report.fault(str(fault), field="task", fix="mend the row") from None
        if named == ("labels",):
            return prompt, ()
    else:
        named = ()
    text, found = prompt, list[str]()
    while len(found) < (len(named) or len(LEVEL_TASK)):
        wanted = named[len(named) - 1 - len(found)] if named else None
        taken = _last_word(text, wanted, {TASK_LEVEL[task] for task in found})
        if taken is None:
            break
        text = text[: len(text) - len(taken[0]) - 1]
        found.insert(0, taken[1])
    if len(found) < len(named):
        raise report.fault("its instruction words are not those of its task", field="prompt", fix="mend the row")
    return text, tuple(found)


def _last_word(text: str, wanted: str | None, done: set[Level]) -> tuple[str, str] | None:
    """The instruction word that ends a prompt, and its task."""
    for task, row in WORDS.table.items():
        if (wanted is None and TASK_LEVEL[task] not in done) or task == wanted:
            for word in sorted(row.values(), key=len, reverse=True):
                if text.endswith(f"/{word}"):
                    return word, task
    return None


def _narrowed(schema: Schema, tasks: tuple[str, ...]) -> Schema:
    """The schema without the word levels that are not asked."""
    asked = {TASK_LEVEL[task] for task in tasks}
    return Schema(
        schema.label_types,
        schema.entity_types if "entities" in asked else None,
        schema.relation_types if "relations" in asked else None,
        schema.event_types if "events" in asked else None,
        tuple(level for level in schema.open if level == "labels" or level in asked),
        schema.label_name,
    )

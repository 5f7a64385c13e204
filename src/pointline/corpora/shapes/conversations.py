"""Conversations about a text (UniversalNER): one question a type, answers as JSON lists; gathered by text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.fields import listed, name_of
from pointline.corpora.grouping import Group
from pointline.corpora.json_files import records
from pointline.corpora.placing import Search
from pointline.corpora.reading import ReaderSettings
from pointline.errors import SettingsFault
from pointline.sample import Entity, Sample


class Conversations(ReaderSettings, frozen=True, kw_only=True):
    """How text and questions are worded."""

    text: str = r"Text: (.*)"
    """Pattern of the turn that holds the text."""
    question: str = r"What describes (.+?) in the text\?"
    """Pattern of the turns that ask; its group is the type."""


def read(paths: Iterable[Path], settings: Conversations, report: Report) -> Iterator[Sample]:
    """Read conversations; types that were asked and found nothing leave the level annotated.

    Raises InputFault where a conversation has no text or an answer is no JSON list.
    """
    patterns = _pattern(settings.text), _pattern(settings.question)
    for path in paths:
        group = Group()
        for found in records(path, report, "", settings.encoding):
            record = found.record
            group.add(_sample(record, patterns, report))
        report.at(path)
        yield from group


def _pattern(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text, re.DOTALL)
    except re.error as error:
        raise SettingsFault(f"{text!r} is no pattern ({error})") from None
    if pattern.groups != 1:
        raise SettingsFault(f"{text!r} needs one group in parentheses")
    return pattern


def _sample(record: Any, patterns: tuple[re.Pattern[str], re.Pattern[str]], report: Report) -> Sample:
    turns = listed(record.get("conversations") if isinstance(record, dict) else record, "conversations", report)
    values = [turn.get("value", "") if isinstance(turn, dict) else "" for turn in turns]
    text = next((match[1] for value in values if (match := patterns[0].fullmatch(value))), None)
    if text is None:
        raise report.fault("no turn holds a text", field="conversations", fix="set text= to the turn's pattern")
    sample = Sample(name_of(record.get("id", "")), text.strip(), entities=[])
    for question, answer in pairwise(values):
        asked = patterns[1].fullmatch(question)
        if asked is None:
            continue
        try:
            found = json.loads(answer)
        except ValueError:
            raise report.fault(f"the answer {answer[:60]!r} is no JSON list", field="conversations") from None
        search = Search(sample.text, report)
        sample.entities = sample.entities or []
        for wording in listed(found, "conversations", report):
            if isinstance(wording, str) and wording.strip():
                sample.entities.append(Entity(asked[1], *search(wording.strip())))
    return sample

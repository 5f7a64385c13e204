"""Instruction words: what tells a generative model which task is asked, per task and language.

From the figures of the MMM and GIELLM papers. Where a paper prints one word for two tasks, ours differs and the
printed one is still read.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from pointline.errors import InputFault
from pointline.schema import Level
from pointline.settings import read_toml

TASK_LEVEL: dict[str, Level] = {
    "ner": "entities",
    "scpos-rw": "entities",
    "scpos-adjn": "entities",
    "scpos-adj": "entities",
    "scpos-n": "entities",
    "re": "relations",
    "spo": "relations",
    "kg": "relations",
    "ee": "events",
    "eet": "events",
    "eea": "events",
    "labels": "labels",
}
"""The level that each task asks for. `labels` is the text level alone."""

LEVEL_TASK: dict[Level, str] = {"entities": "ner", "relations": "re", "events": "ee"}
"""The task of a word level where none is named; their order is the order in which several are asked."""

TABLE: dict[str, dict[str, str]] = {
    "ner": {"en": "NER", "ja": "固有表現抽出", "zh": "实体命名识别"},
    "scpos-rw": {"en": "Sentiment related word", "ja": "感情分析関連単語", "zh": "感情分析关联单词"},
    "scpos-adjn": {"en": "Sentiment Adj and N", "ja": "感情分析形容詞名詞", "zh": "感情分析形容词名词"},
    "scpos-adj": {"en": "Sentiment Adj", "ja": "感情分析形容詞", "zh": "感情分析形容词"},
    "scpos-n": {"en": "Sentiment N", "ja": "感情分析名詞", "zh": "感情分析名词"},
    "re": {"en": "relation extraction", "ja": "関係抽出", "zh": "关系抽取"},
    "ee": {"en": "event extraction", "ja": "イベント抽出", "zh": "事件抽取"},
}

ALSO_READ: dict[Level, tuple[str, ...]] = {
    "entities": ("Named Entity Recognition",),
    "relations": ("Relation Extraction",),
    "events": ("Event Extraction",),
}
"""Words that other prints use for the same level; never written."""


class Words(msgspec.Struct, frozen=True):
    """The table of instruction words: task -> language -> word; English stands in for a language it lacks.

    >>> WORDS.word("ner", "ja"), WORDS.word("re", "fr")
    ('固有表現抽出', 'relation extraction')
    """

    table: dict[str, dict[str, str]]

    def word(self, task: str, lang: str) -> str:
        """The word for a task in a language (`en-US` counts as `en`); spo and kg share the word of re, and so on."""
        row = self.table.get(task) or self.table[LEVEL_TASK[TASK_LEVEL[task]]]
        return row.get(lang) or row.get(lang.split("-")[0].lower()) or row["en"]

    def readable(self, level: Level) -> tuple[str, ...]:
        """Every word that may announce a level in an output, longest first."""
        own = [w for task, row in self.table.items() if TASK_LEVEL[task] == level for w in row.values()]
        return tuple(sorted(dict.fromkeys([*own, *ALSO_READ.get(level, ())]), key=lambda w: (-len(w), w)))


WORDS = Words(TABLE)


def load(path: str | Path) -> Words:
    """The table with the words of a TOML file in place of ours; raises InputFault for unknown tasks or empty words.

    The file has one table a task: `[ner]`, then `en = "Entities"`.
    """
    table = {task: dict(row) for task, row in TABLE.items()}
    for task, row in read_toml(path).items():
        if task not in table:
            raise InputFault("unknown task", path=path, field=task, fix="known: " + ", ".join(table))
        if not isinstance(row, dict):
            raise InputFault("is no table", path=path, field=task, fix=f'write [{task}] and then en = "..."')
        for lang, word in row.items():
            if not isinstance(word, str) or not word.strip() or "/" in word:
                fix = "give a word without '/'"
                raise InputFault(f"{word!r} is no instruction word", path=path, field=f"{task}.{lang}", fix=fix)
            table[task][lang] = word
    return Words(table)


def language(text: str) -> str:
    """The language of the instruction word where a sample names none: kana -> ja, Han -> zh, else en.

    >>> language("東京に行く"), language("北京"), language("Peking")
    ('ja', 'zh', 'en')
    """
    if any("\u3040" <= c <= "\u30ff" or "\uff66" <= c <= "\uff9d" for c in text):
        return "ja"
    return "zh" if any("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" for c in text) else "en"

"""The original way to word lists: a served model is asked for words that go with each label."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from pointline.errors import EndpointFault
from pointline.llm import Client, Request
from pointline.models.endpoint.card import EndpointCard
from pointline.models.endpoint.remote import ANSWERS
from pointline.studies.verbalizer.listing import name_of
from pointline.studies.verbalizer.told import write_lists

log = logging.getLogger("pointline")
QUESTIONS = {
    "en": 'Texts are sorted by label. One label is "{label}" ({name}). Write the {size} single words that most suggest'
    " that a text has this label. One word a line, no numbers, nothing else.",
    "ja": "文章をラベルで分類します。ラベルの一つは「{label}」です。このラベルであることを最もよく示す単語を"
    "{size}個書いてください。一行に一語、番号なしで、単語だけを書いてください。",
    "zh": "我们按标签给文本分类，其中一个标签是“{label}”。请写出最能说明文本属于该标签的{size}个词。"
    "每行一个词，不要编号，不要写其他内容。",
}
TOKENS = 12
"""Tokens that a word may take, with its line."""
_MARKS = re.compile(r"^\s*(?:[-*•・]+|\d+\s*[.)、:：．])\s*")
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)


def ask_lists(
    folder: str | Path, labels: Sequence[str], out: str | Path, *, size: int = 100, lang: str | None = None
) -> dict[str, list[str]]:
    """Ask the endpoint of a folder (see `pointline endpoint`) for words and write them to the file `out`.

    Answers are cached as all of that endpoint's are: nothing is paid twice. A label with fewer words than asked is
    told. Raises EndpointFault where a label has no answer, ModelFault where the folder is no endpoint.
    """
    card = EndpointCard.read(folder)
    cache = card.settings.cache or Path(folder) / ANSWERS
    client = Client(card.endpoint, cache, card.settings.client, card.settings.sampling(most=size * TOKENS))
    question = QUESTIONS.get(lang or "en", QUESTIONS["en"])
    requests = [
        Request(f"verbalizer/{label}", question.format(label=label, name=name_of(label), size=size)) for label in labels
    ]
    table: dict[str, list[str]] = {}
    for label, answer in zip(labels, client.ask(requests), strict=True):
        if answer.fault is not None:
            raise EndpointFault(f"the endpoint gives no words for {label!r} ({answer.fault}: {answer.detail})")
        table[label] = read_words(answer.text)[:size]
        if not table[label]:
            raise EndpointFault(f"the endpoint gives no words for {label!r}: {answer.text[:80]!r}")
        if len(table[label]) < size:
            log.warning("%s: %d words instead of %d", label, len(table[label]), size)
    write_lists(out, table)
    return table


def read_words(text: str) -> list[str]:
    """The words of an answer, each once, with marks and numbers of lists taken off.

    >>> read_words("1. Jazz\\n2) play, song\\n- jazz")
    ['Jazz', 'play', 'song']
    """
    found: dict[str, str] = {}
    for line in _THOUGHTS.sub("", text).splitlines():
        for part in re.split(r"[,;、，；]", _MARKS.sub("", line)):
            word = part.strip().strip("\"'“”「」`*.。")
            if any(char.isalnum() for char in word):
                found.setdefault(word.casefold(), word)
    return list(found.values())

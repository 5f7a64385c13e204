"""What models write when asked for a label, read as votes: the label itself out of quotes, fences, sentences."""

from __future__ import annotations

import re

import msgspec

from pointline.annotate.names import key
from pointline.text.scripts import spaced

THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
FENCE = re.compile(r"^\s*```\w*\s*$", re.M)
BULLET = re.compile(r"^\s*(?:[-*•>#]+|\d+[.)])\s+")
LEAD = re.compile(
    r"^[\s*_`]*(?:the\s+)?(?:(?:text|topic|domain|best)[\s-]*)?"
    r"(?:labels?|topics?|domains?|category|answer|ラベル|話題|分野|カテゴリ|标签|主题|领域|类别|答案)"
    r"\s*(?:is|are|は|是|为)?\s*[::：は]\s*",
    re.I,
)
QUOTES = "\"'`*_“”‘’「」『』《》【】[]()()<>"
EXCUSE = re.compile(
    r"^(i|i.m|sorry|unable|cannot|can.t|as an ai|none|n/a|unknown)\b|抱歉|对不起|无法|申し訳|できません", re.I
)
ENDS = " \t.。!！?？;；:：,，、"
CHARACTERS_A_WORD = 4


class Vote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one answer says: its labels as written, or why it says none."""

    labels: tuple[str, ...] = ()
    problem: str | None = None


def read(said: str, max_labels: int = 1, max_words: int = 5) -> Vote:
    r"""Read one answer; never raises. Problems: `no_label`, `excuse`, `too_long` (a sentence).

    >>> read('Label: "Health care".').labels, read("```\n医療、政治\n```", 2).labels
    (('Health care',), ('医療', '政治'))
    >>> read("I am sorry, but I cannot tell what this text is about.").problem
    'excuse'
    """
    text = FENCE.sub("", THOUGHTS.sub("", said))
    lines = [BULLET.sub("", line) for line in text.splitlines() if line.strip()]
    if not lines:
        return Vote(problem="no_label")
    # A list of labels has one on each line; an explanation behind the label is left out.
    told = [lead for lead in lines if LEAD.match(lead)]
    first = told[0] if told else lines[0]
    if len(LEAD.sub("", first).strip(ENDS + QUOTES)) == 0 and first is not lines[-1]:
        first = lines[lines.index(first) + 1]
    parts = [_bare(part) for part in re.split(r"[,，、;；]", LEAD.sub("", first))]
    labels = [part for part in parts if part]
    if not labels:
        return Vote(problem="no_label")
    if EXCUSE.search(labels[0]):
        return Vote(problem="excuse")
    if any(_too_long(label, max_words) for label in labels):
        return Vote(problem="too_long")
    once: dict[str, str] = {}
    for label in labels:
        once.setdefault(key(label), label)
    return Vote(tuple(once.values())[:max_labels])


def _bare(part: str) -> str:
    before = None
    while before != part:
        before, part = part, part.strip(ENDS).strip(QUOTES)
    return " ".join(part.split())


def _too_long(label: str, max_words: int) -> bool:
    if not key(label):
        return True
    if spaced(label):
        return len(label.split()) > max_words
    return len(label) > max_words * CHARACTERS_A_WORD

"""What an untrained model is told: what to find, in which names, and the form of the answer, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

import msgspec

from pointline.errors import Refusal
from pointline.formats.ask import Ask
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.formats.words import TASK_LEVEL
from pointline.instruct.labels import Task
from pointline.instruct.wordings import wordings
from pointline.models.generator.questions import Question
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.schema import Described, EventType, Level, RelationType, Schema, name_of


class Said(NamedTuple):
    """The words of one language; `names` are what stands in the form of an answer."""

    intro: str
    spans: str
    form: str
    none: str
    open: str
    titles: dict[Level, str]
    names: str


PLACES = ("label", "type", "span", "head", "relation", "tail", "event", "trigger", "role")
SAID: dict[str, Said] = {
    "en": Said(
        "Read the text and say what is listed below. Answer in the form given, with nothing before or behind it.",
        "Copy every span exactly as it stands in the text, in the order in which it appears there.",
        "Form of the answer (capitals stand for what you find; repeat or leave out what repeats): {}",
        "Where there is nothing to find: {}",
        "{} (others where none fits)",
        {"labels": "Labels of the text", "entities": "Types", "relations": "Relations", "events": "Events"},
        "LABEL TYPE SPAN HEAD RELATION TAIL EVENT TRIGGER ROLE",
    ),
    "ja": Said(
        "テキストを読み、下に挙げるものを答えてください。答えは示した形式だけで書き、前後に何も加えないでください。",
        "語句はテキストにある表記のまま、現れる順に書き写してください。",
        "答えの形式（【】は見つけたものに置き換え、繰り返しは必要なだけ書くか省く）: {}",
        "該当するものがない場合: {}",
        "{}（当てはまらない場合は他の名前でもよい）",
        {"labels": "テキストのラベル", "entities": "種類", "relations": "関係", "events": "イベント"},
        "【ラベル】 【種類】 【語句】 【主体】 【関係】 【客体】 【イベント】 【トリガー】 【役割】",
    ),
    "zh": Said(
        "阅读文本，回答下面列出的内容。只按给定的格式作答，前后不要添加任何内容。",
        "片段须与文本中的写法完全一致，并按出现的顺序抄写。",
        "答案的格式（【】替换为找到的内容，重复的部分按需重复或省略）：{}",
        "没有可找的内容时：{}",
        "{}（均不合适时可用其他名称）",
        {"labels": "文本的标签", "entities": "类型", "relations": "关系", "events": "事件"},
        "【标签】 【类型】 【片段】 【头实体】 【关系】 【尾实体】 【事件】 【触发词】 【角色】",
    ),
}  # fmt: skip


def instruction(format: str, ask: Ask, question: Question, lang: str) -> str:
    """The instruction for a question; another language than English, Japanese and Chinese gets the English one.

    >>> ask = Ask(Schema().label("topic", ["news", "sport"]).entities({"PER": "a person"}))
    >>> bound = Question("", codec("oiellm", ask), None, ("ner",), "ner")
    >>> print(instruction("oiellm", ask, bound, "en").splitlines()[-2])
    Form of the answer (capitals stand for what you find; repeat or leave out what repeats): \
LABEL/NER/:TYPE;SPAN:TYPE;SPAN
    """
    base = lang.split("-")[0].lower()
    said = SAID.get(base, SAID["en"])
    intro = said.intro
    if format == "iepile":
        intro = wordings(cast("Task", question.named.lower()), base if base in SAID else "en")[0]
    levels = [level for level in ask.levels() if _asked(level, format, question)]
    lines = [intro] if levels == ["labels"] else [intro, said.spans]
    lines += [line for level in levels for line in _names(ask.schema, level, said)]
    form, none = (_form(format, ask, question, lang, said, bare=bare) for bare in (False, True))
    lines += [said.form.format(form)] if form else []
    lines += [said.none.format(none)] if none and none != form else []
    return "\n".join(lines)


def _asked(level: Level, format: str, question: Question) -> bool:
    if level == "labels":
        return format != "iepile" and (format != "plain" or question.tasks in ((), ("labels",)))
    return level in {TASK_LEVEL[task] for task in question.tasks} or (format == "plain" and not question.tasks)


def _names(schema: Schema, level: Level, said: Said) -> Iterator[str]:
    """The names of a level: one line, or one line each where they carry descriptions."""
    entries = {"labels": schema.label_types, "entities": schema.entity_types,
               "relations": schema.relation_types, "events": schema.event_types}[level]  # fmt: skip
    title = said.titles[level]
    shown = [_entry(entry) for entry in entries or ()]
    if any(": " in each for each in shown):
        yield f"{title}:"
        yield from (f"- {each}" for each in dict.fromkeys(shown))
    elif shown:
        yield f"{title}: {', '.join(dict.fromkeys(shown))}"
    if level in schema.open:
        yield said.open.format(title)


def _entry(entry: str | Described | RelationType | EventType) -> str:
    name = name_of(entry)
    if isinstance(entry, EventType) and entry.roles:
        name += f"({', '.join(entry.role_names())})"
    if isinstance(entry, RelationType) and (entry.head or entry.tail):
        name += f"({entry.head or '*'}, {entry.tail or '*'})"
    told = None if isinstance(entry, str) else entry.description
    return f"{name}: {told}" if told else name


def _form(format: str, ask: Ask, question: Question, lang: str, said: Said, *, bare: bool) -> str:
    """The form of an answer as the format itself writes it, of a sample made of placeholders; "" where it cannot."""
    names = dict(zip(PLACES, said.names.split(), strict=True))
    sample = Sample("", " ".join([*names.values()] * 2))
    schema = Schema()
    if ask.schema.label_types is not None:
        schema, sample.labels = schema.label("", [names["label"]]), [names["label"]]
    if ask.schema.entity_types is not None:
        schema = schema.entities([names["type"]])
        sample.entities = [] if bare else [Entity(names["type"], names["span"])] * 2
    if ask.schema.relation_types is not None:
        ends = (names["head"] + "1", names["tail"] + "1") if question.named in ("SPO", "KG") else (None, None)
        schema = schema.relations([RelationType(names["relation"], *ends)])
        found = Relation(names["relation"], Span(names["head"], type=ends[0]), Span(names["tail"], type=ends[1]))
        sample.relations = [] if bare else [found]
    if ask.schema.event_types is not None:
        flat = format != "iepile"
        roles = ("subject", "object", "time") if flat else (names["role"],)
        schema = schema.events({names["event"]: roles})
        fillers = [Argument(role, _slot(role, said) if flat else names["span"]) for role in roles]
        trigger = None if flat else Span(names["trigger"])
        sample.events = [] if bare else [Event(names["event"], trigger, fillers)]
        sample.text += "".join(f" {filler.text}" for filler in fillers)
    try:
        shown = msgspec.structs.replace(ask, schema=schema, tasks=question.tasks, lang=lang, example=None)
        pairs = codec(format, shown).encode(sample)
        return "".join(pair.completion for pair in pairs if pair.task == question.named)
    except (CannotHold, Refusal):
        return ""


def _slot(role: str, said: Said) -> str:
    return role.upper() if said.names.isascii() else f"【{role}】"

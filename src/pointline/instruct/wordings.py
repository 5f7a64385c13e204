"""Ways to say the instruction of a task in English, Chinese and Japanese; the published wording stands first."""

# ruff: noqa: E501 - an instruction is one line

from __future__ import annotations

from pointline.errors import Refusal
from pointline.formats.iepile_words import INSTRUCTIONS
from pointline.instruct.labels import Task

LANGUAGES = ("en", "zh", "ja")

MORE: dict[Task, dict[str, tuple[str, ...]]] = {
    "ner": {
        "en": (
            "Read the input and list, for every type in the schema, the entities it mentions exactly as they are written there. Give an empty list for a type without entities. Answer with a JSON string.",
            "Find all entity mentions in the input that belong to one of the types in the schema. Types that do not occur get an empty list. The answer must be a JSON string.",
        ),
        "zh": (
            "阅读input，按照schema列出的每种类型，找出文中出现的实体，保持原文写法；没有实体的类型给出空列表。用JSON字符串回答。",
            "请找出input中属于schema所列类型的全部实体提及。未出现的类型对应空列表，答案须为JSON字符串。",
        ),
        "ja": (
            "あなたは固有表現抽出の専門家です。inputからschemaの定義に合う固有表現を抽出してください。該当しない種類には空のリストを返し、JSON文字列で答えてください。",
            "inputを読み、schemaにある種類ごとに、本文に現れる固有表現をそのままの表記で挙げてください。ない種類は空のリストとし、JSON文字列で回答してください。",
            "schemaに示した種類に当たる表現をinputからすべて見つけてください。現れない種類は空のリストにします。回答はJSON文字列です。",
        ),
    },
    "re": {
        "en": (
            "For every relation in the schema, list the pairs of head and tail that the input states. Give an empty list for a relation that it does not state. Answer with a JSON string.",
            "Which of the relations in the schema hold between mentions in the input? Write head and tail as the text has them, an empty list where there are none, as a JSON string.",
        ),
        "zh": (
            "针对schema中的每种关系，列出input所表述的头实体和尾实体；没有表述的关系给出空列表。用JSON字符串回答。",
            "schema所列关系中，哪些在input的提及之间成立？头尾实体按原文书写，不成立的关系对应空列表，答案须为JSON字符串。",
        ),
        "ja": (
            "あなたは関係抽出の専門家です。inputからschemaの定義に合う関係の三つ組を抽出してください。存在しない関係には空のリストを返し、JSON文字列で答えてください。",
            "schemaの関係ごとに、inputが述べている主体と客体の組を挙げてください。述べていない関係は空のリストとし、JSON文字列で回答してください。",
        ),
    },
    "spo": {
        "en": (
            "Extract from the input the subjects and objects of every predicate in the schema, keeping to the types it names. Predicates that are not stated get an empty list. Answer with a JSON string.",
        ),
        "zh": (
            "从input中抽取schema所列各谓词的主语和宾语，并符合其规定的类型；文中没有的谓词给出空列表。用JSON字符串回答。",
        ),
        "ja": (
            "あなたはSPO三つ組抽出の専門家です。inputからschemaの定義に合う主語・述語・目的語の三つ組を抽出してください。存在しない関係には空のリストを返し、JSON文字列で答えてください。",
            "schemaの述語ごとに、指定された型に合う主語と目的語をinputから抜き出してください。ない述語は空のリストとし、JSON文字列で回答してください。",
        ),
    },
    "ee": {
        "en": (
            "For every event type in the schema, list the events that the input reports: the trigger, and for each role its fillers. Write NAN for a role without a filler, a list for several, and an empty list for an event type that does not occur. Answer with a JSON string.",
        ),
        "zh": (
            "针对schema中的每种事件类型，列出input报道的事件：触发词以及各论元角色的内容。没有内容的角色写NAN，多个内容写成列表，没有发生的事件类型给出空列表。用JSON字符串回答。",
        ),
        "ja": (
            "あなたはイベント抽出の専門家です。inputからschemaの定義に合うイベントを抽出してください。存在しないイベントには空のリスト、存在しない項にはNANを返し、項が複数あるときはリストにして、JSON文字列で答えてください。",
            "schemaのイベント型ごとに、inputが伝える出来事のトリガーと各役割の語句を挙げてください。語句のない役割はNAN、複数あればリスト、起きていない型は空のリストとし、JSON文字列で回答してください。",
        ),
    },
    "eet": {
        "en": (
            "Name the word in the input that triggers each event of the types in the schema. A type that does not occur gets an empty list. Answer with a JSON string.",
        ),
        "zh": ("指出input中触发schema所列各类型事件的词语。没有发生的类型给出空列表。用JSON字符串回答。",),
        "ja": (
            "あなたはイベント抽出の専門家です。inputからschemaの定義に合うイベントの型とトリガーとなる語を抽出してください。存在しないイベントには空のリストを返し、JSON文字列で答えてください。",
            "schemaの各型のイベントを引き起こす語をinputから示してください。起きていない型は空のリストとし、JSON文字列で回答してください。",
        ),
    },
    "eea": {
        "en": (
            "The schema gives events with their triggers. Fill the roles of each from the input: NAN for a role without a filler, a list for several. Answer with a JSON string.",
        ),
        "zh": ("schema给出了事件及其触发词。请根据input填写各论元角色：没有内容的角色写NAN，多个内容写成列表。用JSON字符串回答。",),
        "ja": (
            "あなたはイベント項抽出の専門家です。schemaにはイベントとそのトリガーが示されています。inputからその定義に合う項と役割を抽出してください。存在しない項にはNANまたは空の辞書を返し、複数あるときはリストにして、JSON文字列で答えてください。",
            "schemaのイベントの各役割に当たる語句をinputから埋めてください。ない役割はNAN、複数あればリストとし、JSON文字列で回答してください。",
        ),
    },
    "kg": {
        "en": (
            "For every entity type in the schema, describe the entities of the input by the attributes listed there. Leave out attributes without a value and give a list for several values. Answer with a JSON string that can be parsed.",
        ),
        "zh": ("针对schema中的每种实体类型，用其中列出的属性描述input里的实体。没有值的属性不输出，多个值写成列表。用可解析的JSON字符串回答。",),
        "ja": (
            "あなたは知識グラフの実体を構造化する専門家です。schemaにある実体の種類の記述に従い、本文から実体とその属性を抽出してください。存在しない属性は出力せず、値が複数あるときはリストにし、解析できるJSONで答えてください。",
            "schemaの種類ごとに、inputの実体をそこに挙げた属性で記述してください。値のない属性は省き、複数の値はリストとし、解析できるJSON文字列で回答してください。",
        ),
    },
}  # fmt: skip


def wordings(task: Task, lang: str) -> tuple[str, ...]:
    """Every wording of a task in a language, the published one first (Japanese has none published).

    Raises Refusal for a language other than English, Chinese and Japanese.

    >>> len(wordings("ner", "en")), wordings("ner", "ja")[0][:5]
    (3, 'あなたは固')
    """
    base = lang.split("-")[0].lower()
    if base not in LANGUAGES:
        raise Refusal(f"no instructions in {lang!r}; choose one of {', '.join(LANGUAGES)} for `lang`")
    published = INSTRUCTIONS[task.upper()].get(base)
    return ((published,) if published else ()) + MORE[task][base]

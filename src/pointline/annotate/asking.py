"""A sample as requests for a text label: the instruction in its language, the text, the entities it has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pointline.annotate.settings import LabelSettings
from pointline.llm import Request
from pointline.sample import Sample
from pointline.text.scripts import language

INSTRUCTIONS = {
    "en": (
        "What is the text below about? Answer with the name of its topic or domain: a general noun phrase of one to "
        "{words} words such as Politics or Medical research, as a newspaper would name a section or a library a shelf.",
        "Name the topic of the whole text, not one of its entities. Write the label alone, on one line.",
        "Write at most {labels} labels, the best first, with a comma between them.",
        "Prefer one of these labels where it fits: {known}.",
        "Text",
        "Entities in it",
        "Label",
    ),
    "ja": (
        "次の文章は何についてのものですか。話題や分野の名前で答えてください。「政治」「医学研究」のように、"
        "新聞の欄や図書館の棚の名前になる一般的な名詞句(短く)にします。",
        "固有表現ではなく、文章全体の話題を書いてください。ラベルだけを一行で書きます。",
        "ラベルは多くて{labels}個、最もよいものから順に、コンマで区切って書きます。",
        "合うものがあれば、次のラベルから選んでください: {known}。",
        "文章",
        "文章中の固有表現",
        "ラベル",
    ),
    "zh": (
        "下面的文本是关于什么的？请用主题或领域的名称回答：像“政治”“医学研究”这样可作报纸栏目名或图书分类名的一般名词短语(尽量短)。",
        "请写整个文本的主题，不要写其中的某个实体。只写标签，一行。",
        "最多写{labels}个标签，最合适的在前，用逗号隔开。",
        "如果合适，请优先使用以下标签：{known}。",
        "文本",
        "文本中的实体",
        "标签",
    ),
}
"""Task, restraint, several labels, known labels; then the names of the parts. Other languages are asked in English."""


def requests(sample: Sample, settings: LabelSettings) -> Iterator[Request]:
    """The requests for one sample, one an answer. Equal questions are one: the id is a hash of the prompt.

    >>> asked = list(requests(Sample("1", "The bank raised its rates.", "en"), LabelSettings(samples=2)))
    >>> [request.attempt for request in asked], asked[0].id == asked[1].id
    ([0, 1], True)
    >>> asked[0].prompt[-1]["content"].splitlines()[-2:]
    ['Text: The bank raised its rates.', 'Label:']
    """
    prompt = question(sample, settings)
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    for attempt in range(settings.samples):
        yield Request(digest, [{"role": "user", "content": prompt}], attempt)


def question(sample: Sample, settings: LabelSettings) -> str:
    """What is asked about a sample, as one string."""
    lang = settings.lang or sample.lang or language(sample.text) or "en"
    task, restraint, several, known, text, entities, label = INSTRUCTIONS.get(lang, INSTRUCTIONS["en"])
    lines = [task.format(words=settings.max_words), restraint]
    if settings.max_labels > 1:
        lines.append(several.format(labels=settings.max_labels))
    if settings.known:
        lines.append(known.format(known=", ".join(settings.known)))
    if lang not in INSTRUCTIONS:
        lines.append(f"Write the label in the language with the code {lang}.")
    lines += ["", f"{text}: {sample.text}"]
    shown = list(dict.fromkeys(f"{entity.text} ({entity.type})" for entity in sample.entities or ()))
    if shown and settings.entities:
        lines.append(f"{entities}: {'; '.join(shown[: settings.entities])}")
    return "\n".join([*lines, f"{label}:"])

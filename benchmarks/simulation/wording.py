"""Wrong words for planted faults: words said otherwise, kana where none should be, refusals, fences, cut answers."""

from __future__ import annotations

import random

KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノマミムメモラリルレロ"
AROUND = {
    "zh": ("那个{}", "所谓的{}", "{}之类", "“{}”"),
    "ja": ("あの{}", "いわゆる{}", "{}など", "「{}」"),
    "en": ("that {}", "the so-called {}", "{} or so", '"{}"'),
}
LETTERS = {"zh": "某另此各", "ja": "某別何各", "en": "aeiou"}
REFUSALS = (
    "I'm sorry, but I can't help with that request.",
    "As a language model, I am unable to translate this text.",
    "抱歉，我无法完成这个请求。",
)
OPENINGS = ("Here is the translation:", "Sure! Here you are:", "以下是翻译：")


def paraphrase(words: str, lang: str, others: list[str], text: str, draw: random.Random) -> str:
    """The words said in another way that does not stand in `text`: another translation, something around, a letter."""
    framed = draw.choice(AROUND.get(lang, AROUND["en"])).format(words)
    place = draw.randrange(len(words))
    spelt = words[:place] + draw.choice(LETTERS.get(lang, LETTERS["en"])) + words[place + 1 :]
    ways = [[framed], [spelt] if len(words) > 2 else [], others]
    able = [way for way in ([said for said in way if said not in text] for way in ways) if way]
    # What is put around words may stand in the text by chance; doubled it does not.
    return draw.choice(draw.choice(able)) if able else framed + framed


def kana(draw: random.Random) -> str:
    """A few katakana."""
    return "".join(draw.choices(KANA, k=draw.randint(2, 5))) + "ー"


def garbled(words: str) -> str:
    """What a translator makes of words that mean nothing: letters, the same for the same words."""
    return "".join("aeioukstnmr"[ord(char) % 11] for char in words).capitalize()


def fenced(answer: str, draw: random.Random) -> str:
    """The answer in a code fence, with a sentence before it."""
    return f"{draw.choice(OPENINGS)}\n```\n{answer}\n```"


def cut(answer: str, draw: random.Random) -> str:
    """The answer without its end."""
    return answer[: max(1, int(len(answer) * draw.uniform(0.3, 0.95)))]

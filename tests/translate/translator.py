"""A translator that knows a few texts by heart and nothing of pointline but the prompt; it errs at told rates.

It answers what a prompt asks for, in the form that the prompt describes. Every answer is drawn from the seed and the
whole request, so that another attempt errs elsewhere. `planted` lists the faults put in.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from pointline.llm import Answer, Request
from pointline.sample import Entity, Sample

Place = tuple[int, int]
ENTITY_FAULTS = ("lost_mark", "paraphrase", "residue", "dropped", "swapped")
KANA = "ところ"


class Gold(NamedTuple):
    """Two texts that say the same, and places in them that do."""

    source: str
    target: str
    places: tuple[tuple[Place, Place], ...]


class Translator:
    def __init__(
        self, golds: Iterable[Gold], entity: float = 0.0, whole: float = 0.0, seed: int = 0,
        kinds: tuple[str, ...] = ENTITY_FAULTS,
    ) -> None:  # fmt: skip
        self.by_source: dict[str, Gold] = {}
        for gold in golds:
            self.by_source[gold.source] = gold
            self.by_source[gold.target] = Gold(gold.target, gold.source, tuple((b, a) for a, b in gold.places))
        self.entity, self.whole, self.seed, self.kinds = entity, whole, seed, kinds
        self.planted: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()

    def ask(self, requests: Iterable[Request]) -> Iterator[Answer]:
        for request in requests:
            self.asked[request.id.rpartition("#")[2].partition("-")[0]] += 1
            drawn = f"{self.seed} {request.prompt} {request.attempt}"
            yield Answer(request.id, request.attempt, self.says(str(request.prompt), drawn), "stop")

    def says(self, prompt: str, drawn: str) -> str:
        chance = random.Random(drawn)
        answer = self._answer(prompt, chance)
        if chance.random() >= self.whole:
            return answer
        kind = chance.choice(("cut", "fence", "refusal", "twice"))
        self.planted[kind] += 1
        if kind == "cut":
            return answer[: chance.randrange(max(1, len(answer) - 1))]
        if kind == "fence":
            return f"Here you are:\n```\n{answer}\n```"
        return f"{answer}\n{answer}" if kind == "twice" else "I am sorry, I cannot help with that."

    def _answer(self, prompt: str, chance: random.Random) -> str:
        if "\nInput: " in prompt:
            return self._paper(prompt, chance)
        wrapper = re.search(r"between <(\w+)> and", prompt) or re.search(r"Text: <(\w+)>", prompt)
        assert wrapper is not None
        tag = wrapper[1]
        mark = re.search(r"between (?:marks such as )?<([a-z]+)\d", prompt)
        name = mark[1] if mark is not None else "e"
        text = re.findall(rf"^Text: <{tag}>(.*?)</{tag}>$", prompt, re.M | re.S)[-1]
        other = re.findall(rf"^Translation: <{tag}>(.*?)</{tag}>$", prompt, re.M | re.S)
        if prompt.endswith("Translation:"):
            return self._draft(text, tag, name, chance)
        if prompt.endswith("Words:"):
            return f"<{tag}>{self._residue(text, other[-1], name)}</{tag}>"
        if prompt.endswith("Marked translation:"):
            return self._draft(text, tag, name, chance)
        return self._locate(text, name, chance)

    def _draft(self, text: str, tag: str, name: str, chance: random.Random) -> str:
        plain, marks = unmarked(text, name)
        gold = self.by_source[plain]
        said, at = gold.target, {number: self.target(gold, place) for number, place in marks.items()}
        said, at = self._damaged(said, at, chance)
        return f"<{tag}>{marked(said, at, name)}</{tag}>"

    def _damaged(self, said: str, at: dict[int, Place | None], chance: random.Random) -> tuple[str, dict[int, Place]]:
        places = {number: place for number, place in at.items() if place is not None}
        for number in list(places):
            if number not in places or chance.random() >= self.entity:
                continue
            kind = chance.choice(self.kinds)
            self.planted[kind] += 1
            a, b = places[number]
            if kind == "lost_mark":
                del places[number]
            elif kind == "swapped":
                others = [n for n in places if n != number and places[n] != places[number]]
                if others:
                    other = chance.choice(others)
                    places[number], places[other] = places[other], places[number]
            else:
                new = {"paraphrase": f"那个{said[a:b][:1]}什么", "residue": KANA, "dropped": ""}[kind]
                said, places = replaced(said, places, (a, b), new)
                if kind == "dropped":
                    places.pop(number, None)
        return said, places

    def _locate(self, text: str, name: str, chance: random.Random) -> str:
        plain, marks = unmarked(text, name)
        gold = self.by_source.get(plain)
        words: dict[int, str] = {}
        for number, place in marks.items():
            found = self.target(gold, place) if gold is not None else None
            if gold is not None and found is not None:
                words[number] = gold.target[slice(*found)]
            else:
                words[number] = next(
                    (g.target[slice(*b)] for g in self.by_source.values() for a, b in g.places
                     if g.source[slice(*a)] == plain[slice(*place)] and len(plain) > 3), "")  # fmt: skip
        for number in list(words):
            if chance.random() < self.entity:
                kind = chance.choice(self.kinds)
                if kind == "swapped":
                    other = chance.choice(list(words))
                    words[number], words[other] = words[other], words[number]
                else:
                    words[number] = {"paraphrase": f"那个{words[number][:1]}什么", "residue": KANA}.get(kind, "")
        return "\n".join(f"<{name}{number}>{said}</{name}{number}>" for number, said in words.items())

    def _residue(self, text: str, other: str, name: str) -> str:
        gold = self.by_source[text]
        plain, marks = unmarked(other, name)
        [(a, b)] = marks.values()
        left, right = plain[:a], plain[b:]
        if gold.target.startswith(left) and gold.target.endswith(right):
            return gold.target[len(left) : len(gold.target) - len(right)]
        return "什么"

    def _paper(self, prompt: str, chance: random.Random) -> str:
        found = re.search(r"Input: (.*?)\nOutput: ([^\n]*)", prompt[prompt.rindex("\nInput: ") :], re.S)
        assert found is not None
        text, _, word = found[1].rpartition("/")
        gold = self.by_source[text]
        head, _, points = found[2].rpartition("/")
        out = []
        for point in points.split(":")[1:]:
            kind, _, words = point.partition(";")
            target = next(gold.target[slice(*b)] for a, b in gold.places if text[slice(*a)] == words)
            if chance.random() < self.entity:
                self.planted["paraphrase"] += 1
                target = f"那个{target}什么"
            out.append(f":{kind};{target}")
        return f"Input: {gold.target}/{word}\nOutput: {head}/{''.join(out)}"

    def target(self, gold: Gold, place: Place) -> Place | None:
        return next((b for a, b in gold.places if a == place), None)


def unmarked(text: str, name: str) -> tuple[str, dict[int, Place]]:
    """A text without its marks, and their places."""
    out, at, opened, places = "", 0, {}, {}
    for match in re.finditer(rf"<(/?){name}(\d+)>", text):
        out += text[at : match.start()]
        at = match.end()
        if match[1]:
            places[int(match[2])] = (opened[int(match[2])], len(out))
        else:
            opened[int(match[2])] = len(out)
    return out + text[at:], places


def marked(text: str, places: dict[int, Place], name: str) -> str:
    cuts = sorted(
        [(b, 0, -a, f"</{name}{n}>") for n, (a, b) in places.items()]
        + [(a, 1, -b, f"<{name}{n}>") for n, (a, b) in places.items()],
        reverse=True,
    )
    for at, _, _, mark in cuts:
        text = text[:at] + mark + text[at:]
    return text


def replaced(text: str, places: dict[int, Place], place: Place, new: str) -> tuple[str, dict[int, Place]]:
    a, b = place
    shift = len(new) - (b - a)
    out = {}
    for number, (c, d) in places.items():
        if (c, d) == place:
            out[number] = (a, a + len(new))
        elif c >= b:
            out[number] = (c + shift, d + shift)
        elif d <= a:
            out[number] = (c, d)
    return text[:a] + new + text[b:], out


NAMES = (("Anna", "安娜"), ("Boris", "鲍里斯"), ("Carla", "卡拉"), ("Dmitri", "德米特里"), ("Emil", "埃米尔"))
TOWNS = (
    ("Oslo", "奥斯陆"),
    ("Kyoto", "京都"),
    ("Lima", "利马"),
    ("Accra", "阿克拉"),
    ("Porto", "波尔图"),
    ("Turin", "都灵"),
)
DAYS = (("Monday", "星期一"), ("tomorrow morning", "明天早上"), ("Friday night", "星期五晚上"), ("Easter", "复活节"))
PATTERNS = (
    ("take {name} from {town} to {town2} on {day}", "{day}把{name}从{town}带到{town2}", "Travel"),
    ("what is the weather in {town} {day}", "{day}{town}的天气怎么样", "Weather"),
    ("remind {name} about the meeting in {town2}", "提醒{name}去{town2}开会", "Reminder"),
    ("call {name}", "给{name}打电话", "Call"),
    ("{name} wants a table in {town} for {day}, one in {town2}", "{name}想在{town}订{day}的桌子，{town2}也要", "Book"),
    ("tell me a joke", "给我讲个笑话", "Joke"),
)  # fmt: skip


def made(count: int, seed: int = 0) -> tuple[list[Sample], list[Gold], dict[str, Sample]]:
    """Samples in English, what the translator knows, and the samples that ought to come out."""
    chance = random.Random(seed)
    samples, golds, wanted = [], [], {}
    for i in range(count):
        english, chinese, label = chance.choice(PATTERNS)
        town, town2 = chance.sample(TOWNS, 2)
        fills = {"name": chance.choice(NAMES), "town": town, "town2": town2, "day": chance.choice(DAYS)}
        sides = []
        for side, pattern in enumerate((english, f"{chinese}（{i}）")):
            sides.append(filled(f"{pattern} ({i})" if side == 0 else pattern, {k: v[side] for k, v in fills.items()}))
        (source, a), (target, b) = sides
        samples.append(sample(f"s{i}", source, a, label, "en"))
        wanted[f"s{i}/zh"] = sample(f"s{i}/zh", target, b, label, "zh")
        golds.append(Gold(source, target, tuple((a[name], b[name]) for name in a)))
    return samples, golds, wanted


def filled(pattern: str, fills: dict[str, str]) -> tuple[str, dict[str, Place]]:
    out, places = "", {}
    for piece, name in re.findall(r"([^{]*)(?:\{(\w+)\})?", pattern):
        out += piece
        if name:
            places[name] = (len(out), len(out) + len(fills[name]))
            out += fills[name]
    return out, places


def sample(id: str, text: str, places: dict[str, Place], label: str, lang: str) -> Sample:
    entities = [Entity(name, text[a:b], a, b) for name, (a, b) in places.items()]
    entities.sort(key=lambda e: (e.start or 0, e.end or 0, e.type))
    return Sample(id, text, lang, [label], entities, source="made")


def said_by(sample: Sample) -> bytes:
    """What is compared: text, labels, entities."""
    return msgspec.json.encode((sample.text, sample.labels, sample.entities))

"""Small loaders of real sets for the tests: each yields samples with gold offsets where the source has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from pointline.sample import Argument, Entity, Event, Ids, Relation, Sample, Span, span_key


def stockmark(data: Path) -> Iterator[Sample]:
    ids = Ids("stockmark", None)
    for row in json.loads((data / "stockmark_ner_wikipedia_ja/ner.json").read_text("utf-8")):
        found = sorted((Entity(e["type"], e["name"], *e["span"]) for e in row["entities"]), key=span_key)
        yield Sample(ids(row["text"]), row["text"], "ja", entities=found)


def snips(data: Path) -> Iterator[Sample]:
    ids = Ids("snips", None)
    for split in ("train", "valid", "test"):
        folder = data / "snips_slotgated" / split
        columns = [(folder / name).read_text("utf-8").split("\n") for name in ("seq.in", "seq.out", "label")]
        for words, tags, label in zip(*columns, strict=True):
            if not words:
                continue
            tokens = [word for word in words.split(" ") if word]
            text = " ".join(tokens)
            yield Sample(ids(text), text, "en", [label.strip()], _slots(tokens, tags.split()))


def _slots(words: list[str], tags: list[str]) -> list[Entity]:
    found: list[Entity] = []
    at = 0
    for word, tag in zip(words, tags, strict=True):
        if tag.startswith("B-"):
            found.append(Entity(tag[2:], word, at, at + len(word)))
        elif tag.startswith("I-"):
            found[-1].text += " " + word
            found[-1].end = at + len(word)
        at += len(word) + 1
    return found


def cluener(data: Path) -> Iterator[Sample]:
    ids = Ids("cluener", None)
    for name in ("train.json", "test.json"):
        for line in (data / "cluener_zh" / name).read_text("utf-8").strip().split("\n"):
            row = json.loads(line)
            found = [
                Entity(kind, surface, start, end + 1)
                for kind, surfaces in row.get("label", {}).items()
                for surface, places in surfaces.items()
                for start, end in places
            ]
            yield Sample(ids(row["text"]), row["text"], "zh", entities=sorted(found, key=span_key))


def fewfc(data: Path) -> Iterator[Sample]:
    ids = Ids("fewfc", None)
    for path in sorted((data / "fewfc_zh/rearranged").glob("*.json")):
        for line in path.read_text("utf-8").split("\n"):
            if not line.strip():
                continue
            row = json.loads(line)
            events = []
            for event in row["events"]:
                spans = [(m["role"], Span(m["word"], *m["span"])) for m in event["mentions"]]
                trigger = next((span for role, span in spans if role == "trigger"), None)
                arguments = [Argument(role, s.text, s.start, s.end) for role, s in spans if role != "trigger"]
                events.append(Event(event["type"], trigger, arguments))
            yield Sample(ids(row["content"]), row["content"], "zh", events=events)


def conll04(data: Path) -> Iterator[Sample]:
    ids = Ids("conll04", None)
    for split in ("train", "dev", "test"):
        for row in json.loads((data / f"conll04_spert/conll04_{split}.json").read_text("utf-8")):
            words = row["tokens"]
            starts = [sum(len(word) + 1 for word in words[:i]) for i in range(len(words))]
            text = " ".join(words)
            spans = [
                Span(text[starts[a] : starts[b] + len(words[b])], starts[a], starts[b] + len(words[b]), kind)
                for a, b, kind in _bilou(row["tags"])
            ]
            found = [Entity(s.type or "", s.text, s.start, s.end) for s in spans]
            relations = [Relation(r["type"], spans[r["head"]], spans[r["tail"]]) for r in row["relations"]]
            yield Sample(ids(text), text, "en", entities=sorted(found, key=span_key), relations=relations)


def _bilou(tags: list[str]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for i, tag in enumerate(tags):
        if tag[0] in "UB":
            found.append((i, i, tag[2:]))
        elif tag[0] in "IL":
            found[-1] = (found[-1][0], i, tag[2:])
    return found


SETS: dict[str, Callable[[Path], Iterator[Sample]]] = {
    "stockmark": stockmark,
    "snips": snips,
    "cluener": cluener,
    "fewfc": fewfc,
    "conll04": conll04,
}

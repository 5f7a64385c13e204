"""The text (and a rough annotation) of real files in their own formats, as far as cleaning looks at them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from pointline.sample import Entity, Ids, Sample

Reader: TypeAlias = Callable[[Path], Iterator[tuple[str, list[str]]]]


def samples(rows: Iterator[tuple[str, list[str]]], source: str, split: str) -> Iterator[Sample]:
    ids = Ids(source, split)
    for text, labels in rows:
        yield Sample(ids(text), text, labels=labels, source=source, split=split)


def phee(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["context"], sorted(e["event_type"] for a in row["annotations"] for e in a["events"])


def nyt(path: Path) -> Iterator[tuple[str, list[str]]]:
    for row in json.loads(path.read_text("utf-8")):
        yield row["text"], sorted("|".join(triple) for triple in row["triple_list"])


def msra(path: Path) -> Iterator[tuple[str, list[str]]]:
    for block in path.read_text("utf-8").split("\n\n"):
        rows = [line.split() for line in block.splitlines() if line.strip()]
        if rows:
            yield "".join(row[0] for row in rows), [row[1] for row in rows]


def semeval(path: Path) -> Iterator[tuple[str, list[str]]]:
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        _, tab, text = line.partition("\t")
        if tab and text.startswith('"'):
            for mark in ("<e1>", "</e1>", "<e2>", "</e2>"):
                text = text.replace(mark, "")
            yield text, [lines[number + 1]]


def scierc(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text("utf-8").splitlines():
        document = json.loads(line)
        for tokens, relations in zip(document["sentences"], document["relations"], strict=True):
            if relations:
                yield " ".join(tokens), sorted(str(relation) for relation in relations)


def snips(folder: Path) -> Iterator[Sample]:
    """Parallel files: intent and slots of one utterance."""
    ids = Ids("snips", folder.name)
    files = [(folder / name).read_text("utf-8").splitlines() for name in ("seq.in", "seq.out", "label")]
    for text, tags, label in zip(*files, strict=True):
        text = " ".join(text.split())
        sample = Sample(ids(text), text, "en", [label.strip()], [], source="snips", split=folder.name)
        at = 0
        for token, tag in zip(text.split(), tags.split(), strict=True):
            kind = tag[2:]
            assert sample.entities is not None
            if tag.startswith("I-") and sample.entities and sample.entities[-1].end == at - 1:
                last = sample.entities[-1]
                last.end = at + len(token)
                last.text = text[last.start : last.end]
            elif kind:
                sample.entities.append(Entity(kind, token, at, at + len(token)))
            at += len(token) + 1
        yield sample

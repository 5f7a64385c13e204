"""The page's edits as functions, run in the browser: whatever is done, every span still says what stands there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from review_live import in_thread
from review_samples import new_store

from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, faults, span_key

PIECES = ["Mira ", "😀", "東京", "e\u0301", "か\u3099", " plays ", "שלום", "\n", "x", "Orvane ", "𠮷"]


def rough(rng: random.Random) -> Sample:
    text = "".join(rng.choice(PIECES) for _ in range(rng.randint(2, 12)))

    def place() -> tuple[str, int, int]:
        start = rng.randrange(len(text))
        end = rng.randint(start + 1, min(len(text), start + 8))
        return text[start:end], start, end

    entities = sorted((Entity(rng.choice("ab"), *place()) for _ in range(rng.randint(0, 5))), key=span_key)
    ends = [Span(e.text, e.start, e.end, type=e.type) for e in entities] or [Span(*place())]
    relations = [Relation("r", rng.choice(ends), Span(*place()))]
    events = [Event("e", Span(*place()) if rng.random() < 0.7 else None, [Argument("who", *place())])]
    return Sample("1", text, labels=["x"], entities=entities, relations=relations, events=events)


def rewritten(text: str, rng: random.Random) -> str:
    """Something put in, taken out or put in another's place, once or twice."""
    for _ in range(rng.randint(1, 2)):
        start = rng.randint(0, len(text))
        end = rng.randint(start, min(len(text), start + 4))
        text = text[:start] + rng.choice(["", *PIECES]) + text[end:]
    return text or "x"


def run(opened: Callable[..., Any], folder: Path, script: str, cases: list[Any]) -> list[Any]:
    with in_thread(new_store(folder, 1)) as server:
        page = opened(server.url)
        return list(page.evaluate(f"async (cases) => {{ const edit = await import('/edit.js'); {script} }}", cases))


def plain(sample: Sample) -> Any:
    return json.loads(msgspec.json.encode(sample))


def back(made: Any) -> Sample:
    return msgspec.convert(made, Sample)


def test_another_text_keeps_spans_on_their_words(tmp_path: Path, opened: Callable[..., Any]) -> None:
    rng = random.Random(5)
    samples = [rough(rng) for _ in range(300)]
    cases = [[plain(sample), rewritten(sample.text, rng)] for sample in samples]
    made = run(opened, tmp_path, "return cases.map(([sample, text]) => edit.setText(sample, text));", cases)
    for (_, text), sample, found in zip(cases, samples, map(back, made), strict=True):
        assert found.text == text
        assert not list(faults(found)), (sample.text, text)
        assert len(found.entities or ()) == len(sample.entities or ())
        first = next((n for n, (a, b) in enumerate(zip(sample.text, text, strict=False)) if a != b), len(sample.text))
        before = [e for e in sample.entities or () if (e.end or 0) <= min(first, len(text))]
        assert all(e in (found.entities or ()) for e in before)


def test_a_moved_span_takes_along_what_stands_on_it(tmp_path: Path, opened: Callable[..., Any]) -> None:
    text = "Mira 😀 plays"
    head = Entity("person", "Mira", 0, 4)
    relation = Relation("likes", Span("Mira", 0, 4, type="person"), Span("plays", 7, 12))
    event = Event("play", Span("plays", 7, 12), [Argument("who", "Mira", 0, 4, type="person")])
    sample = Sample("1", text, entities=[head], relations=[relation], events=[event])
    script = "return cases.map((s) => edit.changeEntity(s, s.entities[0], { end: 6, type: 'artist' })[0]);"
    found = back(run(opened, tmp_path, script, [plain(sample)])[0])
    assert found.entities == [Entity("artist", "Mira 😀", 0, 6)]
    assert found.relations == [Relation("likes", Span("Mira 😀", 0, 6, type="artist"), Span("plays", 7, 12))]
    assert (found.events or [])[0].arguments == [Argument("who", "Mira 😀", 0, 6, type="artist")]
    assert not list(faults(found))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (["Tanaka", "Tokyo"], {0: 0, 1: 1}),
        (["Tokyo", "Tanaka"], {0: 1, 1: 0}),
        (["Tokyo"], {0: 1}),
    ],
)
def test_spans_of_both_sides_find_each_other(
    tmp_path: Path, opened: Callable[..., Any], target: list[str], expected: dict[int, int]
) -> None:
    kinds = {"Tanaka": "person", "Tokyo": "place"}
    source = {"entities": [{"type": "人名", "text": "田中"}, {"type": "地名", "text": "東京"}]}
    there = {"entities": [{"type": kinds[name], "text": name} for name in target]}
    with in_thread(new_store(tmp_path, 1)) as server:
        page = opened(server.url)
        script = """async ([source, target]) => {
          const { pairs } = await import('/links.js');
          return [...pairs(source, target, { person: '人名', place: '地名' })];
        }"""
        assert dict(page.evaluate(script, [source, there])) == expected

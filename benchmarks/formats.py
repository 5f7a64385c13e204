"""Speed of reading model outputs: oiellm outputs decoded per second on one core, and what else reads and writes.

Prints JSON lines. With the shared data the outputs are those of stockmark's gold, else made ones of the same shape.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from pointline.formats import Ask, Codec, codec
from pointline.sample import Entity, Sample
from pointline.schema import Schema

ROUNDS = 5
LIMIT = 100_000
"""oiellm outputs that must be decoded a second."""


def samples() -> list[Sample]:
    """Stockmark's samples with a text label each, or made ones."""
    root = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("POINTLINE_SHARED", root)) / "stockmark_ner_wikipedia_ja" / "ner.json"
    found = []
    if path.is_file():
        for i, row in enumerate(json.loads(path.read_text("utf-8"))):
            spans = sorted((e["span"], e["type"], e["name"]) for e in row["entities"])
            entities = [Entity(kind, name, *span) for span, kind, name in spans]
            found.append(Sample(str(i), row["text"], "ja", ["文芸" if i % 2 else "社会"], entities))
        return found
    for i in range(5000):
        text = f"{i}年、山田{i}は東京で新聞社{i}を設立し、大阪に移った。"
        names = [("人名", f"山田{i}"), ("地名", "東京"), ("法人名", f"新聞社{i}")]
        entities = [Entity(kind, name, text.find(name), text.find(name) + len(name)) for kind, name in names]
        found.append(Sample(str(i), text, "ja", ["文芸" if i % 2 else "社会"], entities))
    return found


def report(what: str, work: Callable[[], int], limit: int | None = None) -> None:
    """One JSON line: the median of the rounds, in CPU time of this process (the machine may be shared)."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        count = work()
        rounds.append(count / (time.process_time() - start))
    rounds.sort()
    value = rounds[ROUNDS // 2]
    line: dict[str, object] = {"name": "formats", "what": what, "value": round(value), "unit": "per second"}
    if limit is not None:
        line |= {"ratio": round(value / limit, 2), "limit_ratio": 1.0}
    line |= {"rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "rounds": ROUNDS}
    print(json.dumps({**line, "range": [round(rounds[0]), round(rounds[-1])]}), flush=True)


def decode(bound: Codec, outputs: list[tuple[str, str]]) -> int:
    """Read every output once."""
    for raw, text in outputs:
        bound.decode(raw, text)
    return len(outputs)


def encode(bound: Codec, gold: list[Sample]) -> int:
    """Write every sample once, held to the law."""
    for sample in gold:
        bound.encode(sample)
    return len(gold)


def main() -> None:
    """Time four formats both ways."""
    gold = samples()
    for name in ("oiellm", "giellm", "plain", "iepile"):
        bound = codec(name, Ask(Schema.of(gold)))
        outputs = [(bound.encode(sample)[0].completion, sample.text) for sample in gold]
        report(f"{name}_decode", lambda: decode(bound, outputs), LIMIT if name == "oiellm" else None)  # noqa: B023
        report(f"{name}_encode", lambda: encode(bound, gold))  # noqa: B023


if __name__ == "__main__":
    main()

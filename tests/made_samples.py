"""Made-up requests with a label, a name and a place each: enough to see a small model learn."""

from __future__ import annotations

import random

from pointline.sample import Entity, Sample

NAMES = ["ann", "bob ray", "carla", "dee van dyke", "edgar", "flo", "gus lee", "hal"]
PLACES = ["oslo", "new york", "rome", "cape town", "lima", "kyiv", "el paso", "bonn"]


def made(count: int, seed: int = 0) -> list[Sample]:
    draw = random.Random(seed)
    samples = []
    for i in range(count):
        name, place = draw.choice(NAMES), draw.choice(PLACES)
        pattern, label = draw.choice([("call {n} in {p} now", "Call"), ("book a trip to {p} for {n}", "Book")])
        text = pattern.format(n=name, p=place)
        entities = [
            Entity(kind, value, text.index(value), text.index(value) + len(value))
            for kind, value in (("name", name), ("place", place))
        ]
        entities.sort(key=lambda e: e.start or 0)
        samples.append(Sample(f"made/{seed}/{i}", text, "en", [label], entities))
    return samples

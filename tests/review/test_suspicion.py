"""What comes first: planted errors of each sort, with and without a model's answers."""

from __future__ import annotations

import random

import msgspec

from pointline.corpora.synthetic.generator import generate
from pointline.review.item import Item, Repair
from pointline.review.suspicion import ordering, suspicions
from pointline.sample import Entity, Sample

LUTE, DUSK = Entity("thing", "lute", 5, 9), Entity("time", "dusk", 8, 12)
MUSIC = [Sample(f"m{n}", f"play lute {n}", labels=["music"], entities=[LUTE]) for n in range(40)]
WEATHER = [Sample(f"w{n}", f"rain at dusk {n}", labels=["weather"], entities=[DUSK]) for n in range(40)]


def first(samples: list[Sample]) -> tuple[str, tuple[str, ...]]:
    found = suspicions(samples)
    best = max(range(len(samples)), key=lambda n: found[n].score)
    return samples[best].id, found[best].reasons


def test_a_label_that_its_types_contradict() -> None:
    odd = msgspec.structs.replace(MUSIC[7], labels=["weather"])
    assert first([*MUSIC[:7], odd, *MUSIC[8:], *WEATHER]) == ("m7", ("levels_contradict",))


def test_a_type_that_these_words_have_nowhere_else() -> None:
    odd = msgspec.structs.replace(MUSIC[7], entities=[Entity("person", "lute", 5, 9)])
    assert first([*MUSIC[:7], odd, *MUSIC[8:], *WEATHER]) == ("m7", ("unusual_type",))


def test_clean_samples_are_hardly_suspicious() -> None:
    assert max(found.score for found in suspicions([*MUSIC, *WEATHER])) < 0.1


def test_own_scores_and_a_models_answers() -> None:
    unsure = Sample("1", "play lute", labels=["music"], label_scores={"music": 0.2})
    assert suspicions([unsure])[0].reasons == ("low_confidence",)
    gold = Sample("1", "play lute", labels=["music"], entities=[Entity("thing", "lute", 5, 9)])
    for answered, reason in (
        ([Entity("person", "lute", 5, 9, score=0.9)], "span_doubted"),
        ([Entity("thing", "lute", 5, 9), Entity("verb", "play", 0, 4, score=0.9)], "span_missed"),
        ([], "span_added"),
    ):
        answer = msgspec.structs.replace(gold, entities=answered)
        assert suspicions([gold], [answer])[0].reasons == (reason,)
    assert suspicions([gold], [gold])[0].score == 0


def test_reasons_and_repairs_that_came_along_count() -> None:
    items = [Item(MUSIC[0]), Item(MUSIC[1], repairs=(Repair("located"),)), Item(MUSIC[2], reasons=("odd", "odder"))]
    scores = [item.suspicion for item in ordering(())(items)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 3


def test_planted_errors_come_first() -> None:
    """One in ten annotations of our own sentences corrupted: without any model the first ones are wrong ones."""
    samples = [s for s in generate(languages=("en",), per_task=200)["train"] if s.labels and s.entities]
    rng = random.Random(1)
    labels = sorted({label for sample in samples for label in sample.labels or ()})
    types = sorted({entity.type for sample in samples for entity in sample.entities or ()})
    wrong = set(rng.sample(range(len(samples)), len(samples) // 10))
    made = []
    for place, sample in enumerate(samples):
        if place in wrong and rng.random() < 0.5:
            other = [label for label in labels if label not in (sample.labels or ())]
            sample = msgspec.structs.replace(sample, labels=[rng.choice(other)])
        elif place in wrong:
            odd, *rest = sample.entities or ()
            kind = rng.choice([one for one in types if one != odd.type])
            sample = msgspec.structs.replace(sample, entities=[msgspec.structs.replace(odd, type=kind), *rest])
        made.append(sample)
    found = suspicions(made)
    first_ones = sorted(range(len(made)), key=lambda n: -found[n].score)[: len(wrong) // 2]
    assert sum(place in wrong for place in first_ones) / len(first_ones) > 0.6

"""Equality with others: seqeval, nervaluate where it does not depend on order, scikit-learn; real and random spans."""

from __future__ import annotations

import itertools
import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_sets import SETS
from score_cases import QUICK, scored

from pointline.sample import Entity, Sample
from pointline.score import Score, span_f1

Span = tuple[str, int, int]
TYPES = ("A", "B", "C")


@st.composite
def flat_spans(draw: st.DrawFn) -> list[Span]:
    """Spans over tokens that do not overlap, in order; neighbours may touch."""
    cuts = sorted(draw(st.sets(st.integers(0, 14), max_size=8)))
    pairs = itertools.pairwise(cuts)
    return [(draw(st.sampled_from(TYPES)), start, end) for start, end in pairs if draw(st.booleans())]


FILES = st.lists(st.tuples(flat_spans(), flat_spans()), min_size=1, max_size=6)


def tags(spans: list[Span], size: int) -> list[str]:
    out = ["O"] * size
    for kind, start, end in spans:
        out[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return out


def samples(rows: list[list[Span]]) -> list[Sample]:
    text = "abcdefghijklmnop"
    return [
        Sample(str(i), text, entities=[Entity(kind, text[start:end], start, end) for kind, start, end in row])
        for i, row in enumerate(rows)
    ]


def noisy(gold: list[Sample], seed: int) -> list[Sample]:
    """Answers that miss, add, retype and shift spans now and then, without overlaps."""
    rng, kinds, made = random.Random(seed), sorted({e.type for s in gold for e in s.entities or ()}), []
    for sample in gold:
        entities = []
        for e in sample.entities or ():
            luck = rng.random()
            if luck < 0.1:
                continue
            kind = rng.choice(kinds) if luck < 0.2 else e.type
            end = e.end - 1 if 0.2 <= luck < 0.3 and e.end - e.start > 1 else e.end
            entities.append(Entity(kind, sample.text[e.start : end], e.start, end))
        labels = sample.labels and [rng.choice(gold).labels[0] if rng.random() < 0.1 else sample.labels[0]]
        made.append(Sample(sample.id, sample.text, labels=labels, entities=entities))
    return made


def seqeval_agrees(got: Score, gold: list[list[str]], predicted: list[list[str]]) -> None:
    metrics = pytest.importorskip("seqeval.metrics")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, f1 = (
            getattr(metrics, name)(gold, predicted) for name in ("precision_score", "recall_score", "f1_score")
        )
        report = metrics.classification_report(gold, predicted, output_dict=True, zero_division=0)
    figure = got["WL"]
    if not figure.gold and not figure.predicted:
        return  # nothing to find and nothing said: 0 there, 100 here
    assert figure.f1 == pytest.approx(100 * f1)
    assert figure.precision == pytest.approx(100 * precision) or not figure.predicted
    assert figure.recall == pytest.approx(100 * recall) or not figure.gold
    assert figure.macro_f1 == pytest.approx(100 * report["macro avg"]["f1-score"])
    for row in got.labels:
        theirs = report[row.label]
        assert (row.precision, row.recall, row.f1, row.n) == (
            pytest.approx(100 * theirs["precision"]),
            pytest.approx(100 * theirs["recall"]),
            pytest.approx(100 * theirs["f1-score"]),
            theirs["support"],
        )


@given(FILES)
@settings(max_examples=60)
def test_seqeval_on_random_spans(file: list[tuple[list[Span], list[Span]]]) -> None:
    gold, answers = [g for g, _ in file], [a for _, a in file]
    got = scored(samples(gold), samples(answers), "seqeval")
    seqeval_agrees(got, [tags(row, 16) for row in gold], [tags(row, 16) for row in answers])
    assert span_f1(gold, answers).f1 == pytest.approx(got["WL"].f1)


@pytest.mark.parametrize("name", ["snips", "stockmark", "cluener"])
def test_seqeval_on_real_sets(name: str, shared_data: Path) -> None:
    gold = [s for s in SETS[name](shared_data) if s.entities is not None and not _tangled(s)][:1500]
    answers = noisy(gold, 1)
    got = scored(gold, answers, "seqeval")
    assert 50 < got["WL"].value < 95
    char_tags = [
        [tags([(e.type, e.start, e.end) for e in s.entities or ()], len(s.text)) for s in side]
        for side in (gold, answers)
    ]
    seqeval_agrees(got, *char_tags)
    for other in ("offset", "gliner"):
        assert scored(gold, answers, other)["WL"].f1 == got["WL"].f1


def _tangled(sample: Sample) -> bool:
    entities = sample.entities or []
    return any(a.end > b.start for a, b in itertools.pairwise(entities))


def nervaluate_counts(gold: list[list[Span]], answers: list[list[Span]]) -> dict[str, tuple[float, int, int]]:
    evaluator = pytest.importorskip("nervaluate").Evaluator
    rows = [[[{"label": k, "start": s, "end": e - 1} for k, s, e in row] for row in side] for side in (gold, answers)]
    found = evaluator(*rows, tags=list(TYPES), loader="dict").evaluate()["overall"]
    names = {"strict": "strict", "exact": "exact", "partial": "partial", "ent_type": "type"}
    return {
        ours: (found[theirs].correct + found[theirs].partial / 2, found[theirs].possible, found[theirs].actual)
        for theirs, ours in names.items()
    }


def touches_one(rows: list[Span], others: list[Span]) -> bool:
    """True where no span overlaps two of the other side: there the order of pairing cannot matter."""
    return all(sum(s < f and t < e for _, t, f in others) <= 1 for _, s, e in rows)


@given(FILES)
@settings(max_examples=60)
def test_nervaluate_where_order_cannot_matter(file: list[tuple[list[Span], list[Span]]]) -> None:
    file = [(g, a) for g, a in file if touches_one(g, a) and touches_one(a, g)]
    if not file:
        return
    gold, answers = [g for g, _ in file], [a for _, a in file]
    got = scored(samples(gold), samples(answers), "partial")
    for name, (credit, possible, actual) in nervaluate_counts(gold, answers).items():
        assert (got[name].hits, got[name].gold, got[name].predicted) == (credit, possible, actual)


@given(FILES)
@settings(max_examples=60)
def test_pairing_is_never_worse_than_nervaluates(file: list[tuple[list[Span], list[Span]]]) -> None:
    gold, answers = [g for g, _ in file], [a for _, a in file]
    got = scored(samples(gold), samples(answers), "partial")
    for name, (credit, _, _) in nervaluate_counts(gold, answers).items():
        assert (got[name].hits or 0) >= credit


def sklearn_rows(gold: list[list[str]], answers: list[list[str]]) -> Iterator[tuple[str, float, float, float, int]]:
    metrics, preprocessing = pytest.importorskip("sklearn.metrics"), pytest.importorskip("sklearn.preprocessing")
    names = sorted({label for row in (*gold, *answers) for label in row})
    table = preprocessing.MultiLabelBinarizer(classes=names)
    sides = table.fit_transform(gold), table.fit_transform(answers)
    for average in ("micro", "macro"):
        row = metrics.precision_recall_fscore_support(*sides, average=average, zero_division=0)
        yield (average, *(100 * value for value in row[:3]), 0)
    each = metrics.precision_recall_fscore_support(*sides, average=None, zero_division=0)
    for name, precision, recall, f1, support in zip(names, *each, strict=True):
        yield (name, 100 * precision, 100 * recall, 100 * f1, int(support))


LABELS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=8))
@settings(max_examples=60)
def test_scikit_learn_on_several_labels(file: list[tuple[list[str], list[str]]]) -> None:
    gold = [Sample(str(i), "t", labels=row) for i, (row, _) in enumerate(file)]
    answers = [Sample(str(i), "t", labels=row) for i, (_, row) in enumerate(file)]
    got = scored(gold, answers, "mre")
    ours = {row.label: (row.precision, row.recall, row.f1, row.n) for row in got.labels}
    for name, precision, recall, f1, support in sklearn_rows([g for g, _ in file], [a for _, a in file]):
        if name == "micro":
            assert (got["TL"].precision, got["TL"].recall, got["TL"].f1) == pytest.approx((precision, recall, f1))
        elif name == "macro":
            assert got["TL"].macro_f1 == pytest.approx(f1)
        else:
            assert ours[name] == (pytest.approx(precision), pytest.approx(recall), pytest.approx(f1), support)


def test_scikit_learn_confusion_on_snips(shared_data: Path) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    gold = list(SETS["snips"](shared_data))[:2000]
    answers = noisy(gold, 2)
    got = scored(gold, answers, "mre")
    names = sorted({s.labels[0] for s in gold if s.labels})
    theirs = metrics.confusion_matrix([s.labels[0] for s in gold], [s.labels[0] for s in answers], labels=names)
    ours = {(c.gold, c.predicted): c.n for c in got.confusion}
    assert [[ours.get((a, b), 0) for b in names] for a in names] == theirs.tolist()
    accuracy = metrics.accuracy_score([s.labels[0] for s in gold], [s.labels[0] for s in answers])
    assert scored(gold, answers, "mre-accuracy", QUICK)["TL"].accuracy == pytest.approx(100 * accuracy)

"""The demo's HTML page: what was found, in words, tables, a curve and marked texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pointline.recipes.demo_result import Demo
from pointline.report.page import Cell, Curve, Example, Examples, Facts, Figure, Page, Prose, Section, Series, Table
from pointline.sample import Sample
from pointline.score.result import Figure as Measured
from pointline.version import __version__

NAMES = {"all": "all three", "en": "English", "ja": "Japanese", "zh": "Chinese"}
SPOKEN = ("en", "ja", "zh")
TASKS = {
    "ner": "topic + named entities",
    "scpos-rw": "sentiment + polar words",
    "re": "topic + relations",
    "ee": "topic + events",
}
LEVELS = {"TL": "text level", "WL": "word level", "ALL": "both right"}
FACETS = {"labels": "text label", "entities": "entity"}
LEAD = (
    "The main job from annotated sentences to a measured joint model, in three languages. The sentences are synthetic, "
    "made from templates: this page shows that every step works. It proves nothing about reinforcement between the two "
    "levels, and its scores are no benchmark."
)


def page(result: Demo, gold: Sequence[Sample], answers: Sequence[Sample]) -> Page:
    """Put the page together from what was found, the cleaned test split, and the joint model's answers to it."""
    return Page(
        title="pointline demo",
        lead=LEAD,
        sections=(
            Section("The run", (_facts(result),)),
            Section("Cleaning", (_dropped(result), _found(result))),
            Section("What the data holds", (_held(result),)),
            Section("Scores on test", (_scores(result), _curve(result), _labels(result))),
            Section("Joint against single", (_deltas(result), *_verdicts(result))),
            Section("Reading new sentences", (_extracted(result),)),
            Section("Gold beside prediction", tuple(_compared(gold, answers))),
            Section("Relations and events", (_points(gold),)),
        ),
        footer=f"pointline {__version__} · seed {result.settings.seed} · {result.scores['all'].signature}",
    )


def _facts(result: Demo) -> Facts:
    sentences = sum(row.sentences for row in result.held)
    rows = (
        ("languages", "English, Japanese, Chinese"),
        ("sentences after cleaning", f"{sentences:,}"),
        ("model", f"joint tagger, {result.parameters / 1e6:.1f} M parameters, trained from scratch"),
        ("training steps", f"{result.settings.steps} for each of three models"),
        ("seed", str(result.settings.seed)),
    )
    return Facts(rows)


def _dropped(result: Demo) -> Table:
    rows = tuple((row.split, row.reason.replace("_", " "), row.rows) for row in result.dropped)
    note = "A text whose annotations contradict each other leaves with all its copies: nobody knows which one is right."
    return Table("Rows that left, and why", ("split", "reason", "rows"), rows, note=note, scale=None)


def _found(result: Demo) -> Table:
    rows = tuple((row.fault, row.planted, row.removed) for row in result.found)
    note = "These faults were planted in train on purpose. Leftover HTML and repeated words pass the rules of quality."
    return Table("Planted faults", ("fault", "planted", "removed"), rows, note=note, scale=None)


def _held(result: Demo) -> Table:
    header = ("task", *(NAMES[lang] for lang in SPOKEN), "entities", "relations", "events")
    rows = []
    for task, name in TASKS.items():
        own = {row.lang: row for row in result.held if row.task == task}
        sentences = (own[lang].sentences if lang in own else 0 for lang in SPOKEN)
        items = (
            sum(getattr(row, level) for row in own.values()) or "–" for level in ("entities", "relations", "events")
        )
        rows.append((name, *sentences, *items))
    note = (
        "Sentences by language, and what is annotated in all of them. The tagger learns labels and entities; relations "
        "and events are cleaned, counted and shown."
    )
    return Table("After cleaning, all splits", header, tuple(rows), note=note, scale=None)


def _scores(result: Demo) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (NAMES[lang], *(_figure(score.figures.get(level)) for level in LEVELS), score.n)
        for lang, score in result.scores.items()
    )
    note = (
        "The text level is scored on all sentences; the word level, and both at once, on those with entities or polar "
        "words annotated. Test holds names and turns of phrase that train never shows."
    )
    return Table(
        "Joint model, micro-F1 in per cent with 95 % bootstrap interval",
        ("language", *LEVELS.values(), "sentences"),
        rows,
        note=note,
    )


def _figure(found: Measured | None) -> Figure:
    return Figure(None) if found is None else Figure(found.value, found.low, found.high)


def _curve(result: Demo) -> Curve:
    lines = []
    for level, name in (("text", "text level"), ("word", "word level"), ("both", "both right")):
        points = [(p.epoch, value) for p in result.curve if (value := getattr(p, level)) is not None]
        lines.append(Series(name, tuple(x for x, _ in points), tuple(y for _, y in points)))
    return Curve("Learning curve of the joint model on dev", "epoch", "per cent", tuple(lines))


def _labels(result: Demo) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.label,
            FACETS.get(row.level, row.level),
            f"{row.f1:.1f}",
            f"{row.precision:.1f}",
            f"{row.recall:.1f}",
            row.n,
        )
        for row in result.scores["all"].labels
    )
    return Table("By label and type, all languages", ("name", "level", "F1", "precision", "recall", "in gold"), rows)


def _deltas(result: Demo) -> Table:
    rows = tuple(
        (
            LEVELS[level],
            Figure(delta.a),
            Figure(delta.b),
            Figure(delta.delta, delta.low, delta.high, signed=True),
            f"{delta.p:.3f}",
            delta.n,
        )
        for level, delta in result.deltas.items()
    )
    header = ("level", "joint", "this level alone", "joint − alone", "p", "sentences")
    return Table("Did learning both levels together help?", header, rows, scale=(-10.0, 10.0))


def _verdicts(result: Demo) -> Iterator[Prose]:
    for level, delta in result.deltas.items():
        if delta.low > 0:
            said = "learning both levels together helped here"
        elif delta.high < 0:
            said = "learning both levels together did not help here, the joint model scored lower"
        else:
            said = "no difference is shown: the interval holds 0"
        yield Prose(f"{LEVELS[level].capitalize()}: {said}.")
    yield Prose(
        "Paired bootstrap over the test sentences, one training of each model: the spread between trainings is not in "
        "the interval. On sentences made from templates the answer says nothing about real text."
    )


def _extracted(result: Demo) -> Examples:
    return Examples("One sentence a language, in no split", tuple(Example(prediction=s) for s in result.extracted))


def _compared(gold: Sequence[Sample], answers: Sequence[Sample], wrong: int = 3, right: int = 2) -> Iterator[Examples]:
    """Of each language the first sentences with an error and the first without, in the order of their ids."""
    pairs = sorted(zip(gold, answers, strict=True), key=lambda pair: pair[0].id)
    pairs = [pair for pair in pairs if pair[0].entities]
    for lang in SPOKEN:
        own = [pair for pair in pairs if pair[0].lang == lang]
        missed = [pair for pair in own if not _same(*pair)][:wrong]
        found = [pair for pair in own if _same(*pair)][:right]
        if own:
            yield Examples(NAMES[lang], tuple(Example(real, said) for real, said in missed + found))


def _same(gold: Sample, answer: Sample) -> bool:
    def items(sample: Sample) -> list[tuple[str, int | None, int | None]]:
        return sorted((entity.type, entity.start, entity.end) for entity in sample.entities or ())

    return gold.labels == answer.labels and items(gold) == items(answer)


def _points(gold: Sequence[Sample]) -> Examples:
    """The first relation and the first two event sentences of each language."""
    ranked = sorted(gold, key=lambda sample: sample.id)
    shown = [
        sample
        for lang in SPOKEN
        for level, count in (("relations", 2), ("events", 2))
        for sample in [s for s in ranked if s.lang == lang and getattr(s, level)][:count]
    ]
    return Examples(
        "Gold sentences; not learned by this model", tuple(Example(sample) for sample in shown), folded=True
    )

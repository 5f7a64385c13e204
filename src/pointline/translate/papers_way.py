"""The papers' method: one question, two filters, no repair; what does not pass is gone (MMM, section 3.1)."""

from __future__ import annotations

from collections import Counter

import msgspec

from pointline.formats.ask import tasks_of
from pointline.formats.problems import SPAN_NOT_IN_TEXT, CannotHold
from pointline.formats.words import TASK_LEVEL
from pointline.sample import Sample
from pointline.schema import LEVELS
from pointline.translate.asking import Asking, Steps, said
from pointline.translate.form import Form
from pointline.translate.languages import Pair
from pointline.translate.outcome import Outcome
from pointline.translate.paper import Answered, answered, lines_of, question
from pointline.translate.rules import faults
from pointline.translate.settings import TranslateSettings


class PapersWay:
    """Asks once for each sample; kept is what passes every rule."""

    def __init__(self, pair: Pair, settings: TranslateSettings, form: Form) -> None:
        self._pair, self._settings, self._form = pair, settings, form

    def __call__(self, sample: Sample) -> Steps[Outcome]:
        """One question, one outcome: kept or dropped."""
        if not sample.text.strip():
            return Outcome(sample, "dropped", reasons=("empty_text",))
        try:
            lines = lines_of(sample, self._form.codec)
            words = [self._form.word(task) for task in tasks_of(sample, self._form.ask)]
        except CannotHold as refused:
            return Outcome(sample, "dropped", reasons=(refused.reason,))
        asking = Asking(sample.id, self._pair, self._settings)
        [answer] = yield from asking.ask([("paper", question(self._pair, lines, words))])
        read = Answered("", "", answer.fault) if answer.fault else answered(said(answer), words)
        reasons, target = self._judged(sample, read)
        if not reasons:
            return Outcome(sample, "kept", target, drafts=1, spent=asking.spent)
        return Outcome(sample, "dropped", target, reasons, drafts=1, spent=asking.spent)

    def _judged(self, sample: Sample, read: Answered) -> tuple[tuple[str, ...], Sample | None]:
        """The reasons against an answer, and the sample that it says."""
        if read.problem:
            return (read.problem,), None
        wrong = faults(self._pair, sample.text, read.text, self._settings.allow)
        made = self._form.codec.decode(read.output, read.text, sample.id)
        if SPAN_NOT_IN_TEXT in (made.problems or ()):
            wrong.append("entity_not_in_text")
        elif made.problems:
            wrong += [problem for problem in made.problems if problem != "span_repeated"]
        if (made.labels or []) != (sample.labels or []):
            wrong.append("label_changed")
        if _kinds(made) != _kinds(sample, {TASK_LEVEL[task] for task in tasks_of(sample, self._form.ask)}):
            wrong.append("entities_changed")
        levels = {level: getattr(made, level) for level in LEVELS if getattr(sample, level) is not None}
        target = Sample(
            sample.id, read.text, self._pair.target, source=sample.source, split=sample.split, meta=dict(sample.meta)
        )
        target = msgspec.structs.replace(target, **levels)
        if not wrong and not self._form.holds(target):
            wrong.append("format")
        return tuple(dict.fromkeys(wrong)), target


def _kinds(sample: Sample, levels: set[str] | None = None) -> Counter[tuple[str, str]]:
    """How many spans of each type, relations and events there are."""
    told = levels if levels is not None else {"entities", "relations", "events"}
    kinds: Counter[tuple[str, str]] = Counter()
    for level in sorted(told & {"entities", "relations", "events"}):
        kinds.update((level, one.type) for one in getattr(sample, level) or ())
    return kinds

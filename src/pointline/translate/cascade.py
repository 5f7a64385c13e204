"""One sample's way: draft, rules, residue, places, doubts - and another draft where this one cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from pointline.sample import Sample
from pointline.translate.asking import Asking, Steps
from pointline.translate.chrf import chrf
from pointline.translate.form import Form
from pointline.translate.languages import Pair
from pointline.translate.outcome import Outcome, Repair, Status
from pointline.translate.placing import Placing
from pointline.translate.rules import doubts, faults, lost_latin, lost_numbers, residues
from pointline.translate.settings import TranslateSettings
from pointline.translate.units import Place, Units, moved, units_of

RESIDUES = 4
"""Stretches translated again one by one; a draft with more of them is given up."""


class Try(NamedTuple):
    """One draft as far as it came: its text, the places that hold, and what stands against it.

    likeness: chrF of its translation back and the source, where that was asked for.
    """

    text: str
    places: dict[int, Place]
    reasons: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()
    cleared: tuple[str, ...] = ()
    likeness: float = 0.0


class Cascade:
    """Translates samples of one pair of languages, each by itself; their labels are translated already."""

    def __init__(self, pair: Pair, settings: TranslateSettings, form: Form | None = None) -> None:
        self._pair, self._settings, self._form = pair, settings, form

    def __call__(self, sample: Sample) -> Steps[Outcome]:
        """Ask about a sample until it is kept, or no further draft is allowed."""
        units = units_of(sample)
        if not sample.text.strip():
            return Outcome(sample, "dropped", reasons=("empty_text",))
        if units.loose is not None:
            return Outcome(sample, "review", reasons=("span_without_offsets",))
        asking = Asking(sample.id, self._pair, self._settings)
        outcome = yield from self._tried(sample, units, asking)
        outcome.spent = asking.spent
        return outcome

    def _tried(self, sample: Sample, units: Units, asking: Asking) -> Steps[Outcome]:
        seen: dict[str, Placing] = {}
        reasons: list[str] = []
        tries: list[Try] = []
        form = self._form if self._form is not None and self._form.holds(sample) else None
        for number in range(self._settings.drafts):
            last = number == self._settings.drafts - 1 and number > 0
            bare = self._settings.method == "plain" or (last and not tries)
            draft, why = yield from asking.draft(sample.text, {} if bare else units.places)
            if draft is None:
                reasons.append(why)
                continue
            one = yield from self._try(sample, units, asking, (draft.text, draft.places), seen)
            if not one.reasons and form is not None and not form.holds(self._moved(sample, units, one)):
                one = one._replace(reasons=("format",))
            if not one.reasons:
                return self._good(self._moved(sample, units, one), sample, one, reasons)
            reasons += one.reasons
            tries.append(one)
        return self._given_up(sample, units, tries, reasons)

    def _good(self, target: Sample, sample: Sample, one: Try, reasons: list[str]) -> Outcome:
        status: Status = "repaired" if one.repairs or reasons else "kept"
        again = (Repair("translated_again"),) if reasons else ()
        told = tuple(dict.fromkeys(reasons))
        return Outcome(sample, status, target, told, (*again, *one.repairs), one.cleared, len(reasons) + 1)

    def _given_up(self, sample: Sample, units: Units, tries: list[Try], reasons: list[str]) -> Outcome:
        told = tuple(dict.fromkeys(reasons))
        if not tries:
            return Outcome(sample, "dropped", reasons=told, drafts=len(reasons))
        best = max(tries, key=lambda one: self._rank(sample, one, tries))
        target = self._moved(sample, units, best)
        return Outcome(sample, "review", target, told, best.repairs, best.cleared, len(reasons))

    def _rank(self, sample: Sample, one: Try, tries: list[Try]) -> tuple[float, ...]:
        """How good a draft is without gold: faults, spans placed, the way back, agreement with other drafts, length."""
        hard = len(faults(self._pair, sample.text, one.text, self._settings.allow))
        agreement = sum(chrf(one.text, other.text) for other in tries)
        length = sum(len(other.text) for other in tries) / len(tries)
        return (-hard, len(one.places), one.likeness, agreement, -abs(len(one.text) - length))

    def _moved(self, sample: Sample, units: Units, one: Try) -> Sample:
        return msgspec.structs.replace(moved(sample, units, one.text, one.places), lang=self._pair.target)

    def _try(
        self, sample: Sample, units: Units, asking: Asking, draft: tuple[str, Mapping[int, Place]],
        seen: dict[str, Placing],
    ) -> Steps[Try]:  # fmt: skip
        """Take one draft through residue, rules, places and doubts."""
        text, marks, repairs = yield from self._without_residue(sample, asking, *draft)
        wrong = faults(self._pair, sample.text, text, self._settings.allow)
        if wrong:
            return Try(text, dict(marks), tuple(wrong), tuple(repairs))
        placing = seen.setdefault(text, Placing(sample.text, units.places, text, self._settings))
        placing.mark(marks)
        if not (yield from placing.settle(asking)):
            return Try(text, placing.found(), ("entity_not_placed",), tuple(repairs))
        places = placing.found()
        if unsure := placing.faults():
            return Try(text, places, tuple(unsure), tuple(repairs))
        for number, voice in placing.voices.items():
            what = voice.repair()
            if what == "mark_lost" and self._settings.method == "plain":
                continue  # no mark was asked for
            if what is not None:
                repairs.append(Repair(what, voice.words, text[slice(*places[number])]))
        doubtful = doubts(self._pair, sample.text, text, self._settings.allow)
        sure, likeness = (yield from self._cleared(sample.text, text, asking)) if doubtful else (True, 0.0)
        if not sure:
            return Try(text, places, tuple(doubtful), tuple(repairs), (), likeness)
        return Try(text, places, (), tuple(repairs), tuple(doubtful), likeness)

    def _without_residue(
        self, sample: Sample, asking: Asking, text: str, marks: Mapping[int, Place]
    ) -> Steps[tuple[str, Mapping[int, Place], list[Repair]]]:
        """Translate what is left in the source's script again, and that alone."""
        repairs: list[Repair] = []
        left = residues(self._pair, sample.text, text, self._settings.allow)
        for _ in range(len(left) if len(left) <= RESIDUES else 0):
            place = left[0]
            words = yield from asking.residue(sample.text, text, place)
            changed = None if words is None else text[: place[0]] + words + text[place[1] :]
            now = left if changed is None else residues(self._pair, sample.text, changed, self._settings.allow)
            if changed is None or len(now) >= len(left) or words is None:
                break
            repairs.append(Repair("residual_script", text[slice(*place)], words))
            text, marks, left = changed, _after(marks, place, len(words)), now
            if not left:
                break
        return text, marks, repairs

    def _cleared(self, source: str, text: str, asking: Asking) -> Steps[tuple[bool, float]]:
        """Whether a translation back says what the source says: alike (chrF), its numbers and Latin words there."""
        best = 0.0
        for _ in range(2):
            back = yield from asking.reverse(text)
            if back is not None:
                same = asking.back
                lost = lost_numbers(same, source, back) or (lost_latin(self._pair, source, back))
                best = max(best, chrf(back, source))
                if chrf(back, source) >= self._settings.chrf and not lost:
                    return True, best
        return False, best


def _after(marks: Mapping[int, Place], place: Place, length: int) -> dict[int, Place]:
    """Marks after a stretch was replaced by one of another length; a mark that only cuts into it is lost."""
    shift = length - (place[1] - place[0])
    out = {}
    for number, (a, b) in marks.items():
        if b <= place[0]:
            out[number] = (a, b)
        elif a >= place[1]:
            out[number] = (a + shift, b + shift)
        elif a <= place[0] and place[1] <= b and a < b + shift:
            out[number] = (a, b + shift)
    return out

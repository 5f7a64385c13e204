"""What a rule cannot decide for a person: a second opinion on the samples that stay, as findings with examples.

Nothing is dropped here. Each check sees every sample once and answers with findings; a check without a finding says so
by a count of 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from pointline.clean.density import Density
from pointline.clean.findings import Finding, Place, Rows
from pointline.clean.inventory import Balance, Inventory, Surfaces
from pointline.clean.near import NearDuplicates, Templates
from pointline.sample import faults
from pointline.text.scripts import KANA, script


class Check(Protocol):
    """Sees every sample once, then tells what it found."""

    def see(self, place: Place) -> None:
        """Take note of one sample."""

    def findings(self) -> Iterable[Finding]:
        """What was found, in a fixed order."""


def audit(places: Iterable[Place], examples: int = 20, near: bool = True) -> list[Finding]:
    """Look over samples; `examples` rows of each finding are kept. `near` asks for near duplicates of texts too.

    Memory grows with the number of samples. Raises MissingExtra where `near` is asked for and rensa is not installed.

    >>> from pointline.sample import Entity, Sample
    >>> one = Sample("1", "play jazz", "en", ["Play"], [Entity("genre", "jazz", 5, 9)])
    >>> two = Sample("2", "日本の音楽", "en", ["play"], [])
    >>> found = audit([Place("train", 1, one), Place("train", 2, two)], near=False)
    >>> [(finding.name, finding.count) for finding in found if finding.count][:3]
    [('language', 1), ('case_twins', 1), ('singletons', 3)]
    """
    checks: list[Check] = [Faults(examples), Languages(examples), Inventory(examples), Balance(), Surfaces(examples)]
    checks += [Density(examples), Templates(examples), *([NearDuplicates(examples)] if near else [])]
    for place in places:
        for check in checks:
            check.see(place)
    return [finding for check in checks for finding in check.findings()]


class Faults:
    """Spans whose offsets do not hold their text, and whatever else breaks the record."""

    def __init__(self, examples: int) -> None:
        self._broken, self._unlocated = Rows(examples), Rows(examples)

    def see(self, place: Place) -> None:
        """Hold a sample to the record."""
        for field, what in faults(place.sample):
            self._broken.add(place.row(field=field, what=what))
        for i, entity in enumerate(place.sample.entities or ()):
            if entity.start is None:
                what = "is in the text" if entity.text in place.sample.text else "is not in the text"
                self._unlocated.add(place.row(field=f"entities[{i}]", span=entity.text, what=what))

    def findings(self) -> Iterable[Finding]:
        """Faults, then entities without offsets."""
        yield Finding("faults", "spans and fields that break the record", self._broken.count, self._broken.kept)
        yield Finding("unlocated", "entities without offsets", self._unlocated.count, self._unlocated.kept)


WRITTEN_IN = {
    "en": frozenset({"latin"}),
    "de": frozenset({"latin"}),
    "fr": frozenset({"latin"}),
    "es": frozenset({"latin"}),
    "it": frozenset({"latin"}),
    "nl": frozenset({"latin"}),
    "pt": frozenset({"latin"}),
    "ru": frozenset({"cyrillic"}),
    "ar": frozenset({"arabic"}),
    "el": frozenset({"greek"}),
    "he": frozenset({"hebrew"}),
    "hi": frozenset({"devanagari"}),
    "th": frozenset({"thai"}),
    "ko": frozenset({"hangul", "han"}),
    "zh": frozenset({"han", "bopomofo"}),
    "ja": KANA | {"han"},
}
HAN_ONLY = 12
"""A text with so many Han characters and no kana is hardly Japanese."""


class Languages:
    """Texts that are not written in the script of the language they claim."""

    def __init__(self, examples: int) -> None:
        self._rows = Rows(examples)

    def see(self, place: Place) -> None:
        """Compare the claim with the letters."""
        lang = (place.sample.lang or "").replace("_", "-").split("-")[0].lower()
        letters = [script(char) for char in place.sample.text if char.isalpha()]
        if lang not in WRITTEN_IN or not letters:
            return
        foreign = sum(each not in WRITTEN_IN[lang] for each in letters)
        han = letters.count("han")
        kanaless = lang == "ja" and han == len(letters) >= HAN_ONLY
        if 2 * foreign > len(letters) or kanaless:
            most = max(sorted(set(letters)), key=letters.count)
            self._rows.add(place.row(lang=lang, script=most, text=place.sample.text[:80]))

    def findings(self) -> Iterable[Finding]:
        """The texts that do not fit their language."""
        about = "texts that are mostly not in the script of their language"
        yield Finding("language", about, self._rows.count, self._rows.kept)

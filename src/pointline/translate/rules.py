"""Rules about a translated text, each a named reason: faults that end a draft, and doubts that must be cleared.

Faults: empty, residual_script, copied_source, url_lost, glossary_ignored, repetition. Doubts: number_lost, latin_lost,
copied_words, length_ratio. Rules about spans stand where spans are placed (`pointline.translate.voices`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pointline.text.normalize import fold_name
from pointline.text.scripts import UNSPACED, script
from pointline.translate.languages import Pair
from pointline.translate.numbers import in_digits, numbers

URL = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9./?#&=_%~:+-]+[A-Za-z0-9/]|[\w.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]*[A-Za-z0-9]"
)
LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9'’.&+-]*")
REPEATED = re.compile(r"(\S.{1,29}?)\1{3,}", re.DOTALL)
COMMON = frozenset({"space", "digit", "mark", "other"})
NAMES = 3
"""Words that a text in Latin letters may keep as they are, where none is written small: a name, a title, a code."""
SHORT = 12
"""Characters of a source below which its length says nothing."""
RATIOS = {(False, True): (0.12, 1.1), (True, False): (0.8, 9.0), (False, False): (0.4, 2.5), (True, True): (0.4, 2.5)}
"""Least and most length of target by length of source, by whether (source, target) puts spaces between words."""


def faults(pair: Pair, source: str, target: str, allow: Iterable[str] = ()) -> list[str]:
    """The reasons for which a text cannot stand as a translation.

    >>> from pointline.translate.languages import pair
    >>> faults(pair("ja", "zh"), "東京へ行く", "去とうきょう"), faults(pair("ja", "zh"), "東京へ行く", "去东京")
    (['residual_script'], [])
    """
    if not target.strip():
        return ["empty"]
    found = []
    if residues(pair, source, target, allow):
        found.append("residual_script")
    if _copied(pair, source, target, allow):
        found.append("copied_source")
    if any(url not in target for url in URL.findall(source)):
        found.append("url_lost")
    if any(fold_name(new) not in fold_name(target) for _, new in pair.terms(source)):
        found.append("glossary_ignored")
    if _repeats(target) and not _repeats(source):
        found.append("repetition")
    return found


def doubts(pair: Pair, source: str, target: str, allow: Iterable[str] = ()) -> list[str]:
    """What may be wrong with a text and may be right: numbers in other words, names in Latin letters, its length.

    >>> from pointline.translate.languages import pair
    >>> doubts(pair("en", "zh"), "wake me at 5 pm tomorrow", "明天下午 6 点叫醒我")
    ['number_lost']
    """
    found = []
    if lost_numbers(pair, source, target):
        found.append("number_lost")
    if lost_latin(pair, source, target):
        found.append("latin_lost")
    if copied_words(pair, source, target, allow):
        found.append("copied_words")
    least, most = RATIOS[bool(pair.source_scripts & UNSPACED), bool(pair.target_scripts & UNSPACED)]
    if len(source) >= SHORT and not least <= len(target.strip()) / len(source) <= most:
        found.append("length_ratio")
    return found


def residues(pair: Pair, source: str, target: str, allow: Iterable[str] = ()) -> list[tuple[int, int]]:
    """Stretches of letters in scripts that have no place in the target language (kana in Chinese, Han in English).

    Latin letters may stand in any language (see `copied_words`); letters of a script that neither language writes may
    where the source has the very same ones. Allowed words are left out.
    """
    if not pair.target_scripts:
        return []
    spared = {i for word in allow if word for a, b in _places(target, word) for i in range(a, b)}
    out: list[tuple[int, int]] = []
    for i, char in enumerate(target):
        kind = script(char)
        if kind in COMMON or kind == "latin" or kind in pair.target_scripts or i in spared:
            continue
        if kind not in pair.source_scripts and char in source:
            continue
        joined = bool(out) and not target[out[-1][1] : i].strip()
        out[-1:] = [(out[-1][0], i + 1)] if joined else [*out[-1:], (i, i + 1)]
    return out


def copied_words(pair: Pair, source: str, target: str, allow: Iterable[str] = ()) -> list[str]:
    """Latin words of the source, written small, that stand unchanged in a language of another script."""
    if "latin" not in pair.source_scripts or "latin" in pair.target_scripts or not pair.target_scripts:
        return []
    said = {word for word in LATIN.findall(source) if word.islower() and len(word) > 2}
    fine = {fold_name(part) for word in allow for part in word.split()}
    return [word for word in LATIN.findall(target) if word in said and fold_name(word) not in fine]


def lost_numbers(pair: Pair, source: str, target: str) -> list[str]:
    """Numbers that the source says in digits and the target says in no way; 17 and 5 may be the same hour."""
    said = numbers(target, pair.target)
    hours = {str(int(value) + shift) for value in said if value.isdecimal() and int(value) <= 24 for shift in (12, -12)}
    return sorted(in_digits(source) - said - hours)


def lost_latin(pair: Pair, source: str, target: str) -> list[str]:
    """Latin words in a source of another script (product names, codes) that the target does not have."""
    if not pair.source_scripts or "latin" in pair.source_scripts:
        return []
    folded = fold_name(target)
    return [word for word in LATIN.findall(source) if len(word) > 1 and fold_name(word) not in folded]


def _copied(pair: Pair, source: str, target: str, allow: Iterable[str]) -> bool:
    """Whether a text was left as it was; a few words without a small letter may be names, and stay in any language."""
    if not any(char.isalpha() for char in target):
        return False
    spared = {fold_name(part) for word in allow for part in word.split()}
    words = [word for word in LATIN.findall(target) if fold_name(word) not in spared]
    if pair.target_scripts and "latin" not in pair.target_scripts:
        foreign = not any(script(char) in pair.target_scripts for char in target)
        if foreign and "latin" in pair.source_scripts and len(words) > NAMES:
            return True
    if fold_name(source) != fold_name(target):
        return False
    if "latin" not in pair.source_scripts:
        return True
    return len(words) > NAMES or any(word.islower() and len(word) > 2 for word in words)


def _repeats(text: str) -> bool:
    return any(any(char.isalpha() for char in match[1]) for match in REPEATED.finditer(text))


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in re.finditer(re.escape(word), text))

"""Scripts: which writing system a character belongs to, and which scripts put no spaces between words."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

# First code point, last code point, script; ascending. Letters outside every row are "other".
_RANGES = (
    (0x0041, 0x024F, "latin"),
    (0x0250, 0x02AF, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x0870, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0DFF, "indic"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x0F00, 0x0FFF, "tibetan"),
    (0x1000, 0x109F, "myanmar"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"),
    (0x1780, 0x17FF, "khmer"),
    (0x1950, 0x19DF, "tai"),
    (0x19E0, 0x19FF, "khmer"),
    (0x1A20, 0x1AAF, "tai"),
    (0x1C80, 0x1C8F, "cyrillic"),
    (0x1E00, 0x1EFF, "latin"),
    (0x1F00, 0x1FFF, "greek"),
    (0x2C60, 0x2C7F, "latin"),
    (0x2DE0, 0x2DFF, "cyrillic"),
    (0x2E80, 0x2FDF, "han"),
    (0x3005, 0x3007, "han"),
    (0x3021, 0x3029, "han"),
    (0x3038, 0x303B, "han"),
    (0x3041, 0x309F, "hiragana"),
    (0x30A1, 0x30FA, "katakana"),
    (0x30FC, 0x30FF, "katakana"),
    (0x3105, 0x312F, "bopomofo"),
    (0x3131, 0x318E, "hangul"),
    (0x31A0, 0x31BF, "bopomofo"),
    (0x31F0, 0x31FF, "katakana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xA720, 0xA7FF, "latin"),
    (0xA960, 0xA97F, "hangul"),
    (0xA980, 0xA9DF, "javanese"),
    (0xA9E0, 0xA9FF, "myanmar"),
    (0xAA60, 0xAA7F, "myanmar"),
    (0xAA80, 0xAADF, "tai"),
    (0xAC00, 0xD7FF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB1D, 0xFB4F, "hebrew"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFE, "arabic"),
    (0xFF21, 0xFF5A, "latin"),
    (0xFF66, 0xFF9F, "katakana"),
    (0xFFA0, 0xFFDC, "hangul"),
    (0x1AFF0, 0x1B16F, "kana"),
    (0x20000, 0x3FFFF, "han"),
)
_FIRSTS = tuple(first for first, _, _ in _RANGES)

KANA = frozenset({"hiragana", "katakana", "kana"})
CJK = KANA | {"han", "bopomofo"}
UNSPACED = CJK | {"thai", "lao", "khmer", "myanmar", "tibetan", "tai", "javanese"}
_UNSPACED_LANGUAGES = frozenset({"ja", "zh", "yue", "wuu", "lzh", "th", "lo", "km", "my", "bo", "dz", "jv"})


@lru_cache(maxsize=2**16)
def script(char: str) -> str:
    """The script of one character: a name of the table, "digit", "space", "other" (letters) or "mark" (the rest).

    >>> [script(char) for char in "あア漢a4 ก。"]
    ['hiragana', 'katakana', 'han', 'latin', 'digit', 'space', 'thai', 'mark']
    """
    if char.isspace():
        return "space"
    if char.isdecimal():
        return "digit"
    code = ord(char)
    row = bisect_right(_FIRSTS, code) - 1
    if row >= 0 and code <= _RANGES[row][1] and (char.isalnum() or code > 0x2E7F):
        return _RANGES[row][2]
    return "other" if char.isalpha() else "mark"


def language(text: str, told: str | None = None) -> str | None:
    """The language's primary subtag: of the code `told`, else "ja" or "zh" where the scripts say so, else None.

    Kana says Japanese; Han without kana says Chinese, so a Japanese text in Han alone needs its language told.

    >>> language("東京へ行く"), language("去北京"), language("the word 桜"), language("東京", "ja-JP")
    ('ja', 'zh', None, 'ja')
    """
    if told:
        return told.replace("_", "-").split("-")[0].lower()
    found = {script(char) for char in text}
    if not found & CJK or _mostly_spaced(text):
        return None
    return "ja" if found & KANA else "zh" if "han" in found else None


def spaced(text: str, told: str | None = None) -> bool:
    """Whether spaces part the words: by the language `told`, else by the scripts of the letters.

    >>> spaced("Miles Davis"), spaced("ภาษาไทย"), spaced("iPhoneを買う"), spaced("서울에서 江南까지")
    (True, False, False, False)
    """
    found = language(text, told)
    return _mostly_spaced(text) if found is None else found not in _UNSPACED_LANGUAGES


def _mostly_spaced(text: str) -> bool:
    """A letter of an unspaced script says about as much as three others."""
    letters = [script(char) in UNSPACED for char in text if char.isalpha()]
    return 4 * sum(letters) <= len(letters)

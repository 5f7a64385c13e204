"""Cut text of any script into tokens: words where spaces part them, characters where they do not."""

from __future__ import annotations

import re
import unicodedata

from pointline.text.scripts import UNSPACED, script

Place = tuple[int, int]

# One letter stands for one kind of character; the patterns below run over these letters, so offsets are code points.
_WORD = r"w[wmj]*"
_EMOJI = r"rr|e[mt]*(?:je[mt]*)*"
_WORDS = re.compile(rf"c[mj]*|{_WORD}|{_EMOJI}|[^s]")
_CHARACTERS = re.compile(rf"c[mj]*|wm*|{_EMOJI}|[^s]")


def tokens(text: str) -> list[Place]:
    """Places (start, end) of the tokens of `text`, in order, disjoint; each character that is no space is in one.

    Letters and digits of spaced scripts run together, with their combining marks; of unspaced scripts (Han, kana,
    Thai, ...) each character stands alone, with its marks; an emoji with its modifiers and joined parts is one token;
    every other mark stands alone.

    >>> text = "don't 桜を見る"
    >>> [text[start:end] for start, end in tokens(text)]
    ['don', "'", 't', '桜', 'を', '見', 'る']
    """
    return [match.span() for match in _WORDS.finditer(text.translate(_KINDS))]


def characters(text: str) -> list[Place]:
    """Like `tokens`, with the letters of every script apart: the finest tokens that keep marks with their letter.

    >>> characters("NY か\u3099")
    [(0, 1), (1, 2), (3, 5)]
    """
    return [match.span() for match in _CHARACTERS.finditer(text.translate(_KINDS))]


class _Kinds(dict[int, str]):
    """Code point -> kind, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        kind = self[code] = _kind(chr(code))
        return kind


_KINDS = _Kinds()


def _kind(char: str) -> str:
    """S space, c letter of an unspaced script, w other letter or digit, m combining mark, j joiner.

    For emoji: e a pictograph, t a tag or skin tone, r a regional indicator. p: anything else.
    """
    code = ord(char)
    if char.isspace():
        return "s"
    if code in (0x200C, 0x200D):
        return "j"
    if unicodedata.category(char).startswith("M"):
        return "m"
    if char.isalnum() or char == "_":
        return "c" if script(char) in UNSPACED else "w"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "r"
    if 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F:
        return "t"
    if unicodedata.category(char) == "So":
        return "e"
    return "p"

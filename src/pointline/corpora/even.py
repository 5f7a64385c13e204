"""Blocks of columns whose lines all have equally many: a whole run of them is looked at once."""

from __future__ import annotations

_OTHERS = {mark: bytes(set(range(256)) - set(b"\n" + mark.encode())) for mark in "\t "}


def even_blocks(text: str, mark: str) -> tuple[int, list[str]]:
    """How many columns every line has (two at least), and the blocks that single blank lines part; else 0 and none.

    The text is reduced to its marks and line ends, where a line of another width shows at once.

    >>> even_blocks("a\\tO\\nb\\tO\\n\\nc\\tO\\n", "\\t"), even_blocks("a\\tO\\nb\\n", "\\t")
    ((2, ['a\\tO\\nb\\tO', 'c\\tO']), (0, []))
    """
    text = text.rstrip("\n")
    marks = text.encode("utf-8", "surrogatepass").translate(None, _OTHERS[mark]) + b"\n"
    width = marks.find(b"\n") + 1
    lines = marks.replace(b"\n\n", b"\n")
    if width == 1 or lines != marks[:width] * (len(lines) // width):
        return 0, []
    blocks = text.split("\n\n")
    if len(blocks) - 1 != len(marks) - len(lines):  # a line without any mark is not always blank
        return 0, []
    return width, blocks

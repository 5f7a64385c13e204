"""What models put around an answer: fences, special tokens, quotes, talk before and behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pointline.formats.cut import SLIGHT
from pointline.formats.lenient import LOST
from pointline.formats.problems import CODE_FENCE, QUOTED, SPECIAL_TOKEN, TEXT_AFTER, TEXT_BEFORE

FENCE = re.compile(r"```[^\n`]*\n?(.*?)(?:\n?```|\Z)", re.DOTALL)
TOKENS = re.compile(
    r"<\|[^|<>\s]{1,40}\|>|</?s>|<pad>|<eos>|<bos>|<unk>|<extra_id_\d+>|\[/?INST\]|<start_of_turn>|<end_of_turn>"
)

QUOTES = ('""', "''", "“”", "「」", "``")


def views(raw: str) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """The output as it is, then freed of what models put around it: each view, its cost, what was wrong."""
    yield raw, 0, ()
    view, problems = _unwrap(raw)
    if view != raw:
        yield view, SLIGHT, problems
    lines = view.splitlines()
    for i, line in enumerate(lines[:8] if len(lines) > 1 else ()):
        if line.strip():
            before = (TEXT_BEFORE,) if "".join(lines[:i]).strip() else ()
            after = (TEXT_AFTER,) if "".join(lines[i + 1 :]).strip() else ()
            yield line.strip(), LOST * (len(before) + len(after)) + SLIGHT, (*problems, *before, *after)


def _unwrap(view: str) -> tuple[str, tuple[str, ...]]:
    """Take off a code fence, special tokens and quotes; say which."""
    problems: list[str] = []
    fence = FENCE.search(view)
    if fence:
        before, after = view[: fence.start()].strip(), view[fence.end() :].strip()
        problems += [CODE_FENCE, *[TEXT_BEFORE] * bool(before), *[TEXT_AFTER] * bool(after)]
        view = fence[1]
    free = TOKENS.sub("", view)
    if free != view:
        view = free
        problems.append(SPECIAL_TOKEN)
    view = view.strip()
    if len(view) > 1 and view[0] + view[-1] in QUOTES:
        view = view[1:-1]
        problems.append(QUOTED)
    return view, tuple(problems)

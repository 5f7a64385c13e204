"""Label words as a tokenizer cuts them, and how many of them their first pieces cannot tell apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from pointline.errors import Refusal
from pointline.studies.verbalizer.record import PieceReport
from pointline.studies.verbalizer.words import WordLists

Cut = tuple[int, ...]


class Pieces(NamedTuple):
    """Words that can be scored: word i of label `owners[i]` is `cuts[i]`.

    bare: cuts of the words alone, a blank in front. empty: whether such a cut begins with the mark of the blank alone.
    """

    labels: list[str]
    words: list[str]
    owners: list[int]
    cuts: list[Cut]
    bare: list[Cut]
    empty: list[bool]
    left_out: list[str]

    def kept(self, chosen: Sequence[int]) -> Pieces:
        """The same with these words alone."""
        return self._replace(
            words=[self.words[at] for at in chosen],
            owners=[self.owners[at] for at in chosen],
            cuts=[self.cuts[at] for at in chosen],
            bare=[self.bare[at] for at in chosen],
            empty=[self.empty[at] for at in chosen],
        )

    def report(self) -> PieceReport:
        """Lengths, and first pieces that labels share."""
        return PieceReport(
            words=len(self.words),
            pieces=round(sum(map(len, self.cuts)) / len(self.cuts), 4),
            left_out=self.left_out,
            shared_first=_shared(self.cuts, self.owners),
            shared_first_bare=_shared(self.bare, self.owners),
            empty_first=round(sum(self.empty) / len(self.empty), 4),
        )


def cut_words(lists: WordLists, tokenizer: Any, anchor: str) -> Pieces:
    """Cut every word as it stands behind the template's `anchor`.

    Words with a piece that the tokenizer does not know are left out, and told. Raises Refusal where a label has no
    word left.
    """
    labels = list(lists.words)
    words: list[str] = []
    owners: list[int] = []
    cuts: list[Cut] = []
    left_out: list[str] = []
    for owner, held in enumerate(lists.words.values()):
        for word in held:
            cut = cut_behind(tokenizer, anchor, word)
            if not cut or tokenizer.unk_token_id in cut:
                left_out.append(word)
                continue
            words.append(word)
            owners.append(owner)
            cuts.append(cut)
        if owner not in owners:
            raise Refusal(
                f"the tokenizer can write no word of the label {labels[owner]!r}; take another model or lists"
            )
    bare = [_ids(tokenizer, f" {word}") for word in words]
    empty = [not tokenizer.convert_ids_to_tokens(cut[0]).strip("▁Ġ ") for cut in bare]
    return Pieces(labels, words, owners, cuts, bare, empty, sorted(set(left_out)))


def cut_behind(tokenizer: Any, anchor: str, word: str) -> Cut:
    """A word's pieces as a running text has them: alone, many tokenizers would put a blank before the first."""
    before = anchor.rstrip() or "x"
    gap = " " if anchor != anchor.rstrip() else ""
    first, whole = _ids(tokenizer, before), _ids(tokenizer, f"{before}{gap}{word}")
    if len(whole) > len(first) and whole[: len(first)] == first:
        return whole[len(first) :]
    return _ids(tokenizer, f"{gap}{word}")


def _ids(tokenizer: Any, text: str) -> Cut:
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])


def _shared(cuts: Sequence[Cut], owners: Sequence[int]) -> float:
    """Share of words whose first piece begins a word of another label too."""
    seen: defaultdict[Cut, set[int]] = defaultdict(set)
    for cut, owner in zip(cuts, owners, strict=True):
        seen[cut[:1]].add(owner)
    return round(sum(len(seen[cut[:1]]) > 1 for cut in cuts) / len(cuts), 4)

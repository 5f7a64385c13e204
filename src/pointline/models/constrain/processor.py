"""The logits processor: each row of a batch held to its grammar, by greedy search, beams or sampling alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pointline.models.constrain.row import Place, Row


class Prefix:
    """One beginning of an output: where it stands in its grammar and how likely its last token was.

    Kept by the tokens themselves, so beams may be put in another order, or be copied, between two steps.
    """

    __slots__ = ("forced", "index", "kids", "logp", "place")

    def __init__(self, place: Place | None, logp: float, forced: bool) -> None:
        self.place, self.logp, self.forced = place, logp, forced
        self.kids: dict[int, Prefix] = {}
        self.index = 0


class Grounding:
    """A logits processor for `generate`: `rows[i]` holds the i-th prompt's outputs, None leaves them free.

    begin: how many tokens of `input_ids` stand before the output. budgets: the most tokens of each output, the end
    included; as one nears its end only tokens stay open after which the shortest end still fits, so no output is cut
    off. A free output ends there.
    """

    def __init__(self, rows: Sequence[Row | None], begin: int, budgets: Sequence[int], ends: Sequence[int]) -> None:
        self.rows, self.begin, self.budgets = rows, begin, budgets
        self._ends = np.array(sorted(set(ends)), dtype=np.int64)
        self._roots = [Prefix(row.start if row else None, 0.0, False) for row in rows]
        self._scores: Tensor | None = None
        self._norms: Tensor | None = None

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores, (rows x beams, vocabulary), with every token that may not follow at -inf."""
        outputs = input_ids[:, self.begin :].tolist()
        each = len(outputs) // len(self.rows)
        prefixes = self._follow(outputs, each)
        held = self._held(prefixes, each, scores, len(outputs[0]))
        for i, prefix in enumerate(prefixes):
            prefix.index = i
        self._scores, self._norms = scores, torch.logsumexp(scores.float(), -1)
        return held

    def logps(self, i: int, tokens: Sequence[int]) -> list[float]:
        """The log-probability that the model, left free, gave to each token of the i-th prompt's output."""
        found: list[float] = []
        prefix: Prefix | None = self._roots[i]
        for token in tokens:
            prefix = prefix.kids.get(token) if prefix else None
            found.append(prefix.logp if prefix else 0.0)
        return found

    def forced(self, i: int, tokens: Sequence[int]) -> bool:
        """True where the budget kept the model from going on as it would have."""
        prefix: Prefix | None = self._roots[i]
        for token in tokens:
            if prefix is None or prefix.forced:
                break
            prefix = prefix.kids.get(token)
        return prefix is not None and prefix.forced

    def _follow(self, outputs: list[list[int]], each: int) -> list[Prefix]:
        """The prefix of every output; the last token's probability is looked up in the step before."""
        if self._scores is None or self._norms is None or not outputs[0]:
            return [self._roots[i // each] for i in range(len(outputs))]
        parents = [self._find(i // each, output[:-1]) for i, output in enumerate(outputs)]
        indices, tokens = [parent.index for parent in parents], [output[-1] for output in outputs]
        logps = (self._scores[indices, tokens].float() - self._norms[indices]).tolist()
        found = []
        for i, (parent, token, logp) in enumerate(zip(parents, tokens, logps, strict=True)):
            if token not in parent.kids:
                row = self.rows[i // each]
                place = row.advance(parent.place, token) if row and parent.place else None
                parent.kids[token] = Prefix(place, logp, parent.forced)
            found.append(parent.kids[token])
        return found

    def _find(self, i: int, tokens: Sequence[int]) -> Prefix:
        prefix = self._roots[i]
        for token in tokens:
            prefix = prefix.kids[token]
        return prefix

    def _held(self, prefixes: list[Prefix], each: int, scores: Tensor, done: int) -> Tensor:
        size = scores.shape[1]
        free = [i for i in range(len(prefixes)) if self.rows[i // each] is None and done < self.budgets[i // each]]
        if len(free) == len(prefixes):
            return scores
        flat = []
        for i, prefix in enumerate(prefixes):
            row = self.rows[i // each]
            if row is not None:
                flat.append(self._allowed(row, prefix, self.budgets[i // each] - done, scores[i]) + i * size)
            elif done >= self.budgets[i // each]:
                flat.append(self._ends + i * size)
        chosen = torch.from_numpy(np.concatenate(flat)).to(scores.device)
        held = torch.full_like(scores, -torch.inf)
        held.view(-1)[chosen] = scores.reshape(-1)[chosen]
        if free:
            held[free] = scores[free]
        return held

    def _allowed(self, row: Row, prefix: Prefix, left: int, scores: Tensor) -> NDArray[np.int64]:
        """The tokens that may follow; the end where there is nothing else (a finished output, a dead beam)."""
        place = prefix.place
        if place is None:
            return self._ends
        ids = row.tokens(place)
        kept = ids
        if left <= row.reach(place) + 2 and len(ids):
            kept = ids[row.needs(place) <= left - 2]
        if not place.done:
            return self._noted(prefix, kept, ids, scores)
        return self._noted(prefix, np.concatenate([kept, self._ends]), np.concatenate([ids, self._ends]), scores)

    def _noted(
        self, prefix: Prefix, kept: NDArray[np.int64], ids: NDArray[np.int64], scores: Tensor
    ) -> NDArray[np.int64]:
        """The tokens kept; noted where the model would have taken one that was not."""
        if len(kept) < len(ids) and not prefix.forced:
            wanted = int(ids[int(scores[torch.from_numpy(ids).to(scores.device)].argmax())])
            prefix.forced = wanted not in kept
        return kept

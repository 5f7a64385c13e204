"""A linear-chain conditional random field over BIO tags whose transition rules cannot be broken.

Lafferty, McCallum and Pereira (2001); forward-backward in normalised probabilities as in Rabiner (1989), section V.A.
Tag 0 is O; type k has B at 2k + 1 and I at 2k + 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

FORBIDDEN = -1e4
_FLOOR = -60.0
_TINY = 1e-30


def bio_rules(types: int) -> tuple[Tensor, Tensor]:
    """What BIO allows: first tags (tags,) and steps from row to column (tags, tags), as booleans.

    >>> start, steps = bio_rules(1)
    >>> start.tolist(), steps.tolist()
    ([True, True, False], [[True, True, False], [True, True, True], [True, True, True]])
    """
    tags = 2 * types + 1
    start = torch.ones(tags, dtype=torch.bool)
    steps = torch.ones(tags, tags, dtype=torch.bool)
    for inside in range(2, tags, 2):
        start[inside] = False
        steps[:, inside] = False
        steps[inside - 1 : inside + 1, inside] = True
    return start, steps


def valid_positions(lengths: Tensor, width: int) -> Tensor:
    """Which of `width` positions belong to each row: (batch,) -> (batch, width) booleans.

    >>> valid_positions(torch.tensor([1, 2]), 2).tolist()
    [[True, False], [True, True]]
    """
    return torch.arange(width, device=lengths.device)[None] < lengths[:, None]


class CRF(nn.Module):
    """Scores of first tags and of steps between tags; emissions come from the network.

    Shapes: emissions (batch, width, tags), tags (batch, width), lengths (batch,) with 1 <= length <= width.
    """

    start_rules: Tensor
    step_rules: Tensor

    def __init__(self, types: int) -> None:
        super().__init__()
        start, steps = bio_rules(types)
        self.start = nn.Parameter(torch.zeros(len(start)))
        self.steps = nn.Parameter(torch.zeros(steps.shape))
        self.register_buffer("start_rules", torch.where(start, 0.0, FORBIDDEN), persistent=False)
        self.register_buffer("step_rules", torch.where(steps, 0.0, FORBIDDEN), persistent=False)

    def loss(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Negative log-likelihood of the tags, one number a row: (batch,)."""
        start, steps = self._scores()
        valid = valid_positions(lengths, tags.shape[1])
        score = (emissions.gather(2, tags[..., None]).squeeze(-1) * valid).sum(1) + start[tags[:, 0]]
        score = score + (steps[tags[:, :-1], tags[:, 1:]] * valid[:, 1:]).sum(1)
        log_z = cast(Tensor, _LogPartition.apply(emissions, start, steps, lengths))  # type: ignore[no-untyped-call]
        return log_z - score

    @torch.no_grad()
    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Probability of each tag at each position: (batch, width, tags); padding is to be ignored."""
        chain = _forward(emissions, *self._scores(), lengths)
        return chain.state * _backward(chain, lengths)

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The best allowed path of each row (Viterbi): (batch, width), padding repeats the last tag.

        The way back looks for each best predecessor again: cheaper than to note all of them on the way.
        """
        start, steps = self._scores()
        arriving = steps.T.contiguous()
        state = start + emissions[:, 0]
        states = [state]
        for t in range(1, emissions.shape[1]):
            best = (state[:, None, :] + arriving).amax(-1) + emissions[:, t]
            state = torch.where((t < lengths)[:, None], best, state)
            states.append(state)
        tag = state.argmax(-1)
        path = [tag]
        for t in range(emissions.shape[1] - 1, 0, -1):
            source = (states[t - 1] + arriving[tag]).argmax(-1)
            tag = torch.where(t < lengths, source, tag)
            path.append(tag)
        return torch.stack(path[::-1], 1)

    def _scores(self) -> tuple[Tensor, Tensor]:
        return self.start + self.start_rules, self.steps + self.step_rules


class _Chain(NamedTuple):
    """A forward pass: normalised states, their scales, what was exponentiated, and log Z."""

    state: Tensor
    scale: Tensor
    potential: Tensor
    matrix: Tensor
    log_z: Tensor


def _forward(emissions: Tensor, start: Tensor, steps: Tensor, lengths: Tensor) -> _Chain:
    width = emissions.shape[1]
    top = emissions.amax(-1, keepdim=True)
    potential = torch.exp((emissions - top).clamp_min(_FLOOR))
    matrix = torch.exp(steps)
    state = torch.exp(start) * potential[:, 0]
    states, scales = [], []
    for t in range(width):
        if t:
            state = (state @ matrix) * potential[:, t]
        scale = state.sum(-1, keepdim=True).clamp_min(_TINY)
        state = state / scale
        states.append(state)
        scales.append(scale)
    scale = torch.cat(scales, 1)
    log_z = ((scale.log() + top.squeeze(-1)) * valid_positions(lengths, width)).sum(1)
    return _Chain(torch.stack(states, 1), scale, potential, matrix, log_z)


def _backward(chain: _Chain, lengths: Tensor) -> Tensor:
    """Backward states, scaled so that state x backward state is the marginal."""
    weighted = chain.potential / chain.scale[..., None]
    leaving = chain.matrix.T.contiguous()
    state = torch.ones_like(weighted[:, 0])
    states = [state]
    for t in range(weighted.shape[1] - 1, 0, -1):
        inner = (state * weighted[:, t]) @ leaving
        state = torch.where((t < lengths)[:, None], inner, 1.0)
        states.append(state)
    return torch.stack(states[::-1], 1)


class _LogPartition(torch.autograd.Function):
    """log Z with its gradient by forward-backward: marginals and expected steps, no graph over time."""

    @staticmethod
    def forward(ctx: Any, emissions: Tensor, start: Tensor, steps: Tensor, lengths: Tensor) -> Tensor:
        chain = _forward(emissions, start, steps, lengths)
        ctx.save_for_backward(*chain, lengths)
        return chain.log_z

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        *saved, lengths = ctx.saved_tensors
        chain = _Chain(*saved)
        weight = grads[0][:, None, None]
        valid = valid_positions(lengths, chain.state.shape[1])[..., None]
        backward = _backward(chain, lengths)
        marginals = chain.state * backward * valid * weight
        left = (chain.state[:, :-1] * weight).flatten(0, 1)
        right = (chain.potential * backward / chain.scale[..., None] * valid)[:, 1:].flatten(0, 1)
        return marginals, marginals[:, 0].sum(0), chain.matrix * (left.T @ right), None

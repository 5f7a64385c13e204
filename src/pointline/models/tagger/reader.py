"""One way to read an embedded text: encoder and heads that exchange what they believe of the two levels."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import torch
from torch import Tensor, nn

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.crf import valid_positions
from pointline.models.tagger.heads import Heads, HeadSettings
from pointline.models.tagger.inside import Inside
from pointline.models.tagger.layers import BiLSTM, Dropout, GatedConvolution, Noise, SelfAttention, pool
from pointline.models.tagger.pretrained import PretrainedSettings


class NetworkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes of the network; stored with the model.

    words: rows of the word embedding; row 0 is padding, row 1 any unknown word.
    labels, types: sizes of the two inventories; 0 leaves the level out.
    multi: text labels are independent (sigmoid) instead of exclusive (softmax).
    inside: tags are given to the tokens inside the words (see Inside); 0, or the width of a token's state.
    encoder: a pretrained encoder whose states take the place of the word embedding; None: none.
    readers: whole readers, embedding to heads, whose logits are averaged.
    joins: the heads for relations and events; not written where there are none.
    """

    words: int
    labels: int
    types: int
    multi: bool = False
    word_width: int = 128
    feature_width: int = 64
    hidden: int = 160
    heads: int = 4
    convolutions: int = 2
    text_width: int = 64
    inside: int = 0
    dropout: float = 0.4
    convolution_dropout: float = 0.1
    readers: int = 1
    encoder: PretrainedSettings | None = None
    joins: HeadSettings | msgspec.UnsetType = msgspec.UNSET


class Output(NamedTuple):
    """Logits: `first`, `final` (batch, labels), `each` (batch, n, labels), emissions (batch, n, tags).

    Where relations or events are learned: `layers`, the emissions of the spans' own tags, and the tokens' `states`.
    """

    valid: Tensor
    first: Tensor | None
    each: Tensor | None
    final: Tensor | None
    emissions: Tensor | None
    layers: tuple[Tensor, ...] = ()
    states: Tensor | None = None


class Reader(nn.Module):
    """Convolutions, BiLSTM beside self-attention, then heads that see each other's beliefs.

    The text label guessed from the pooled text and from each token (token-level intent: Qin et al. 2019,
    section 3.2) is embedded and joined to every token before the tags are scored; the tags' probabilities, pooled,
    are joined to the pooled text before the label is scored again.
    """

    def __init__(self, settings: NetworkSettings, noise: Noise) -> None:
        super().__init__()
        self.settings = settings
        width = settings.word_width
        inner = 2 * settings.hidden + width
        self.dropout = Dropout(settings.dropout, noise)
        light = Dropout(settings.convolution_dropout, noise)
        self.convolutions = nn.ModuleList(GatedConvolution(width, light) for _ in range(settings.convolutions))
        self.lstm = BiLSTM(width, settings.hidden)
        self.attention = SelfAttention(width, settings.heads)
        joins = settings.joins or None
        own = tuple(2 * types + 1 for types in joins.layers) if joins else ()
        tags = 2 * settings.types + 1 if settings.types else 0
        if settings.labels:
            self.label_first = nn.Linear(2 * inner, settings.labels)
            self.label_each = nn.Linear(inner, settings.labels)
            self.label_final = nn.Linear(2 * (inner + tags + sum(own)), settings.labels)
        self.tagged = bool(settings.types or joins)
        if self.tagged:
            joined = settings.text_width if settings.labels else 0
            if joined:
                self.label_embed = nn.Linear(settings.labels, joined)
            if settings.inside:
                self.inside = Inside(inner + joined, settings.feature_width, settings.inside, self.dropout)
            states = settings.inside or inner + joined
            if settings.types:
                self.emit = nn.Linear(states, tags)
            if joins:
                self.own = nn.ModuleList(nn.Linear(states, count) for count in own)
                self.joins = Heads(states, joins, self.dropout)

    def forward(self, embedded: Tensor, valid: Tensor, batch: Batch, inside: Tensor | None = None) -> Output:
        """(batch, n, word_width) and (batch, n) booleans to logits; levels left out are None.

        `inside`: features of the tokens inside the words, (batch, m, feature_width), where the words hold several.
        """
        hidden = self._encode(self.dropout(embedded), valid, batch.lengths)
        if not self.settings.labels:
            return self._tags(Output(valid, None, None, None, None), self._states(hidden, valid, batch, inside)[0])
        pooled = pool(hidden, valid)
        first = self.label_first(pooled)
        each = self.label_each(hidden)
        if not self.tagged:
            return Output(valid, first, each, self.label_final(pooled), None)
        belief = (self._probabilities(first)[:, None] + self._probabilities(each)) / 2
        told = torch.cat([hidden, self.label_embed(belief)], -1)
        states, tagged = self._states(told, valid, batch, inside)
        said = self._tags(Output(valid, first, each, None, None), states)
        emissions = [one for one in (said.emissions, *said.layers) if one is not None]
        tags = [pool(one.softmax(-1), tagged) for one in emissions]
        return said._replace(final=self.label_final(torch.cat([pooled, *tags], -1)))

    def _encode(self, x: Tensor, valid: Tensor, lengths: Tensor) -> Tensor:
        """(batch, n, word_width) to (batch, n, 2 hidden + word_width)."""
        local = x
        for convolution in self.convolutions:
            local = convolution(local, valid)
        hidden: Tensor = self.dropout(torch.cat([self.lstm(local, lengths), self.attention(x, valid)], -1))
        return hidden

    def _tags(self, said: Output, states: Tensor) -> Output:
        """The scores of the tags beside what is said already."""
        if self.settings.types:
            said = said._replace(emissions=self.emit(states))
        if self.settings.joins:
            said = said._replace(layers=tuple(emit(states) for emit in self.own), states=states)
        return said

    def _states(self, states: Tensor, valid: Tensor, batch: Batch, inside: Tensor | None) -> tuple[Tensor, Tensor]:
        """The states that tags are scored from, and which positions have one."""
        if inside is not None and batch.inside is not None:
            valid = valid_positions(batch.inside.lengths, batch.inside.parents.shape[1])
            states = self.inside(states, inside, batch.inside.parents, valid)
        return states, valid

    def _probabilities(self, logits: Tensor) -> Tensor:
        return logits.sigmoid() if self.settings.multi else logits.softmax(-1)

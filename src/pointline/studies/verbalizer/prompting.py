"""A pretrained model with word lists as a classifier: opened, calibrated, refined, trained on shots, asked."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pointline.sample import Sample
from pointline.studies.verbalizer.opening import Opened, open_model
from pointline.studies.verbalizer.pieces import Pieces, cut_words
from pointline.studies.verbalizer.refining import label_scores, likeliest, log_prior, shares
from pointline.studies.verbalizer.scoring import SCORERS, Scorer
from pointline.studies.verbalizer.settings import VerbalizerSettings
from pointline.studies.verbalizer.template import Template, template_for
from pointline.studies.verbalizer.words import WordLists
from pointline.train.draws import number

TEXTS = 8
"""Texts that are scored at once."""
BLANK = 4
"""Pieces kept free for what changes at the borders of the text."""


class Prompted(torch.nn.Module):
    """A model, a template and label words. `cut`: texts asked that were longer than the model reads.

    pieces: the words that are in use, after refining. prior: their log prior, None without calibration.
    weights: learned weights of the words, None unless they are to be learned.
    """

    def __init__(self, opened: Opened, template: Template, pieces: Pieces, settings: VerbalizerSettings) -> None:
        super().__init__()
        self.model = opened.model
        self.scorer: Scorer = SCORERS[opened.kind](opened.model, opened.tokenizer, template, settings.rows)
        self.limit, self.settings, self.cut = opened.limit, settings, 0
        self.prior: Tensor | None = None
        self.weights: torch.nn.Parameter | None = None
        self._use(pieces)

    @classmethod
    def opened(
        cls, name: str, lists: WordLists, pool: tuple[Sequence[Sample], int], settings: VerbalizerSettings
    ) -> Prompted:
        """Open a model and refine the lists by what it finds likely over texts of the pool (samples, seed).

        Raises ModelFault where the model cannot be opened, Refusal where it cannot be asked for words.
        """
        opened = open_model(name)
        samples, seed = pool
        template = template_for(settings.template, samples)
        if opened.kind == "causal":
            template.before("")
        asker = prompted(opened, lists, template, settings)
        asker.refine([sample.text for sample in prior_texts(samples, settings.prior_texts, seed)])
        return asker

    def refine(self, texts: Sequence[str]) -> None:
        """Set the prior by unlabelled texts, and keep the likeliest words of each label."""
        settings = self.settings
        if settings.calibrate or settings.keep < 1:
            prior = log_prior(torch.cat(self._scored(texts)))
            chosen = likeliest(prior, self.pieces.owners, settings.keep)
            self._use(self.pieces.kept(chosen))
            self.prior = prior[chosen] if settings.calibrate else None
        if settings.aggregate == "learned":
            self.weights = torch.nn.Parameter(torch.zeros(len(self.pieces.words), device=self.model.device))

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Scores (N, L) of the labels, differentiable."""
        found = shares(self.scorer([self._short(text) for text in texts], self.settings.length), self.prior)
        return label_scores(found, self.pieces.owners, self.settings.aggregate, self.weights)

    @torch.no_grad()
    def predict(self, samples: Sequence[Sample]) -> list[list[float]]:
        """Log probabilities of the labels for each sample; counts the texts that had to be cut."""
        self.eval()
        self.cut = 0
        rows: list[list[float]] = []
        for at in range(0, len(samples), TEXTS):
            rows += self([sample.text for sample in samples[at : at + TEXTS]]).log_softmax(1).tolist()
        return rows

    def fit(self, few: Sequence[Sample], seed: int) -> None:
        """Train on labelled shots, the labels' cross entropy."""
        from pointline.studies.verbalizer.fitting import fit

        fit(self, few, seed)

    def _use(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.scorer.cuts = pieces.cuts

    @torch.no_grad()
    def _scored(self, texts: Sequence[str]) -> list[Tensor]:
        self.eval()
        parts = [texts[at : at + TEXTS] for at in range(0, len(texts), TEXTS)]
        return [self.scorer([self._short(text) for text in part], self.settings.length) for part in parts]

    def _short(self, text: str) -> str:
        """The text as far as the model reads, template and longest word beside it; marks of places are taken out."""
        tokenizer = self.scorer.tokenizer
        for mark in (tokenizer.mask_token, "<extra_id_0>"):
            text = text.replace(mark, " ") if mark else text
        if self.limit is None:
            return text
        around = len(tokenizer(self.scorer.template.filled("", ""))["input_ids"])
        room = max(1, self.limit - around - max(map(len, self.pieces.cuts)) - BLANK)
        size = len(tokenizer(text, add_special_tokens=False)["input_ids"])
        self.cut += size > room
        while size > room:
            text = text[: min(len(text) - 1, len(text) * room // size)]
            size = len(tokenizer(text, add_special_tokens=False)["input_ids"])
        return text


def prior_texts(samples: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    """So many samples for the prior, drawn by (seed, id)."""
    return sorted(samples, key=lambda sample: (number(seed, "prior", sample.id), sample.id))[:count]


def prompted(opened: Opened, lists: WordLists, template: Template, settings: VerbalizerSettings) -> Prompted:
    """A classifier from an open model, not refined yet: for programs that hold one already."""
    return Prompted(opened, template, cut_words(lists, opened.tokenizer, template.anchor), settings)

"""What a verbalizer study runs."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from pointline.errors import SettingsFault
from pointline.studies.verbalizer.words import Weight

Aggregate: TypeAlias = Literal["sum", "mean-log", "max", "learned"]
Arm: TypeAlias = Literal["plain", "origin", "all-words", "wli-texts", "wli-types"]


class VerbalizerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is compared, and how.

    arms: `plain` (no word lists: the labels' own names; the light version: the text alone), `origin` (lists that are
    told), `wli-texts`, `wli-types` (lists from annotations, see `words`), `all-words` (control: lists from the same
    texts, annotated or not). seeds: draws of shots, and trainings, of each
    arm. shots: samples a class; 0 asks a pretrained model as it is. source: what annotated lists are made of: all of
    `train`, which knows more labels than the shots do, or the `shots` alone.
    size, weight, shared: see WordSettings.
    template: the name of a built-in template, taken in the language of train, or a sentence with `{text}` and `{word}`.
    length: whether a word's score is the `sum` of its pieces' log probabilities, or their `mean`.
    calibrate: divide by what a word gets over prior_texts training texts without labels. keep: the share of words kept,
    those with the highest prior. aggregate: how words make a label.
    epochs, learning_rate, batch: of few-shot training; the paper names the two epochs only, the rest is that of Hu et
    al. (2022). rows: word rows that a model reads at once.
    smallest, alpha: of the verdicts, as in `pointline mre`.
    """

    arms: tuple[Arm, ...] = ("plain", "wli-texts")
    seeds: int = 5
    shots: int = 20
    source: Literal["train", "shots"] = "train"
    size: int = 100
    weight: Weight = "frequency"
    shared: bool = False
    template: str = "topic"
    length: Literal["sum", "mean"] = "sum"
    calibrate: bool = True
    prior_texts: int = 200
    keep: float = 0.5
    aggregate: Aggregate = "sum"
    epochs: int = 2
    learning_rate: float = 3e-5
    batch: int = 4
    rows: int = 256
    smallest: float = 1.0
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if len(set(self.arms)) < len(self.arms) or len(self.arms) < 2:
            raise SettingsFault("lists must be two or more, each once")
        for name in ("seeds", "size", "prior_texts", "epochs", "batch", "rows"):
            if getattr(self, name) < 1:
                raise SettingsFault(f"{name} = {getattr(self, name)} must be 1 or more")
        if self.shots < 0 or self.learning_rate <= 0 or not 0 < self.keep <= 1:
            raise SettingsFault("shots must not be negative, learning_rate above 0, keep above 0 and at most 1")
        if not (self.smallest > 0 and 0 < self.alpha < 1):
            raise SettingsFault("smallest must be above 0, alpha between 0 and 1")
        if not self.shots and (self.aggregate == "learned" or self.source == "shots"):
            raise SettingsFault("without shots there is nothing to learn from; say shots=20, or aggregate=sum")

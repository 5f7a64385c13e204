"""Settings of a tagger's training, and the rows of settings measured for each kind of language and size."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from pointline.errors import SettingsFault
from pointline.sample import Sample

MAX_EPOCHS = 40
_SHARES = (
    "substitution",
    "word_dropout",
    "feature_dropout",
    "gazetteer_dropout",
    "dropout",
    "smoothing",
    "average",
    "warm_up",
)
_COUNTS = (
    "epochs",
    "batch",
    "max_steps",
    "hidden",
    "readers",
    "word_width",
    "patience",
    "threads",
    "negatives",
    "link_weight",
    "learning_rate",
    "encoder_rate",
)


class TaggerTraining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a tagger is trained. What is None is taken from the preset; `chosen` fills it in.

    preset: a row of PRESETS; "auto" takes the language most samples are in.
    levels: learn both levels, or one alone ("text" labels, "word" entities).
    analysers: read Japanese and Chinese with the morphological analysers that are installed, or by characters alone.
    multi: whether labels exclude each other; "auto" is single where every labelled sample has one label.
    epochs, batch, learning_rate: as ever; small sets get more epochs, at least `min_steps` steps in all.
    max_steps: stop after so many steps (the learning rate falls to zero there).
    substitution: share of entities whose text is replaced, each epoch, by a train value of the same type and label.
    word_dropout, feature_dropout: share of words made unknown, of features left out.
    gazetteer: learn which strings train has as entities; gazetteer_dropout: share of texts read without it.
    rare_words: words seen less often are unknown.
    encoder: a Hugging Face encoder (a folder, or a name) in place of the word embedding; encoder_rate: its learning
    rate, beside learning_rate for all that is new.
    readers, hidden, word_width, dropout: see NetworkSettings.
    links: learn relations and events where train has some ("auto"), or leave them out ("none"); negatives: pairs of
    spans a text, that nothing joins, shown each epoch; link_weight: the loss's weight of both.
    crf_weight, smoothing, weight_decay, average: the loss's weight of the tags, label smoothing of the pooled
    heads, AdamW's decay, decay of the moving average of the weights (which is the model).
    patience: epochs without a better dev score before training stops.
    threads: CPU threads; the weights depend on it, and for a network this small more than one gains little.
    """

    seed: int = 0
    preset: str = "auto"
    levels: Literal["both", "text", "word"] = "both"
    analysers: Literal["installed", "none"] = "installed"
    multi: Literal["auto", "single", "multi"] = "auto"
    epochs: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    substitution: float | None = None
    word_dropout: float | None = None
    feature_dropout: float | None = None
    gazetteer: bool | None = None
    gazetteer_dropout: float = 0.3
    min_steps: int = 800
    max_steps: int | None = None
    readers: int | None = None
    hidden: int | None = None
    word_width: int | None = None
    encoder: str | None = None
    encoder_rate: float = 5e-5
    rare_words: int = 2
    dropout: float = 0.4
    crf_weight: float = 1.0
    smoothing: float = 0.05
    weight_decay: float = 0.01
    average: float = 0.99
    warm_up: float = 0.05
    links: Literal["auto", "none"] = "auto"
    negatives: int = 100
    link_weight: float = 1.0
    patience: int = 5
    threads: int = 1

    def __post_init__(self) -> None:
        for name in _SHARES:
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1 and not (name == "substitution" and value == 1):
                raise SettingsFault(f"{name} = {value} must lie in 0 <= {name} < 1")
        for name in _COUNTS:
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise SettingsFault(f"{name} = {value} must be above 0")
        if self.word_width is not None and self.word_width % 4:
            raise SettingsFault(f"word_width = {self.word_width} must be a multiple of 4 (attention heads)")
        if self.preset != "auto" and self.preset not in PRESETS:
            raise SettingsFault(f"preset {self.preset!r} is unknown; known: auto, {', '.join(PRESETS)}")


class Preset(msgspec.Struct, frozen=True):
    """One measured row."""

    batch: int
    learning_rate: float
    epochs: int
    substitution: float
    word_dropout: float
    feature_dropout: float
    gazetteer: bool
    readers: int
    hidden: int
    word_width: int


PRESETS = {
    "words": Preset(64, 3e-3, 14, 0.5, 0.06, 0.1, False, readers=1, hidden=160, word_width=128),
    "ja": Preset(32, 2e-3, 12, 0.4, 0.05, 0.15, False, readers=1, hidden=160, word_width=128),
    "encoder": Preset(32, 1e-3, 5, 0.3, 0.0, 0.1, False, readers=1, hidden=160, word_width=256),
    "zh": Preset(32, 2e-3, 8, 0.3, 0.03, 0.15, True, readers=1, hidden=160, word_width=128),
}


def chosen(settings: TaggerTraining, train: Sequence[Sample]) -> TaggerTraining:
    """Fill in what is None by the preset's row, and the epochs by the size of the data.

    >>> chosen(TaggerTraining(), [Sample("1", "hi", lang="en")] * 6400).epochs
    14
    """
    name = settings.preset
    if name == "auto" and settings.encoder is not None:
        name = "encoder"
    if name == "auto":
        languages = Counter(sample.lang for sample in train)
        most = languages.most_common(1)[0][0] if languages else None
        name = most if most in ("ja", "zh") else "words"
    row = PRESETS[name]
    values = {field: getattr(row, field) for field in row.__struct_fields__ if getattr(settings, field) is None}
    filled = msgspec.structs.replace(settings, preset=name, **values)
    if settings.epochs is not None:
        return filled
    assert filled.batch is not None
    if name == "encoder":
        return msgspec.structs.replace(filled, epochs=row.epochs)
    wanted = math.ceil(filled.min_steps * filled.batch / max(1, len(train)))
    return msgspec.structs.replace(filled, epochs=max(row.epochs, min(wanted, MAX_EPOCHS)))

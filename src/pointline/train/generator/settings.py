"""Settings of a generator's training, and the published recipes as presets."""

from __future__ import annotations

import difflib
from typing import Any, Literal, TypeAlias

import msgspec

from pointline.errors import SettingsFault

Batching: TypeAlias = Literal["grouped", "packed", "random"]
FRESH = ("new:causal", "new:seq2seq")

_ABOVE_ZERO = (
    *("epochs", "max_steps", "batch", "accumulate", "learning_rate", "lora_rank", "lora_alpha", "pack_length"),
    *("max_length", "save_steps", "patience", "width", "layers", "heads", "vocabulary", "threads"),
)
_SHARES = ("lora_dropout", "smoothing", "substitution", "dropout")


class GeneratorTraining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a generative model is trained. What is None is taken from the preset; `chosen` fills it in.

    model: a folder or name of a Hugging Face model, or `new:causal`, `new:seq2seq`: a small one from nothing.
    format, tasks, lang: as in `pointline build`: the strings learned, the tasks asked, the instruction words' language.
    preset: a row of PRESETS; "auto" is `small` for new models, else `oiellm`.
    seed: fixes the order of samples, the first weights and all dropout.
    epochs: passes over train; max_steps: stop after so many optimizer steps (the learning rate is zero there).
    batch: samples a device reads at once; packed, as many as `batch` samples hold tokens on average.
    accumulate: batches whose gradients make one step.
    batching: "grouped" by length, "packed" without padding (decoders only), or "random".
    pack_length: tokens in a packed row; None: the longest sample's, at least 256.
    max_length: tokens of prompt and completion together (decoders) or of each (encoder-decoders); None: the model's.
    on_long: a sample that does not fit is refused with its id ("refuse") or left out and counted ("drop").
    unknown: characters that the tokenizer lacks are refused, or become tokens of their own ("add").
    learning_rate, schedule, warm_up: peak, its course after `warm_up` steps.
    optimizer: "adamw", or "adam" (decay couples to the gradient; the same where weight_decay is 0).
    weight_decay, clip: decay; norm at which gradients are cut, 0: never.
    smoothing: label smoothing.
    method: train every weight ("full"), adapters ("lora"), or adapters over 4-bit weights ("qlora").
    lora_rank, lora_alpha, lora_dropout: size, scale and dropout of the adapters, on every linear layer.
    precision: "bf16" and "fp16" compute in half precision, weights stay in 32 bits (with adapters, the base is halved);
    "auto": bf16 on a GPU that has it, else float32.
    checkpointing: recompute activations on the way back: less memory, a third more time.
    substitution: share of entities whose text is replaced, each epoch, by a train value of the same type and label.
    patience: epochs without a better dev score before training stops; None: never.
    dev_samples: how many dev samples are answered after each epoch, chosen by id hash; 0: choose by dev loss instead.
    save_steps: steps between checkpoints, besides one at each epoch's end; None: those alone.
    width, layers, heads, vocabulary: sizes of a new model and its tokenizer.
    dropout: of a new model; None: .1 for `new:causal`, which has it in its attention only, none for `new:seq2seq`,
    which has it everywhere and then learns to copy late.
    threads: CPU threads; the weights depend on it; None: leave torch's.
    """

    model: str = "new:causal"
    format: str = "oiellm"
    tasks: tuple[str, ...] = ()
    lang: str | None = None
    preset: str = "auto"
    seed: int = 0
    epochs: int | None = None
    max_steps: int | None = None
    batch: int | None = None
    accumulate: int | None = None
    batching: Batching | None = None
    pack_length: int | None = None
    max_length: int | None = None
    on_long: Literal["refuse", "drop"] = "refuse"
    unknown: Literal["refuse", "add"] = "refuse"
    learning_rate: float | None = None
    schedule: Literal["linear", "cosine", "constant"] | None = None
    warm_up: int | None = None
    optimizer: Literal["adamw", "adam"] | None = None
    weight_decay: float | None = None
    clip: float = 1.0
    smoothing: float = 0.0
    method: Literal["full", "lora", "qlora"] | None = None
    lora_rank: int = 64
    lora_alpha: int = 64
    lora_dropout: float = 0.05
    precision: Literal["auto", "float32", "bf16", "fp16"] = "auto"
    checkpointing: bool = False
    substitution: float | None = None
    patience: int | None = None
    dev_samples: int = 200
    save_steps: int | None = None
    width: int = 192
    layers: int = 4
    heads: int = 6
    vocabulary: int = 4000
    dropout: float | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        for name in _ABOVE_ZERO:
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise SettingsFault(f"{name} = {value} must be above 0")
        for name in _SHARES:
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise SettingsFault(f"{name} = {value} must lie in 0 <= {name} < 1")
        for name in ("warm_up", "dev_samples", "weight_decay", "clip"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise SettingsFault(f"{name} = {value} must not be below 0")
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise SettingsFault(f"width = {self.width} must be an even multiple of heads = {self.heads}")
        if self.preset != "auto" and self.preset not in PRESETS:
            near = difflib.get_close_matches(self.preset, PRESETS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: auto, {', '.join(PRESETS)}"
            raise SettingsFault(f"preset {self.preset!r} is unknown; {hint}")

    @property
    def fresh(self) -> bool:
        """Whether the model is made on the spot."""
        return self.model in FRESH


class Preset(msgspec.Struct, frozen=True):
    """One recipe; `source` says where it stands."""

    source: str
    epochs: int
    learning_rate: float
    batch: int
    accumulate: int
    schedule: Literal["linear", "cosine", "constant"]
    warm_up: int
    optimizer: Literal["adamw", "adam"]
    weight_decay: float
    method: Literal["full", "lora", "qlora"]
    batching: Batching
    substitution: float = 0.0


PRESETS = {
    "oiellm": Preset(
        "OIELLM (MMM paper, training details in the appendix): every weight, AdamW, 3 epochs, 1e-5, warm-up 100",
        epochs=3, learning_rate=1e-5, batch=8, accumulate=1, schedule="linear", warm_up=100,
        optimizer="adamw", weight_decay=0.01, method="full", batching="grouped",
    ),
    "iepile": Preset(
        "IEPile (appendix C, Table 4): LoRA 64/64/.05, Adam, 5 epochs, 5e-5, 20 x 4",
        epochs=5, learning_rate=5e-5, batch=20, accumulate=4, schedule="cosine", warm_up=0,
        optimizer="adam", weight_decay=0.0, method="lora", batching="grouped",
    ),
    "slg": Preset(
        "SLG (a T5 baseline): Adam, 5 epochs, 1e-4, 8",
        epochs=5, learning_rate=1e-4, batch=8, accumulate=1, schedule="constant", warm_up=0,
        optimizer="adam", weight_decay=0.0, method="full", batching="grouped",
    ),
    "small": Preset(
        "measured here for models made on the spot",
        epochs=12, learning_rate=2e-3, batch=32, accumulate=1, schedule="cosine", warm_up=100,
        optimizer="adamw", weight_decay=0.01, method="full", batching="grouped", substitution=0.5,
    ),
}  # fmt: skip


def chosen(settings: GeneratorTraining) -> GeneratorTraining:
    """Fill in what is None by the preset's row.

    >>> chosen(GeneratorTraining(model="llama", preset="iepile")).learning_rate
    5e-05
    """
    name = settings.preset if settings.preset != "auto" else "small" if settings.fresh else "oiellm"
    row = PRESETS[name]
    known: dict[str, Any] = {field: getattr(row, field) for field in row.__struct_fields__ if field != "source"}
    values = {field: value for field, value in known.items() if getattr(settings, field) is None}
    return msgspec.structs.replace(settings, preset=name, **values)

"""How a generator answers: grounding, search, budget, long texts, device."""

from __future__ import annotations

from typing import Literal

import msgspec

from pointline.errors import SettingsFault


class GeneratorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a generator; what `model.json` says under `settings` takes the place of these defaults.

    grounded: every output is held to its format's grammar: labels of the schema, spans of the text.
    whole_words: no span begins or ends inside a word of a script that writes spaces (grounded only).
    max_labels: how many text labels one answer may have (grounded only).
    max_new_tokens: tokens of an answer; None: by the length of the prompt and what the model has room for.
    beams, temperature, top_p, seed: greedy search by default; a temperature above 0 draws.
    on_long: what to do with a text that the model has no room for: overlapping windows, an error, or cut it and
        say so in `problems`.
    overlap: how much of a window its neighbours share, as a share of its size; two ends of a relation that are further
        apart than that may never stand in one window.
    on_invalid: what to do with an answer that is not well formed (free only): keep what could be read, drop spans
        that are not in the text and names that are not in the schema, or raise.
    chat: what to do with a chat model that was not trained on the format: refuse, give the prompt raw, or in the
        model's own template.
    """

    grounded: bool = True
    whole_words: bool = True
    max_labels: int = 8
    max_new_tokens: int | None = None
    beams: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    on_long: Literal["window", "error", "truncate"] = "window"
    overlap: float = 0.25
    on_invalid: Literal["keep", "drop", "raise"] = "keep"
    chat: Literal["refuse", "raw", "template"] = "refuse"
    device: str = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    compile: bool = False

    def __post_init__(self) -> None:
        if self.max_labels < 1 or self.beams < 1 or (self.max_new_tokens is not None and self.max_new_tokens < 1):
            raise SettingsFault("max_labels, beams and max_new_tokens must be at least 1")
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise SettingsFault("temperature must not be negative, top_p lies above 0 and up to 1")
        if self.temperature and self.beams > 1:
            raise SettingsFault("beams search, a temperature draws: set one of them")
        if not 0 <= self.overlap <= 0.9:
            raise SettingsFault("overlap is a share of a window between 0 and 0.9")

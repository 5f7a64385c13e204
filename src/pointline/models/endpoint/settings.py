"""How an endpoint is asked: prompt, examples, constraint, sampling, and the client's own settings."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pointline.errors import SettingsFault
from pointline.llm import Sampling
from pointline.llm import Settings as ClientSettings


class EndpointSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Settings of an endpoint; raises SettingsFault where two do not go together."""

    prompt: Literal["instruct", "format"] = "instruct"
    """`instruct`: what to do, the form of the answer, examples, the question; `format`: the bare string of the format,
    for a model that was trained on it."""
    shots: int = 0
    """Examples in context. With `prompt=format` only the format usa has room for one."""
    choose: Literal["seed", "similar"] = "seed"
    """Which examples: the same ones for every text, drawn by the seed; or those that share most character n-grams."""
    seed: int = 0
    """Of the draw of examples; sent with requests where `temperature` is above 0."""
    pool: int = 5000
    """Examples held in memory to choose from, drawn by the seed."""
    system: bool = True
    """Whether the instruction is a system message; off for chat models that take none (chat only)."""
    structured: Literal["none", "json_schema", "grammar"] = "none"
    """The constraint that is sent: `response_format` (iepile only), or the format's grammar with the text's spans."""
    server: Literal["vllm", "sglang", "llama.cpp"] = "vllm"
    """Whose field carries the grammar."""
    whole_words: bool = True
    """No span begins or ends inside a word of a script that writes spaces (grammar only)."""
    max_labels: int = 8
    """How many text labels an answer may have (grammar only)."""
    on_invalid: Literal["keep", "drop", "raise"] = "keep"
    """What to do with an answer that is not well formed: keep what could be read, drop spans that are not in the text
    and names that are not in the schema, or stop."""
    temperature: float | Literal["server"] = 0.0
    """`server` sends none, for models that refuse one."""
    top_p: float | None = None
    max_tokens: int | None = None
    """Tokens of an answer; None: the server's rule in a chat, by the text's length in a completion."""
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    """Further fields of every request, as the server names them."""
    cache: str | None = None
    """The file of paid answers; None: `answers.db` in the model's folder."""
    client: ClientSettings = ClientSettings()
    """Concurrency, patience, prices, budget: see `pointline.llm`."""

    def __post_init__(self) -> None:
        if self.shots < 0 or self.pool < 1 or self.max_labels < 1 or (self.max_tokens or 1) < 1:
            raise SettingsFault("shots must not be negative; pool, max_labels and max_tokens must be at least 1")
        if self.shots > self.pool:
            raise SettingsFault(f"{self.shots} shots cannot be chosen from a pool of {self.pool}; raise pool")
        if self.temperature != "server" and self.temperature < 0:
            raise SettingsFault("temperature must not be negative")
        self.sampling()

    def sampling(self, most: int | None = None) -> Sampling:
        """What every request says of drawing; `most` tokens where no setting limits them."""
        told = None if self.temperature == "server" else self.temperature
        limited = self.max_tokens or (None if "max_completion_tokens" in self.extra else most)
        return Sampling(
            temperature=told, top_p=self.top_p, max_tokens=limited, seed=self.seed if told else None, extra=self.extra
        )

    def asked(self) -> dict[str, Any]:
        """What decides answers: everything but the client and its cache."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in told.items() if name not in ("client", "cache")}

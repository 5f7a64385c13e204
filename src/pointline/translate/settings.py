"""How a translation is made, checked and repaired, a docstring per field."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pointline.errors import SettingsFault
from pointline.llm import Sampling
from pointline.llm import Settings as ClientSettings


class TranslateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a translation; raises SettingsFault where one is impossible."""

    method: Literal["marks", "plain", "paper"] = "marks"
    """`marks`: indexed inline marks; `plain`: the text alone, its spans projected afterwards; `paper`: the question of
    the MMM paper, its filter and no repair."""
    labels: str | None = None
    """The label map: the name of one that ships (`scnm`, `scpos`, `tcree`) or a TOML file. None: the shipped map that
    holds every name of the data, else names stay as they are."""
    drafts: int = 5
    """Translations asked for one sample at most, one after another, each only where those before cannot be kept."""
    margin: int = 3
    """How many more voices a place needs than any other: the draft's mark is one, each independent question another.
    3: draft, a question forward and one backward must agree. 1 believes the draft's marks."""
    rounds: int = 6
    """Further rounds of questions about single spans that are in doubt."""
    together: int = 40
    """Spans asked about in one question at most."""
    fuzzy: float = 0.9
    """Similarity (0 to 1) above which words that do not stand in the translation as said are found all the same."""
    chrf: float = 0.4
    """How much a back-translation must resemble the source (chrF, 0 to 1) to clear a doubt about the text."""
    allow: tuple[str, ...] = ()
    """Words in the source's script that may stay."""
    glossary: dict[str, str] = {}
    """Words and how they are translated; said in the prompt where the text has them."""
    constraints: tuple[str, ...] | None = None
    """What prompts say about the pair of languages, in place of what ships."""
    temperature: float = 0.7
    """Of every draft and question after the first; the first has 0."""
    seed: int = 0
    """Sent with every request, plus its attempt."""
    max_tokens: int | None = None
    """Tokens an answer may have; None leaves it to the server."""
    extra: dict[str, Any] = {}
    """Further fields of every request, as the server names them."""
    window: int = 512
    """Samples under way at once."""
    check_sample: int = 100
    """Kept samples drawn by the seed for a person to check: the precision is estimated from them."""
    client: ClientSettings = ClientSettings()
    """Concurrency, patience, prices, budget: see `pointline.llm`."""

    def __post_init__(self) -> None:
        for name in ("drafts", "margin", "together", "window"):
            if getattr(self, name) < 1:
                raise SettingsFault(f"{name} must be 1 or more, not {getattr(self, name)}")
        if self.rounds < 0 or self.check_sample < 0 or self.temperature < 0:
            raise SettingsFault("rounds, check_sample and temperature must not be negative")
        if not 0 < self.fuzzy <= 1 or not 0 <= self.chrf <= 1:
            raise SettingsFault("fuzzy and chrf are shares: between 0 and 1")

    def sampling(self, attempt: int) -> Sampling:
        """What a request says of drawing."""
        heat = self.temperature if attempt else 0.0
        return Sampling(temperature=heat, max_tokens=self.max_tokens, seed=self.seed, extra=self.extra)

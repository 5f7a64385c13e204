"""How text labels are asked for and which are doubtful, a docstring per field."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pointline.errors import SettingsFault
from pointline.llm import Sampling
from pointline.llm import Settings as ClientSettings


class LabelSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Settings of open text labels; raises SettingsFault where two do not go together."""

    samples: int = 3
    """Answers asked for each text; their agreement is what a label's certainty is taken from."""
    temperature: float | Literal["server"] = 0.7
    """`server` sends none, for models that refuse one."""
    top_p: float | None = None
    max_tokens: int | None = 64
    """Tokens of an answer; None leaves it to the server."""
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    """Further fields of every request, as the server names them."""
    seed: int = 0
    """Sent with requests where `temperature` is above 0; draws the samples that are checked."""
    lang: str | None = None
    """The language of instruction and labels; None: each sample's."""
    known: tuple[str, ...] = ()
    """Labels that the instruction names as those to prefer."""
    entities: int = 20
    """Entities of the sample that the request shows, at most; 0 shows the text alone."""
    max_labels: int = 1
    """Labels that a text may have."""
    max_words: int = 5
    """Words of a label; what is longer is no label. In scripts without spaces: four characters a word."""
    relabel: bool = False
    """Ask for samples that have a text label already too."""
    agreement: float = 0.6
    """A label that a smaller share of the answers gives is looked at."""
    rare: int = 3
    """A label that fewer texts have is looked at."""
    contradiction: float = 4.0
    """Nats by which the types of a sample's entities must speak for another label before it is looked at."""
    check: float = 0.02
    """Share of all other samples that is looked at too, so that the precision of the rest can be estimated."""
    client: ClientSettings = ClientSettings()
    """Concurrency, patience, prices, budget: see `pointline.llm`."""

    def __post_init__(self) -> None:
        if min(self.samples, self.max_labels, self.max_words, self.max_tokens or 1) < 1:
            raise SettingsFault("samples, max_labels, max_words and max_tokens must be at least 1")
        if min(self.entities, self.rare) < 0:
            raise SettingsFault("entities and rare must not be negative")
        if self.temperature != "server" and self.temperature < 0:
            raise SettingsFault("temperature must not be negative")
        if self.temperature == 0 and self.samples > 1:
            raise SettingsFault("samples at temperature 0 are all the same; say samples=1 or raise temperature")
        if not (0 <= self.agreement <= 1 and 0 <= self.check <= 1):
            raise SettingsFault("agreement and check are shares: from 0 to 1")
        self.sampling()

    def within(self, budget: float | None) -> LabelSettings:
        """These settings with a budget; raises SettingsFault where there are no prices."""
        if budget is None:
            return self
        return msgspec.structs.replace(self, client=msgspec.structs.replace(self.client, budget=budget))

    def sampling(self) -> Sampling:
        """What every request says of drawing."""
        told = None if self.temperature == "server" else self.temperature
        seed = self.seed if told else None
        return Sampling(temperature=told, top_p=self.top_p, max_tokens=self.max_tokens, seed=seed, extra=self.extra)

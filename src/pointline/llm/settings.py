"""How a client works: concurrency, patience, prices and budget, a docstring per field."""

from __future__ import annotations

import msgspec

from pointline.errors import SettingsFault


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a client; raises SettingsFault where two do not go together."""

    concurrency: int = 20
    """Requests at once to begin with; it grows while that brings more answers a second, and is cut when refused."""
    max_concurrency: int = 256
    """The most requests at once."""
    window: int = 2048
    """Rows held at most between the first unanswered one and the last one read: bounds memory."""
    timeout: float = 300.0
    """Seconds a request may take."""
    connect_timeout: float = 15.0
    """Seconds until a connection must stand."""
    tries: int = 5
    """Requests for one row at most; being told to come later (429, 503) does not count."""
    patience: float = 900.0
    """Seconds that one row is told to come later, at most."""
    backoff: float = 0.5
    """Seconds of the first pause of a row; each further one is twice as long, with jitter."""
    backoff_limit: float = 60.0
    """Seconds of the longest pause that the server did not ask for."""
    give_up: int = 20
    """Rows in a row that fail for the server's reasons before the run stops."""
    grace: float = 10.0
    """Seconds that answers under way are waited for when the run is stopped."""
    stream: bool = False
    """Ask for answers piece by piece: a server that hangs is noticed after `timeout` without a piece."""
    max_answer_mb: float = 32.0
    """Megabytes a response may have."""
    price_in: float | None = None
    """Price of a million prompt tokens, in any currency."""
    price_out: float | None = None
    """Price of a million tokens of answer."""
    budget: float | None = None
    """The most that may be spent, in that currency, by all runs on one cache together."""
    budget_tokens: int | None = None
    """The most tokens, of prompts and answers, likewise."""
    seed: int = 0
    """Of the jitter; no answer depends on it."""

    @property
    def limited(self) -> bool:
        """Whether there is a budget."""
        return self.budget is not None or self.budget_tokens is not None

    def __post_init__(self) -> None:
        for name in ("concurrency", "max_concurrency", "window", "tries", "give_up"):
            if getattr(self, name) < 1:
                raise SettingsFault(f"{name} must be 1 or more, not {getattr(self, name)}")
        for name in ("timeout", "connect_timeout", "max_answer_mb"):
            if not getattr(self, name) > 0:
                raise SettingsFault(f"{name} must be above 0, not {getattr(self, name)}")
        for name in ("patience", "backoff", "backoff_limit", "grace", "price_in", "price_out", "budget"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise SettingsFault(f"{name} must be 0 or more, not {value}")
        if self.budget is not None and (self.price_in is None or self.price_out is None):
            raise SettingsFault("a budget needs price_in and price_out (per million tokens); or set budget_tokens")

"""What may be set about a score."""

from __future__ import annotations

import msgspec

from pointline.errors import SettingsFault


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings of `score`, `score_all` and `compare`; those that are not at their default stand in the signature."""

    resamples: int = 1000
    """Bootstrap replicates behind intervals and tests; 0 leaves intervals out."""
    seed: int = 0
    """Fixes every draw."""
    strict_all: bool = False
    """`mre-accuracy`: a spurious pair breaks ALL."""
    draws: int = 0
    """Besides the whole file, average over this many random draws of samples, as the papers do (3)."""
    draw_size: int = 1000
    """Samples in a draw."""
    errors: bool = False
    """Also sort the errors by kind and keep the worst samples."""
    worst: int = 10
    """How many of the worst samples to keep."""

    def __post_init__(self) -> None:
        """Raise SettingsFault where a number is impossible."""
        least = {"resamples": 0, "draws": 0, "draw_size": 1, "worst": 0}
        for name, lowest in least.items():
            if getattr(self, name) < lowest:
                raise SettingsFault(f"{name} must be at least {lowest}, not {getattr(self, name)}")


DEFAULT = Settings()

"""The signature of a score: everything that is needed to get the same figures again, in one line."""

from __future__ import annotations

from typing import Any

import msgspec

from pointline.score.options import Settings
from pointline.score.pairing import Pairing
from pointline.version import __version__


def signature(name: str, version: int, pairing: Pairing, settings: Settings) -> str:
    """Protocol, version, samples, data hashes, settings, package version, as `key:value` joined by `|`.

    A data hash is the first 12 hex digits of the file's SHA-256. Settings at their default are left out, but for
    the seed and the number of resamples.
    """
    digests = zip(("gold", "answers", "other"), pairing.digests(), strict=False)
    parts: dict[str, Any] = {"version": version, "n": pairing.n, **dict(digests)}
    if pairing.missing or pairing.extra:
        parts |= {"missing": pairing.missing, "extra": pairing.extra}
    parts |= {"resamples": settings.resamples, "seed": settings.seed}
    parts |= msgspec.to_builtins(settings)
    parts["pointline"] = __version__
    return "|".join([name, *(f"{key}:{_said(value)}" for key, value in parts.items())])


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)

"""The signature of a score: everything that is needed to get the same figures again, in one line."""

from __future__ import annotations

import msgspec


def signature(name: str, version: int, n: int, digests: list[str], settings: msgspec.Struct) -> str:
    """Protocol, version, number of samples, data hashes, settings, package version, as `key:value` joined by `|`.

    A data hash is the first 12 hex digits of the file's SHA-256.

    >>> class Seed(msgspec.Struct):
    ...     seed: int = 0
    >>> signature("mre", 1, 2, ["ab", "cd"], Seed()).rpartition("|")[0]
    'mre|version:1|n:2|gold:ab|answers:cd|seed:0'
    """
    from pointline.version import __version__

    names = ("gold", "answers", "other")
    parts = [f"{key}:{digest}" for key, digest in zip(names, digests, strict=False)]
    held = [f"{key}:{_said(value)}" for key, value in msgspec.to_builtins(settings).items()]
    return "|".join([name, f"version:{version}", f"n:{n}", *parts, *held, f"pointline:{__version__}"])


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)

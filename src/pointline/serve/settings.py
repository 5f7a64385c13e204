"""What a server allows: how much at once, how large, for how long."""

from __future__ import annotations

import msgspec

from pointline.errors import SettingsFault


class ServeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of a server; each is a number above 0.

    >>> ServeSettings(max_texts=10).max_texts
    10
    """

    batch_size: int = 64
    """Texts that the network reads at once."""
    run_texts: int = 256
    """Texts that one run of the model takes from those waiting; sorted by length, they make its batches."""
    run_characters: int = 65_536
    """Characters that one run takes, so that long texts do not keep short ones waiting; a single text may be longer."""
    gather_seconds: float = 0.005
    """How long a request waits for others to be read with it."""
    max_waiting: int = 8192
    """Texts that may wait; more are sent away with 503."""
    max_held: int = 128_000_000
    """Bytes of request bodies held at any moment; more are sent away with 503."""
    max_body: int = 4_000_000
    """Bytes of one request body."""
    max_texts: int = 1024
    """Texts of one request."""
    max_characters: int = 100_000
    """Characters of one text."""
    max_names: int = 1000
    """Labels, types and roles of one request's schema, together."""
    max_connections: int = 800
    """Connections at any moment; a new one beyond is closed with 503."""
    head_seconds: float = 10.0
    """How long a client may take for the head of a request, and for hanging up when told."""
    body_seconds: float = 20.0
    """How long a client may take for a request's body."""
    deadline_seconds: float = 60.0
    """How long a request may take altogether."""
    grace_seconds: int = 30
    """How long a server that is told to stop lets running requests finish."""

    def __post_init__(self) -> None:
        for name, value in msgspec.structs.asdict(self).items():
            if value <= 0:
                raise SettingsFault(f"{name} is {value}; give a number above 0")

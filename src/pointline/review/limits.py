"""What the review server allows, and what it counts."""

from __future__ import annotations

import msgspec


class ReviewLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of the server; made for a group of people, not for the open network."""

    max_connections: int = 400
    """Connections at any moment."""
    head_seconds: float = 10.0
    """How long a browser may take for the head of a request."""
    body_seconds: float = 20.0
    """How long it may take for the body."""
    deadline_seconds: float = 60.0
    """How long a request may take altogether."""
    max_body: int = 8_000_000
    """Bytes of one request body: a sample of 20,000 characters with its spans has far less."""
    max_held: int = 64_000_000
    """Bytes of request bodies held at any moment."""
    grace_seconds: int = 10
    """How long running requests may finish when the server is told to stop."""


class Counts:
    """Requests that are being answered, bytes that are held."""

    def __init__(self) -> None:
        self.open = 0
        self.held = 0

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Nothing is kept of a request that is done."""

"""What the shared parts of a server want to know of its limits, and where they count."""

from __future__ import annotations

from typing import Protocol


class Limits(Protocol):
    """The limits of a server; a settings class with these fields will do."""

    @property
    def max_connections(self) -> int:
        """Connections at any moment."""

    @property
    def head_seconds(self) -> float:
        """How long a client may take for the head of a request."""

    @property
    def body_seconds(self) -> float:
        """How long a client may take for a request's body."""

    @property
    def deadline_seconds(self) -> float:
        """How long a request may take altogether."""

    @property
    def max_body(self) -> int:
        """Bytes of one request body."""

    @property
    def max_held(self) -> int:
        """Bytes of request bodies held at any moment."""

    @property
    def grace_seconds(self) -> int:
        """How long running requests may finish when the server is told to stop."""


class Counting(Protocol):
    """Counters of a server."""

    open: int
    """Requests being answered."""
    held: int
    """Bytes of request bodies held."""

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is one of the server's own paths, never what a client made up."""

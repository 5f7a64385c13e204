"""What a client is told when something is wrong: one status, one clear message, the field at fault."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

LONGEST = 400


class Fault(Exception):
    """A request that is not answered; the client gets `status` and the message as JSON.

    >>> Fault(422, "expected `str`, got `int`", "texts[0]").body()
    b'{"error":{"message":"expected `str`, got `int`","field":"texts[0]"}}'
    """

    def __init__(
        self, status: int, message: str, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.message, self.field = status, message, field
        self.headers = dict(headers or {})
        super().__init__(message)

    def body(self) -> bytes:
        """`{"error": {"message", "field"}}`; what a client sent is cut short where the message quotes it."""
        said = " ".join(self.message.split())
        said = said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
        said = said.encode("utf-8", "replace").decode()
        return msgspec.json.encode({"error": {"message": said, "field": self.field}})

    def response(self) -> Response:
        """The same as a response."""
        return Response(self.body(), self.status, self.headers, media_type="application/json")


def busy(message: str, seconds: int = 1) -> Fault:
    """Too much at once: 503, and when to come again."""
    return Fault(503, message, headers={"Retry-After": str(seconds)})

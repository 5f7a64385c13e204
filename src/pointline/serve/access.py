"""Who may ask the model: anybody, or who shows the server's token."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
from starlette.datastructures import Headers

from pointline.web.faults import Fault
from pointline.web.guard import check_host


class TokenAccess(msgspec.Struct, frozen=True):
    """Lets in who shows the server's token; `open_paths` need none. `hosts`: what Host may name; None = anything."""

    token: str | None = None
    hosts: frozenset[str] | None = None
    open_paths: frozenset[str] = frozenset()

    def check(self, scope: Any) -> None:
        """Raise Fault: 400 for a foreign Host, 401 without the right token."""
        headers = Headers(scope=scope)
        check_host(headers, self.hosts)
        if self.token is None or scope["path"] in self.open_paths:
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), self.token.encode())
        if kind.lower() != "bearer" or not same:
            how = "give the server's token as Authorization: Bearer TOKEN"
            raise Fault(401, how, headers={"WWW-Authenticate": "Bearer"})

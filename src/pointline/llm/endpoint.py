"""Which server is asked, for which model, and with a key that only the environment knows."""

from __future__ import annotations

import os
from typing import Literal
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import msgspec

from pointline.errors import SettingsFault

PATHS = {"chat": "/chat/completions", "completion": "/completions"}
SECRET_WORDS = ("key", "token", "secret", "sig", "password")


class Endpoint(msgspec.Struct, frozen=True):
    """A model behind an OpenAI-compatible server.

    base_url: up to `/v1`, as the server's documentation prints it; a query (`?api-version=...`) is kept.
    key_env: the environment variable that holds the key; None sends none. The key itself is never kept here.
    kind: `chat` or `completion`.
    key_header: `Authorization` sends `Bearer KEY`, any other header the bare key.

    Raises SettingsFault where the address is none, or holds a secret.

    >>> Endpoint("http://127.0.0.1:8000/v1/", "small").url
    'http://127.0.0.1:8000/v1/chat/completions'
    """

    base_url: str
    model: str
    key_env: str | None = None
    kind: Literal["chat", "completion"] = "chat"
    key_header: str = "Authorization"

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsFault(f"endpoint {_bare(self.base_url)!r} is no address; write http://HOST:PORT/v1")
        names = [name.lower() for name, _ in parse_qsl(parts.query)]
        if "@" in parts.netloc or any(word in name for name in names for word in SECRET_WORDS):
            raise SettingsFault("the endpoint's address holds a secret; put it into a variable and name it by key_env")
        if self.kind not in PATHS:
            raise SettingsFault(f"unknown kind of endpoint {self.kind!r}; known: {', '.join(PATHS)}")
        if not self.model:
            raise SettingsFault("the endpoint has no model; name one")

    @property
    def url(self) -> str:
        """Where requests go."""
        parts = urlsplit(self.base_url)
        path = parts.path.rstrip("/")
        for known in PATHS.values():
            path = path.removesuffix(known)
        return urlunsplit((parts.scheme, parts.netloc.lower(), path + PATHS[self.kind], parts.query, ""))

    @property
    def shown(self) -> str:
        """The address as error texts and caches print it."""
        return _bare(self.url)

    def key(self) -> str | None:
        """The key, from the environment at this moment; raises SettingsFault where the variable is not set."""
        if self.key_env is None:
            return None
        key = os.environ.get(self.key_env, "").strip()
        if not key:
            raise SettingsFault(f"the environment variable {self.key_env} holds no key for {self.shown}; set it")
        if not key.isascii() or not key.isprintable():
            raise SettingsFault(f"the key in {self.key_env} holds characters that no header can carry; set it again")
        return key

    def headers(self) -> dict[str, str]:
        """The headers of every request, the key among them."""
        key = self.key()
        if key is None:
            return {}
        return {self.key_header: f"Bearer {key}" if self.key_header == "Authorization" else key}


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

"""What is asked: a row's prompt and sampling, the bytes that are sent, and the key they are cached under."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from pointline.errors import SettingsFault
from pointline.llm.endpoint import Endpoint

OURS = ("model", "messages", "prompt", "stream", "stream_options", "n")


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the model draws; None leaves it to the server.

    seed: sent plus the request's attempt, so that a second attempt is another draw.
    extra: any further fields of the body, as the server names them.

    Raises SettingsFault where `extra` names what pointline sets.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] | None = None
    response_format: dict[str, Any] | None = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {*OURS, *(field for field in self.__struct_fields__ if field != "extra")}
        for name in self.extra:
            if name in known:
                raise SettingsFault(f"extra: {name!r} is no extra field; pointline sets it itself")

    @property
    def most(self) -> int | None:
        """The most tokens an answer may have, where that is limited."""
        most = self.max_tokens or self.extra.get("max_completion_tokens")
        return most if isinstance(most, int) else None


class Request(msgspec.Struct, frozen=True):
    """One question: the row's id, a prompt (or chat messages), and which attempt at it this is.

    sampling: None takes the client's. Two requests that are equal in everything are one, and are paid once.
    """

    id: str
    prompt: str | list[dict[str, Any]]
    attempt: int = 0
    sampling: Sampling | None = None


_deterministic = msgspec.json.Encoder(order="deterministic")


def body(endpoint: Endpoint, request: Request, sampling: Sampling) -> bytes:
    """The JSON that is sent for a request; the same bytes for the same content.

    Raises ValueError where the request cannot be said in JSON (a lone surrogate), TypeError likewise.

    >>> body(Endpoint("http://a/v1", "m"), Request("1", "hi"), Sampling(temperature=0))
    b'{"messages":[{"content":"hi","role":"user"}],"model":"m","temperature":0.0}'
    """
    fields: dict[str, Any] = {"model": endpoint.model}
    prompt = request.prompt
    if endpoint.kind == "chat":
        fields["messages"] = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    elif isinstance(prompt, str):
        fields["prompt"] = prompt
    else:
        raise TypeError("a completion endpoint takes a prompt, not messages")
    if sampling.temperature is not None:
        fields["temperature"] = float(sampling.temperature)
    if sampling.top_p is not None:
        fields["top_p"] = float(sampling.top_p)
    if sampling.max_tokens is not None:
        fields["max_tokens"] = sampling.max_tokens
    if sampling.seed is not None:
        fields["seed"] = sampling.seed + request.attempt
    if sampling.stop is not None:
        fields["stop"] = list(sampling.stop)
    if sampling.response_format is not None:
        fields["response_format"] = sampling.response_format
    fields |= sampling.extra
    return _deterministic.encode(fields)


def key(endpoint: Endpoint, request: Request, sent: bytes) -> bytes:
    """The 16 bytes that name an answer: of row, endpoint, model, prompt, sampling and attempt, and of nothing else."""
    return _digest((endpoint.url.encode(), request.id.encode(), str(request.attempt).encode(), sent))


def key_by_id(row: str, attempt: int) -> bytes:
    """The key of a recorded answer of which only row and attempt are known."""
    return _digest((b"by id", row.encode("utf-8", "replace"), str(attempt).encode()))


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()

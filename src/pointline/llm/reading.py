"""The bytes of a response read: its text, end and counts; apart from paying, so a better reader costs nothing."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from pointline.llm.faults import Failed, in_answer

SURROGATE = re.compile("[\ud800-\udfff]")
_decode = msgspec.json.Decoder().decode


class Reading(NamedTuple):
    """What a response says. Token counts are None where the server does not count."""

    text: str
    finish: str
    fault: str | None
    problems: tuple[str, ...]
    prompt_tokens: int | None
    completion_tokens: int | None
    response_id: str


def read(body: bytes) -> Reading:
    """Read a chat or completion response; raises Failed where it is no answer at all.

    Whatever this reads is an answer: stored, and never asked again.

    >>> read(b'{"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}').text
    'hi'
    """
    said, repaired = _document(body)
    if not isinstance(said, dict):
        raise Failed("bad_answer", "the response is no JSON object")
    choices = said.get("choices")
    if said.get("error") and not choices:
        raise in_answer(said["error"])
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Failed("bad_answer", "the response has no choices")
    text, refusal = _text(choices[0])
    finish = choices[0].get("finish_reason")
    finish = finish if isinstance(finish, str) else ""
    fault = "refused" if refusal or finish == "content_filter" else None
    problems = ("truncated",) * (finish == "length") + ("invalid_utf8",) * repaired
    usage = said.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    counts = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    response_id = said.get("id")
    return Reading(text, finish, fault, problems, *counts, response_id if isinstance(response_id, str) else "")


def _document(body: bytes) -> tuple[Any, bool]:
    """The JSON of a body, and whether characters had to be repaired; what Python takes for JSON is no reason (NaN)."""
    try:
        return _decode(body), False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except RecursionError:
        raise Failed("garbage", "the response is nested too deeply") from None
    except ValueError as error:
        shown = body[:60].decode("utf-8", "replace")
        raise Failed("garbage", f"the response is no JSON ({error}): {shown!r}") from None
    whole = _whole(said)
    return whole, whole != said or text.encode("utf-8", "surrogatepass") != body


def _whole(value: Any) -> Any:
    """Lone halves of characters become U+FFFD, wherever they stand."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value


def _text(choice: dict[str, Any]) -> tuple[str, bool]:
    """The text of a choice, and whether it is a refusal."""
    message = choice.get("message")
    if not isinstance(message, dict):
        text = choice.get("text")
        if not isinstance(text, str):
            raise Failed("bad_answer", "the response's choice has neither message nor text")
        return text, False
    content, refusal = message.get("content"), message.get("refusal")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str))
    if content is not None and not isinstance(content, str):
        raise Failed("bad_answer", "the response's content is no text")
    if not content and isinstance(refusal, str) and refusal:
        return refusal, True
    return content or "", False


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


class Pieces:
    """A streamed response put together: lines in, the body of an ordinary response out."""

    def __init__(self) -> None:
        self.done = False
        self._id, self._finish, self._usage = "", "", None
        self._texts: list[str] = []
        self._refusals: list[str] = []

    def line(self, line: bytes) -> None:
        """Take one line of the stream; raises Failed where it confesses an error or is no JSON."""
        if not line.startswith(b"data:"):
            return
        data = line[5:].strip()
        if data == b"[DONE]":
            self.done = True
            return
        said, _ = _document(data)
        if not isinstance(said, dict):
            raise Failed("bad_answer", "a piece of the stream is no JSON object")
        if said.get("error"):
            raise in_answer(said["error"])
        self._id = said.get("id") or self._id
        self._usage = said.get("usage") or self._usage
        choices = said.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            self._choice(choices[0])

    def _choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {"content": choice.get("text")}
        for name, parts in (("content", self._texts), ("refusal", self._refusals)):
            if isinstance(delta.get(name), str):
                parts.append(delta[name])
        if isinstance(choice.get("finish_reason"), str):
            self._finish = choice["finish_reason"]

    def body(self) -> bytes:
        """The whole response; raises Failed where the stream ended before the answer did."""
        if not self.done and not self._finish:
            raise Failed("cut", f"the stream ended after {len(self._texts)} pieces, before its end mark")
        message = {"content": "".join(self._texts), "refusal": "".join(self._refusals) or None}
        whole = {"id": self._id, "choices": [{"message": message, "finish_reason": self._finish}], "usage": self._usage}
        return msgspec.json.encode(whole)

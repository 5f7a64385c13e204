"""Tokens, estimated without a tokenizer: for budgets, dry runs and servers that do not count."""

from __future__ import annotations

from pointline.llm.request import Request


def tokens(text: str) -> int:
    """Tokens of a text: a quarter for an ASCII character, one for any other.

    >>> tokens("play jazz by Miles"), tokens("ジャズをかけて"), tokens("")
    (5, 7, 0)
    """
    plain = len(text.encode("ascii", "ignore"))
    return -(-plain // 4) + len(text) - plain


def count(request: Request) -> int:
    """Tokens of a request's prompt, estimated: its texts, and four for each message."""
    prompt = request.prompt
    if isinstance(prompt, str):
        return tokens(prompt) + 4
    return sum(4 + _within(message.get("content")) for message in prompt if isinstance(message, dict))


def _within(content: object) -> int:
    if isinstance(content, str):
        return tokens(content)
    if isinstance(content, list):
        return sum(_within(part.get("text")) for part in content if isinstance(part, dict))
    return 0

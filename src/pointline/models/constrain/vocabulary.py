"""What the tokens of a tokenizer write: bytes token by token, in a trie; and how a text is written in them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pointline.errors import Refusal
from pointline.formats.grammar import NOT_IN_NAMES
from pointline.text.normalize import clusters

UNKNOWN = b"\xff"
"""Stands for the unknown token; no UTF-8 text holds this byte."""
_GUARDS = "a.e1-の的"


class Trie:
    """One node of the vocabulary's trie: the tokens `keys[low:high]`, which share `depth` bytes.

    Children are worked out when they are asked for, so a large vocabulary costs a sort and no more.
    """

    __slots__ = ("_high", "_keys", "_kids", "_low", "depth", "ids", "leaf")

    def __init__(self, keys: list[bytes], ids: list[list[int]], low: int, high: int, depth: int) -> None:
        self._keys, self._low, self._high, self.depth = keys, low, high, depth
        exact = low < high and len(keys[low]) == depth
        self.ids = ids[low] if exact else ()
        self.leaf = high - low == exact
        self._kids: dict[int, Trie] | None = None

    def kids(self, ids: list[list[int]]) -> dict[int, Trie]:
        """The children by their byte."""
        if self._kids is None:
            self._kids = {}
            keys, depth, at = self._keys, self.depth, self._low + bool(self.ids)
            while at < self._high:
                byte = keys[at][depth]
                end = self._high
                if byte < 255:
                    end = bisect.bisect_left(keys, keys[at][:depth] + bytes([byte + 1]), at, self._high)
                self._kids[byte] = Trie(keys, ids, at, end, depth + 1)
                at = end
        return self._kids


class Vocabulary:
    """The tokens of a Hugging Face tokenizer as bytes.

    Byte-level BPE, SentencePiece BPE with byte fallback, and Unigram with or without it; raises Refusal for others.
    A text's characters are written as the tokenizer itself writes them (its normaliser included); a character that
    it has no token for is written as the unknown token. `rows`: tokens behind so many the model does not have.
    """

    def __init__(self, tokenizer: Any, rows: int | None = None) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise Refusal("this tokenizer has no fast form, so its outputs cannot be grounded; decode with --free")
        self._encode = backend.encode
        pieces = _pieces(backend, set(tokenizer.all_special_ids))
        self.unknown: int | None = tokenizer.unk_token_id
        if self.unknown is not None:
            pieces[self.unknown] = UNKNOWN
        if rows is not None:
            pieces = {id: data for id, data in pieces.items() if id < rows}
        self.bytes: dict[int, bytes] = pieces
        by_bytes: dict[bytes, list[int]] = {}
        for id in sorted(pieces):
            by_bytes.setdefault(pieces[id], []).append(id)
        keys = sorted(by_bytes)
        self.ids = [by_bytes[key] for key in keys]
        self.root = Trie(keys, self.ids, 0, len(keys), 0)
        self._written: dict[str, bytes | None] = {}
        self._guard, self.leading_space = self._probe(by_bytes)
        self.collapses = self._plain("  ") == b" "

    def written(self, cluster: str) -> bytes | None:
        """How a character with its combining marks is written; None where it cannot be.

        Unknown characters are UNKNOWN, one for each run of them.
        """
        if cluster not in self._written:
            self._written[cluster] = self._plain(cluster)
        return self._written[cluster]

    def literal(self, text: str) -> bytes:
        """How a string that must stand is written; raises Refusal for a character that the tokenizer lacks."""
        out = b""
        for start, end in clusters(text):
            written = self.written(text[start:end])
            if not written or UNKNOWN in written:
                raise Refusal(
                    f"the model's tokenizer has no token for {text[start:end]!r}, which {text!r} needs; "
                    "add it to the tokenizer and train, take another format, or rename it"
                )
            if not (self.collapses and written == b" " and out.endswith(b" ")):
                out += written
        return out

    @cached_property
    def free(self) -> dict[int, str]:
        """The tokens that are whole characters without marks or edges of white space but one before: id -> text."""
        found: dict[int, str] = {}
        for id, data in self.bytes.items():
            try:
                text = data.decode()
            except UnicodeDecodeError:
                continue
            inner = text.removeprefix(" ")
            if inner and inner.isprintable() and inner == inner.strip() and NOT_IN_NAMES.isdisjoint(inner):
                found[id] = text
        return found

    @cached_property
    def free_table(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """The ids of `free`, how many characters each has, and which begin with a space."""
        ids = np.array(sorted(self.free), dtype=np.int64)
        lengths = np.array([len(self.free[int(id)]) for id in ids], dtype=np.int64)
        return ids, lengths, np.array([self.free[int(id)].startswith(" ") for id in ids], dtype=np.bool_)

    def join(self, ids: Sequence[int]) -> bytes:
        """The bytes that tokens write together; tokens that write nothing are left out."""
        return b"".join(self.bytes.get(id, b"") for id in ids)

    def _probe(self, known: dict[bytes, list[int]]) -> tuple[str, bool]:
        """A character to stand beside those that are tried, and whether a text begins with a space of its own."""
        singles = [key.decode() for key in known if len(key) == 1 and 32 < key[0] < 127]
        for guard in [*_GUARDS, *singles]:
            said = self.join(self._encode(guard, add_special_tokens=False).ids)
            if said.removeprefix(b" ") == guard.encode():
                return guard, said.startswith(b" ")
        raise Refusal("this tokenizer writes no plain character as it stands; decode with --free")

    def _plain(self, cluster: str) -> bytes | None:
        guard = self._guard.encode()
        ids = self._encode(f"{self._guard}{cluster}{self._guard}", add_special_tokens=False).ids
        if any(id not in self.bytes for id in ids):
            return None
        said = self.join(ids)
        said = said[1:] if self.leading_space and said.startswith(b" ") else said
        if len(said) < 2 * len(guard) or not (said.startswith(guard) and said.endswith(guard)):
            return None
        inner = said[len(guard) : len(said) - len(guard)]
        if UNKNOWN in inner:
            return UNKNOWN
        return inner if self._alone(inner) else None

    def _alone(self, data: bytes) -> bool:
        """True where tokens can write these bytes and nothing beside them."""
        reached = [True, *[False] * len(data)]
        for start in range(len(data)):
            node = self.root
            for end in range(start, len(data) if reached[start] else start):
                kid = node.kids(self.ids).get(data[end])
                if kid is None:
                    break
                node = kid
                reached[end + 1] |= bool(node.ids)
        return reached[-1]


def _pieces(backend: Any, special: set[int]) -> dict[int, bytes]:
    """The bytes of every token that writes text."""
    parts = msgspec.json.decode(backend.to_str())
    shown = repr((parts.get("decoder"), parts.get("pre_tokenizer"), parts.get("normalizer")))
    vocabulary: dict[str, int] = backend.get_vocab(with_added_tokens=False)
    pieces: dict[int, bytes] = {}
    if "'ByteLevel'" in shown:
        alphabet = _byte_alphabet()
        for piece, id in vocabulary.items():
            if all(char in alphabet for char in piece):
                pieces[id] = bytes(alphabet[char] for char in piece)
    elif "▁" in shown:
        fallback = "'ByteFallback'" in shown or parts["model"].get("byte_fallback")
        for piece, id in vocabulary.items():
            if fallback and len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
                if int(piece[3:5], 16) < 0xF8:
                    pieces[id] = bytes([int(piece[3:5], 16)])
            else:
                pieces[id] = piece.replace("▁", " ").encode("utf-8", "surrogatepass")
    else:
        raise Refusal(
            "this kind of tokenizer is not known (neither byte-level nor SentencePiece), so its outputs "
            "cannot be grounded; decode with --free"
        )
    for added in parts.get("added_tokens", ()):
        pieces.pop(added["id"], None)
        if not added["special"]:
            pieces[added["id"]] = added["content"].encode("utf-8", "surrogatepass")
    return {id: data for id, data in pieces.items() if data and id not in special}


def _byte_alphabet() -> dict[str, int]:
    """The characters that stand for bytes in byte-level vocabularies (GPT-2's table)."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(byte): byte for byte in kept}
    return table | {chr(256 + i): byte for i, byte in enumerate(b for b in range(256) if b not in set(kept))}

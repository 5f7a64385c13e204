"""Texts that are almost one text: the same but for the annotated values, or the same but for a few characters."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pointline.clean.findings import Finding, Place
from pointline.clean.keys import text_key
from pointline.clean.quality import UNSPACED
from pointline.errors import MissingExtra
from pointline.sample import Argument, Sample, spans_of

Signatures: TypeAlias = npt.NDArray[np.uint32]
SIZES = {True: 3, False: 5}
"""Characters of a shingle, where words are not spaced and where they are."""
BANDS, ROWS = 16, 4
"""A pair of Jaccard similarity s is found with probability 1 - (1 - s**ROWS)**BANDS: .9998 at .8, .89 at .6."""
ALIKE = 0.8
"""The Jaccard similarity of shingles from which two texts count as near duplicates."""
PARTNERS = 500
"""Texts of one bucket that each is compared with: bounds the work where one phrase fills a corpus."""
MARGIN = 0.2
"""How far the estimate of a signature may fall short: four standard deviations of 64 draws at .8."""


def template(sample: Sample) -> str | None:
    """The text with its annotated values masked by their types, or None where nothing is annotated.

    >>> from pointline.sample import Entity
    >>> template(Sample("1", "play jazz by Miles", entities=[Entity("genre", "jazz", 5, 9)]))
    'play <genre> by miles'
    """
    pieces, at = [], 0
    spans = [(s.start, -(s.end or 0), s.role if isinstance(s, Argument) else s.type) for _, s in spans_of(sample)]
    for start, end, name in sorted((s for s in spans if s[0] is not None), key=lambda s: (s[0] or 0, s[1], s[2] or "")):
        if start is not None and start >= at:
            pieces += [sample.text[at:start], f"<{name or ''}>"]
            at = -end
    return text_key("".join([*pieces, sample.text[at:]])).casefold() if pieces else None


class Templates:
    """Samples of dev and test whose masked text stands in train: seen before, but for the values."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._places: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def see(self, place: Place) -> None:
        """Note the template of a sample."""
        masked = template(place.sample)
        if masked is not None:
            self._places[masked][place.file].append(place.sample.id)

    def findings(self) -> Iterable[Finding]:
        """One row a held-out file, then the templates that repeat most."""
        shared: dict[str, list[str]] = defaultdict(list)
        for _, files in sorted(self._places.items()):
            if any(file.endswith("train") for file in files):
                for file, ids in files.items():
                    if not file.endswith("train"):
                        shared[file] += ids
        rows: list[dict[str, Any]] = [
            {"file": file, "samples": len(ids), "ids": ids[: self._examples]} for file, ids in sorted(shared.items())
        ]
        about = "samples of dev and test whose text, annotated values masked, stands in train"
        yield Finding("templates_in_train", about, sum(row["samples"] for row in rows), rows)
        counts = Counter({masked: sum(map(len, files.values())) for masked, files in self._places.items()})
        often = sorted(
            (masked for masked in counts if counts[masked] > 1), key=lambda masked: (-counts[masked], masked)
        )
        most = [
            {"template": masked, "samples": counts[masked], "files": sorted(self._places[masked])}
            for masked in often[: self._examples]
        ]
        yield Finding("templates", "texts that are one but for their annotated values", len(often), most)


def shingles(text: str) -> list[str]:
    """The distinct runs of characters by which two texts are compared, sorted; longer where words are spaced.

    >>> shingles("東京に行く"), shingles("Abc def")
    (['に行く', '京に行', '東京に'], ['abc d', 'bc de', 'c def'])
    """
    plain = text_key(unicodedata.normalize("NFKC", text).casefold())
    size = SIZES[UNSPACED.search(plain) is not None]
    return sorted({plain[i : i + size] for i in range(max(1, len(plain) - size + 1))})


def near_pairs(texts: Sequence[str], seed: int = 0) -> Iterator[tuple[int, int, float]]:
    """(position, later position, Jaccard similarity) of texts alike by `ALIKE` or more: MinHash finds, shingles decide.

    Signatures: Broder 1997, by rensa; banding as in Leskovec et al., Mining of Massive Datasets, chapter 3.
    Raises MissingExtra where rensa is not installed.
    """
    signatures = _signatures(texts, seed)
    pairs = [np.zeros((0, 2), np.int64), *(_pairs_of_band(signatures, band) for band in range(BANDS))]
    for one, other in np.unique(np.concatenate(pairs), axis=0).tolist():
        alike = _jaccard(shingles(texts[one]), shingles(texts[other]))
        if alike >= ALIKE:
            yield one, other, alike


def _signatures(texts: Sequence[str], seed: int) -> Signatures:
    try:
        from rensa import RMinHash
    except ImportError:
        raise MissingExtra("near", "rensa") from None
    parts = [np.zeros((0, BANDS * ROWS), np.uint32)]
    for start in range(0, len(texts), 4096):
        sets = [shingles(text) for text in texts[start : start + 4096]]
        parts.append(np.array(RMinHash.digests_from_token_sets(sets, BANDS * ROWS, seed), np.uint32))
    return np.concatenate(parts)


def _pairs_of_band(signatures: Signatures, band: int) -> npt.NDArray[np.int64]:
    """Rows (position, later position) that share a band and look alike by their whole signatures."""
    own = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
    _, buckets, sizes = np.unique(own.view(f"V{4 * ROWS}").ravel(), return_inverse=True, return_counts=True)
    shared = np.flatnonzero(sizes[buckets] > 1)
    shared = shared[np.argsort(buckets[shared], kind="stable")]
    pairs = [np.zeros((0, 2), np.int64)]
    for bucket in np.split(shared, np.flatnonzero(np.diff(buckets[shared])) + 1):
        for distance in range(1, min(len(bucket), PARTNERS + 1)):
            both = np.stack([bucket[:-distance], bucket[distance:]], axis=1)
            agreeing = (signatures[both[:, 0]] == signatures[both[:, 1]]).mean(axis=1)
            pairs.append(both[agreeing >= ALIKE - MARGIN])
    return np.concatenate(pairs)


def _jaccard(one: list[str], other: list[str]) -> float:
    common = len(set(one).intersection(other))
    return common / (len(one) + len(other) - common)


class NearDuplicates:
    """Texts that differ in a few characters, between files and within them."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._texts: list[str] = []
        self._places: list[tuple[str, int, str]] = []

    def see(self, place: Place) -> None:
        """Keep a text and where it stands."""
        self._texts.append(place.sample.text)
        self._places.append((place.file, place.line, place.sample.id))

    def findings(self) -> Iterable[Finding]:
        """Pairs between held-out files and others first, then pairs within a file, the most alike first."""
        across: list[dict[str, Any]] = []
        within: list[dict[str, Any]] = []
        for one, other, alike in near_pairs(self._texts):
            row: dict[str, Any] = {"alike": round(alike, 4)}
            for prefix, at in (("", one), ("twin_", other)):
                file, line, name = self._places[at]
                row |= {f"{prefix}file": file, f"{prefix}line": line, f"{prefix}id": name}
                row[f"{prefix}text"] = self._texts[at][:80]
            (within if row["file"] == row["twin_file"] else across).append(row)
        for name, about, rows in (
            ("near_across", "texts of two files that differ in a few characters", across),
            ("near_within", "texts of one file that differ in a few characters", within),
        ):
            rows.sort(key=lambda row: (-row["alike"], row["file"], row["line"], row["twin_line"]))
            yield Finding(name, about, len(rows), rows[: self._examples])

"""Tags of every scheme to spans and back; what real files get wrong is repaired and named."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.corpora.tags import SCHEMES, Decoder, detect, encode
from pointline.errors import SettingsFault

TYPES = st.sampled_from(["PER", "LOC", "B-side", "set_date", "場所", "O"])


@st.composite
def sentences(draw: st.DrawFn) -> tuple[int, list[tuple[int, int, str]]]:
    """A length and spans that do not overlap, in order."""
    length = draw(st.integers(0, 12))
    borders = sorted(draw(st.sets(st.integers(0, length), max_size=10)))
    pairs = [(a, b) for a, b in pairwise(borders) if draw(st.booleans())]
    return length, [(a, b, draw(TYPES)) for a, b in pairs]


@pytest.mark.parametrize("scheme", SCHEMES)
@given(case=sentences())
def test_spans_survive_tags(scheme: str, case: tuple[int, list[tuple[int, int, str]]]) -> None:
    length, spans = case
    if scheme == "IO":  # cannot part neighbours of one type
        spans = [s for s in spans if not any(t[1] == s[0] and t[2] == s[2] for t in spans)]
    if scheme == "each":
        spans = [(a, a + 1, kind) for a, _, kind in spans if kind != "O"]
    decoder = Decoder(scheme)
    tags = encode(length, spans, scheme)
    assert decoder(tags) == spans
    assert decoder.repairs == []
    assert encode(length, decoder(tags), scheme) == tags


@given(case=sentences(), scheme=st.sampled_from(["BIO", "IOB1", "BMES", "BILOU", "BIOES"]))
def test_detected_schemes_read_the_same_spans(case: tuple[int, list[tuple[int, int, str]]], scheme: str) -> None:
    length, spans = case
    tags = encode(length, spans, scheme)
    assert Decoder(detect([tags]))(tags) == spans or scheme == "IOB1"


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("BIO", "B-X I-X O B-Y B-Y"),
        ("IOB1", "I-X I-X O I-Y B-Y I-X"),
        ("BMES", "B-X M-X E-X S-Y"),
        ("BILOU", "B-X I-X L-X U-Y"),
        ("BIOES", "B-X I-X E-X S-Y O"),
        ("IO", "I-X O I-Y"),
        ("IO", "X X O Y"),
        ("BIO", "O O"),
    ],
)
def test_detect(scheme: str, tags: str) -> None:
    found = detect([tags.split()])
    assert found == scheme or (set(tags.split()) == {"O"} and found == "IO")


@pytest.mark.parametrize(
    ("scheme", "tags", "spans", "repairs"),
    [
        ("BIO", "O I-X I-X", [(1, 3, "X")], ["orphan_tag"]),
        ("BIO", "B-X I-Y", [(0, 1, "X"), (1, 2, "Y")], ["orphan_tag"]),
        ("BIO", "B-X Orecurring I-X", [(0, 1, "X"), (2, 3, "X")], ["unreadable_tag", "orphan_tag"]),
        ("BIO", "B_X I_X", [(0, 2, "X")], []),
        ("BMES", "B-X M-X O", [(0, 2, "X")], ["unclosed_tag"]),
        ("BMES", "E-X", [(0, 1, "X")], ["orphan_tag"]),
        ("BILOU", "U-X L-X", [(0, 1, "X"), (1, 2, "X")], ["orphan_tag"]),
        ("BIOES", "B-X B-X E-X", [(0, 1, "X"), (1, 3, "X")], ["unclosed_tag"]),
        ("IO", "PER PER I-PER", [(0, 3, "PER")], []),
        ("each", "NOUN _ VERB", [(0, 1, "NOUN"), (2, 3, "VERB")], []),
    ],
)
def test_repairs(scheme: str, tags: str, spans: list[tuple[int, int, str]], repairs: list[str]) -> None:
    decoder = Decoder(scheme)
    assert decoder(tags.split()) == spans
    assert [name for name, _ in decoder.repairs] == repairs


def test_mixed_schemes_are_refused() -> None:
    with pytest.raises(SettingsFault, match="tag 'S-X' is not of the scheme BIO; set scheme="):
        Decoder("BIO")(["B-X", "S-X"])
    with pytest.raises(SettingsFault, match="unknown tag scheme"):
        Decoder("BIOX")

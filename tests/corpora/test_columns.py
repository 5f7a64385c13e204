"""Token columns of every kind, their faults with file and line, and a round trip."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.corpora.tags import encode
from pointline.errors import InputFault, SettingsFault


def spans(sample) -> list[tuple[str, str]]:
    return [(e.type, e.text) for e in sample.entities]


def test_spaces_tabs_tag_first_and_label_column(converted, file) -> None:
    for text, options in [
        ("play O\njazz B-genre\n", ()),
        ("play\tO\njazz\tB-genre\n", ()),
        ("play   O\njazz     B-genre\n", ("separator=any",)),
        ("O play\nB-genre jazz\n", ("token=1", "tag=0")),
        ("1\tplay\tX\tO\n2\tjazz\tX\tB-genre\n", ("token=1", "tag=3", "label=2")),
    ]:
        samples, _ = converted(file("a.conll", text), "columns", "lang=en", *options)
        assert samples[0].text == "play jazz"
        assert spans(samples[0]) == [("genre", "jazz")]
        assert samples[0].labels == (["X"] if "label=2" in options else None)


def test_text_without_tags_is_not_annotated(converted, file) -> None:
    samples, _ = converted(file("a.conll", "play\njazz\n"), "columns", "tag=none", "lang=en")
    assert samples[0].text == "play jazz"
    assert samples[0].entities is None


def test_joining(converted, file) -> None:
    path = file("a.conll", "東 B-LOC\n京 I-LOC\nへ O\n\nto O\nTokyo B-LOC\n")
    assert [s.text for s in converted(path, "columns", "lang=ja")[0]] == ["東京へ", "toTokyo"]
    samples, report = converted(path, "columns")
    assert [s.text for s in samples] == ["東京へ", "to Tokyo"]
    assert report.noticed["joined_by_script"] == 2
    assert [s.text for s in converted(path, "columns", "join=_")[0]] == ["東_京_へ", "to_Tokyo"]


def test_headers(converted, file) -> None:
    body = "# id = 7\n# text = Hi, Bob!\n# intent: greet\n# note = x\n1\tHi\tO\n2\t,\tO\n3\tBob\tB-P\n4\t!\tO\n"
    samples, _ = converted(file("a.conll", body), "columns", "token=1", "text=header", "lang=en")
    (sample,) = samples
    assert (sample.id, sample.text, sample.labels, sample.meta) == ("7", "Hi, Bob!", ["greet"], {"note": "x"})
    assert sample.entities[0].start == 4
    samples, report = converted(
        file("a.conll", body.replace("Bob!", "Rob!")), "columns", "token=1", "text=header", "lang=en"
    )
    assert samples[0].text == "Hi , Bob !"
    assert report.repaired["text_header_differs"] == 1


def test_a_hash_as_a_token_is_no_comment(converted, file) -> None:
    for mark in ("\t", " "):
        samples, _ = converted(file("a.conll", f"#{mark}O\nfun{mark}B-X\n"), "columns", "lang=en")
        assert samples[0].text == "# fun"


def test_conllu(converted, file) -> None:
    rows = ["# sent_id = s1", "# text = zum Haus", "1-2\tzum\t_\t_\t_", "1\tzu\tADP\tx\t_", "2\tdem\tDET\tx\t_"]
    rows += ["2.1\te\tX\tx\t_", "3\tHaus\tNOUN\tx\tNE=B-LOC|SpaceAfter=No"]
    path = file("a.conllu", "\n".join(rows) + "\n")
    options = ("token=1", "header_id=sent_id", "conllu=true", "lang=de")
    samples, _ = converted(path, "columns", *options, "tag_key=NE")
    assert samples[0].text == "zu dem Haus"
    assert samples[0].id == "s1"
    assert spans(samples[0]) == [("LOC", "Haus")]
    samples, _ = converted(path, "columns", *options, "tag=2", "scheme=each")
    assert spans(samples[0]) == [("ADP", "zu"), ("DET", "dem"), ("NOUN", "Haus")]


def test_label_lines(converted, file) -> None:
    samples, _ = converted(
        file("a.txt", "play O\nit O\nPlay#Stop\n\nstop O\nStop\n"),
        "columns",
        "label_line=true",
        "label_separator=#",
        "lang=en",
    )
    assert [s.labels for s in samples] == [["Play", "Stop"], ["Stop"]]


def test_what_is_odd_is_counted(converted, file) -> None:
    body = b"\xef\xbb\xbf-DOCSTART- O\r\n\r\na O\r\nb I-X\r\n\r\n\r\n \t\r\nc O\r\n"
    samples, report = converted(file("a.conll", body), "columns", "scheme=BIO", "lang=en")
    assert [s.text for s in samples] == ["a b", "c"]
    assert report.repaired == {"byte_order_mark": 1, "orphan_tag": 1}
    assert report.noticed == {"crlf": 8, "document_start": 1}
    assert report.places["orphan_tag"][0].endswith("a.conll:4: 'I-X'")
    assert any("orphan_tag" in line for line in report.lines())


@pytest.mark.parametrize(
    ("body", "options", "message"),
    [
        (b"a O\nb\n", (), r"a.conll:2: 1 column\(s\) where other lines have 2"),
        (b"a O\n\nb O\nc B-\xff\n", (), r"a.conll:4: is not UTF-8 .*encoding="),
        (b"a O\n", ("tag=5",), r"a.conll:1: tag: there is no column 5 among 2"),
        (b"a B-X\nb S-X\n", ("scheme=BIO",), r"a.conll:1: tag 'S-X' is not of the scheme BIO"),
        (b"", (), r"a.conll: holds no sample"),
        (b"\n\n \n", (), r"a.conll: holds no sample"),
        (b"a O\n", ("encoding=nonesuch",), r"unknown encoding 'nonesuch'"),
        (b"a O\n", ("label_line=true",), r"a.conll:1: the last line of the block is no label alone"),
    ],
)
def test_faults(converted, file, body: bytes, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputFault, match=message):
        converted(file("a.conll", body), "columns", *options)


def test_strict_refuses_the_first_repair(converted, file) -> None:
    with pytest.raises(InputFault, match=r"a.conll:2: 'I-X'; strict refuses this repair \(orphan_tag\)"):
        converted(file("a.conll", "a O\nb I-X\n"), "columns", "scheme=BIO", strict=True)


def test_a_wrong_option_is_refused_at_once() -> None:
    with pytest.raises(SettingsFault, match="unknown setting 'tagg'; did you mean 'tag'"):
        convert([Path()], Request("columns", options=("tagg=1",)), Report())


def test_other_encodings(converted, file) -> None:
    body = "東 B-LOC\n京 I-LOC\n"
    for name in ("utf-16", "gb18030", "utf-8"):
        samples, _ = converted(file("a.conll", body.encode(name)), "columns", f"encoding={name}", "lang=ja")
        assert samples[0].entities[0].text == "東京"
    broken = b"caf\xe9 B-X\n\xed\xa0\xbc\xed\xbd\x95 O\n"
    samples, report = converted(file("a.conll", broken), "columns", "encoding=mixed", "lang=en")
    assert samples[0].text == "café 🍕"
    assert report.repaired["bytes_mended"] == 2


def test_pieces_cut_anywhere(converted, file, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(f"日{i} B-X\r\nx O\r\n\r\n" for i in range(50))
    whole, _ = converted(file("a.conll", body), "columns", "lang=en")
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr("pointline.corpora.files.PIECE", size)
        pieces, report = converted(file("a.conll", body), "columns", "lang=en")
        assert pieces == whole
        assert report.noticed["crlf"] == 150


def test_a_text_of_100000_characters(converted, file) -> None:
    samples, _ = converted(
        file("a.conll", "".join(f"w{i} O\n" for i in range(20000)) + "end B-X\n"), "columns", "lang=en"
    )
    assert len(samples[0].text) > 100_000
    assert spans(samples[0]) == [("X", "end")]


TOKEN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=6)


@given(st.data())
def test_round_trip(data: st.DataObject) -> None:
    tokens = data.draw(st.lists(TOKEN, min_size=1, max_size=8))
    borders = sorted(data.draw(st.sets(st.integers(0, len(tokens)))))
    kinds = st.sampled_from(["A", "B_b", "場所"])
    marked = [(a, b, data.draw(kinds)) for a, b in pairwise(borders)]
    scheme = data.draw(st.sampled_from(["BIO", "IOB1", "BMES", "BILOU", "BIOES"]))
    rows = zip(tokens, encode(len(tokens), marked, scheme), strict=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.conll")
        path.write_text("".join(f"{token}\t{tag}\n" for token, tag in rows), encoding="utf-8", newline="\n")
        options = ("lang=en", f"scheme={scheme}", "comments=none", "encoding=utf-8")
        if tokens[0].startswith(("\ufeff", "-DOCSTART-")):
            return
        (sample,) = convert([path], Request("columns", options=options), Report(strict=True))
    assert sample.text == " ".join(tokens)
    assert [(e.type, e.text) for e in sample.entities] == [(kind, " ".join(tokens[a:b])) for a, b, kind in marked]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("play O\njazz B-g\n\nB-52\nis\nhere\n\nhi O\n", r":4: 1 column\(s\) where the lines before have 2"),
        ("play\tO\njazz\tB-g\n\nhi\n", r":4: 1 column"),
        ("a b c O\n\nd e O\n", r":3: 3 column\(s\) where the lines before have 4"),
        ("B-52\nis\n", r":1: tag: token and tag are the same one of 1 column"),
    ],
)
def test_a_block_without_a_column_is_refused(converted, file, text: str, said: str) -> None:
    with pytest.raises(InputFault, match=said):
        converted(file("a.conll", text), "columns", "lang=en")


def test_lines_that_end_in_cr_alone(converted, file) -> None:
    samples, report = converted(file("a.conll", "play O\rjazz B-g\r\rhi O\r"), "columns", "lang=en")
    assert [(s.text, [e.text for e in s.entities]) for s in samples] == [("play jazz", ["jazz"]), ("hi", [])]
    assert report.noticed == {"cr": 1}

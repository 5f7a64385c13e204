"""JSON with character spans: field names, kinds of ends, repairs, and faults with file, line and field."""

from __future__ import annotations

import json

import pytest

from pointline.errors import InputFault


def entities(sample) -> list[tuple[str, str, int | None, int | None]]:
    return [(e.type, e.text, e.start, e.end) for e in sample.entities]


JAZZ = [("genre", "jazz", 5, 9)]


@pytest.mark.parametrize(
    ("record", "options"),
    [
        ({"entities": [{"type": "genre", "start": 5, "end": 9}]}, ()),
        ({"entities": [{"type": "genre", "start": 5, "end": 8}]}, ("inclusive=true",)),
        ({"spans": [{"label": "genre", "at": [5, 9]}]}, ("entities=spans", "type=label", "span=at")),
        ({"entities": [[5, 9, "genre"]]}, ("start=0", "end=1", "type=2")),
        ({"entities": [{"type": "genre", "w": "jazz", "start": 5}]}, ("surface=w",)),
        ({"entities": [{"type": "genre", "w": "jazz"}]}, ("surface=w",)),
        ({"entities": {"genre": {"jazz": [[5, 8]]}}}, ("shape=nested", "inclusive=true")),
    ],
)
@pytest.mark.parametrize("dress", ["lines", "array", "pretty", "pretty_lines", "document"])
def test_shapes(converted, file, record: dict, options: tuple[str, ...], dress: str) -> None:
    rows = [{"text": "play jazz", **record}, {"text": "stop", "n": 1}]
    body = {
        "lines": "\n".join(map(json.dumps, rows)),
        "array": json.dumps(rows),
        "pretty": json.dumps(rows, indent=2),
        "pretty_lines": "\n".join(json.dumps(row, indent=2) for row in rows),
        "document": json.dumps({"head": 1, "rows": rows}, indent=1),
    }[dress]
    more = ("records=rows",) if dress == "document" else ()
    samples, _ = converted(file("a.json", body), "spans", "lang=en", *options, *more, strict=True)
    assert entities(samples[0]) == JAZZ
    assert samples[1].entities is None
    assert samples[1].meta == {"n": 1}


def test_labels_ids_and_what_is_kept(converted, file) -> None:
    rows = {"d": {"name": "D1"}, "rows": [{"k": 1, "text": "a", "y": ["p", "q"], "more": {"z": 1}}]}
    options = ('id=["^d.name", "k"]', "label=y", "records=rows", 'keep=["more.z"]')
    (sample,), _ = converted(file("a.json", json.dumps(rows)), "spans", *options)
    assert (sample.id, sample.labels, sample.meta) == ("D1/1", ["p", "q"], {"more.z": 1})


def test_the_key_of_a_record_as_label(converted, file) -> None:
    body = json.dumps({"Play": [{"text": "a"}], "Stop": [{"text": "b"}, {"text": "c"}]})
    samples, _ = converted(file("a.json", body), "spans", "records=*", "label=*")
    assert [(s.text, s.labels) for s in samples] == [("a", ["Play"]), ("b", ["Stop"]), ("c", ["Stop"])]


def test_derived_labels(converted, file) -> None:
    def row(*polarities: str) -> str:
        return json.dumps(
            {"text": "abc", "entities": [{"type": p, "start": i, "end": i + 1} for i, p in enumerate(polarities)]}
        )

    path = file("a.jsonl", "\n".join([row("pos", "pos"), row("pos", "neg"), row()]))
    samples, _ = converted(path, "spans", "derive=type")
    assert [s.labels for s in samples] == [["pos"], ["mixed"], None]
    assert [s.meta.get("label_derived") for s in samples] == [True, True, None]


def test_events(converted, file) -> None:
    event = {
        "type": "buy",
        "mentions": [{"w": "buys", "span": [2, 6], "role": "trigger"}, {"w": "A", "span": [0, 1], "role": "buyer"}],
    }
    path = file("a.jsonl", json.dumps({"text": "A buys B", "events": [event]}))
    option = 'events={arguments = "mentions", span = "span", surface = "w", trigger_role = "trigger"}'
    (sample,), _ = converted(path, "spans", "entities=", option)
    (found,) = sample.events
    assert (found.type, found.trigger.text, found.arguments[0].role, found.arguments[0].text) == (
        "buy",
        "buys",
        "buyer",
        "A",
    )


def test_offsets_are_mended_and_counted(converted, file) -> None:
    spans = [
        [4, 8, "jazz"],
        [40, 44, "jazz"],
        [0, 4, "rock"],
        [5, 9, " jazz "],
        [5, 99, None],
        [50, 60, None],
        [3, 5, "  "],
    ]
    rows = [{"text": "play jazz", "entities": [{"type": "g", "start": a, "end": b, "w": w} for a, b, w in spans]}]
    (sample,), report = converted(file("a.json", json.dumps(rows)), "spans", "surface=w")
    assert entities(sample) == [("g", "jazz", 5, 9)] * 4 + [("g", "rock", None, None)]
    assert report.repaired == {"offsets_snapped": 3, "span_not_in_text": 1, "offsets_clipped": 1, "span_dropped": 2}
    with pytest.raises(
        InputFault, match=r"a.json:1: 'jazz' from 4 to 5; strict refuses this repair \(offsets_snapped\)"
    ):
        converted(file("a.json", json.dumps(rows)), "spans", "surface=w", strict=True)


def test_repeats_without_offsets_go_left_to_right(converted, file) -> None:
    row = {"text": "ab ab", "entities": [{"type": "x", "w": w} for w in ("ab", "ab", "zz")]}
    (sample,), report = converted(file("a.json", json.dumps(row)), "spans", "surface=w")
    assert entities(sample) == [("x", "ab", 0, 2), ("x", "ab", 3, 5), ("x", "zz", None, None)]
    assert report.noticed == {"span_by_search": 2, "span_not_found": 1}


def test_code_points_not_units(converted, file) -> None:
    row = {"text": "😀𠮷野家", "entities": [{"type": "x", "start": 1, "end": 4, "w": "𠮷野家"}]}
    (sample,), _ = converted(file("a.json", json.dumps(row)), "spans", "surface=w", strict=True)
    assert entities(sample) == [("x", "𠮷野家", 1, 4)]


@pytest.mark.parametrize(
    ("body", "options", "message"),
    [
        (b'{"text": "a"}\n{"txt": "b"}\n', (), r"a.json:2: text: the record lacks this field; it has txt"),
        (b'{"text": "a"}\n{"text": 3}\n', (), r"a.json:2: text: is a number, not a string"),
        (b'{"text": "a"}\n{"text": "b"\n', (), r"a.json:2: is not JSON"),
        (b'{"text": "a"}\n{"text": "\xff"}\n', (), r"a.json:2: is not UTF-8; name its encoding"),
        (b'[{"text": "a"},\n{"text": "b"}', (), r"a.json:2: is no whole JSON array"),
        (b'[{"text": "a"},\n{"text": "b', (), r"a.json:2: is no whole JSON array"),
        (b'{\n"text": "a"', (), r"a.json:2: is not JSON"),
        (b"[" * 100000, (), r"a.json:1: is nested too deeply"),
        (
            b'{"text": "a"}\n{"text": "b", "x": ' + b"[" * 100000 + b"]" * 100000 + b"}",
            (),
            r"a.json:2: is nested too deeply",
        ),
        (b"", (), r"a.json: holds no sample"),
        (b"[]", (), r"a.json: holds no sample"),
        (b"3", (), r"a.json:1: text: the record lacks this field; it is no object"),
        (b'{"text": "a", "entities": {}}', (), r"a.json:1: entities: is an object, not an array"),
        (b'{"text": "a", "entities": [{"start": 0, "end": 1}]}', (), r"entities.type: an entity lacks its type"),
        (b'{"text": "a", "entities": [{"type": "x"}]}', (), r"start: a span has neither offsets nor wording"),
        (b'{"text": "a", "entities": [{"type": "x", "start": "0", "end": 1}]}', (), r"no whole numbers"),
        (b'{"text": "a", "entities": []}', ("shape=nested",), r"not an object; set shape=list"),
        (b'{"a": []}', ("records=b",), r"records: there is no 'b'; set records= to one of: a"),
    ],
)
def test_faults(converted, file, body: bytes, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputFault, match=message):
        converted(file("a.json", body), "spans", *options)


def test_bom_crlf_and_lone_surrogates(converted, file) -> None:
    body = b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b\\ud83d", "entities": [{"type": "x", "start": 0, "end": 1}]}\r\n'
    samples, report = converted(file("a.json", body), "spans")
    assert [s.text for s in samples] == ["a", "b\ufffd"]
    assert report.repaired == {"byte_order_mark": 1, "lone_surrogate": 1}
    assert report.noticed == {"crlf": 2, "replacement_character": 1}
    with pytest.raises(InputFault, match="strict refuses"):
        converted(file("a.json", body), "spans", strict=True)


def test_arrays_are_cut_anywhere(converted, file, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"text": f'{i} }}, {{ "]" [', "entities": [{"type": "x", "start": 0, "end": 1}] * (i % 3)} for i in range(200)
    ]
    bodies = [json.dumps(rows), json.dumps(rows, indent=3), "\n" + json.dumps(rows, separators=(",", ":"))]
    whole, _ = converted(file("a.json", bodies[0]), "spans")
    for size in (16, 100, 1000):
        monkeypatch.setattr("pointline.corpora.json_pieces.PIECE", size)
        for body in bodies:
            assert converted(file("a.json", body), "spans")[0] == whole


def test_lines_of_records_in_an_array(converted, file) -> None:
    rows = [{"text": "a"}, {"text": "b"}, {"txt": "c"}]
    body = "[\n" + ",\n".join(json.dumps(row, indent=1) for row in rows) + "\n]"
    with pytest.raises(InputFault, match=r"a.json:8: text: the record lacks"):
        converted(file("a.json", body), "spans")


def test_a_text_of_100000_characters(converted, file) -> None:
    row = {"text": "日" * 99_998 + "jz", "entities": [{"type": "x", "start": 99_998, "end": 100_000}]}
    (sample,), _ = converted(file("a.json", json.dumps(row)), "spans")
    assert entities(sample) == [("x", "jz", 99_998, 100_000)]


def test_lines_over_the_limit(converted, file, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointline.corpora.json_pieces.LONGEST", 1000)
    monkeypatch.setattr("pointline.corpora.json_pieces.PIECE", 100)
    body = json.dumps({"text": "a"}) + "\n" + json.dumps({"text": "x" * 5000})
    with pytest.raises(InputFault, match=r"a.json:2: a line of more than 256 MiB"):
        converted(file("a.json", body), "spans")

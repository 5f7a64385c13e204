"""The readers of token indices, triples, tables, marks and opinion tuples on small files, and their faults."""

from __future__ import annotations

import json

import pytest

from pointline.errors import InputFault


def entities(sample) -> list[tuple[str, str, int | None]]:
    return [(e.type, e.text, e.start) for e in sample.entities]


def relations(sample) -> list[tuple[str, str, str]]:
    return [(r.type, r.head.text, r.tail.text) for r in sample.relations]


WORDS = ["Ann", "B", "met", "Bob"]


@pytest.mark.parametrize(
    ("record", "options"),
    [
        (
            {"tokens": WORDS, "entities": [{"type": "P", "start": 0, "end": 2}, {"type": "P", "start": 3, "end": 4}],
             "relations": [{"type": "met", "head": 0, "tail": 1}]}, (),
        ),
        (
            {"tokens": WORDS, "entities": [[0, 1, "P"], [3, 3, "P"]], "relations": [[0, 1, 3, 3, "met"]]},
            ("start=0", "end=1", "type=2", "inclusive=true"),
        ),
        (
            {"sentence": WORDS, "ner": [{"index": [1, 0], "type": "P"}, {"index": [3], "type": "P"}],
             "relations": [{"type": "met", "head": 0, "tail": 1}]},
            ("tokens=sentence", "entities=ner", "index=index"),
        ),
        (
            {"tokens": WORDS, "tags": ["B-P", "L-P", "O", "U-P"], "relations": [{"type": "met", "head": 0, "tail": 1}]},
            ("tags=tags", "scheme=BILOU"),
        ),
        (
            {"sentences": [WORDS], "ner": [[[0, 1, "P"], [3, 3, "P"]]], "relations": [[[0, 1, 3, 3, "met"]]]},
            ("shape=dygie",),
        ),
    ],
)  # fmt: skip
def test_token_indices(converted, file, record: dict, options: tuple[str, ...]) -> None:
    (sample,), _ = converted(file("a.json", json.dumps(record)), "tokens", "lang=en", *options, strict=True)
    assert entities(sample) == [("P", "Ann B", 0), ("P", "Bob", 10)]
    assert relations(sample) == [("met", "Ann B", "Bob")]
    assert sample.relations[0].head.type == "P"


def test_dygie_counts_from_the_document(converted, file) -> None:
    document = {
        "doc_key": "d",
        "sentences": [["A", "b"], ["C", "d", "E"]],
        "ner": [[[0, 0, "X"]], [[2, 2, "Y"], [3, 4, "Y"]]],
        "events": [[], [[[2, "Hit"], [3, 4, "By"]]]],
        "clusters": [[[0, 0]]],
    }
    samples, report = converted(file("a.jsonl", json.dumps(document)), "tokens", "shape=dygie", "lang=en")
    assert [(s.id, s.text) for s in samples] == [("d/0", "A b"), ("d/1", "C d E")]
    assert entities(samples[1]) == [("Y", "C", 0), ("Y", "d E", 2)]
    (event,) = samples[1].events
    assert (event.type, event.trigger.text, event.arguments[0].role, event.arguments[0].text) == (
        "Hit",
        "C",
        "By",
        "d E",
    )
    assert samples[1].relations is None
    assert report.noticed == {"value_left_out": 1}


def test_wikievents(converted, file) -> None:
    document = {
        "doc_id": "w",
        "tokens": ["Ann", "fell"],
        "entity_mentions": [{"id": "e1", "start": 0, "end": 1, "entity_type": "PER"}],
        "event_mentions": [
            {
                "event_type": "Fall",
                "trigger": {"start": 1, "end": 2},
                "arguments": [{"entity_id": "e1", "role": "Who"}, {"entity_id": "e9", "role": "Who"}],
            }
        ],
    }
    (sample,), report = converted(file("a.jsonl", json.dumps(document)), "tokens", "shape=wikievents", "lang=en")
    assert (sample.id, entities(sample)) == ("w", [("PER", "Ann", 0)])
    assert [(a.role, a.text) for a in sample.events[0].arguments] == [("Who", "Ann")]
    assert report.repaired == {"argument_dropped": 1}


@pytest.mark.parametrize(
    ("record", "options", "message"),
    [
        ({"tokens": ["a"], "entities": [{"type": "x", "start": 0, "end": 2}]}, (), "an index lies outside the tokens"),
        ({"tokens": "a"}, (), "tokens: is a string, not an array"),
        ({"words": ["a"]}, (), "tokens: is missing, not an array"),
        ({"tokens": ["a"], "tags": ["O", "O"]}, ("tags=tags",), "1 tokens but 2 tags"),
        ({"tokens": ["a"], "tags": ["S-x"]}, ("tags=tags",), "tag 'S-x' is not of the scheme BIO"),
        ({"tokens": ["a"], "relations": [{"type": "x", "head": 0, "tail": 1}]}, (), "a relation names entity 1 of 0"),
        ({"sentences": [["a"]], "ner": [[[0, "x"]]]}, ("shape=dygie",), "is no dygie"),
        ({"tokens": ["a"], "event_mentions": [{}]}, ("shape=wikievents",), "is no wikievents"),
    ],
)
def test_token_faults(converted, file, record: dict, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputFault, match=f"a.json:1: .*{message}|a.json:1: {message}"):
        converted(file("a.json", json.dumps(record)), "tokens", *options)


def test_triples(converted, file) -> None:
    complex_object = {"@value": "prize", "date": "1999", "gone": ""}
    rows = [
        {"text": "Ann of Rome", "triple_list": [["Ann", "from", "Rome"], ["Ann", "in", "Oslo"]]},
        {"text": "Ann won the prize in 1999", "triple_list": [{"s": "Ann", "p": "won", "o": complex_object}]},
    ]
    samples, report = converted(file("a.json", json.dumps(rows[:1])), "triples")
    assert relations(samples[0]) == [("from", "Ann", "Rome"), ("in", "Ann", "Oslo")]
    assert samples[0].relations[1].tail.start is None
    assert report.noticed == {"span_by_search": 3, "span_not_found": 1}
    options = ("subject=s", "relation=p", "object=o")
    samples, report = converted(file("b.json", json.dumps(rows[1])), "triples", *options)
    assert relations(samples[0]) == [("won", "Ann", "prize"), ("won_date", "Ann", "1999")]
    assert report.repaired == {"relation_dropped": 1}
    with pytest.raises(InputFault, match=r"b.json:1: triple_list: subject, relation and object are missing"):
        converted(file("b.json", json.dumps(rows[1])), "triples")


def test_tables_of_pairs_are_gathered(converted, file) -> None:
    body = "Ann\tBob\tmet\tAnn met Bob\n\nBob\tAnn\tno\tAnn met Bob\nBob\tCy\tsaw\tBob saw Cy\n"
    options = ("head=0", "tail=1", "relation=2", "text=3", 'negative=["no"]')
    samples, _ = converted(file("a.tsv", body), "rows", *options)
    assert [(s.text, relations(s)) for s in samples] == [
        ("Ann met Bob", [("met", "Ann", "Bob")]),
        ("Bob saw Cy", [("saw", "Bob", "Cy")]),
    ]
    samples, _ = converted(file("a.tsv", body), "rows", *options, "group=false")
    assert [len(s.relations) for s in samples] == [1, 0, 1]


def test_offsets_of_a_document_tell_which_mention(converted, file) -> None:
    body = "x x y x|x|100|y|104\n"
    options = ("separator=|", "text=0", "head=1", "head_start=2", "tail=3", "tail_start=4", "relation_type=r")
    (sample,), _ = converted(file("a.rel", body), "rows", *options)
    assert [(r.head.start, r.tail.start) for r in sample.relations] == [(0, 4)]
    (sample,), _ = converted(file("a.rel", body.replace("100", "102")), "rows", *options)
    assert [(r.head.start, r.tail.start) for r in sample.relations] == [(2, 4)]
    with pytest.raises(InputFault, match=r"a.rel:1: offsets 'q' and '104' are no whole numbers"):
        converted(file("a.rel", body.replace("100", "q")), "rows", *options)


def test_quoted_tables(converted, file) -> None:
    body = b'\xef\xbb\xbfid,text,y,z\r\n7,"a, ""b""\r\nc",p,1\r\n'
    options = ("separator=,", "quoted=true", "header=true", "text=text", "label=y", "id=id")
    (sample,), report = converted(file("a.csv", body), "rows", *options)
    assert (sample.id, sample.text, sample.labels, sample.meta) == ("7", 'a, "b"\nc', ["p"], {"z": "1"})
    assert report.repaired == {"byte_order_mark": 1}
    for broken, message in (
        (b'text\n"a', r"a.csv:2: is no table"),
        (b"id,txt\n1,a\n", r"a.csv:2: there is no column 'text'; known: id, txt"),
    ):
        with pytest.raises(InputFault, match=message):
            converted(file("a.csv", broken), "rows", "separator=,", "quoted=true", "header=true", "text=text")
    with pytest.raises(InputFault, match=r"a.tsv:1: there is no column 2 among 1"):
        converted(file("a.tsv", "x\n"), "rows", "text=2")


def test_marks_in_braces_and_brackets(converted, file) -> None:
    body = "{{org:the {{place: Rome}} club}} won }} {{ x\n"
    (sample,), report = converted(file("a.txt", body), "marks")
    assert sample.text == "the Rome club won }} {{ x"
    assert entities(sample) == [("org", "the Rome club", 0), ("place", "Rome", 4)]
    assert report.repaired == {"markup_broken": 2}
    options = ("style=brackets", "layout=table", "text_column=1", "label_column=0")
    (sample,), _ = converted(file("a.tsv", "alarm\twake me at [time : nine am ] please\n"), "marks", *options)
    assert (sample.text, sample.labels, entities(sample)) == (
        "wake me at nine am  please",
        ["alarm"],
        [("time", "nine am", 11)],
    )


def test_marks_slash_holes_and_chunks(converted, file) -> None:
    (sample,), report = converted(file("a.txt", "東京/ns 的/o 人 \n"), "marks", "style=slash")
    assert (sample.text, entities(sample), report.repaired) == ("東京的人", [("ns", "東京", 0)], {"markup_broken": 1})
    body = "the $T$ is good , the tea bad\nsoup\n1\nthe soup is good , the $T$ bad\ntea\n-1\n"
    options = ("style=holes", 'polarities={"1" = "positive", "-1" = "negative"}')
    (sample,), _ = converted(file("a.seg", body), "marks", *options)
    assert entities(sample) == [("positive", "soup", 4), ("negative", "tea", 23)]
    assert (sample.labels, sample.meta) == (["mixed"], {"label_derived": True})
    chunks = {"Play": [{"data": [{"text": " play "}, {"text": "jazz ", "entity": "genre"}]}]}
    (sample,), report = converted(file("a.json", json.dumps(chunks)), "marks", "style=chunks")
    assert (sample.text, sample.labels, entities(sample)) == ("play jazz", ["Play"], [("genre", "jazz", 5)])
    with pytest.raises(InputFault, match=r"b.seg:1: is no record of text with \$T\$, term, polarity"):
        converted(file("b.seg", "x\ny\n"), "marks", "style=holes")


PAIR = '8\t"The <e1>cat</e1> ate the <e2> fish </e2>."\nEats(e2,e1)\nComment: no\n\n'


def test_marked_pairs(converted, file) -> None:
    (sample,), _ = converted(file("a.txt", PAIR.replace("\n", "\r\n")), "marks", "style=pairs", "layout=block")
    assert (sample.id, sample.text, relations(sample)) == ("8", "The cat ate the fish .", [("Eats", "fish", "cat")])
    options = ("style=pairs", "layout=table", "text_column=1", "id_column=0")
    (sample,), _ = converted(file("a.tsv", "1\t<e1>a</e1> <e2>b</e2>\n"), "marks", *options)
    assert (sample.relations, sample.meta) == (None, {"pair": ["a", "b"]})
    for body, message in (
        (PAIR.replace("Eats(e2,e1)\nComment: no\n", ""), r"the last text has no relation"),
        ("nothing of it\n", r"b.txt:1: is neither a numbered text"),
        (PAIR.replace("<e2>", "").replace("</e2>", ""), r"b.txt:2: holds no <e1>...</e1> and <e2>...</e2>"),
    ):
        with pytest.raises(InputFault, match=message):
            converted(file("b.txt", body), "marks", "style=pairs", "layout=block")


def test_quads(converted, file) -> None:
    body = "the soup is good\t1,2 FOOD 2 3,4\t-1,-1 PLACE 0 -1,-1\n"
    options = ('polarities={"2" = "positive", "0" = "negative"}', "lang=en")
    (sample,), _ = converted(file("a.tsv", body), "quads", *options)
    assert (sample.labels, entities(sample)) == (["mixed"], [("positive", "soup", 4)])
    first, second = sample.events
    assert (first.trigger.text, first.arguments[0].text, first.arguments[0].type) == ("good", "soup", "FOOD")
    assert (second.trigger, second.arguments) == (None, [])
    assert sample.meta["quads"] == [["soup", "FOOD", "positive", "good"], [None, "PLACE", "negative", None]]
    (sample,), _ = converted(file("a.txt", "soup good####[([0], [1], 'POS')]\n"), "quads", "style=aste", "lang=en")
    assert relations(sample) == [("POS", "soup", "good")]
    quad = "a soup####[['soup', 'food', 'positive', 'NULL'], ['gone', 'x', 'positive', 'up']]\n"
    (sample,), _ = converted(file("b.txt", quad), "quads", "style=quad", "lang=en")
    assert entities(sample) == [("positive", "soup", 2), ("positive", "gone", None)]


@pytest.mark.parametrize(
    ("style", "line"),
    [
        ("acos", "a"),
        ("acos", "a\t0,1 X 2"),
        ("acos", "a\t0,5 X 2 0,1"),
        ("quad", "a"),
        ("quad", "a####__import__('os').system('true')"),
        ("aste", "a####[([9], [0], 'POS')]"),
        ("aste", "a####" + "[" * 5000),
    ],
)
def test_quads_at_fault(converted, file, style: str, line: str) -> None:
    with pytest.raises(InputFault, match=rf"a.txt:1: is no whole {style} line; a line is "):
        converted(file("a.txt", line + "\n"), "quads", f"style={style}")


def test_a_doccano_relation_whose_end_is_no_id(converted, file) -> None:
    entity = '{"id": [1], "label": "X", "start_offset": 0, "end_offset": 1}'
    relation = '{"id": 0, "from_id": [2], "to_id": {}, "type": "r"}'
    path = file("a.jsonl", f'{{"text": "a b", "entities": [{entity}], "relations": [{relation}]}}')
    samples, report = converted(path, "doccano")
    assert samples[0].relations == []
    assert report.repaired == {"relation_dropped": 1}


def test_token_records_of_one_text_gather_on_request(converted, file) -> None:
    rows = [
        {"tokens": ["Ann", "met", "Bo"], "entities": [{"type": "P", "start": at, "end": at + 1}], "relations": []}
        for at in (0, 2)
    ]
    path = file("a.jsonl", "\n".join(map(json.dumps, rows)))
    apart, _ = converted(path, "tokens", "lang=en")
    assert [entities(sample) for sample in apart] == [[("P", "Ann", 0)], [("P", "Bo", 8)]]
    (together,), _ = converted(path, "tokens", "lang=en", "group=true")
    assert entities(together) == [("P", "Ann", 0), ("P", "Bo", 8)]

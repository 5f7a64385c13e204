"""Files of annotation tools: brat, doccano, Label Studio, WebAnno, CAS, spaCy, Prodigy, PubTator, conversations."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from pointline.errors import InputFault, SettingsFault


def entities(sample) -> list[tuple[str, str, int | None]]:
    return [(e.type, e.text, e.start) for e in sample.entities]


def test_brat(converted, file) -> None:
    file("d/a.b.txt", "Ann met\r\nBob 😀 in Rome.")
    rows = ["T1\tP 0 3\tAnn", "T2\tP 9 12\tBob", "T3\tP 0 3;9 12\tAnn Bob", "T4\tMeet 4 7\tmet", "T5\tL 19 23\tRome"]
    rows += ["R1\tKnows Arg1:T1 Arg2:T2", "E1\tMeet:T4 Who:T1 Who2:T2 Where:T5 Of:E9", "A1\tSure E1", "#1\tNote T1\thm"]
    rows += ["*\tEquiv T1 T2", "N1\tRef T5 wiki:1\tRoma", "oops", "R2\tKnows Arg1:T1 Arg2:T77", ""]
    folder = file("d/a.b.ann", "\n".join(rows)).parent
    (sample,), report = converted(folder, "brat")
    assert sample.id == "a.b"
    assert entities(sample) == [("P", "Ann", 0), ("P", "Ann Bob", 0), ("P", "Bob", 9), ("L", "Rome", 18)]
    assert sample.entities[1].fragments == [(0, 3), (9, 12)]
    assert [(r.type, r.head.text, r.tail.text) for r in sample.relations] == [("Knows", "Ann", "Bob")]
    (event,) = sample.events
    assert (event.type, event.trigger.text) == ("Meet", "met")
    assert [(a.role, a.text) for a in event.arguments] == [("Who", "Ann"), ("Who", "Bob"), ("Where", "Rome")]
    assert sorted(sample.meta) == ["attributes", "groups", "normalizations", "notes"]
    assert report.repaired == {
        "offsets_snapped": 1,
        "record_skipped": 1,
        "relation_dropped": 1,
        "argument_dropped": 1,
    }


def test_brat_levels_that_nobody_annotates_are_null(converted, file) -> None:
    file("d/a.txt", "x")
    file("d/b.txt", "y")
    file("d/b.ann", "")
    file("d/c.txt", "z")
    folder = file("d/a.ann", "T1\tP 0 1\tx\nR1\tSelf Arg1:T1 Arg2:T1\n").parent
    samples, report = converted(folder, "brat")
    assert [(s.entities, s.relations, s.events) for s in samples[1:]] == [([], [], None), (None, None, None)]
    assert samples[0].events is None
    assert not report.repaired
    file("d/lone.ann", "T1\tP 0 1\tx\n")
    _, report = converted(folder, "brat")
    assert report.repaired == {"record_skipped": 1}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("T1\tP 0 1\tx\nT1\tQ 0 1\tx\n", "a.ann:2: 'T1' stands twice"),
        ("T1\tP 0 1\tx\nT2 Q 0 1\tx\n", "a.ann:2: there is no tab behind 'T2'"),
        ("T1\tP 0 1\tx\nE1 P:T1 \n", "a.ann:2: there is no tab behind 'E1'"),
    ],
)
def test_brat_lines_at_fault(converted, file, rows: str, said: str) -> None:
    file("d/a.txt", "x")
    with pytest.raises(InputFault, match=said):
        converted(file("d/a.ann", rows).parent, "brat")


def test_brat_without_a_text(converted, file) -> None:
    with pytest.raises(InputFault, match=r"a.txt: No such file"):
        converted(file("d/a.ann", "T1\tP 0 1\tx"), "brat")


def test_brat_on_the_shared_task(converted, shared_data: Path) -> None:
    samples, report = converted(shared_data / "formats_misc" / "brat", "brat")
    assert (len(samples), sum(len(s.entities) for s in samples), sum(len(s.events) for s in samples)) == (20, 309, 61)
    assert not report.repaired


def test_doccano(converted, file) -> None:
    relation = {
        "text": "Ann met Bob",
        "entities": [
            {"id": 3, "label": "P", "start_offset": 0, "end_offset": 3},
            {"id": 4, "label": "P", "start_offset": 8, "end_offset": 11},
        ],
        "relations": [{"from_id": 3, "to_id": 4, "type": "knows"}, {"from_id": 3, "to_id": 9, "type": "x"}],
    }
    rows = [
        relation,
        {"id": 5, "text": "hm", "cats": ["a", "b"], "entities": [[0, 2, "X"]], "meta": {"k": 1}},
        {"label": []},
    ]
    samples, report = converted(file("a.jsonl", "\n".join(map(json.dumps, rows))), "doccano")
    assert [(r.type, r.head.text, r.tail.text) for r in samples[0].relations] == [("knows", "Ann", "Bob")]
    assert (samples[1].id, samples[1].labels, entities(samples[1]), samples[1].meta) == (
        "5",
        ["a", "b"],
        [("X", "hm", 0)],
        {"k": 1},
    )
    assert report.repaired == {"relation_dropped": 1, "record_skipped": 1}


@pytest.mark.parametrize(("later", "labels", "found"), [([[0, 1, "X"]], None, []), (["x"], [], None)])
def test_doccano_an_empty_label_is_what_other_lines_show(converted, file, later: list, labels, found) -> None:
    rows = [{"text": "a", "label": []}, {"text": "b", "label": later}, {"text": "c", "label": []}]
    samples, _ = converted(file("a.jsonl", "\n".join(map(json.dumps, rows))), "doccano")
    assert [s.text for s in samples] == ["a", "b", "c"]
    assert (samples[0].labels, samples[0].entities) == (samples[2].labels, samples[2].entities) == (labels, found)


def test_doccano_examples(converted, shared_data: Path) -> None:
    folder = shared_data / "formats_misc" / "doccano" / "data_import"
    found = {}
    for path in sorted(
        [
            *folder.rglob("intent*/*.jsonl"),
            *folder.rglob("relation*/*.jsonl"),
            *folder.rglob("tests/data/sequence*/*.jsonl"),
        ]
    ):
        samples, _ = converted(path, "doccano")
        found[path.relative_to(folder).as_posix()] = len(samples)
    assert len(found) >= 5
    utf16 = folder / "tests" / "data" / "example.utf16.csv"
    options = ("header=true", "separator=,", "quoted=true", "text=text", "label=label")
    samples, _ = converted(utf16, "rows", "encoding=utf-16", *options)
    assert [s.labels for s in samples] == [["Positive"], ["Negative"], ["Neutral"]] or len(samples) == 3
    with pytest.raises(InputFault, match="is not UTF-8"):
        converted(utf16, "rows", *options)


def test_doccano_at_fault(converted, file) -> None:
    with pytest.raises(InputFault, match=r"a.jsonl:1: label: \[0, 1\] is no span"):
        converted(file("a.jsonl", '{"text": "ab", "label": [[0, 1]]}'), "doccano")


def result(kind: str, **more: object) -> dict[str, object]:
    return {"type": kind, "from_name": "x", "to_name": "text", **more}


def test_label_studio(converted, file) -> None:
    spans = [
        result("labels", id="a", value={"start": 0, "end": 3, "text": "Ann", "labels": ["P", "Q"]}),
        result("labels", id="b", value={"start": 11, "end": 14, "text": "Bob", "labels": ["P"]}),
        result("relation", from_id="a", to_id="b", direction="left", labels=["knows"]),
        result("relation", from_id="a", to_id="z", direction="right"),
        result("choices", value={"choices": ["good"]}),
        result("rating", value={"rating": 3}),
    ]
    cancelled = {"was_cancelled": True, "result": []}
    tasks = [
        {"id": 1, "data": {"text": "Ann 😀 met Bob", "src": "w"}, "annotations": [cancelled, {"result": spans}]},
        {"id": 2, "data": {"text": "hm"}, "annotations": []},
    ]
    samples, report = converted(file("a.json", json.dumps(tasks, indent=1)), "labelstudio")
    assert entities(samples[0]) == [("P", "Ann", 0), ("Q", "Ann", 0), ("P", "Bob", 10)]
    assert [(r.type, r.head.text, r.tail.text) for r in samples[0].relations] == [("knows", "Bob", "Ann")]
    assert samples[0].labels == ["good"]
    assert samples[0].meta["src"] == "w"
    assert (samples[1].labels, samples[1].entities) == (None, None)
    assert report.repaired == {"relation_dropped": 1}
    assert report.noticed == {"utf16_offsets": 1, "value_left_out": 1}


def test_label_studio_minimal_form(converted, file) -> None:
    span = {"start": 0, "end": 3, "text": "Ann", "labels": ["P"]}
    row = {"id": 4, "text": "Ann", "label": [span], "sentiment": "good", "annotator": 1, "note": "x"}
    (sample,), _ = converted(file("a.json", json.dumps([row])), "labelstudio")
    assert (sample.labels, entities(sample), sample.meta) == (["good"], [("P", "Ann", 0)], {"note": "x"})


def test_label_studio_without_text(converted, shared_data: Path) -> None:
    path = shared_data / "formats_misc" / "label_studio" / "test_export_csv" / "csv_test2.json"
    with pytest.raises(InputFault, match=r"text: the task holds no such text; set text= to one of: uri"):
        converted(path, "labelstudio")


def suite(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "formats_misc" / "webanno_tsv" / "tsv3-suite").glob("*/reference.tsv"))


def test_webanno_texts_are_those_of_the_reference(converted, shared_data: Path) -> None:
    paths = suite(shared_data)
    assert len(paths) > 70
    for path in paths:
        (sample,), _ = converted(path, "webanno")
        reference = path.with_suffix(".xmi")
        sofa = re.search(r'sofaString="([^"]*)"', reference.read_text()) if reference.exists() else None
        assert sofa is None or html.unescape(sofa[1]).rstrip() == sample.text.rstrip(), path


def test_webanno_layers(converted, shared_data: Path) -> None:
    def of(name: str):
        (sample,), _ = converted(suite(shared_data)[0].parents[1] / name / "reference.tsv", "webanno")
        return sample

    emoji = of("testSentenceWithEmoji")
    assert entities(emoji) == [("Span", "😊", 10)]
    stacked = of("testMultiTokenStackedSpanWithFeatureValue")
    assert [e.type for e in stacked.entities] == ["LOCATION", "PERSON"]
    parts = {e.type: e.text for e in of("testSubMultiTokenSpanWithFeatureValue").entities}
    assert (parts["9"], parts["7"], parts["3"]) == ("aaa bbbbbb ccc", "aaaaaa bbb", "bb")
    (relation,) = of("testSingleTokenRelationWithFeatureValue").relations
    assert (relation.type, relation.head.text, relation.tail.text) == ("nsubj", "This", ".")
    (event,) = of("testMultiTokenSlotFeature").events
    assert [(a.role, a.text) for a in event.arguments] == [("p1", "is a"), ("p2", "test .")]
    nasty = of("testTokenBoundedSpanWithSpecialSymbolsValue")
    assert nasty.entities[0].type == "#*'\"`´\t:;{}|[ ]()\\§$%?=&_\n"


def test_webanno_at_fault(converted, file, shared_data: Path) -> None:
    with pytest.raises(InputFault, match=r"is no WebAnno TSV 3 .*; read TSV 1 and 2 with the reader columns"):
        converted(shared_data / "formats_misc" / "webanno_tsv" / "tsv2" / "example.tsv", "webanno")
    with pytest.raises(InputFault, match=r"a.tsv:3: is no WebAnno TSV 3 row"):
        converted(file("a.tsv", "#FORMAT=WebAnno TSV 3.3\n#T_SP=x|y\n1-1\tx\n"), "webanno")


def test_cas(converted, shared_data: Path) -> None:
    pytest.importorskip("cassis")
    folder = shared_data / "formats_misc" / "uima_cas_xmi"
    system = folder / "typesystems" / "important_dkpro_types.xml"
    (sample,), _ = converted(folder / "xmi" / "cas_with_smileys.xmi", "cas", f"typesystem={system}")
    assert sample.text.startswith("🤗 Transformers")
    assert len(sample.entities) == 5
    assert all(sample.text[e.start : e.end] == e.text for e in sample.entities)
    with pytest.raises(InputFault, match="there is no type system beside it; set typesystem="):
        converted(folder / "xmi" / "cas_with_smileys.xmi", "cas")


TEXT = "<sentences><sentence><text>&x;</text></sentence></sentences>"
BOMB = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY y "ha"><!ENTITY x "&y;&y;">]>{TEXT}'


def test_xml_bombs_are_refused(converted, file) -> None:
    pytest.importorskip("defusedxml")
    with pytest.raises(InputFault, match=r"declares a document type or entities"):
        converted(file("a.xml", BOMB), "xml")
    file("typesystem.xml", BOMB)
    with pytest.raises(InputFault, match=r"declares a document type or entities"):
        converted(file("a.xmi", BOMB), "cas")
    outside = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{TEXT}'
    with pytest.raises(InputFault, match=r"declares a document type or entities"):
        converted(file("b.xml", outside), "xml")


def test_xml(converted, file) -> None:
    pytest.importorskip("defusedxml")
    terms = '<aspectTerm term="soup" polarity="positive" from="4" to="8"/>'
    terms += '<aspectTerm term="tea" polarity="negative" from="20" to="23"/>'
    first = f'<sentence id="7"><text>The soup, not the &lt;tea&gt;</text><aspectTerms>{terms}</aspectTerms></sentence>'
    body = f"<s>{first}<sentence><text>hm</text></sentence></s>"
    samples, report = converted(file("a.xml", body), "xml")
    assert entities(samples[0]) == [("positive", "soup", 4), ("negative", "tea", 19)]
    assert (samples[0].id, samples[0].labels) == ("7", ["mixed"])
    assert (samples[1].entities, samples[1].labels) == (None, None)
    assert report.repaired == {"offsets_snapped": 1}
    with pytest.raises(InputFault, match=r"b.xml:2: is no whole XML"):
        converted(file("b.xml", "<s><sentence>\n<text>x"), "xml")
    odd = first.replace('from="4"', 'from="four"')
    with pytest.raises(InputFault, match=r"c.xml:4: from: offsets 'four', '8' are no whole numbers"):
        converted(file("c.xml", f"<s>\n{first}\n\n{odd}</s>"), "xml")


def test_spacy_and_prodigy(converted, file, shared_data: Path) -> None:
    rows = [
        {"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "P"}], "answer": "accept", "meta": {"k": 1}},
        {"text": "no", "answer": "reject"},
        {"text": "hm", "label": "NEWS", "answer": "accept"},
        {"text": "hm", "accept": ["A", "B"]},
    ]
    samples, report = converted(file("a.jsonl", "\n".join(map(json.dumps, rows))), "spacy")
    assert [s.labels for s in samples] == [None, ["NEWS"], ["A", "B"]]
    assert entities(samples[0]) == [("P", "Ann", 0)]
    assert report.noticed == {"answer_rejected": 1}
    pair = [["Ann ran", {"entities": [[0, 3, "P"]], "cats": {"x": 1.0, "y": 0.0}}], ["hm", {"entities": []}]]
    samples, _ = converted(file("b.json", json.dumps(pair)), "spacy")
    assert (samples[0].labels, entities(samples[0]), samples[1].entities) == (["x"], [("P", "Ann", 0)], [])
    with pytest.raises(InputFault, match=r"c.json:1: .*spaCy's training JSON is"):
        converted(file("c.json", '[["x", {"entities": [[0, "1", "P"]]}]]'), "spacy")
    tools = shared_data / "formats_misc" / "spacy_prodigy"
    samples, _ = converted(tools / "tutorials" / "ner_drugs" / "assets" / "drugs_eval.head300.jsonl", "spacy")
    assert (len(samples), sum(len(s.entities or ()) for s in samples)) == (300, 245)


def test_docbin(converted, shared_data: Path) -> None:
    pytest.importorskip("spacy")
    path = shared_data / "formats_misc" / "spacy_prodigy" / "spacy" / "ja_gsd-ud-dev.ne.spacy"
    samples, _ = converted(path, "spacy", "lang=ja")
    assert (len(samples), sum(len(s.entities) for s in samples)) == (51, 795)


def test_docbin_at_fault(converted, file) -> None:
    pytest.importorskip("spacy")
    with pytest.raises(InputFault, match=r"a.spacy: is no DocBin"):
        converted(file("a.spacy", b"nothing of the kind"), "spacy")


PUBTATOR = """7|t|Aspirin in rats
7|a|Aspirin causes ulcers.
7\t0\t7\tAspirin\tChemical\tD1
7\t16\t23\tAspirin\tChemical\tD1
7\t31\t37\tulcers\tDisease\tD2|D3
7\tCID\tD1\tD2
7\tCID\tD1\tD9

8|t|hm
8|a|
"""


def test_pubtator(converted, file) -> None:
    samples, report = converted(file("a.txt", PUBTATOR), "pubtator")
    assert entities(samples[0]) == [("Chemical", "Aspirin", 0), ("Chemical", "Aspirin", 16), ("Disease", "ulcers", 31)]
    assert [(r.type, r.head.start, r.tail.text) for r in samples[0].relations] == [("CID", 0, "ulcers")]
    assert (samples[1].text, samples[1].entities) == ("hm\n", [])
    assert report.repaired == {"relation_dropped": 1}
    with pytest.raises(InputFault, match=r"b.txt:1: holds no title or abstract"):
        converted(file("b.txt", "nothing\n"), "pubtator")
    with pytest.raises(InputFault, match=r"c.txt:2: 2 columns are neither"):
        converted(file("c.txt", "7|t|x\n7\t0\n"), "pubtator")


def talk(text: str, kind: str, answer: str) -> dict[str, object]:
    turns = [f"Text: {text}", "I've read this text.", f"What describes {kind} in the text?", answer]
    return {"id": f"{text}-{kind}", "conversations": [{"from": "x", "value": turn} for turn in turns]}


def test_conversations(converted, file) -> None:
    rows = [talk("a b a", "X", '["a", "a"]'), talk("a b a", "Y", '["b"]'), talk("c", "X", "[]")]
    samples, _ = converted(file("a.json", json.dumps(rows)), "conversations")
    assert [entities(s) for s in samples] == [[("X", "a", 0), ("Y", "b", 2), ("X", "a", 4)], []]
    with pytest.raises(InputFault, match=r"the answer 'none' is no JSON list"):
        converted(file("b.json", json.dumps([talk("a", "X", "none")])), "conversations")
    with pytest.raises(InputFault, match=r"no turn holds a text"):
        converted(file("c.json", '[{"id": "1", "conversations": []}]'), "conversations")
    with pytest.raises(SettingsFault, match="is no pattern"):
        converted(file("a.json", json.dumps(rows)), "conversations", "question=(")


def test_iepile_instructuie_form(converted, file) -> None:
    row = {
        "sentence": "Ann met Bob",
        "entities": [{"name": "Ann", "type": "P", "pos": [0, 3]}],
        "relations": [{"head": {"name": "Ann", "type": "P"}, "type": "met", "tail": {"name": "Bob", "type": "P"}}],
    }
    (sample,), _ = converted(file("a.json", json.dumps([row])), "iepile")
    assert entities(sample) == [("P", "Ann", 0)]
    assert [(r.type, r.head.text, r.tail.type) for r in sample.relations] == [("met", "Ann", "P")]
    with pytest.raises(InputFault, match="holds neither an instruction nor a text"):
        converted(file("b.json", "{}"), "iepile")
    with pytest.raises(InputFault, match="instruction: is no JSON string"):
        converted(file("c.json", '{"instruction": "{", "output": ""}'), "iepile")


def test_datasets_of_tokens_and_classes(converted, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    tags = {"feature": {"names": ["O", "B-P", "I-P"], "_type": "ClassLabel"}, "_type": "Sequence"}
    features = {"ner_tags": tags, "label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    info = json.dumps({"info": {"features": features}}).encode()
    rows = [
        {"tokens": ["Ann", "B", "ran"], "ner_tags": [1, 2, 0], "label": 1},
        {"tokens": ["hm"], "ner_tags": [0], "label": 0},
    ]
    table = pa.Table.from_pylist(rows).replace_schema_metadata({b"huggingface": info})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    samples, _ = converted(tmp_path, "hf", "lang=en", split="test")
    assert [(s.text, s.labels, entities(s)) for s in samples] == [
        ("Ann B ran", ["yes"], [("P", "Ann B", 0)]),
        ("hm", ["no"], []),
    ]
    (tmp_path / "a.parquet").write_bytes(b"nothing")
    with pytest.raises(InputFault, match="cannot be read as parquet"):
        converted(tmp_path, "hf")

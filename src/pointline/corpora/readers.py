"""The reader table: what `pointline readers` lists and `--reader` takes."""

from __future__ import annotations

from pointline.corpora.reading import Reader
from pointline.corpora.shapes import columns, marks, parallel, quads, rows, samples, spans, tokens, triples, xml

_JSON = ("*.json", "*.jsonl", "*.jsonlines", "*.ndjson", "*.json.gz", "*.jsonl.gz")
_COLUMNS = ("*.conll", "*.conllu", "*.bio", "*.bmes", "*.iob", "*.iob2", "*.tsv", "*.txt")
_TABLES = ("*.csv", "*.tsv", "*.txt", "*.rel")

READERS: dict[str, Reader] = {
    "samples": Reader("our own record, one JSON object a line", samples.Samples, samples.read, _JSON),
    "parallel": Reader("tokens, tags and labels in files of their own", parallel.Parallel, parallel.read, ()),
    "columns": Reader("one token a line with its tag (CoNLL, CoNLL-U)", columns.Columns, columns.read, _COLUMNS),
    "spans": Reader("JSON with character offsets", spans.Spans, spans.read, _JSON),
    "tokens": Reader("JSON with token indices (SpERT, DyGIE, W2NER, RAMS)", tokens.Tokens, tokens.read, _JSON),
    "triples": Reader("texts with triples, no offsets (DuIE, NYT)", triples.Triples, triples.read, _JSON),
    "rows": Reader("tables: a row a text, or a row a pair of entities", rows.Rows, rows.read, _TABLES),
    "marks": Reader(
        "marks inside the text: {{type:x}}, <e1>, x/type, $T$", marks.Marks, marks.read, ("*.txt", "*.json")
    ),
    "quads": Reader("opinion tuples beside a text (ACOS, QUAD, ASTE)", quads.Quads, quads.read, ("*.tsv", "*.txt")),
    "xml": Reader("XML of aspects (SemEval, MAMS) and COAE documents", xml.Xml, xml.read, ("*.xml",)),
}

"""The reader table: what `pointline readers` lists and `--reader` takes."""

from __future__ import annotations

from pointline.corpora.reading import Reader
from pointline.corpora.shapes import columns, parallel, samples, spans

_JSON = ("*.json", "*.jsonl", "*.jsonlines", "*.ndjson", "*.json.gz", "*.jsonl.gz")
_COLUMNS = ("*.conll", "*.conllu", "*.bio", "*.bmes", "*.iob", "*.iob2", "*.tsv", "*.txt")

READERS: dict[str, Reader] = {
    "samples": Reader("our own record, one JSON object a line", samples.Samples, samples.read, _JSON),
    "parallel": Reader("tokens, tags and labels in files of their own", parallel.Parallel, parallel.read, ()),
    "columns": Reader("one token a line with its tag (CoNLL, CoNLL-U)", columns.Columns, columns.read, _COLUMNS),
    "spans": Reader("JSON with character offsets", spans.Spans, spans.read, _JSON),
}

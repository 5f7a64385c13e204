"""The reader table: what `pointline readers` lists and `--reader` takes."""

from __future__ import annotations

from pointline.corpora.reading import Reader
from pointline.corpora.shapes import (
    brat,
    cas,
    columns,
    conversations,
    doccano,
    hf,
    iepile,
    labelstudio,
    marks,
    oiellm,
    parallel,
    pubtator,
    quads,
    rows,
    samples,
    spacy_prodigy,
    spans,
    tokens,
    triples,
    webanno,
    xml,
)

_JSON = ("*.json", "*.jsonl", "*.jsonlines", "*.ndjson", "*.json.gz", "*.jsonl.gz")
_COLUMNS = ("*.conll", "*.conllu", "*.bio", "*.bmes", "*.iob", "*.iob2", "*.tsv", "*.txt")
_TABLES = ("*.csv", "*.tsv", "*.txt", "*.rel")

_ROWS = ("*.jsonl", "*.jsonl.gz")
_SPACY = ("*.spacy", *_JSON)

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
    "brat": Reader("brat standoff (.txt with .ann)", brat.Brat, brat.read, ("*.txt",)),
    "doccano": Reader("doccano JSON lines", doccano.Doccano, doccano.read, _JSON),
    "labelstudio": Reader("Label Studio JSON and JSON_MIN", labelstudio.LabelStudio, labelstudio.read, _JSON),
    "cas": Reader("UIMA CAS as XMI (INCEpTION)", cas.Cas, cas.read, ("*.xmi",)),
    "webanno": Reader("WebAnno TSV 3 (INCEpTION)", webanno.WebAnno, webanno.read, ("*.tsv",)),
    "spacy": Reader("spaCy DocBin and training JSON, Prodigy", spacy_prodigy.Spacy, spacy_prodigy.read, _SPACY),
    "pubtator": Reader("PubTator", pubtator.PubTator, pubtator.read, ("*.txt", "*.pubtator")),
    "conversations": Reader(
        "conversations about a text (UniversalNER)", conversations.Conversations, conversations.read, _JSON
    ),
    "iepile": Reader("IEPile and InstructUIE files", iepile.Iepile, iepile.read, _JSON),
    "oiellm": Reader("rows of prompt and completion in the OIELLM format", oiellm.Oiellm, oiellm.read, _ROWS),
    "hf": Reader("Hugging Face datasets on disk (parquet, arrow)", hf.HuggingFace, hf.read, ()),
}

"""Samples to other tools' formats: the writer table; what a format cannot hold is counted in the report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.corpora.writers import brat, conll, doccano, gliner, hf, iepile, labelstudio, oiellm, spacy_docbin
from pointline.corpora.writing import Writer
from pointline.errors import SettingsFault
from pointline.sample import Sample
from pointline.settings import fill

_COLUMNS = ("text=header", "separator=tab", "label_separator=#")
_ENTITIES = ("entities=ner", "start=0", "end=1", "type=2", "inclusive=true")
_GLINER = ("tokens=tokenized_text", "id=id", "relations=", *_ENTITIES)

WRITERS: dict[str, Writer] = {
    "conll": Writer("token columns with tags (CoNLL)", conll.Conll, conll.write, "columns", _COLUMNS),
    "brat": Writer("brat standoff folder", brat.Brat, brat.write, "brat", ()),
    "doccano": Writer("doccano JSON lines", doccano.Doccano, doccano.write, "doccano", ()),
    "labelstudio": Writer("Label Studio tasks", labelstudio.LabelStudio, labelstudio.write, "labelstudio", ()),
    "spacy": Writer("spaCy DocBin", spacy_docbin.SpacyDocBin, spacy_docbin.write, "spacy", ()),
    "gliner": Writer("GLiNER training JSON", gliner.Gliner, gliner.write, "tokens", _GLINER),
    "iepile": Writer("IEPile source records", iepile.Iepile, iepile.write, "iepile", ("group=false",)),
    "oiellm": Writer("OIELLM rows, with their schema", oiellm.Oiellm, oiellm.write, "oiellm", ()),
    "hf": Writer("Hugging Face datasets folder (parquet)", hf.HuggingFace, hf.write, "hf", ()),
}


def export(samples: Iterable[Sample], to: str, out: Path, options: Iterable[str], report: Report) -> int:
    """Write samples in another tool's format; returns how many were written.

    Raises SettingsFault for an unknown format or option, MissingExtra where a format needs a package.

    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp(), "a.conll")
    >>> export([Sample("1", "play jazz", labels=["Play"], entities=[])], "conll", out, ["headers=false"], Report())
    1
    >>> out.read_text()
    'play\\tO\\njazz\\tO\\n\\n'
    """
    if to not in WRITERS:
        raise SettingsFault(f"unknown format {to!r}; known: {', '.join(WRITERS)}")
    writer = WRITERS[to]
    return writer.write(samples, out, fill(writer.settings, {}, options), report)

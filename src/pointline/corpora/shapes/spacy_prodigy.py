"""spaCy and Prodigy: DocBin files, [text, {entities}] training JSON, Prodigy's JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.fields import kind_of, name_of
from pointline.corpora.json_files import records
from pointline.corpora.placing import placed
from pointline.corpora.reading import ReaderSettings
from pointline.errors import MissingExtra
from pointline.sample import Entity, Relation, Sample, Span

_FIX = "spaCy's training JSON is [text, {entities: [[start, end, label]]}], Prodigy's lines hold text and spans"


class Spacy(ReaderSettings, frozen=True, kw_only=True):
    """What of a document is read."""

    spans: str = ""
    """Name of the span group to read instead of the entities of a DocBin."""
    threshold: float = 0.5
    """Categories with at least this score are text labels."""


def read(paths: Iterable[Path], settings: Spacy, report: Report) -> Iterator[Sample]:
    """Read .spacy files (with the extra `spacy`) and JSON; rejected Prodigy records are counted and left out.

    Raises InputFault with file and line, MissingExtra where spaCy is needed and absent.
    """
    for path in paths:
        report.at(path)
        yield from _docs(path, settings, report) if path.suffix == ".spacy" else _json(path, settings, report)


def _docs(path: Path, settings: Spacy, report: Report) -> Iterator[Sample]:
    try:
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab
    except ImportError:
        raise MissingExtra("spacy", "spacy") from None
    vocab = Vocab()
    try:
        docs = DocBin().from_disk(path).get_docs(vocab)
    except (ValueError, OSError, KeyError, EOFError) as error:
        raise report.fault(f"is no DocBin ({type(error).__name__})", fix="write it with spaCy 3") from None
    for doc in docs:
        sample = Sample(name_of(doc.user_data.get("id", "")), doc.text)
        spans = doc.spans.get(settings.spans)
        if spans is None and doc.has_annotation("ENT_IOB"):
            spans = doc.ents
        if spans is not None:
            sample.entities = [Entity(s.label_, s.text, s.start_char, s.end_char) for s in spans if s.text]
        if doc.cats:
            sample.labels = [name for name, score in sorted(doc.cats.items()) if score >= settings.threshold]
        yield sample


def _json(path: Path, settings: Spacy, report: Report) -> Iterator[Sample]:
    for found in records(path, report, "", settings.encoding):
        record = found.record
        if isinstance(record, dict):
            yield from _prodigy(record, report)
        elif isinstance(record, list) and len(record) == 2:
            yield _pair(record[0], record[1], settings, report)
        else:
            raise report.fault(f"a record is {kind_of(record)}", fix=_FIX)


def _prodigy(record: dict[str, Any], report: Report) -> Iterator[Sample]:
    text = record.get("text")
    if record.get("answer", "accept") != "accept":
        report.notice("answer_rejected")
        return
    if not isinstance(text, str):
        raise report.fault("holds no text", field="text", fix=_FIX)
    sample = Sample("", text)
    if isinstance(meta := record.get("meta"), dict):
        sample.meta.update(meta)
    if isinstance(spans := record.get("spans"), list):
        sample.entities = _entities(text, [(s.get("start"), s.get("end"), s.get("label")) for s in spans], report)
    if isinstance(label := record.get("label"), str) and spans is None:
        sample.labels = [label]
    if isinstance(chosen := record.get("accept"), list):
        sample.labels = [name_of(name) for name in chosen]
    if isinstance(relations := record.get("relations"), list):
        sample.relations = [_relation(text, relation, report) for relation in relations]
    yield sample


def _relation(text: str, relation: dict[str, Any], report: Report) -> Relation:
    ends = []
    for side in ("head_span", "child_span"):
        span = relation.get(side)
        place = placed(text, None, span["start"], span["end"], report) if isinstance(span, dict) else None
        if not isinstance(span, dict) or place is None:
            raise report.fault(f"a relation lacks its {side}", field="relations", fix=_FIX)
        ends.append(Span(*place, span.get("label")))
    return Relation(name_of(relation.get("label", "relation")), ends[0], ends[1])


def _pair(text: Any, notes: Any, settings: Spacy, report: Report) -> Sample:
    """A sample of spaCy's [text, {entities, cats, spans}]."""
    if not isinstance(text, str) or not isinstance(notes, dict):
        raise report.fault(f"is {kind_of(text)} and {kind_of(notes)}", fix=_FIX)
    sample = Sample("", text)
    if isinstance(spans := notes.get("entities"), list):
        sample.entities = _entities(text, [tuple(span) for span in spans], report)
    if isinstance(cats := notes.get("cats"), dict):
        sample.labels = [name for name, score in cats.items() if float(score) >= settings.threshold]
    return sample


def _entities(text: str, spans: list[Any], report: Report) -> list[Entity]:
    found = []
    for span in spans:
        if len(span) < 3 or type(span[0]) is not int or type(span[1]) is not int:
            raise report.fault(f"{span!r} is no span", field="entities", fix=_FIX)
        place = placed(text, None, span[0], span[1], report)
        if place is not None:
            found.append(Entity(name_of(span[2]), *place))
    return found

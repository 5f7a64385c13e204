"""UIMA CAS as XMI (INCEpTION, DKPro): spans, relations between them; type system beside the file."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.reading import ReaderSettings
from pointline.errors import MissingExtra
from pointline.jsonl import opened
from pointline.sample import Entity, Relation, Sample, Span

_STRUCTURE = ("Sentence", "Token", "Paragraph", "DocumentAnnotation", "DocumentMetaData", "TagsetDescription", "Lemma")


class Cas(ReaderSettings, frozen=True, kw_only=True):
    """Which types and features count."""

    typesystem: str = ""
    """Path of the type system; by default TypeSystem.xml or typesystem.xml beside the file."""
    types: tuple[str, ...] = ()
    """Types (or their last part) to read; by default all but tokens, sentences and the like."""
    features: tuple[str, ...] = ("value", "identifier", "PosValue", "label", "kind")
    """Features that may give a span its type; without one it is the type's own name."""


def read(paths: Iterable[Path], settings: Cas, report: Report) -> Iterator[Sample]:
    """Read XMI files (with the extra `corpora`), a sample each; offsets become code points.

    Raises InputFault where file or type system cannot be read, or declares entities.
    """
    for path in paths:
        report.at(path)
        cas = _load(path, settings, report)
        yield _sample(path, cas, settings, report)


def _load(path: Path, settings: Cas, report: Report) -> Any:
    try:
        import cassis
        from lxml.etree import XMLSyntaxError
    except ImportError:
        raise MissingExtra("corpora", "dkpro-cassis") from None
    beside = [path.parent / name for name in ("TypeSystem.xml", "typesystem.xml")]
    system = Path(settings.typesystem) if settings.typesystem else next((f for f in beside if f.exists()), None)
    if system is None:
        raise report.fault("there is no type system beside it", fix="set typesystem= to its path")
    for file in (system, path):
        _refuse_entities(file, report)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with opened(system) as stream:
                types = cassis.load_typesystem(stream)
            with opened(path) as stream:
                return cassis.load_cas_from_xmi(stream, typesystem=types, lenient=True)
        except (XMLSyntaxError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
            raise report.fault(f"is no CAS ({type(error).__name__}: {error})", fix="set typesystem=") from None


def _refuse_entities(path: Path, report: Report) -> None:
    """XMI has no document type; one that declares entities is a bomb or reads other files."""
    with opened(path) as file:
        head = file.read(1 << 16)
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        report.at(path)
        raise report.fault(
            "declares a document type or entities", fix="such files can be bombs; remove the declaration"
        )


def _sample(path: Path, cas: Any, settings: Cas, report: Report) -> Sample:
    sample = Sample(path.stem, cas.sofa_string or "")
    spans: dict[int, Span] = {}
    links = []
    entities, relations = [], []
    for note in cas.select_all_annotations():
        short = note.type.name.rpartition(".")[2]
        if settings.types and not {short, note.type.name} & set(settings.types):
            continue
        ends = _ends(note)
        if ends is not None:
            links.append((note, short, ends))
        elif not settings.types and short in _STRUCTURE:
            continue
        elif type(getattr(note, "begin", None)) is int and type(getattr(note, "end", None)) is int:
            span = _span(sample.text, note, report)
            if span is not None:
                span.type = _kind(note, short, settings)
                spans[note.xmiID] = span
                entities.append(Entity(span.type, span.text, span.start, span.end))
    for note, short, (head, tail) in links:
        first, second = (spans.get(end.xmiID) or _span(sample.text, end, report) for end in (head, tail))
        if first is None or second is None:
            report.repair("relation_dropped", short)
        else:
            relations.append(Relation(_kind(note, short, settings), first, second))
    sample.entities, sample.relations = entities or None, relations or None
    return sample


def _ends(note: Any) -> tuple[Any, Any] | None:
    """What a relation joins: Governor to Dependent, or source to target."""
    for head, tail in (("Governor", "Dependent"), ("source", "target")):
        pair = getattr(note, head, None), getattr(note, tail, None)
        if all(hasattr(end, "begin") for end in pair):
            return pair
    return None


def _kind(note: Any, short: str, settings: Cas) -> str:
    for feature in (*settings.features, "DependencyType"):
        value = getattr(note, feature, None)
        if isinstance(value, str) and value:
            return value
    return short


def _span(text: str, note: Any, report: Report) -> Span | None:
    start, end = note.begin, note.end
    if not 0 <= start < end <= len(text):
        report.repair("span_dropped", f"{start}-{end} covers no character")
        return None
    return Span(text[start:end], start, end)

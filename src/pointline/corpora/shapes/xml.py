"""XML: SemEval and MAMS aspect files, COAE documents; entity bombs and outside references are refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from pointline.corpora.conversion import Report
from pointline.corpora.placing import Search, placed
from pointline.corpora.reading import ReaderSettings
from pointline.errors import MissingExtra
from pointline.jsonl import opened
from pointline.sample import Entity, Sample


class Xml(ReaderSettings, frozen=True, kw_only=True):
    """Which elements and attributes hold what."""

    style: Literal["aspects", "coae"] = "aspects"
    """`aspects`: records with a text and annotated spans or categories; `coae`: COAE 2016 task 2 documents."""
    record: str = "sentence"
    """Element of one record."""
    text: str = "text"
    """Element, or @attribute, with the text."""
    id: str = "@id"
    """Element, or @attribute, with the id, where there is one."""
    spans: tuple[str, ...] = ("aspectTerms/aspectTerm", "aspectTerm")
    """Paths of the elements that are spans."""
    type: str = "polarity"
    """Attribute of a span with its type."""
    start: str = "from"
    """Attribute with the first character."""
    end: str = "to"
    """Attribute with the one behind the last."""
    surface: str = "term"
    """Attribute with the wording."""
    categories: tuple[str, ...] = ("aspectCategories/aspectCategory", "aspectCategory")
    """Paths of the elements that say something of the whole text; they are kept under meta."""
    derive: str | None = "polarity"
    """Attribute of spans and categories that gives the text label: one value that, several `mixed`; "" for no label."""
    skip: tuple[str, ...] = ()
    """Types that are left out (`conflict`)."""


def read(paths: Iterable[Path], settings: Xml, report: Report) -> Iterator[Sample]:
    """Stream the records of XML files.

    Raises InputFault where a file is no XML, or declares entities or a document type.
    """
    tag, make = ("DOC", _coae) if settings.style == "coae" else (settings.record, _aspects)
    for path in paths:
        report.at(path)
        for element in elements(path, tag, report):
            yield from make(element, settings, report)


def elements(path: Path, tag: str, report: Report) -> Iterator[Element]:
    """Stream the elements of one name, the report at the line of each; emptied when the next is asked for."""
    try:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import XMLParser, iterparse
    except ImportError:
        raise MissingExtra("corpora", "defusedxml") from None
    builder = _Lines(tag)
    builder.parser = XMLParser(target=builder, forbid_dtd=True)
    with opened(path) as file:
        try:
            for _, element in iterparse(file, events=("end",), parser=builder.parser):
                if element.tag == tag:
                    report.line = builder.lines.popleft()
                    yield element
                    element.clear()
        except DefusedXmlException as error:
            what = f"declares a document type or entities ({type(error).__name__})"
            raise report.fault(what, fix="such files can be bombs; remove the declaration") from None
        except ParseError as error:
            report.line = error.position[0]
            raise report.fault(f"is no whole XML ({error.msg})", fix="fetch or write the file again") from None
        except (LookupError, ValueError) as error:
            raise report.fault(f"is in an encoding that cannot be read ({error})", fix="save it as UTF-8") from None


class _Lines(TreeBuilder):
    """Builds the tree and remembers on which lines the elements of one name begin."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self.tag = tag
        self.lines: deque[int] = deque()
        self.parser: Any = None

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        """Note the line, which the parser knows only now."""
        if tag == self.tag:
            self.lines.append(self.parser.parser.CurrentLineNumber)
        return super().start(tag, attrs)


def _value(element: Element, path: str) -> str | None:
    if path.startswith("@"):
        return element.get(path[1:])
    found = element.find(path)
    return None if found is None else "".join(found.itertext())


def _aspects(element: Element, settings: Xml, report: Report) -> Iterator[Sample]:
    text = _value(element, settings.text)
    if text is None:
        raise report.fault(f"a {settings.record} has no {settings.text!r}", field="text", fix="set record= and text=")
    sample = Sample((_value(element, settings.id) or "") if settings.id else "", text)
    derived: dict[str, None] = {}
    extras: list[dict[str, Any]] = []
    for span in _all(element, settings.spans, settings.skip, settings.type):
        sample.entities = sample.entities or []
        place = _placed(text, span, settings, report)
        if settings.derive and span.get(settings.derive):
            derived[span.get(settings.derive, "")] = None
        if place is not None:
            sample.entities.append(Entity(span.get(settings.type, settings.type), *place))
            known = (settings.type, settings.start, settings.end, settings.surface)
            more = {key: value for key, value in sorted(span.items()) if key not in known}
            if more:
                extras.append({"start": place.start, "end": place.end, **more})
    if any(element.find(path.partition("/")[0]) is not None for path in settings.spans):
        sample.entities = sample.entities or []
    categories = [dict(sorted(c.items())) for c in _all(element, settings.categories, settings.skip, settings.type)]
    for category in categories:
        if settings.derive and category.get(settings.derive):
            derived[category[settings.derive]] = None
    sample.meta.update({k: v for k, v in (("entities", extras), ("categories", categories)) if v})
    if derived:
        sample.labels = list(derived) if len(derived) == 1 else ["mixed"]
        sample.meta["label_derived"] = True
    yield sample


def _all(element: Element, paths: tuple[str, ...], skip: tuple[str, ...], attribute: str) -> Iterator[Element]:
    for path in paths:
        for found in element.findall(path):
            if found.get(attribute) not in skip:
                yield found


def _placed(text: str, span: Element, settings: Xml, report: Report) -> Any:
    surface, start, end = (span.get(name) for name in (settings.surface, settings.start, settings.end))
    if start is None or end is None:
        if not surface:
            raise report.fault("a span has neither offsets nor wording", field=settings.start, fix="set start=, end=")
        return Search(text, report)(surface)
    if not (start.isdecimal() and end.isdecimal()):
        raise report.fault(f"offsets {start!r}, {end!r} are no whole numbers", field=settings.start, fix="mend them")
    return placed(text, surface, int(start), int(end), report)


def _coae(document: Element, settings: Xml, report: Report) -> Iterator[Sample]:
    """Sentences with their aspect as the label and the sentiment words as entities; the document's label under meta."""
    number = (document.findtext("ID") or "").strip()
    overall = document.findtext("REFERENCE/TASK[@ID='1']")
    aspects = {s.get("ID"): (s.text or "").strip() for s in document.findall("REFERENCE/TASK[@ID='2']/SENTENCE")}
    tones = {s.get("ID"): s for s in document.findall("REFERENCE/TASK[@ID='3']/SENTENCE")}
    for sentence in document.findall("TEXT/SENTENCE"):
        name = sentence.get("ID")
        sample = Sample(f"{number}/{name}", (sentence.text or "").strip())
        if aspects.get(name):
            sample.labels = [aspects[name]]
        if name in tones:
            search = Search(sample.text, report)
            kind = (tones[name].findtext("SENTIMENT") or "").strip()
            words = [word.strip() for word in (tones[name].findtext("WORD") or "").replace("，", ",").split(",")]
            sample.entities = [Entity(kind, *search(word)) for word in words if word]
            sample.meta["sentiment"] = kind
        if overall is not None and overall.strip():
            sample.meta["document_label"] = overall.strip()
        yield sample

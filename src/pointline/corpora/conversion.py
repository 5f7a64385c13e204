"""The conversion report: every repair and every oddity of a source, counted by name, with the first places."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from pointline.errors import InputFault

REPAIRS = {
    "byte_order_mark": "a byte order mark at the start of a file was dropped",
    "bytes_mended": "bytes that are not UTF-8 were read as CESU-8 or Windows-1252 (encoding=mixed)",
    "lone_surrogate": "half of a surrogate pair was replaced by U+FFFD",
    "orphan_tag": "an inside tag without a beginning was read as a beginning",
    "unclosed_tag": "a span without its end tag was closed where the next tag leaves it",
    "unreadable_tag": "a tag that fits no scheme was read as outside",
    "empty_token": "a token without any character was left out",
    "text_header_differs": "tokens do not lie in their text header; they were joined instead",
    "offsets_snapped": "a span whose offsets do not match was moved to the nearest place that reads like it",
    "offsets_clipped": "a span that ran over the end of the text was cut there",
    "span_not_in_text": "a span lost offsets that do not fit, as the text does not hold its wording",
    "span_dropped": "a span without a single character of the text was left out",
    "surface_differs": "a span's own wording was replaced by what stands at its offsets",
    "spaces_trimmed": "a span lost the spaces at its edges",
    "label_repeated": "a text label given twice was kept once",
    "id_repeated": "an id that the source gives twice was numbered",
    "markup_broken": "a mark without its partner was kept as text",
    "line_joined": "a line that is the rest of the one before it was put to it",
    "record_skipped": "a record that holds nothing to read was left out",
    "argument_dropped": "an argument whose span does not exist was left out",
    "answer_amiss": "an answer that is not in form was read as far as it could be",
    "relation_dropped": "a relation whose ends do not exist was left out",
}

NOTICES = {
    "crlf": "lines that end in CR LF",
    "cr": "files whose lines end in CR alone",
    "replacement_character": "texts with U+FFFD: characters were lost before",
    "private_use": "texts with private-use characters",
    "invisible_character": "texts with a zero-width character or a byte order mark inside",
    "file_missing": "files of the card that are not here and may be absent",
    "count_differs": "files whose number of samples is not the card's",
    "document_start": "document borders, which no sample keeps",
    "empty_text": "samples without any text",
    "text_trimmed": "texts that lost the spaces at their edges",
    "utf16_offsets": "spans whose offsets count UTF-16 units, as browsers do",
    "answer_rejected": "records that an annotator rejected or ignored, left out",
    "no_annotation": "samples without any annotated level",
    "joined_by_script": "samples whose tokens were joined as their script writes, as no language was given",
    "id_shared": "ids that several files of the source use; the later ones got source, split and language in front",
    "span_not_found": "spans without offsets in the source that the text does not hold",
    "file_empty": "files without any sample",
    "span_by_search": "spans without offsets in the source, found in the text",
    "labels_left_out": "samples whose text labels the format cannot hold",
    "entities_left_out": "samples whose entities the format cannot hold",
    "relations_left_out": "samples whose relations the format cannot hold",
    "events_left_out": "samples whose events the format cannot hold",
    "unplaced_left_out": "spans without offsets, which the format cannot hold",
    "fragments_left_out": "discontinuous spans, which the format cannot hold",
    "ends_as_entities": "samples whose entities are not annotated, but get those that relations and events need",
    "offsets_left_out": "samples with a name whose place the format cannot hold; it is found elsewhere in the text",
    "twin_left_out": "entities that stand there twice, of which the format holds one",
    "origin_left_out": "samples whose source or split the format cannot hold",
    "texts_gathered": "rows put to the sample of the same text",
    "overlap_left_out": "spans that overlap a longer one, which the format cannot hold",
    "triggerless_left_out": "events without trigger, which the format cannot hold",
    "name_changed": "names with blanks or colons, which the format cannot hold",
    "sample_left_out": "samples that the format cannot hold at all",
    "blanks_left_out": "texts whose line breaks, tabs or edge blanks the format cannot hold",
    "no_entities_as_outside": "samples without annotated entities, written as if annotated and empty",
    "value_left_out": "annotations that a sample cannot hold, kept under meta",
}


class Report:
    """Counts what a conversion met; a strict one raises InputFault at the first repair instead.

    >>> report = Report()
    >>> report.at("a.conll", 7)
    >>> report.repair("orphan_tag", "I-PER after O")
    >>> report.repaired["orphan_tag"], report.places["orphan_tag"]
    (1, ['a.conll:7: I-PER after O'])
    """

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self.path: str | Path | None = None
        self.line: int | None = None
        self.samples = 0
        self.splits: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()
        self.noticed: Counter[str] = Counter()
        self.places: dict[str, list[str]] = {}
        self._told: set[str] = set()

    def at(self, path: str | Path, line: int | None = None) -> None:
        """Say where the reader is: faults and places name it."""
        self.path, self.line = path, line

    def repair(self, name: str, what: str = "", count: int = 1) -> None:
        """Count a repair (a name of REPAIRS); a strict report refuses it."""
        meaning = REPAIRS[name]
        if self.strict:
            raise self.fault(what or meaning, fix=f"strict refuses this repair ({name}); mend it or convert without it")
        self.repaired[name] += count
        self._place(name, what)

    def notice(self, name: str, what: str = "", count: int = 1) -> None:
        """Count an oddity (a name of NOTICES) that changes nothing."""
        if name not in self._told:
            if name not in NOTICES:
                raise KeyError(name)
            self._place(name, what)
        self.noticed[name] += count

    def fault(self, what: str, *, field: str | None = None, fix: str | None = None) -> InputFault:
        """An InputFault at the reader's place, to be raised."""
        return InputFault(what, path=self.path, line=self.line, field=field, fix=fix)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data, names sorted."""
        return {
            "samples": self.samples,
            "splits": dict(sorted(self.splits.items())),
            "repaired": dict(sorted(self.repaired.items())),
            "noticed": dict(sorted(self.noticed.items())),
            "places": dict(sorted(self.places.items())),
        }

    def lines(self) -> list[str]:
        """The report as lines for people: a count, what it means, the first place."""
        return [
            f"{counts[name]:>7}  {meanings[name]} ({name}; {self.places[name][0]})"
            for counts, meanings in ((self.repaired, REPAIRS), (self.noticed, NOTICES))
            for name in sorted(counts)
        ]

    def _place(self, name: str, what: str, keep: int = 3) -> None:
        places = self.places.setdefault(name, [])
        if len(places) < keep:
            where = "" if self.path is None else f"{self.path}:{self.line}" if self.line else str(self.path)
            places.append(": ".join(part for part in (where, what) if part))
        else:
            self._told.add(name)

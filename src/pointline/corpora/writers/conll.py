"""Token columns: token TAB tag, with headers for id, text and text label."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.corpora.cutting import cut, flat
from pointline.corpora.tags import Scheme, encode
from pointline.corpora.writing import WriterSettings, left_out
from pointline.jsonl import writing
from pointline.sample import Sample


class Conll(WriterSettings, frozen=True, kw_only=True):
    """How tags look."""

    scheme: Scheme = "BIO"
    """The tag scheme."""
    headers: bool = True
    """Whether `# id = `, `# text = ` and `# intent = ` stand above the tokens."""


def write(samples: Iterable[Sample], out: Path, settings: Conll, report: Report) -> int:
    """Write token columns; of overlapping entities the longer one stays. Returns how many samples were written."""
    count = 0
    with writing(out) as file:
        for sample in samples:
            left_out(sample, ("labels", "entities"), report)
            found = cut(sample, report)
            if not found.tokens:
                report.notice("sample_left_out", sample.id)
                continue
            tags = encode(len(found.tokens), flat(found.spans, report), settings.scheme)
            head = _head(sample, report) if settings.headers else ""
            if sample.entities is None:
                report.notice("no_entities_as_outside", sample.id)
            rows = "".join(f"{token}\t{tag}\n" for token, tag in zip(found.tokens, tags, strict=True))
            file.write(f"{head}{rows}\n".encode())
            count += 1
    return count


def _head(sample: Sample, report: Report) -> str:
    text = sample.text
    if text != text.strip() or "\n" in text or "\t" in text:
        report.notice("blanks_left_out", sample.id)
        text = " ".join(text.split())
    rows = [("id", sample.id), ("text", text)]
    if any("#" in label for label in sample.labels or ()):
        report.notice("labels_left_out", sample.id)
    elif sample.labels is not None:
        rows.append(("intent", "#".join(sample.labels)))
    return "".join(f"# {key} = {value}\n" for key, value in rows)

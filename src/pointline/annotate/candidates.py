"""Rule-based candidates: from raw documents to samples with one triple or one event each, as TCREE was begun."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.annotate.documents import Document, DocumentSettings, documents
from pointline.annotate.matching import Found, applies, event, find, relation
from pointline.annotate.rules import Compiled
from pointline.resume import exclusive
from pointline.sample import Ids, Sample
from pointline.sift import Sift
from pointline.text.scripts import language
from pointline.text.sentences import sentences

CANDIDATES, DROPPED, REPORT = "candidates.jsonl", "dropped.jsonl", "report.json"
TASKS = {"relation": "re", "event": "ee"}


class CandidateReport(msgspec.Struct, frozen=True):
    """What was read and found. `matched`: sentences that a rule found something in; `both`: of these, with a
    relation and an event, which become two samples. `by_*`: samples written, by label, by type and by rule (a rule
    that found nothing stands there with 0). `unused`: rules that no sample of the output comes from."""

    documents: int
    sentences: int
    matched: int
    both: int
    relations: int
    events: int
    samples: int
    dropped: dict[str, int]
    by_label: dict[str, dict[str, int]]
    by_type: dict[str, dict[str, int]]
    by_rule: dict[str, int]
    unused: list[str]


class _Count:
    """Running figures."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.labels: dict[str, Counter[str]] = {}
        self.types: dict[str, Counter[str]] = {"relation": Counter(), "event": Counter()}
        self.rules: Counter[str] = Counter()

    def keep(self, sample: Sample) -> None:
        [label] = sample.labels or [""]
        level = "relation" if sample.relations else "event"
        self.labels[label]["relations" if sample.relations else "events"] += 1
        self.types[level][[*(sample.relations or ()), *(sample.events or ())][0].type] += 1
        self.rules[sample.meta["annotate"]["rule"]] += 1


def candidates(
    folder: str | Path,
    rules: Sequence[Compiled],
    out: str | Path,
    chosen: DocumentSettings = DocumentSettings(),  # noqa: B008
    tick: Callable[[int], None] | None = None,
) -> CandidateReport:
    """Write `candidates.jsonl`, `dropped.jsonl` (each with its reason) and `report.json` to the folder `out`.

    Of each sentence the first rule that finds a relation makes one sample, and the first that finds an event makes
    another (GIELLM, section 3.3: never more than one triple or event, and never both). The text label is the folder;
    `meta.annotate` names rule and document. A sentence seen before is dropped, also under another label. Memory holds
    one document and two hashes a sample. `tick` is told 1 after each document.
    Raises InputFault as `documents` does, and where another run is writing `out`.
    """
    into = Path(out)
    count = _Count()
    sift = Sift([_length(chosen), _duplicate()])
    default = _spaced_language(rules)
    with exclusive(into), contextlib.ExitStack() as stack:
        kept, dropped = (stack.enter_context(jsonl.writing(into / name)) for name in (CANDIDATES, DROPPED))
        encode = msgspec.json.Encoder().encode
        drafts = _drafts(folder, rules, chosen, (count, default, tick))
        for sample, reason in sift(drafts):
            if reason is None:
                count.keep(sample)
                kept.write(encode(sample) + b"\n")
            else:
                sample.meta["annotate"]["dropped"] = reason
                dropped.write(encode(sample) + b"\n")
        report = _report(count, sift, rules)
        with jsonl.writing(into / REPORT) as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return report


def _drafts(
    folder: str | Path,
    rules: Sequence[Compiled],
    chosen: DocumentSettings,
    told: tuple[_Count, str | None, Callable[[int], None] | None],
) -> Iterator[Sample]:
    count, default, tick = told
    ids = {level: Ids(chosen.source, task) for level, task in TASKS.items()}
    for document in documents(folder, chosen):
        count.read["documents"] += 1
        count.labels.setdefault(document.label, Counter(documents=0, sentences=0, relations=0, events=0))
        count.labels[document.label]["documents"] += 1
        lang = language(document.text, chosen.lang) or default
        for number, (start, end) in enumerate(sentences(document.text, lang)):
            count.read["sentences"] += 1
            count.labels[document.label]["sentences"] += 1
            text = document.text[start:end]
            found = list(first_of_each(rules, text, lang, document.label))
            count.read["matched"] += bool(found)
            count.read["both"] += len(found) == 2
            for one in found:
                yield _sample(one, text, document, (ids[one.by.level](text), lang, number, chosen.source))
        if tick:
            tick(1)


def first_of_each(
    rules: Iterable[Compiled], text: str, lang: str | None = None, label: str | None = None
) -> Iterator[Found]:
    """What the first rule for a relation and the first for an event find in a sentence, each at most once."""
    done: set[str] = set()
    for one in rules:
        if one.level not in done and applies(one, lang, label):
            found = find(one, text)
            if found is not None:
                done.add(one.level)
                yield found


def _sample(found: Found, text: str, document: Document, told: tuple[str, str | None, int, str]) -> Sample:
    id_, lang, number, source = told
    level = found.by.level
    why: dict[str, object] = {"rule": found.by.rule.name, "document": document.name, "sentence": number}
    if found.trigger is not None:
        why["trigger"] = text[slice(*found.trigger)]
    sample = Sample(id_, text, lang, [document.label], source=source, meta={"task": TASKS[level], "annotate": why})
    if level == "relation":
        sample.relations = [relation(found, text)]
    else:
        sample.events = [event(found, text)]
    return sample


def _spaced_language(rules: Sequence[Compiled]) -> str | None:
    """The language of texts whose script does not say it: the only one of the rules but Japanese and Chinese."""
    told = {one.rule.lang for one in rules} - {"ja", "zh", None}
    return next(iter(told)) if len(told) == 1 else None


def _length(chosen: DocumentSettings) -> Callable[[Sample], str | None]:
    def rule(sample: Sample) -> str | None:
        size = len(sample.text)
        return "too_short" if size < chosen.least else "too_long" if size > chosen.most else None

    return rule


def _duplicate() -> Callable[[Sample], str | None]:
    """The same sentence for the same task: a repeat, or a contradiction where its label differs."""
    seen: dict[bytes, bytes] = {}

    def rule(sample: Sample) -> str | None:
        key = _digest(sample.meta["task"], " ".join(sample.text.split()))
        label = _digest(*(sample.labels or ()))
        if key not in seen:
            seen[key] = label
            return None
        return "duplicate" if seen[key] == label else "duplicate_under_another_label"

    return rule


def _digest(*words: str) -> bytes:
    return hashlib.blake2b("\0".join(words).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _report(count: _Count, sift: Sift, rules: Sequence[Compiled]) -> CandidateReport:
    by_rule = {one.rule.name: count.rules[one.rule.name] for one in rules}
    relations, events = (sum(count.types[level].values()) for level in ("relation", "event"))
    return CandidateReport(
        documents=count.read["documents"],
        sentences=count.read["sentences"],
        matched=count.read["matched"],
        both=count.read["both"],
        relations=relations,
        events=events,
        samples=sift.kept,
        dropped=dict(sorted(sift.dropped.items())),
        by_label={label: dict(found) for label, found in count.labels.items()},
        by_type={level: dict(sorted(found.items())) for level, found in count.types.items()},
        by_rule=by_rule,
        unused=[name for name, samples in by_rule.items() if not samples],
    )

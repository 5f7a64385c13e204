"""From files to clean files, the whole story: each sample is kept byte for byte or dropped with a reason."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
import numpy as np

from pointline import jsonl
from pointline.clean.overlap import Overlap, Repeats
from pointline.clean.rules import BLANK, KEPT, REASONS, CleanSettings, Part
from pointline.clean.scan import Scan, Verdicts, scan
from pointline.errors import InputFault, Refusal

SPLITS = ("train", "dev", "test")


class FileReport(msgspec.Struct, omit_defaults=True):
    """What became of one file; `read` = `kept` + all of `dropped`."""

    split: str
    path: str
    read: int
    kept: int
    dropped: dict[str, int]
    corpus: str = ""


class SharedTexts(msgspec.Struct):
    """How many texts two files had in common before cleaning."""

    files: tuple[str, str]
    texts: int


class CleanReport(msgspec.Struct):
    """What cleaning did."""

    settings: CleanSettings
    files: list[FileReport]
    shared: list[SharedTexts]


def clean(
    splits: Mapping[str, str | Path],
    out: str | Path,
    settings: CleanSettings = CleanSettings(),  # noqa: B008 - frozen
) -> CleanReport:
    """Clean one corpus: `splits` names the file of `train`, and perhaps of `dev` and `test`.

    Writes `train.jsonl`, `dev.jsonl`, `test.jsonl` (the splits given), `dropped.jsonl` (each sample with `reason`, with
    the id of its `twin` where another text is the reason, with `file` and `line`) and `report.json` into `out`: all
    aside, moved when all are whole. Rules: IEPile (Gui et al. 2024), Appendix B.1.
    Raises InputFault for a file at fault, Refusal where `out` holds a split of another run.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> line = '{"id": "%s", "text": "%s"}\\n'
    >>> samples = line % (1, "play jazz") + line % (2, "play  jazz") + line % (3, "play it loud")
    >>> _ = (folder / "a.jsonl").write_text(samples)
    >>> report = clean({"train": folder / "a.jsonl"}, folder / "out")
    >>> report.files[0].read, report.files[0].kept, report.files[0].dropped
    (3, 2, {'duplicate': 1})
    """
    return _clean(_parts(splits), Path(out), settings)


def clean_corpora(
    corpora: Mapping[str, Mapping[str, str | Path]],
    out: str | Path,
    settings: CleanSettings = CleanSettings(),  # noqa: B008 - frozen
) -> CleanReport:
    """Clean several corpora at once: test texts of any leave train and dev of all. Writes `out/NAME/train.jsonl`, ...

    `dropped.jsonl` and `report.json` of all stand in `out`. Raises as `clean` does.
    """
    for name in corpora:
        if not name or Path(name).name != name or name.startswith("."):
            raise Refusal(f"{name!r} is no name for a folder; name each corpus in letters, digits, '-' and '_'")
    parts = [part for name, splits in corpora.items() for part in _parts(splits, name)]
    return _clean(parts, Path(out), settings)


def folder_splits(folder: str | Path) -> dict[str, Path]:
    """The splits that a folder holds as `train.jsonl`, `dev.jsonl`, `test.jsonl`; raises InputFault where none."""
    found = {split: Path(folder, f"{split}.jsonl") for split in SPLITS if Path(folder, f"{split}.jsonl").is_file()}
    if not found:
        raise InputFault(
            "holds no train.jsonl, dev.jsonl or test.jsonl", path=folder, fix="name the folder of a corpus"
        )
    return found


def _parts(splits: Mapping[str, str | Path], corpus: str = "") -> list[Part]:
    unknown = [split for split in splits if split not in SPLITS]
    if unknown:
        raise Refusal(f"{unknown[0]!r} is no split; give train, dev, test")
    if "-" in map(str, splits.values()):
        raise Refusal("cleaning looks at its input more than once and cannot read stdin; save it to a file first")
    return [Part(split, Path(splits[split]), corpus) for split in SPLITS if split in splits]


def _clean(parts: Sequence[Part], out: Path, settings: CleanSettings) -> CleanReport:
    if not parts:
        raise Refusal("there is nothing to clean; name at least a train file")
    for corpus in {part.corpus: None for part in parts}:
        stale = {s for s in SPLITS if (out / corpus / f"{s}.jsonl").exists()} - {
            p.split for p in parts if p.corpus == corpus
        }
        if stale:
            raise Refusal(f"{out / corpus} holds {min(stale)}.jsonl of another run; choose another folder or remove it")
    scans = [scan(part, settings) for part in parts]
    overlap = Overlap(Repeats(scans, settings), scans, settings)
    shared = [SharedTexts((_name(parts[one]), _name(parts[other])), count) for one, other, count in overlap.shared()]
    report = CleanReport(settings, [], shared)
    with contextlib.ExitStack() as stack:
        summary = stack.enter_context(jsonl.writing(out / "report.json"))
        dropped = stack.enter_context(jsonl.writing(out / "dropped.jsonl"))
        first = 0
        for one in scans:
            kept = stack.enter_context(jsonl.writing(out / one.part.corpus / f"{one.part.split}.jsonl"))
            leaving = _leaving(one, first, overlap)
            report.files.append(_file_report(one, leaving.verdicts))
            _sort_out(one, leaving, kept, dropped)
            first += len(one.sizes)
        summary.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return report


def _name(part: Part) -> str:
    return "/".join(filter(None, (part.corpus, part.split)))


class _Leaving(NamedTuple):
    verdicts: Verdicts
    twins: dict[int, str]


def _leaving(one: Scan, first: int, overlap: Overlap) -> _Leaving:
    """All verdicts on a file, those of overlap before those of quality, and the twins of what leaves."""
    verdicts, twins = one.verdicts.copy(), {}
    for row, verdict, twin in overlap.of_file(first, len(one.sizes)):
        verdicts[row] = verdict
        twins[row] = twin
    return _Leaving(verdicts, twins)


def _file_report(one: Scan, verdicts: Verdicts) -> FileReport:
    counts = np.bincount(verdicts, minlength=len(REASONS)).tolist()
    kept, _, *dropped = counts
    reasons = {reason: count for reason, count in zip(REASONS[2:], dropped, strict=True) if count}
    return FileReport(one.part.split, str(one.part.path), kept + sum(dropped), kept, reasons, one.part.corpus)


def _sort_out(one: Scan, leaving: _Leaving, kept: IO[bytes], dropped: IO[bytes]) -> None:
    """Read the file a last time: runs of kept lines go on as they stand, the others with their reason."""
    why = [b',"reason":' + msgspec.json.encode(reason) for reason in REASONS]
    place = b',"file":' + msgspec.json.encode(_name(one.part)) + b',"line":'
    for first, data, ends in one.blocks():
        verdicts = leaving.verdicts[first : first + len(ends)]
        cuts = np.concatenate([[0], np.flatnonzero(np.diff(verdicts)) + 1, [len(ends)]])
        borders = np.append(0, ends)[cuts].tolist()
        codes = verdicts[cuts[:-1]].tolist()
        view = memoryview(data)
        staying = b"".join(
            view[start:stop] for code, start, stop in zip(codes, borders, borders[1:], strict=False) if code == KEPT
        )
        kept.write(staying.replace(b"\r\n", b"\n") if b"\r" in staying else staying)
        if staying and not staying.endswith(b"\n"):
            kept.write(b"\n")
        for row in np.flatnonzero(verdicts > BLANK).tolist():
            line = data[int(ends[row - 1]) if row else 0 : int(ends[row])].strip()
            twin = leaving.twins.get(first + row)
            reason = why[verdicts[row]] + (b"" if twin is None else b',"twin":' + msgspec.json.encode(twin))
            dropped.write(b"%s%s%s%d}\n" % (line[:-1].rstrip(), reason, place, first + row + 1))

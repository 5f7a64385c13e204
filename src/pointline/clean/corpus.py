"""From files to clean files, the whole story: each sample is kept byte for byte or dropped with a reason."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.clean.overlap import Overlap, Repeats, repeated_rows
from pointline.clean.rules import CleanSettings, Part
from pointline.clean.scan import scan
from pointline.clean.second_look import look_over
from pointline.clean.sorting import CleanReport, SharedTexts, SortedFile
from pointline.errors import InputFault, Refusal, SettingsFault

__all__ = ["CleanReport", "clean", "clean_corpora", "folder_splits"]
SPLITS = ("train", "dev", "test")
KEEP = 1 << 23


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
        raise SettingsFault("there is nothing to clean; name at least a train file")
    for corpus in {part.corpus: None for part in parts}:
        here = {part.split for part in parts if part.corpus == corpus}
        stale = [split for split in SPLITS if split not in here and (out / corpus / f"{split}.jsonl").exists()]
        if stale:
            raise Refusal(f"{out / corpus} holds {stale[0]}.jsonl of another run; choose another folder or remove it")
    files, shared = _sorted_out(parts, settings)
    findings, skipped = look_over(files, settings)
    report = CleanReport(settings, [file.report() for file in files], shared, findings, skipped)
    with contextlib.ExitStack() as stack:
        summary = stack.enter_context(jsonl.writing(out / "report.json"))
        dropped = stack.enter_context(jsonl.writing(out / "dropped.jsonl"))
        for file in files:
            part = file.scan.part
            file.write(stack.enter_context(jsonl.writing(out / part.corpus / f"{part.split}.jsonl")), dropped)
        summary.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return report


def _sorted_out(parts: Sequence[Part], settings: CleanSettings) -> tuple[list[SortedFile], list[SharedTexts]]:
    """A verdict for every line of every file; what served to find them is let go."""
    bytes(KEEP)  # glibc gives no memory back to the system below what was once freed: fewer page faults
    scans, prints = scan(parts, settings)
    rows = repeated_rows(prints, scans)
    del prints
    overlap = Overlap(Repeats(rows, scans, settings), scans, settings)
    files = [SortedFile(one, *overlap.verdicts_on(number)) for number, one in enumerate(scans)]
    return files, [SharedTexts((parts[a].name, parts[b].name), count) for a, b, count in overlap.shared()]

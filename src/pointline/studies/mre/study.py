"""A whole study: run what is missing, judge, write `mre.json` and the samples that flip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault, ModelFault
from pointline.resume import exclusive
from pointline.studies.mre.arms import questions
from pointline.studies.mre.judging import Result, flips, judged, together
from pointline.studies.mre.running import Study, carry_out

RESULT, FLIPS = "mre.json", "flips-{figure}.jsonl"
VERDICT_ARMS = {"TL": ("joint", "text"), "WL": ("joint", "word")}


def run(study: Study, advance: Callable[[str, int], None] | None = None) -> Result:
    """Train what is not trained, test, and write `mre.json` and `flips-TL.jsonl`, `flips-WL.jsonl` into the folder.

    A killed study goes on where it stopped: runs that are done are kept, the one cut off goes on from its epoch.
    Raises InputFault where another process runs the study, Refusal where the folder holds another one.
    """
    with exclusive(study.out):
        for done, total in carry_out(study):
            if advance is not None:
                advance(done.name, total)
        result = judged(study)
        for question in questions(study.settings.arms):
            if VERDICT_ARMS[question.figure] == (question.arm, question.beside):
                path = Path(study.out, FLIPS.format(figure=question.figure))
                jsonl.write(path, flips(study, question, max(study.settings.sizes)))
        with jsonl.writing(Path(study.out, RESULT)) as file:
            file.write(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    return result


def read_result(folder: str | Path) -> Result:
    """The result of a study that was run; raises InputFault where there is none, ModelFault where it is damaged."""
    path = Path(folder, RESULT)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Result)
    except OSError as error:
        fix = "run the study first"
        raise InputFault(error.strerror or "cannot be read", path=path, fix=fix) from None
    except msgspec.DecodeError as error:
        raise ModelFault(f"{path} is no result of a study: {error}") from None


def judge_together(results: Sequence[Result]) -> dict[str, str]:
    """Overall verdicts of several data sets, their p values corrected for each other (Holm)."""
    return dict(together(results))

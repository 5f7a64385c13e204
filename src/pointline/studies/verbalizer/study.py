"""A whole study: run what is missing, judge, write `verbalizer.json`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault, ModelFault
from pointline.resume import exclusive
from pointline.studies.verbalizer.judging import Result, judged
from pointline.studies.verbalizer.running import Study, carry_out

RESULT = "verbalizer.json"


def run(study: Study, advance: Callable[[str, int], None] | None = None) -> Result:
    """Answer what is not answered, test, and write `verbalizer.json` into the folder; a killed study goes on.

    Raises InputFault where another process runs the study, Refusal where the folder holds another one.
    """
    with exclusive(study.out):
        for done, total in carry_out(study):
            if advance is not None:
                advance(done, total)
        result = judged(study)
        with jsonl.writing(Path(study.out, RESULT)) as file:
            file.write(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    return result


def read_result(folder: str | Path) -> Result:
    """The result of a study that was run; raises InputFault where there is none, ModelFault where it is damaged."""
    path = Path(folder, RESULT)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Result)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="run the study first") from None
    except msgspec.DecodeError as error:
        raise ModelFault(f"{path} is no result of a study: {error}") from None

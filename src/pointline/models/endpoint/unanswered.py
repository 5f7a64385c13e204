"""Requests without an answer, counted by what can be done about them, and told in a line each."""

from __future__ import annotations

import logging
from collections import Counter

from pointline.llm import Answer

log = logging.getLogger("pointline")
AGAIN = "run again to ask them anew"
NEVER = "a refusal is an answer: kept, and never asked again; change what is asked, or ask another model"
UNSENDABLE = "they cannot be said in a request; mend these texts"


class Unanswered:
    """Counts the faults of one run.

    >>> told = Unanswered()
    >>> told.add(Answer("1", fault="refused", detail="the model or a filter refused", raw=b"{}"))
    >>> told.add(Answer("2", fault="timeout", detail="no answer in time"))
    >>> for line in told.lines():
    ...     print(line.partition(" (")[0])
    requests without an answer: 1 refused
    requests without an answer: 1 timeout
    """

    def __init__(self) -> None:
        self._faults: dict[str, Counter[str]] = {}
        self._first: dict[str, str] = {}

    def add(self, answer: Answer) -> None:
        """Take one answer; one without a fault is none of ours."""
        if answer.fault is None:
            return
        fix = UNSENDABLE if answer.fault == "unsendable" else NEVER if answer.raw else AGAIN
        self._faults.setdefault(fix, Counter())[answer.fault] += 1
        self._first.setdefault(fix, f"{answer.id}: {answer.detail}")

    def lines(self) -> list[str]:
        """One line for each thing that can be done."""
        found = []
        for fix, faults in sorted(self._faults.items()):
            counts = ", ".join(f"{count} {fault}" for fault, count in sorted(faults.items()))
            found.append(f"requests without an answer: {counts} (first: {self._first[fix]}); {fix}")
        return found

    def tell(self) -> None:
        """Say it."""
        for line in self.lines():
            log.warning("%s", line)

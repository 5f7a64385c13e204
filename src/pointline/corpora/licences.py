"""Licences as data sets state them, ranked by what they ask of those who pass the data on. No legal advice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

UNSTATED = "not stated"


class Family(NamedTuple):
    """Licences that ask the same. The table below goes from the least to the most that is asked."""

    name: str
    pattern: str
    share_alike: bool = False
    """Whether what is made of it must bear the same licence."""


FAMILIES = (
    Family("public domain", r"\bcc0|public domain|\bpddl|unlicense"),
    Family("permissive", r"\bmit\b|\bbsd|apache|\bisc\b"),
    Family("attribution", r"\bcc[ -]by[ -]\d|\bcc[ -]by\b(?![ -](?:sa|nc|nd))|\bodc-by|\bcdla-permissive"),
    Family("share alike", r"\bcc[ -]by[ -]sa|\bodbl|\bcdla-sharing|\bgfdl", True),
    Family("copyleft", r"\bl?gpl|\bagpl|\bmpl", True),
    Family("no derivatives", r"\bcc[ -]by[ -]nd"),
    Family("non-commercial", r"\bcc[ -]by[ -]nc\b(?![ -](?:sa|nd))|non[- ]?commercial"),
    Family("non-commercial, share alike", r"\bcc[ -]by[ -]nc[ -]sa", True),
    Family("non-commercial, no derivatives", r"\bcc[ -]by[ -]nc[ -]nd"),
    Family("research only", r"research|academic|\bldc\b|proprietary"),
)
UNKNOWN = len(FAMILIES)
"""The rank of a licence that is not stated or not known: nothing may be assumed."""


def rank(licence: str | None) -> int:
    """How much a licence asks; where one names several, the one that asks most. UNKNOWN where none is known.

    >>> rank("MIT (repository)") < rank("CC BY 4.0") < rank("CC BY-SA 4.0") < rank("CC BY-NC-SA 4.0") < rank(None)
    True
    """
    stated = (licence or UNSTATED).casefold()
    if stated.startswith(UNSTATED) or stated == "unknown":
        return UNKNOWN
    return max((i for i, family in enumerate(FAMILIES) if re.search(family.pattern, stated)), default=UNKNOWN)


def strictest(licences: Iterable[str | None]) -> str:
    """The licence that asks most; "not stated" as soon as one is not known.

    >>> strictest(["CC0-1.0", "CC BY-SA 4.0", "Apache-2.0"])
    'CC BY-SA 4.0'
    """
    stated = sorted({licence or UNSTATED for licence in licences}, key=lambda licence: (-rank(licence), licence))
    return stated[0] if stated else UNSTATED


def clashes(licences: Iterable[str | None]) -> list[str]:
    """What keeps licences from standing together: two that each ask for the whole, one that allows no change.

    >>> clashes(["CC BY-SA 3.0", "GPL-2.0", "MIT"])
    ['CC BY-SA 3.0 and GPL-2.0 each ask that the whole bear their own licence']
    """
    stated = sorted({licence or UNSTATED for licence in licences})
    known = [(licence, FAMILIES[rank(licence)]) for licence in stated if rank(licence) < UNKNOWN]
    alike = [licence for licence, family in known if family.share_alike]
    found = [f"{' and '.join(alike)} each ask that the whole bear their own licence"] if len(alike) > 1 else []
    found += [f"{licence} allows no changed copies" for licence, family in known if "no derivatives" in family.name]
    return found + [f"{licence}: ask its authors" for licence in stated if rank(licence) == UNKNOWN]

"""What is cleaned and how strictly: the settings, the named sets of rules, the reasons for which a sample leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from pointline.clean.keys import published_key, published_keys, text_key, text_keys
from pointline.errors import SettingsFault

RuleSet: TypeAlias = Literal["default", "iepile-published"]

REASONS = (
    "kept",
    "blank_line",
    "duplicate",
    "conflict",
    "in_test",
    "in_other_test",
    "near_test",
    "non_alphabetic",
    "too_short",
    "stopwords",
)
"""What a verdict code stands for, as its place in this row; the first two are no reasons to drop a sample."""
KEPT, BLANK, DUPLICATE, CONFLICT, IN_TEST, IN_OTHER_TEST, NEAR_TEST, NON_ALPHABETIC, TOO_SHORT, STOPWORDS = range(
    len(REASONS)
)


class Part(NamedTuple):
    """One file of a corpus."""

    split: str
    """`train`, `dev` or `test`."""
    path: Path
    corpus: str = ""
    """The corpus it belongs to, where several are cleaned together."""

    @property
    def name(self) -> str:
        """The split, with the corpus before it where there is one."""
        return f"{self.corpus}/{self.split}" if self.corpus else self.split


class CleanSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to clean. A share of 1 or a length of 0 switches a rule of quality off."""

    rules: RuleSet = "default"
    """`default`: everything. `iepile-published`: repeated texts leave each split but one, test texts leave train."""
    non_alphabetic: float = 0.8
    """Texts with a larger share of characters that are no letters are dropped."""
    short: int = 5
    """Texts with fewer characters are dropped unless they bear a label, an entity, a relation or an event."""
    stopwords: float = 0.8
    """Texts with a larger share of stopwords are dropped."""
    workers: int = 1
    """Processes that read; the result is the same for any number."""
    near: Literal["off", "report", "drop"] = "report"
    """Near duplicates: reported up to `near_limit` samples; `drop` takes those of test texts out of train and dev."""
    near_limit: int = 50_000
    """Samples up to which near duplicates are looked for in order to report them."""
    audit_limit: int = 200_000
    """Samples up to which what is kept is audited; 0 audits nothing."""
    examples: int = 20
    """Rows of each finding that the report holds."""

    def __post_init__(self) -> None:
        if not (0 < self.non_alphabetic <= 1 and 0 < self.stopwords <= 1):
            raise SettingsFault("non_alphabetic and stopwords are shares: above 0, at most 1")
        if self.workers < 1 or min(self.short, self.near_limit, self.audit_limit, self.examples) < 0:
            raise SettingsFault("workers must be 1 or more; short, near_limit, audit_limit and examples 0 or more")
        if self.rules == "iepile-published" and self.near == "drop":
            raise SettingsFault("iepile-published drops no near duplicates; take near=report or rules=default")

    @property
    def text_key(self) -> Callable[[str], str]:
        """What makes two texts one."""
        return text_key if self.rules == "default" else published_key

    @property
    def text_keys(self) -> Callable[[Iterable[str]], list[str]]:
        """The keys of many texts."""
        return text_keys if self.rules == "default" else published_keys

    @property
    def quality(self) -> bool:
        """Whether the rules of quality hold."""
        return self.rules == "default"

    @property
    def conflicts(self) -> bool:
        """Whether a text with contradicting annotations leaves its file wholly."""
        return self.rules == "default"

    @property
    def leak_splits(self) -> tuple[str, ...]:
        """The splits that test texts leave."""
        return ("train", "dev") if self.rules == "default" else ("train",)

"""Real data sets, read by their cards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.sample import Sample


@pytest.fixture(scope="session")
def corpus(shared_data: Path) -> Callable[[str], list[Sample]]:
    """Gives all samples of the data set that a card of that name describes."""

    def read(name: str) -> list[Sample]:
        return list(convert([shared_data / name], Request(None, cards.load(name), (), None), Report()))

    return read

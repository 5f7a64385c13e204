"""Fixtures that many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


def _data_folder() -> Path | None:
    told = os.environ.get("POINTLINE_SHARED")
    root = Path(__file__).resolve().parents[1]
    places = [Path(told)] if told else [root.parent / "shared" / "data", root / "shared" / "data"]
    return next((place for place in places if place.is_dir()), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests, whole pages of commands, go first: workers end together."""
    items.sort(key=lambda item: "test_snippets" not in item.nodeid)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; a test that needs it is skipped where it is absent."""
    folder = _data_folder()
    if folder is None:
        pytest.skip("the shared data sets are not here (set POINTLINE_SHARED to their folder)")
    return folder

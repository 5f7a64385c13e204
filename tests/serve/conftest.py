"""Fixtures of the server's tests: a small trained model, and servers in a thread."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn")

from live_server import HOSTS, Client, Serving, in_thread

from pointline.corpora.synthetic.generator import generate
from pointline.models.extractor import Extractor
from pointline.serve.access import TokenAccess
from pointline.serve.settings import ServeSettings


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger trained for a few steps, under a name that tells."""
    from pointline.train.tagger.fitting import fit
    from pointline.train.tagger.settings import TaggerTraining

    out = tmp_path_factory.mktemp("models") / "tiny"
    made = generate(languages=("en",), per_task=40)
    train = [sample for sample in made["train"] if sample.entities is not None and sample.labels]
    fit(iter(train), iter(train[:20]), TaggerTraining(preset="words", epochs=20, max_steps=20, learning_rate=8e-3), out)
    return out


@pytest.fixture(scope="session")
def model(folder: Path) -> Extractor:
    from pointline.models.extractor import load

    return load(folder)


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Start a server with a model and limits; stopped when the test ends."""
    with contextlib.ExitStack() as stack:

        def start(model: Extractor, token: str | None = None, **limits: Any) -> Client:
            return stack.enter_context(in_thread(model, ServeSettings(**limits), TokenAccess(token, HOSTS)))

        yield start


@pytest.fixture(scope="session")
def server(model: Extractor) -> Iterator[Client]:
    """One server with the usual limits."""
    with in_thread(model, ServeSettings(), TokenAccess(None, HOSTS)) as client:
        yield client

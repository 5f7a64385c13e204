"""Many samples at once: in order, whatever comes late, and to the end, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from llm.conftest import Server, serve
from translate.conftest import behind
from translate.translator import Translator, made

from pointline.errors import InputFault
from pointline.llm import Client, Settings
from pointline.sample import Sample
from pointline.translate.cascade import Cascade
from pointline.translate.driving import outcomes, streamed
from pointline.translate.languages import pair
from pointline.translate.settings import TranslateSettings

__all__ = ["serve"]
Serve = Callable[..., Server]
CASCADE = Cascade(pair("en", "zh"), TranslateSettings())


def test_a_client_gives_what_lists_of_answers_give(serve: Serve, tmp_path: Path) -> None:
    samples, golds, _ = made(40)
    client = Client(serve(behind(Translator(golds))).endpoint(), tmp_path / "a.db")
    by_client = [(o.status, o.target) for o in streamed(samples, CASCADE, client, 8)]
    assert by_client == [(o.status, o.target) for o in outcomes(samples, CASCADE, Translator(golds).ask, 8)]
    again = [(o.status, o.target) for o in streamed(iter(samples), CASCADE, client, 300)]
    assert again == by_client


def test_a_request_that_hangs_holds_up_its_own_sample_only(serve: Serve) -> None:
    samples, golds, _ = made(30)
    answer = behind(Translator(golds))
    asked = 0
    freed = asyncio.Event()

    async def hanging(request: web.Request, prompt: str) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if f"{samples[0].text.rpartition('(')[2]}</t>" in prompt and prompt.endswith("Translation:"):
            await freed.wait()
        elif asked > 60:
            freed.set()
        return await answer(request, prompt)

    client = Client(serve(hanging).endpoint(), settings=Settings(timeout=20))
    done = list(streamed(samples, CASCADE, client, 16))
    assert [o.source.id for o in done] == [one.id for one in samples]
    assert {o.status for o in done} == {"kept"}


@pytest.mark.parametrize("window", [1, 3, 50])
def test_samples_that_nobody_is_asked_about(serve: Serve, window: int) -> None:
    empty = [Sample(f"s{i}", "", "en") for i in range(40)]
    server = serve()
    done = list(streamed(empty, CASCADE, Client(server.endpoint()), window))
    assert [o.source.id for o in done] == [one.id for one in empty]
    assert not server.asked
    assert list(streamed([], CASCADE, Client(server.endpoint()), window)) == []


def test_faults_of_the_source_and_of_ours_end_the_run(serve: Serve) -> None:
    samples, golds, _ = made(30)
    client = Client(serve(behind(Translator(golds))).endpoint())

    def faulty() -> Iterator[Sample]:
        yield from samples[:20]
        raise InputFault("is faulty", path="in.jsonl", line=21)

    with pytest.raises(InputFault, match=r"in\.jsonl:21"):
        list(streamed(faulty(), CASCADE, client, 4))

    def broken(sample: Sample) -> Iterator[object]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(streamed(samples, broken, client, 4))  # type: ignore[arg-type]

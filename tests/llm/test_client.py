"""The client against real servers: order, one payment, budgets, dry runs, replays, progress, bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from llm.conftest import Server, completion, rows

from pointline.errors import BudgetSpent, EndpointFault, InputFault, SettingsFault
from pointline.llm import Bill, Client, Progress, Request, Sampling, Settings, parse, record, take_in

Serve = Callable[..., Server]
QUICK = Settings(backoff=0.01, backoff_limit=0.05, grace=5)


async def jittery(request: web.Request, prompt: str) -> web.StreamResponse:
    await asyncio.sleep(random.Random(prompt).random() * 0.03)
    return web.json_response(completion(prompt.upper()))


def test_answers_come_as_they_arrive_where_order_is_not_asked(serve: Serve) -> None:
    late = asyncio.Event()

    async def first_last(request: web.Request, prompt: str) -> web.StreamResponse:
        if prompt.endswith(" 0"):
            await late.wait()
        if prompt.endswith(" 49"):
            late.set()
        return web.json_response(completion(prompt))

    server = serve(first_last)

    async def told() -> list[str]:
        stream = Client(server.endpoint()).stream(rows(50), ordered=False)
        return [answer.id async for answer in stream]

    ids = asyncio.run(told())
    assert sorted(ids) == sorted(f"row-{i}" for i in range(50))
    assert ids[0] != "row-0"


def test_answers_come_in_the_order_of_the_rows_and_are_paid_once(serve: Serve, tmp_path: Path) -> None:
    server = serve(jittery)
    cache = tmp_path / "deep" / "answers.db"
    client = Client(server.endpoint(), cache)
    first = list(client.ask(rows(300)))
    assert [(a.id, a.text, a.cached) for a in first] == [(f"row-{i}", f"SAY {i}", False) for i in range(300)]
    second = list(client.ask(iter(rows(310))))
    assert [a.text for a in second] == [f"SAY {i}" for i in range(310)]
    assert [a.cached for a in second] == [True] * 300 + [False] * 10
    assert set(server.asked.values()) == {1}
    assert sorted(p.name for p in cache.parent.iterdir()) == ["answers.db"]


def test_an_attempt_a_row_and_a_sampling_are_questions_of_their_own(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    client = Client(server.endpoint(), tmp_path / "a.db", sampling=Sampling(seed=5))
    again = [Request("1", "hi"), Request("1", "hi", attempt=1), Request("2", "hi"), Request("1", "hi")]
    again += [Request("1", "hi", sampling=Sampling(temperature=1.0))]
    answers = list(client.ask(again))
    assert [a.cached for a in answers] == [False, False, False, True, False]
    assert sorted(body.get("seed", -1) for body in server.bodies) == [-1, 5, 5, 6]
    assert client.bill.asked == 4


def test_completion_endpoints_and_messages(serve: Serve) -> None:
    async def legacy(request: web.Request, prompt: str) -> web.StreamResponse:
        assert request.path == "/v1/completions"
        return web.json_response({"choices": [{"text": " done", "finish_reason": "length"}]})

    server = serve(legacy)
    talk = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    one, other = Client(server.endpoint(kind="completion")).ask([Request("1", "go"), Request("2", talk)])
    assert (one.text, one.finish, one.problems, one.fault) == (" done", "length", ("truncated",), None)
    assert other.fault == "unsendable"
    assert server.asked == {"go": 1}
    heard = serve()
    assert [a.text for a in Client(heard.endpoint()).ask([Request("2", talk)])] == ["HI"]
    assert heard.bodies[0]["messages"] == talk


def test_a_request_that_cannot_be_said_is_that_rows_fault_alone(serve: Serve) -> None:
    answers = list(Client(serve().endpoint()).ask([Request("a", "x"), Request("b", "\ud83d"), Request("\udc00", "y")]))
    assert [a.fault for a in answers] == [None, "unsendable", "unsendable"]


@settings(max_examples=15)
@given(count=st.integers(0, 60), window=st.integers(1, 40), at_once=st.integers(1, 20), seed=st.integers(0, 9))
def test_order_holds_for_any_window_and_any_concurrency(count: int, window: int, at_once: int, seed: int) -> None:
    server = SHARED.server()
    draw = random.Random(seed)
    asked = [Request(str(i), f"say {draw.randrange(8)}", attempt=seed) for i in range(count)]
    client = Client(server.endpoint(), settings=Settings(window=window, concurrency=at_once, max_concurrency=at_once))
    answers = list(client.ask(asked))
    assert [(a.id, a.text) for a in answers] == [(r.id, str(r.prompt).upper()) for r in asked]


class Shared:
    """One server for all examples of a property."""

    def __init__(self) -> None:
        self._server: Server | None = None

    def server(self) -> Server:
        self._server = self._server or Server(jittery)
        return self._server

    def close(self) -> None:
        if self._server is not None:
            self._server.close()


SHARED = Shared()


@pytest.fixture(scope="module", autouse=True)
def _closing() -> Iterator[None]:
    yield
    SHARED.close()


def test_rows_are_read_only_as_far_as_the_window(serve: Serve) -> None:
    read = 0

    def endless() -> Iterator[Request]:
        nonlocal read
        for read in itertools.count(1):
            yield Request(str(read), f"say {read}")

    client = Client(serve().endpoint(), settings=Settings(window=100))
    furthest = 0
    for seen, answer in enumerate(itertools.islice(client.ask(endless()), 1000), 1):
        assert answer.id == str(seen)
        furthest = max(furthest, read - seen)
    assert furthest <= 100 + 3 * 64


def test_the_network_works_on_while_the_caller_is_busy_or_gone(serve: Serve, tmp_path: Path) -> None:
    server = serve(jittery)
    client = Client(server.endpoint(), tmp_path / "a.db")
    asked = client.ask(rows(40))
    next(asked)
    asked.close()  # type: ignore[attr-defined]
    paid = sum(server.asked.values())
    assert client.bill.answers == paid
    assert sum(a.cached for a in client.ask(rows(40))) == paid
    assert set(server.asked.values()) == {1}


def test_a_fault_in_the_callers_iterator_is_the_callers(serve: Serve, tmp_path: Path) -> None:
    def broken() -> Iterator[Request]:
        yield from rows(70)
        raise ZeroDivisionError

    server = serve()
    with pytest.raises(ZeroDivisionError):
        list(Client(server.endpoint(), tmp_path / "a.db").ask(broken()))
    assert len(list(Client(server.endpoint(), tmp_path / "a.db").ask(rows(70)))) == 70
    assert set(server.asked.values()) == {1}


def test_streams_for_programs_with_an_event_loop(serve: Serve, tmp_path: Path) -> None:
    server = serve()

    async def arriving() -> AsyncIterator[Request]:
        for request in rows(20):
            await asyncio.sleep(0.001)
            yield request

    async def listed() -> list[list[str]]:
        client = Client(server.endpoint(), tmp_path / "a.db")

        async def texts(stream: AsyncIterator[object]) -> list[str]:
            return [answer.text async for answer in stream]  # type: ignore[attr-defined]

        return list(await asyncio.gather(texts(client.stream(rows(30))), texts(client.stream(arriving()))))

    one, other = asyncio.run(listed())
    assert one == [f"SAY {i}" for i in range(30)]
    assert other == one[:20]
    assert set(server.asked.values()) == {1}


def test_what_is_taken_from_async_iterators_is_asked_at_once(serve: Serve) -> None:
    """The next question depends on the last answer: no block is waited for."""
    server = serve()

    async def run() -> list[str]:
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        queue.put_nowait("a")
        said = []

        async def questions() -> AsyncIterator[Request]:
            while (prompt := await queue.get()) is not None:
                yield Request(prompt, prompt)

        async for answer in Client(server.endpoint()).stream(questions()):
            said.append(answer.text)
            queue.put_nowait(answer.text + "b" if len(said) < 4 else None)
        return said

    assert asyncio.run(run()) == ["A", "AB", "ABB", "ABBB"]


async def priced(request: web.Request, prompt: str) -> web.StreamResponse:
    usage = {"prompt_tokens": 6, "completion_tokens": 10}
    return web.json_response(completion("x", usage))


@pytest.mark.parametrize("limit", [{"budget": 0.000_16 * 20}, {"budget_tokens": 16 * 20}])
def test_a_budget_stops_cleanly_and_is_never_passed(serve: Serve, tmp_path: Path, limit: dict[str, float]) -> None:
    server = serve(priced)
    told = {"price_in": 10.0, "price_out": 10.0, **limit}
    client = Client(server.endpoint(), tmp_path / "a.db", Settings(**told), Sampling(max_tokens=10))  # type: ignore[arg-type]
    answers = []
    with pytest.raises(BudgetSpent, match="run again: nothing is paid twice"):
        answers.extend(client.ask(rows(50)))
    assert [a.id for a in answers] == [f"row-{i}" for i in range(len(answers))]
    assert len(answers) == sum(server.asked.values()) == client.bill.answers == 20
    assert client.bill.tokens == 320
    assert client.bill.cost == pytest.approx(0.0032)
    assert client.bill.held_tokens == 0
    more = Client(server.endpoint(), tmp_path / "a.db", sampling=Sampling(max_tokens=10))
    assert [a.cached for a in more.ask(rows(50))] == [True] * 20 + [False] * 30
    assert set(server.asked.values()) == {1}


def test_a_budget_is_of_the_cache_whoever_spends_it(serve: Serve, tmp_path: Path) -> None:
    server = serve(priced)
    told = Settings(price_in=10.0, price_out=10.0, budget=0.000_16 * 20, concurrency=1, max_concurrency=1)
    for earlier in ("", r" \(0\.0032 of it by other runs on this cache\)"):
        client = Client(server.endpoint(), tmp_path / "a.db", told, Sampling(max_tokens=10))
        what = rf"^0\.0032 of the budget of 0\.0032 is spent{earlier} and the next .*; 20 rows are answered; raise it"
        with pytest.raises(BudgetSpent, match=what):
            list(client.ask(rows(50)))
        assert sum(server.asked.values()) == 20
        assert client.dry_run(rows(50)).spent == pytest.approx(0.0032)
    more = Settings(price_in=10.0, price_out=10.0, budget=0.000_16 * 30)
    for client in (Client(server.endpoint(), tmp_path / "a.db", more, Sampling(max_tokens=10)),) * 2:
        with pytest.raises(BudgetSpent):
            list(client.ask(rows(50)))
        assert sum(server.asked.values()) == 30


@pytest.mark.parametrize("counted", [9, 11, 60])
def test_prompts_longer_than_estimated_do_not_pass_a_budget(serve: Serve, tmp_path: Path, counted: int) -> None:
    async def template(request: web.Request, prompt: str) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return web.json_response(completion("x", {"prompt_tokens": counted, "completion_tokens": 4}))

    client = Client(serve(template).endpoint(), tmp_path / "a.db", Settings(budget_tokens=170), Sampling(max_tokens=4))
    with pytest.raises(BudgetSpent):
        list(client.ask(rows(50)))  # 6 tokens each by the estimate
    assert 170 - (counted + 4) < client.bill.tokens <= 170


def test_what_was_lost_counts_in_the_next_run(serve: Serve, tmp_path: Path) -> None:
    async def cut(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.Response(text="no JSON")

    told = Settings(budget_tokens=140, tries=1, concurrency=1, max_concurrency=1)
    prompts = [Request(f"{i}", "x" * 160) for i in range(9)]  # 44 tokens each
    for asked in (2, 0):
        server = serve(cut)
        with pytest.raises(BudgetSpent, match=r"^88 of the budget of 140 tokens is spent"):
            list(Client(server.endpoint(), tmp_path / "a.db", told, Sampling(max_tokens=1)).ask(prompts))
        assert sum(server.asked.values()) == asked


def test_a_cache_of_an_earlier_version_knows_what_it_cost(serve: Serve, tmp_path: Path) -> None:
    server = serve(priced)
    list(Client(server.endpoint(), tmp_path / "a.db").ask(rows(3)))
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as db:
        db.executescript("drop trigger paid; drop table spent; pragma user_version=1")
    assert Client(server.endpoint(), tmp_path / "a.db").dry_run(rows(3)).spent_tokens == 3 * 16


def test_a_budget_goes_on_while_answers_are_cached(serve: Serve, tmp_path: Path) -> None:
    server = serve(priced)
    list(Client(server.endpoint(), tmp_path / "a.db").ask(rows(30)))
    frugal = Client(server.endpoint(), tmp_path / "a.db", Settings(budget_tokens=0))
    assert len(list(frugal.ask(rows(30)))) == 30
    with pytest.raises(BudgetSpent):
        list(frugal.ask(rows(31)))
    assert server.asked["say 30"] == 0


def test_tokens_are_estimated_where_the_server_does_not_count(serve: Serve) -> None:
    client = Client(serve().endpoint(), settings=Settings(price_in=1.0, price_out=2.0))
    server = serve(jittery)
    client = Client(server.endpoint(), settings=Settings(price_in=1.0, price_out=2.0))
    (answer,) = client.ask([Request("1", "東京の天気は")])
    assert answer.estimated
    assert (answer.prompt_tokens, answer.completion_tokens) == (10, 6)
    assert answer.cost == pytest.approx((10 + 2 * 6) / 1e6)
    assert client.bill == Bill(1, 1, 1, 10, 6, cost=answer.cost)


def test_a_budget_needs_prices() -> None:
    with pytest.raises(SettingsFault, match="price_in"):
        Settings(budget=1.0)


def test_a_dry_run_asks_nothing_and_tells_what_it_would_cost(serve: Serve, tmp_path: Path) -> None:
    server = serve(priced)
    client = Client(server.endpoint(), tmp_path / "a.db", Settings(price_in=1.0, price_out=2.0))
    list(client.ask(rows(5)))
    told = client.dry_run([*rows(8), Request("bad", "\udc00"), *rows(1, 7)])
    assert (told.rows, told.cached, told.unsendable, told.asked) == (10, 6, 1, 3)
    assert told.prompt_tokens == 3 * 6
    assert told.completion_tokens == 3 * 10  # as the five answers so far
    assert told.cost == pytest.approx((18 + 60) / 1e6)
    assert told.cost_at_most is None
    limited = Client(server.endpoint(), tmp_path / "a.db", client.plan.settings, Sampling(max_tokens=4))
    assert limited.dry_run(rows(2)).cost_at_most == limited.dry_run(rows(2)).cost == pytest.approx((12 + 16) / 1e6)
    assert sum(server.asked.values()) == 5
    assert Client(server.endpoint()).dry_run(rows(2)).cost is None


def test_a_better_parser_and_a_replay_cost_nothing(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    client = Client(server.endpoint(), tmp_path / "a.db")
    read = list(parse(client.ask(rows(3)), lambda text: int(text[3:])))
    assert [p.value for p in read] == [0, 1, 2]
    server.behave = None  # type: ignore[assignment] # nobody may ask it now
    wrong = list(parse(client.replay(rows(4)), int))
    assert [p.value for p in wrong] == [None] * 4
    assert "ValueError" in str(wrong[0].problem)
    assert wrong[3].problem == "absent"
    assert record(tmp_path / "a.db", tmp_path / "a.jsonl") == 3
    elsewhere = Client(server.endpoint())
    assert [a.text for a in elsewhere.replay(rows(3), tmp_path / "a.jsonl")] == ["SAY 0", "SAY 1", "SAY 2"]
    assert take_in(tmp_path / "b.db", tmp_path / "a.jsonl") == 3
    assert all(a.cached for a in Client(server.endpoint(), tmp_path / "b.db").ask(rows(3)))
    record(tmp_path / "b.db", tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_a_replay_takes_lines_written_by_hand_and_names_bad_ones(tmp_path: Path, serve: Serve) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text('{"id": "row-1", "text": "yes 😀"}\n{"id": "row-1", "attempt": 1, "text": "no"}\n', "utf-8")
    client = Client(serve().endpoint())
    asked = [*rows(2), Request("row-1", "other words", attempt=1)]
    assert [(a.text, a.fault) for a in client.replay(asked, file)] == [("", "absent"), ("yes 😀", None), ("no", None)]
    for line, says in {'{"id": "1"}': "neither", '{"id": "1", "text": "a", "key": "zz"}': "key", "{": "JSON"}.items():
        file.write_text(f'{{"id": "0", "text": ""}}\n{line}\n', "utf-8")
        with pytest.raises(InputFault, match=r"said\.jsonl:2.*" + says):
            list(client.replay(rows(1), file))
    with pytest.raises(InputFault, match="no answers to replay"):
        list(client.replay(rows(1)))
    with pytest.raises(InputFault, match="not there"):
        record(tmp_path / "none.db", file)


def test_progress_tells_counts_cost_rate_and_time_left(serve: Serve, tmp_path: Path) -> None:
    async def slow(request: web.Request, prompt: str) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return await priced(request, prompt)

    server = serve(slow)
    seen: list[Progress] = []
    client = Client(server.endpoint(), tmp_path / "a.db", Settings(price_in=1, price_out=1, max_concurrency=5))
    list(client.ask([*rows(20), Request("bad", "\ud800")], progress=seen.append))
    last = seen[-1]
    assert len(seen) >= 3
    assert (last.done, last.total, last.cached, last.faults, last.tokens) == (21, 21, 0, {"unsendable": 1}, 320)
    assert last.cost == pytest.approx(320e-6)
    middle = seen[len(seen) // 2]
    assert 0 < middle.done < 21
    assert middle.rate > 0
    assert middle.left is not None
    assert middle.in_flight <= middle.limit <= 5
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_a_missing_server_is_one_line(serve: Serve) -> None:
    server = serve()
    endpoint = server.endpoint()
    server.close()
    server.close = lambda: None  # type: ignore[method-assign]
    with pytest.raises(EndpointFault, match=r"127\.0\.0\.1.*20 rows in a row failed, at last by unreachable") as told:
        list(Client(endpoint, settings=QUICK).ask(rows(100)))
    assert re.search(r"\(no connection to 127\.0\.0\.1:\d+ \(Connection refused\)\); see to", str(told.value))
    assert "ssl" not in str(told.value)

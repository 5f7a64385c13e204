"""POST /extract: texts in, samples out, as JSON, as JSON lines while they come, or as HTML for the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pointline.sample import Sample
from pointline.serve.batching import Answer, Batcher
from pointline.serve.metrics import Metrics
from pointline.serve.page import fragment
from pointline.serve.questions import read_json, read_lines
from pointline.serve.settings import ServeSettings
from pointline.web.bodies import body_of, kind_of
from pointline.web.faults import Fault

JSON, LINES, HTML = "application/json", "application/x-ndjson", "text/html"


class Extracting:
    """The endpoint, with what it needs of the server."""

    def __init__(self, batcher: Batcher, settings: ServeSettings, metrics: Metrics) -> None:
        self._batcher, self._settings, self._metrics = batcher, settings, metrics

    async def __call__(self, request: Request) -> Response:
        """Answer a request; raises Fault."""
        kind = kind_of(request, JSON, LINES)
        accepted = request.headers.get("accept", "")
        async with body_of(request, self._settings, self._metrics) as body:
            question = (read_lines if kind == LINES else read_json)(body, self._settings)
            answers = self._batcher.submit(question.samples, question.schema)
            if kind == LINES or LINES in accepted:
                return StreamingResponse(await _streamed(request, answers), media_type=LINES)
            samples = await gathered(request, answers)
        if HTML in accepted:
            return Response(fragment(samples), media_type=HTML)
        told = samples[0] if question.single else {"samples": samples}
        return Response(msgspec.json.encode(told), media_type=JSON)


async def gathered(request: Request, answers: Sequence[Answer]) -> list[Sample]:
    """All answers of a request, in order; where the client leaves, what has not been read is given up.

    Raises Fault, or asyncio.CancelledError where time is up.
    """
    left = asyncio.ensure_future(_left(request))
    try:
        samples: list[Sample] = []
        for answer in answers:
            await asyncio.wait((answer, left), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise Fault(499, "the client left")
            samples += answer.result()
        return samples
    finally:
        left.cancel()
        _give_up(answers)


async def _streamed(request: Request, answers: Sequence[Answer]) -> AsyncIterator[bytes]:
    """Lines part by part; the first part is waited for, so that a refusal is a proper answer."""
    try:
        first = await gathered(request, answers[:1])
    except BaseException:
        _give_up(answers)
        raise

    async def lines() -> AsyncIterator[bytes]:
        try:
            yield _lines(first)
            for answer in answers[1:]:
                yield _lines(await answer)
        except Fault as fault:
            yield fault.body() + b"\n"
        finally:
            _give_up(answers)

    return lines()


def _lines(samples: Sequence[Sample]) -> bytes:
    encode = msgspec.json.Encoder().encode
    return b"".join(encode(sample) + b"\n" for sample in samples)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _give_up(answers: Sequence[Answer]) -> None:
    for answer in answers:
        answer.cancel()

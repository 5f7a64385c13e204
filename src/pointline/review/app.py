"""The review server's routes: the page, and JSON for everything on it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from pointline.errors import Refusal
from pointline.review import filing, pages
from pointline.review.desk import Desk, Edit, Remark, Said
from pointline.review.figures import figures
from pointline.review.limits import Counts, ReviewLimits
from pointline.review.people import Person
from pointline.review.seeking import Filter
from pointline.review.store import Stale
from pointline.web.bodies import body_of, decode, kind_of
from pointline.web.faults import Fault
from pointline.web.guard import Guard, check_host

JSON = "application/json"
T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class Hosts(msgspec.Struct, frozen=True):
    """The names that Host may have; who somebody is, is for each route to ask."""

    hosts: frozenset[str] | None = None

    def check(self, scope: Any) -> None:
        """Raise Fault 400 for a foreign Host."""
        check_host(Headers(scope=scope), self.hosts)


def application(desk: Desk, hosts: frozenset[str] | None, limits: ReviewLimits) -> Guard:
    """Everything put together, for an ASGI server."""
    counts = Counts()
    routes = Routes(desk, limits, counts)
    made = [
        Route("/", routes.page),
        *(Route(path, routes.file) for path in pages.FILES),
        Route("/figures", routes.figures_page),
        Route("/join/{word}", routes.join),
        Route("/api/next", routes.reading(routes.next)),
        Route("/api/step", routes.reading(routes.step)),
        Route("/api/find", routes.reading(routes.find)),
        Route("/api/jump", routes.reading(routes.jump)),
        Route("/api/figures", routes.reading(routes.figures)),
        Route("/api/results.jsonl", routes.reading(routes.results)),
        Route("/api/items/{pos:int}", routes.reading(routes.item)),
        Route("/api/items/{pos:int}/versions", routes.writing(Edit, desk.save), methods=["POST"]),
        Route("/api/items/{pos:int}/decisions", routes.writing(Said, desk.decide), methods=["POST"]),
        Route("/api/items/{pos:int}/notes", routes.writing(Remark, desk.remark), methods=["POST"]),
    ]
    router = Router(made, redirect_slashes=False, default=_nowhere, lifespan=_running(desk))
    return Guard(router, Hosts(hosts), limits, counts, [route.path for route in made])


class Routes:
    """Requests to answers."""

    def __init__(self, desk: Desk, limits: ReviewLimits, counts: Counts) -> None:
        self._desk, self._limits, self._counts = desk, limits, counts
        self._files = pages.held()

    def reading(self, work: Callable[[Person, Request], Any]) -> Handler:
        """A route that reads: the person is looked up, the answer is JSON."""

        async def answer(request: Request) -> Response:
            cookie = request.cookies.get(self._desk.cookie)
            made = await self._desk.run(lambda: _told(work, self._desk.person(cookie)[0], request))
            return made if isinstance(made, Response) else Response(msgspec.json.encode(made), media_type=JSON)

        return answer

    def writing(self, kind: type[T], work: Callable[[Person, int, T], Any]) -> Handler:
        """A route that changes an item: it wants JSON, and the token of a page of ours."""
        decoder = msgspec.json.Decoder(kind)

        async def answer(request: Request) -> Response:
            if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                raise Fault(403, "another site's page sent this")
            kind_of(request, JSON)
            async with body_of(request, self._limits, self._counts) as body:
                told = decode(decoder, body)
            cookie, token = request.cookies.get(self._desk.cookie), request.headers.get("x-review-token", "")
            pos = request.path_params["pos"]

            def done() -> Any:
                return _told(work, self._desk.checked(cookie, token), pos, told)

            made = await self._desk.run(done)
            return Response(msgspec.json.encode(made), media_type=JSON)

        return answer

    async def page(self, request: Request) -> Response:
        """The page itself, with the first item on it."""
        cookie, told = request.cookies.get(self._desk.cookie), request.query_params.get("item", "")

        def made() -> Response:
            try:
                person, session = self._desk.person(cookie)
            except Fault as fault:
                return pages.door(fault.message)
            return pages.page(self._desk, person, session, told)

        return await self._desk.run(made)

    async def figures_page(self, request: Request) -> Response:
        """Progress and agreement to look at."""
        cookie = request.cookies.get(self._desk.cookie)

        def made() -> Response:
            person, _ = self._desk.person(cookie)
            return pages.figures_page(figures(self._desk.store), all_of_it=self._sees_all(person))

        return await self._desk.run(made)

    async def file(self, request: Request) -> Response:
        """A script or style sheet."""
        return self._files[request.url.path]

    async def join(self, request: Request) -> Response:
        """A link is opened: its session goes into a cookie, and the page is one click or script away.

        A redirect would not do: browsers keep strict cookies back on what follows a foreign link.
        """
        session = await self._desk.run(self._desk.people.session, request.path_params["word"])
        if session is None:
            return pages.door("this link does not work, or no longer: ask for a new one")
        response = pages.welcome()
        response.set_cookie(
            self._desk.cookie, session, max_age=30 * 86400, path="/", httponly=True, samesite="strict",
            secure=request.headers.get("x-forwarded-proto") == "https",
        )  # fmt: skip
        return response

    def item(self, person: Person, request: Request) -> Any:
        """One item."""
        return self._desk.view(person, request.path_params["pos"])

    def next(self, person: Person, request: Request) -> Any:
        """The next open item, with the progress."""
        return {"view": self._desk.next(person, _number(request, "after")), "progress": self._desk.progress(person)}

    def step(self, person: Person, request: Request) -> Any:
        """The next or last item that fits the filter."""
        back = request.query_params.get("back") == "1"
        found = self._desk.step(person, _filter(request), _number(request, "rank"), back)
        return {"view": found, "progress": self._desk.progress(person)}

    def find(self, person: Person, request: Request) -> Any:
        """A list of what fits the filter."""
        return self._desk.find(person, _filter(request), _number(request, "offset"))

    def jump(self, person: Person, request: Request) -> Any:
        """The item that is named."""
        view = self._desk.jump(person, request.query_params.get("to", "").strip())
        return {"view": view, "progress": self._desk.progress(person)}

    def figures(self, person: Person, request: Request) -> Any:
        """All figures."""
        self._check_all(person)
        return figures(self._desk.store)

    def results(self, person: Person, request: Request) -> Response:
        """All results as samples."""
        self._check_all(person)
        lines = [msgspec.json.encode(sample) + b"\n" for sample in filing.results(self._desk.store)]
        head = {"Content-Disposition": 'attachment; filename="reviewed.jsonl"'}
        return Response(b"".join(lines), headers=head, media_type="application/x-ndjson")

    def _sees_all(self, person: Person) -> bool:
        return person.role == "adjudicator" or self._desk.store.overlap == 1

    def _check_all(self, person: Person) -> None:
        if not self._sees_all(person):
            raise Fault(403, "only an adjudicator sees this while reviewers work blind")


def _told(work: Callable[..., T], *values: Any) -> T:
    """Do it; what is refused becomes an answer."""
    try:
        return work(*values)
    except Stale as stale:
        raise Fault(409, str(stale)) from None
    except Refusal as refusal:
        raise Fault(422, str(refusal)) from None


def _number(request: Request, name: str) -> int:
    told = request.query_params.get(name, "0")
    if not told.isdecimal() or len(told) > 12:
        raise Fault(422, f"{told!r} is no number", name)
    return int(told)


def _filter(request: Request) -> Filter:
    known = Filter.__struct_fields__
    return Filter(**{name: value for name, value in request.query_params.items() if name in known})


def _running(desk: Desk) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        desk.close()

    return lifespan


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    raise Fault(404, "there is nothing here; the page is at /")

"""The server's routes and their locks: links, cookies, tokens, hosts, roles; faults that say what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from live_server import Client, Reply
from review_live import ME, in_thread, process, token_of, write_samples
from review_samples import draft, new_store

from pointline.review.item import Item
from pointline.review.ledger import Ledger
from pointline.review.people import People
from pointline.review.store import Store
from pointline.sample import Sample

EDIT = {"base": 0, "sample": {**msgspec.to_builtins(draft()), "labels": ["travel"]}}
ACCEPT = {"version": 0, "verdict": "accept"}


class Visitor:
    """A browser as far as the server sees it: keeps a cookie and a token."""

    def __init__(self, client: Client, link: str | None = None) -> None:
        self.client, self.headers = client, {}
        if link is not None:
            reply = client("GET", f"/join/{link}")
            self.cookie = reply.headers["set-cookie"]
            self.headers = {"Cookie": self.cookie.partition(";")[0]}
        page = client("GET", "/", **self.headers)
        self.token = token_of(page.body)

    def post(self, path: str, body: Any, **more: str) -> Reply:
        return self.client("POST", path, body, **{"X-Review-Token": self.token, **self.headers, **more})

    def get(self, path: str) -> Reply:
        return self.client("GET", path, **self.headers)


def test_the_page_its_parts_and_its_policy(tmp_path: Path) -> None:
    with in_thread(new_store(tmp_path)) as server:
        page = server("GET", "/")
        assert page.status == 200
        assert "script-src 'self'" in page.headers["content-security-policy"]
        for path in ("/page.css", "/main.js", "/marking.js", "/figures", "/join.js"):
            assert server("GET", path).status == 200, path
        assert server("GET", "/nowhere").status == 404
        assert server("GET", "/", Host="evil.example").status == 400


def test_edits_and_decisions(tmp_path: Path) -> None:
    with in_thread(new_store(tmp_path)) as server:
        me = Visitor(server)
        saved = me.post("/api/items/1/versions", EDIT).json
        assert saved["sample"]["labels"] == ["travel"]
        stale = me.post("/api/items/1/decisions", ACCEPT)
        assert (stale.status, "meanwhile" in stale.error) == (409, True)
        done = me.post("/api/items/1/decisions", {**ACCEPT, "version": saved["version"], "seconds": 3.5}).json
        assert done["status"] == "fixed"
        assert me.get("/api/next?after=1").json["view"]["id"] == "s/2"
        assert me.get("/api/next?after=1").json["progress"] == {"fixed": 1, "open": 2}
        assert me.get("/api/find?status=fixed").json["count"] == 1
        assert me.get("/api/jump?to=s/3").json["view"]["pos"] == 3
        assert b'"status":"fixed"' in me.get("/api/results.jsonl").body
        assert me.get("/api/figures").json["corrected"][0] == 100.0


def test_faults_say_what_is_wrong(tmp_path: Path) -> None:
    with in_thread(new_store(tmp_path)) as server:
        me = Visitor(server)
        wrong = {"id": "x", "text": "abc", "entities": [{"type": "x", "text": "q", "start": 0, "end": 1}]}
        reply = me.post("/api/items/1/versions", {"base": 0, "sample": wrong})
        assert (reply.status, "entities[0]" in reply.error) == (422, True)
        assert me.post("/api/items/1/versions", b"{").status == 400
        assert me.post("/api/items/1/versions", {"base": "x"}).status == 422
        assert me.post("/api/items/9/decisions", ACCEPT).status == 422
        bare = me.post("/api/items/1/decisions", {"version": 0, "verdict": "reject"})
        assert bare.error == "a rejection needs a reason"
        assert me.get("/api/jump?to=nowhere").status == 404
        assert me.get("/api/next?after=-1").status == 422
        assert me.client("GET", "/api/items/1/versions").status == 405
        plain = me.client("POST", "/api/items/1/notes", b"text=x", Content_Type="application/x-www-form-urlencoded")
        assert plain.status == 415


def test_nothing_changes_without_the_token_of_the_page(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with in_thread(store) as server:
        assert server("POST", "/api/items/1/decisions", ACCEPT).status == 403
        me = Visitor(server)
        assert me.post("/api/items/1/decisions", ACCEPT, X_Review_Token="0" * 64).status == 403
        assert me.post("/api/items/1/decisions", ACCEPT, Sec_Fetch_Site="cross-site").status == 403
    assert store.view(ME, 1).status == "open"


def test_with_links_nobody_comes_in_without_one(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    people = People(store.ledger)
    ada, bo = people.invite("ada"), people.invite("bo")
    with in_thread(store, None) as server:
        for path in ("/api/next", "/api/items/1", "/api/find", "/api/figures", "/api/results.jsonl"):
            assert server("GET", path).status == 401, path
        assert server("GET", "/").status == 401
        assert server("GET", "/join/ada.0").status == 401
        one, two = Visitor(server, ada), Visitor(server, bo)
        for word in ("HttpOnly", "SameSite=strict", "Path=/"):
            assert word.lower() in one.cookie.lower()
        assert two.post("/api/items/1/decisions", ACCEPT, X_Review_Token=one.token).status == 403
        assert one.post("/api/items/1/decisions", ACCEPT).json["status"] == "accepted"
        people.revoke("ada")
        assert one.get("/api/next").status == 401
        assert one.post("/api/items/2/decisions", ACCEPT).status == 401
        assert two.get("/api/next").status == 200


def test_blind_reviewers_do_not_see_each_other(tmp_path: Path) -> None:
    store = new_store(tmp_path, overlap=2)
    people = People(store.ledger)
    links = [people.invite("ada"), people.invite("bo"), people.invite("cleo", "adjudicator")]
    with in_thread(store, None) as server:
        ada, bo, cleo = (Visitor(server, link) for link in links)
        saved = ada.post("/api/items/1/versions", EDIT).json
        ada.post("/api/items/1/decisions", {**ACCEPT, "version": saved["version"]})
        assert bo.get("/api/items/1").json["sample"]["labels"] == ["music"]
        assert not bo.get("/api/items/3").json["writable"]
        assert bo.get("/api/jump?to=3").json["view"]["writable"]
        assert bo.get("/api/figures").status == 403
        assert bo.get("/api/results.jsonl").status == 403
        assert b"By person" not in bo.get("/figures").body
        assert b"By person" in cleo.get("/figures").body
        assert cleo.post("/api/items/1/decisions", ACCEPT).status == 422
        bo.post("/api/items/1/decisions", ACCEPT)
        seen = cleo.get("/api/next").json["view"]
        assert [one["author"] for one in seen["blind"]] == ["ada", "bo"]


def test_a_page_of_a_store_without_open_items(tmp_path: Path) -> None:
    store = new_store(tmp_path, 1)
    with in_thread(store) as server:
        me = Visitor(server)
        me.post("/api/items/1/decisions", ACCEPT)
        assert server("GET", "/").status == 200
        assert me.get("/api/next").json["view"] is None


def test_the_command_stops_when_told(tmp_path: Path) -> None:
    data = write_samples(tmp_path / "s.jsonl", [draft()])
    with process(str(data), "--invite", "ada", "--invite", "cleo:adjudicator") as running:
        assert set(running.told["links"]) == {"ada", "cleo"}
        me = Visitor(running.client, running.told["links"]["ada"].rpartition("/")[2])
        assert me.post("/api/items/1/versions", EDIT).status == 200
        assert running.kill(15) == 0
    again = Store(Ledger(tmp_path / "s.jsonl.review.sqlite"))
    assert again.result(1).labels == ["travel"]


def test_many_hands_on_one_item_lose_no_edit(tmp_path: Path) -> None:
    """Ten people mark different words of one text at once, all from the first version."""
    store = new_store(tmp_path, 1)
    words = " ".join(f"word{n:02}" for n in range(40))
    store.add([Item(Sample("w", words, entities=[]))])
    people = People(store.ledger)
    links = [people.invite(f"p{n}") for n in range(10)]
    with in_thread(store, None) as server, ThreadPoolExecutor(10) as pool:
        visitors = [Visitor(server, link) for link in links]

        def mark(n: int) -> list[int]:
            said = []
            for step in range(4):
                at = 7 * (4 * n + step)
                spans = [(7 * (4 * n + k), k) for k in range(step + 1)]
                entities = [{"type": "w", "text": words[a : a + 6], "start": a, "end": a + 6} for a, _ in spans]
                assert words[at] == "w"
                sample = {"id": "w", "text": words, "entities": entities}
                said.append(visitors[n].post("/api/items/2/versions", {"base": 0, "sample": sample}).status)
            return said

        assert {status for said in pool.map(mark, range(10)) for status in said} == {200}
    assert [one.start for one in store.result(2).entities or ()] == [7 * n for n in range(40)]

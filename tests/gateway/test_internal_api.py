"""The internal API behind its door: what cannot be read, what is not there, owners that are away or fail."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from tests.gateway.internal_stage import KEY, TOKEN, internal_api
from yarl import URL

from gateway.web import owners
from gateway.web.api import AT_ONCE_MAX, DOCUMENT_PATH, ROUTES
from gateway.web.openapi import document, text

REDEEM = "/internal/promo/redeem"
STATUS = "/internal/promo/campaigns/spring/status"
DECIDE = "/internal/referrals/7/review"
GETS = tuple(route.path for route in ROUTES if route.method == "GET")


async def _problem(answer: aiohttp.ClientResponse, status: int, *words: str) -> dict[str, Any]:
    body: dict[str, Any] = await answer.json(content_type="application/problem+json")
    assert (answer.status, body["status"], body["type"]) == (status, status, "about:blank"), body
    assert not [word for word in words if word not in body["detail"]], body
    return body


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/internal/promo/dashboard", "hours=0", "hours"),
        ("/internal/promo/dashboard", "hours=169", "hours"),
        ("/internal/promo/dashboard", "hours=-1", "hours"),
        ("/internal/promo/dashboard", "hours=NaN", "hours"),
        ("/internal/promo/dashboard", "hours=1e2", "hours"),
        ("/internal/promo/dashboard", "hours=1.0", "hours"),
        ("/internal/promo/dashboard", "hours=" + "9" * 400, "hours"),
        ("/internal/promo/dashboard", "hours=%D9%A3", "hours"),
        ("/internal/promo/dashboard", "hours=", "hours"),
        ("/internal/promo/dashboard", "hours=null", "hours"),
        ("/internal/promo/dashboard", "hours=1&hours=2", "hours"),
        ("/internal/promo/dashboard", "hour=1", "hour"),
        ("/internal/offers/dashboard", "until=yesterday", "until"),
        ("/internal/offers/dashboard", "until=1700000000", "until"),
        ("/internal/offers/dashboard", "until=2026-01-01T00:00:00", "until"),
        ("/internal/offers/dashboard", "until=2026-01-01T00:00:00+02:00", "until"),
        ("/internal/referrals/dashboard", "until=null", "until"),
        ("/internal/promo/campaigns", "status=active", "status"),
        ("/internal/promo/campaigns", "status=null", "status"),
        ("/internal/promo/campaigns", "page=0", "page"),
        ("/internal/promo/campaigns", "page=-5", "page"),
        ("/internal/promo/campaigns", "page=1000001", "page"),
        ("/internal/promo/campaigns", "name=", "name"),
        ("/internal/promo/campaigns", "name=" + "x" * 65, "name"),
        ("/internal/promo/campaigns", "page_size=1000000", "page_size"),
        ("/internal/referrals/review", "referrer_id=0", "referrer_id"),
        ("/internal/referrals/review", "state=%00", "state"),
        ("/internal/referrals/review", "page=%FF", None),
        ("/internal/referrals/review", "page", None),
        ("/internal/referrals/review", "&".join(f"p{n}=1" for n in range(21)), None),
    ],
)
async def test_a_parameter_that_does_not_fit_is_400_and_named(path: str, query: str, field: str | None) -> None:
    async with internal_api() as api:
        port = api._base_url.port if api._base_url else 0
        url = URL(f"http://127.0.0.1:{port}{path}?{query}", encoded=True)
        body = await _problem(await api.get(url), 400, field or "query")
        assert body.get("field") == field


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (REDEEM, b"", None),
        (REDEEM, b"[]", None),
        (REDEEM, b"{", None),
        (REDEEM, b"\xff\xfe", None),
        (REDEEM, b"[" * 8000, None),
        (REDEEM, b'{"player_id":' + b"[" * 5000 + b"]" * 5000 + b"}", None),
        (REDEEM, b'{"player_id": NaN, "code": "A"}', None),
        (REDEEM, b'{"player_id": 1e3, "code": 7}', "player_id"),
        (REDEEM, b'{"player_id": 9007199254740992, "code": "A"}', "player_id"),
        (REDEEM, b'{"player_id": 0, "code": "A"}', "player_id"),
        (REDEEM, b'{"player_id": null, "code": "A"}', "player_id"),
        (REDEEM, b'{"player_id": "7", "code": "A"}', "player_id"),
        (REDEEM, b'{"player_id": 7, "code": ""}', "code"),
        (REDEEM, b'{"player_id": 7, "code": "' + b"A" * 65 + b'"}', "code"),
        (REDEEM, b'{"player_id": 7, "code": "\\ud800"}', None),
        (REDEEM, b'{"player_id": 7, "code": "A", "operator": "root"}', "operator"),
        (REDEEM, b'{"player_id": 7}', "code"),
        (STATUS, b'{"status": "DELETED"}', "status"),
        (STATUS, b'{"status": "PAUSED", "name": "other"}', "name"),
        (DECIDE, b'{"action": "CANCEL", "note": ""}', "note"),
        ("/internal/promo/refund-rollback", b'{"player_id": 7, "redemption_id": "x"}', "redemption_id"),
    ],
)  # fmt: skip
async def test_a_body_that_does_not_fit_is_400_and_named(path: str, body: bytes, field: str | None) -> None:
    async with internal_api() as api:
        answer = await api.post(path, data=body, headers={"Content-Type": "application/json", **KEY})
        found = await _problem(answer, 400, *([field] if field else []))
        if field is not None and "missing" not in found["detail"]:
            assert found["field"] == field


@pytest.mark.parametrize("key", [None, "", "a b", "x" * 65, "ü", "a/b"])
async def test_what_changes_something_has_a_name_of_its_own(key: str | None) -> None:
    async with internal_api() as api:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await api.post(STATUS, json={"status": "PAUSED"}, headers=headers)
        assert (await _problem(answer, 400, "Idempotency-Key"))["field"] == "Idempotency-Key"


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=latin-1", "application/jsonx", ""])
async def test_a_body_of_another_kind_is_415(kind: str) -> None:
    async with internal_api() as api:
        for headers in ({"Content-Type": kind}, {"Content-Type": "application/json", "Content-Encoding": "gzip"}):
            await _problem(await api.post(STATUS, data=b"{}", headers={**headers, **KEY}), 415, "application/json")


async def test_a_body_that_is_too_large_is_413() -> None:
    async with internal_api() as api:
        await _problem(await api.post(REDEEM, data=b" " * 20_000, headers=KEY), 413, "16 KiB")

        async def pieces() -> Any:
            for _ in range(20):
                yield b" " * 1000

        await _problem(await api.post(REDEEM, data=pieces(), headers=KEY), 413, "16 KiB")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST", "HEAD", "TRACE"])
async def test_another_method_is_405_and_hears_which_there_are(method: str) -> None:
    async with internal_api() as api:
        for path in (*GETS, DOCUMENT_PATH):
            answer = await api.request(method, path)
            assert (answer.status, answer.headers["Allow"]) == (405, "GET")
        if method != "POST":
            answer = await api.request(method, DECIDE)
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/internal", "/internal/", "/internal/promo/redeem/", "//internal/promo/redeem", "/INTERNAL/promo/redeem",
        "/internal/promo/campaigns/../dashboard", "/internal/promo/campaigns/%2e%2e/status", "/internal/promo/%72edeem",
        "/internal/promo/campaigns/a.b/status", "/internal/promo/campaigns//status",
        "/internal/promo/campaigns/*/status",
        "/internal/promo/campaigns/" + "a" * 65 + "/status", "/internal/promo/campaigns/a%0A/status",
        "/internal/referrals/-7/review", "/internal/referrals/0/review", "/internal/referrals/07/review",
        "/internal/referrals/7e1/review", "/internal/referrals/1234567890123456/review",
        "/internal/referrals/%D9%A3/review",
        "/internal/promo/redeem;x=1", "/internal/promo/redeem#x", "http://evil/internal/promo/dashboard",
    ],
)  # fmt: skip
async def test_what_is_no_path_of_ours_is_404_in_every_spelling(path: str) -> None:
    async with internal_api() as api:
        for method in (b"GET", b"POST"):
            assert await _raw(api, method + b" " + path.encode() + b" HTTP/1.1") == 404


async def _raw(api: aiohttp.ClientSession, line: bytes, more: bytes = b"", body: bytes = b"") -> int:
    port = int(api._base_url.port or 0) if api._base_url else 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = f"X-Internal-Token: {TOKEN}\r\n".encode()
    writer.write(line + b"\r\nHost: x\r\n" + token + more + b"\r\n" + body)
    status = int((await asyncio.wait_for(reader.readline(), 5)).split()[1])
    writer.close()
    return status


async def test_what_could_be_read_in_two_ways_is_refused() -> None:
    get, post = b"GET /internal/promo/dashboard HTTP/1.1", b"POST /internal/promo/redeem HTTP/1.1"
    kind = b"Content-Type: application/json\r\nIdempotency-Key: k\r\n"
    async with internal_api() as api:
        for line, more, body in (
            (get, b"Content-Length: 2\r\n", b"{}"),
            (get, b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
            (post, kind + b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
            (post, kind + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
            (post, kind + b"Content-Length: +2\r\n", b"{}"),
            (post, kind + b"Transfer-Encoding: chunked, identity\r\n", b"{}"),
            (post.replace(b"redeem", b"redeem?player_id=7"), kind + b"Content-Length: 2\r\n", b"{}"),
            (get, b"X: " + b"y" * 5000 + b"\r\n", b""),
            (get, b"".join(b"H%d: x\r\n" % n for n in range(100)), b""),
            (get, b" folded: x\r\n", b""),
        ):
            assert await _raw(api, line, more, body) == 400, (line, more)


async def test_an_owner_that_is_away_is_503_and_one_that_is_silent_504(nats_client: Client) -> None:
    async with internal_api(nats_client) as api:
        for path in GETS:
            answer = await api.get(path)
            await _problem(answer, 503, path.split("/")[2], "Repeat")
            assert int(answer.headers["Retry-After"]) > 0
        silent = await nats_client.subscribe("query.promo.dashboard")
        began = asyncio.get_running_loop().time()
        await _problem(await api.get("/internal/promo/dashboard"), 504, "promo", "in time")
        assert asyncio.get_running_loop().time() - began < owners.ANSWER_SECONDS_MAX + 2
        await silent.unsubscribe()


@pytest.mark.parametrize(
    ("code", "told", "status", "words"),
    [
        ("400", {"error": "until: what is kept begins later"}, 400, "until: what is kept"),
        ("409", {"error": "request_id: 'k' stands for another request"}, 409, "Idempotency-Key: 'k' stands"),
        ("500", {"error": "KeyError; see the log of promo"}, 502, "promo failed"),
        ("503", {"error": "not done in time"}, 503, "promo cannot be asked now"),
        ("418", {"error": "tea"}, 502, "promo failed"),
        ("", {"dashboard": "what is this"}, 502, "promo failed"),
        ("x", [], 502, "promo failed"),
    ],
)
async def test_what_an_owner_says_is_passed_on_where_it_is_about_the_request(
    nats_client: Client, code: str, told: Any, status: int, words: str
) -> None:
    async def answer(msg: Msg) -> None:
        headers = {"Nats-Service-Error-Code": code, "Nats-Service-Error": "no"} if code else None
        await nats_client.publish(msg.reply, json.dumps(told).encode(), headers=headers)

    await nats_client.subscribe("query.promo.dashboard", cb=answer)
    async with internal_api(nats_client) as api:
        problem = await _problem(await api.get("/internal/promo/dashboard"), status, words)
        assert "KeyError" not in problem["detail"]


async def test_an_owner_hears_who_asks_and_never_the_code_itself(nats_client: Client) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []

    async def answer(msg: Msg) -> None:
        heard.append((msg.subject, json.loads(msg.data)))
        await nats_client.publish(msg.reply, b'{"accepted": true}')

    await nats_client.subscribe("admin.>", cb=answer)
    async with internal_api(nats_client) as api:
        key = str(uuid4())
        given = {"player_id": 7, "code": "SECRET-CODE"}
        answer_ = await api.post(REDEEM, json=given, headers={"Idempotency-Key": key})
        assert answer_.status == 200
    ((subject, request),) = heard
    assert subject == "admin.promo.code.redeem.gateway.mira"
    assert (request["request_id"], request["player_id"]) == (key, 7)
    assert "SECRET" not in json.dumps(request)
    assert len(request["fingerprints"][0]) == 64


async def test_one_more_than_can_wait_is_told_to_come_again(nats_client: Client) -> None:
    heard: list[Msg] = []

    async def note(msg: Msg) -> None:
        heard.append(msg)

    await nats_client.subscribe("query.promo.dashboard", cb=note)
    async with internal_api(nats_client) as api:
        waiting = [asyncio.create_task(api.get("/internal/promo/dashboard")) for _ in range(AT_ONCE_MAX)]
        async with asyncio.timeout(10):
            while len(heard) < AT_ONCE_MAX:  # noqa: ASYNC110 - what is waited for happens in the server
                await asyncio.sleep(0.01)
        await _problem(await api.get("/internal/promo/dashboard"), 503, "under way")
        for msg in heard:
            await nats_client.publish(msg.reply, b"{}", headers={"Nats-Service-Error-Code": "400"})
        assert {answer.status for answer in await asyncio.gather(*waiting)} == {400}
        assert (await api.get(DOCUMENT_PATH)).status == 200


async def test_a_large_answer_arrives_whole_and_two_do_on_one_connection() -> None:
    async with internal_api() as api:
        bodies = [await (await api.get(DOCUMENT_PATH)).json() for _ in range(2)]
        assert bodies == [json.loads(text(ROUTES, DOCUMENT_PATH))] * 2


def test_the_document_has_every_route_of_the_domain() -> None:
    found = {
        f"{method.upper()} {path}"
        for path, methods in document(ROUTES, DOCUMENT_PATH)["paths"].items()
        for method in methods
    }
    assert found == {
        "POST /internal/promo/redeem", "GET /internal/promo/dashboard", "GET /internal/promo/campaigns",
        "POST /internal/promo/campaigns/{promo_code_id}/status", "POST /internal/promo/refund-rollback",
        "GET /internal/offers/dashboard", "GET /internal/referrals/dashboard", "GET /internal/referrals/review",
        "POST /internal/referrals/{id}/review", "GET /internal/openapi.json",
    }  # fmt: skip

"""The internal API's door: whatever is wrong, it is the same 403 that says nothing."""

import asyncio
import socket
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from tests.gateway.internal_stage import OTHER_TOKEN, TOKEN, internal_api, settings

from actors.settings import SettingsError
from gateway.metrics import INTERNAL_REFUSED

DOCUMENT = "/internal/openapi.json"
REFUSED = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "Not allowed."}
_AWAY = "203.0.113.9"


async def _refused(answer: aiohttp.ClientResponse) -> bool:
    assert answer.status == 403
    assert answer.content_type == "application/problem+json"
    assert await answer.json(content_type=None) == REFUSED
    return True


def _count(reason: str) -> float:
    return INTERNAL_REFUSED.labels(reason)._value.get()


async def test_who_has_a_token_comes_in_with_the_old_one_too() -> None:
    async with internal_api() as api:
        for token in (TOKEN, OTHER_TOKEN):
            answer = await api.get(DOCUMENT, headers={"X-Internal-Token": token})
            assert (answer.status, (await answer.json())["openapi"]) == (200, "3.1.0")
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "token", ["", "x", TOKEN[:-1], TOKEN + "t", TOKEN.upper(), f"mira:{TOKEN}", f"{TOKEN},{TOKEN}"]
)
@pytest.mark.parametrize("path", [DOCUMENT, "/internal/promo/redeem", "/nothing", "/"])
async def test_a_wrong_token_is_403_whatever_is_asked_for(token: str, path: str) -> None:
    async with internal_api() as api:
        before = _count("token")
        assert await _refused(await api.get(path, headers={"X-Internal-Token": token}))
        assert await _refused(await api.post(path, headers={"X-Internal-Token": token}, data=b"x" * 100_000))
        assert _count("token") == before + 2


async def test_a_missing_doubled_or_non_ascii_token_is_403() -> None:
    async with internal_api() as api:
        port = int(api._base_url.port or 0) if api._base_url else 0
        for lines in (b"", b"X-Internal-Token: \xff\xfe\r\n", f"X-Internal-Token: {TOKEN}\r\n".encode() * 2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /internal/openapi.json HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")
            assert (await asyncio.wait_for(reader.readline(), 5)).split()[1] == b"403"
            writer.close()


async def test_a_wrong_address_is_the_same_403_with_the_right_token() -> None:
    async with internal_api(internal_api_allow="10.0.0.0/8") as api:
        before = _count("address"), _count("both")
        assert await _refused(await api.get(DOCUMENT))
        assert await _refused(await api.get(DOCUMENT, headers={"X-Internal-Token": "x"}))
        assert (_count("address"), _count("both")) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP"])
async def test_whoever_is_no_proxy_of_ours_cannot_say_where_they_are(header: str) -> None:
    value = "for=10.0.0.5" if header == "Forwarded" else "10.0.0.5"
    for forwarded in ("X-Forwarded-For", "Forwarded"):
        async with internal_api(internal_api_allow="10.0.0.0/8", internal_api_forwarded=forwarded) as api:
            assert await _refused(await api.get(DOCUMENT, headers={header: value}))


@pytest.mark.parametrize(
    ("header", "lines", "status"),
    [
        ("X-Forwarded-For", ["10.0.0.5"], 200),
        ("X-Forwarded-For", [f"{_AWAY}, 10.0.0.5"], 200),
        ("X-Forwarded-For", [f"10.0.0.5, {_AWAY}"], 403),
        ("X-Forwarded-For", ["10.0.0.5", _AWAY], 403),
        ("X-Forwarded-For", [], 403),
        ("X-Forwarded-For", ["10.0.0.5, unknown"], 403),
        ("Forwarded", ["for=10.0.0.5"], 200),
        ("Forwarded", [f"for=10.0.0.5, for={_AWAY}"], 403),
        ("Forwarded", [f'for=10.0.0.5;x=", for={_AWAY}'], 403),
        ("Forwarded", [], 403),
    ],
)
async def test_behind_a_proxy_of_ours_the_address_is_what_it_saw(header: Any, lines: list[str], status: int) -> None:
    trusting: dict[str, Any] = {"internal_api_allow": "10.0.0.0/8", "internal_api_proxies": "127.0.0.1"}
    async with internal_api(**trusting, internal_api_forwarded=header) as api:
        sent = [("X-Internal-Token", TOKEN), *((header, line) for line in lines)]
        other = "Forwarded" if header == "X-Forwarded-For" else "X-Forwarded-For"
        sent.append((other, "for=10.0.0.5" if other == "Forwarded" else "10.0.0.5"))  # what no proxy of ours writes
        answer = await _raw(api, sent)
        assert answer == status


async def _raw(api: aiohttp.ClientSession, headers: list[tuple[str, str]]) -> int:
    port = int(api._base_url.port or 0) if api._base_url else 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    writer.write(f"GET {DOCUMENT} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
    status = int((await asyncio.wait_for(reader.readline(), 5)).split()[1])
    writer.close()
    return status


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(("allow", "status"), [("::1", 200), ("fd00::/8", 403), ("127.0.0.1", 403)])
async def test_ipv6_is_an_address_like_any_other(allow: str, status: int) -> None:
    async with internal_api(internal_api_host="::1", internal_api_allow=allow) as api:
        assert (await api.get(DOCUMENT)).status == status


def test_tokens_without_networks_do_not_start() -> None:
    for more, says in (
        ({"internal_api_allow": ""}, "INTERNAL_API_ALLOW must be set"),
        ({"internal_api_allow": " , "}, "INTERNAL_API_ALLOW must be set"),
        ({"internal_api_allow": "10.0.0.1/8"}, "use CIDR"),
        ({"internal_api_proxies": "proxy"}, "use CIDR"),
        ({"internal_api_tokens": SecretStr("mira:short")}, "needs 32 to 256"),
        ({"internal_api_forwarded": "X-Real-IP"}, "INTERNAL_API_FORWARDED"),
    ):
        with pytest.raises(SettingsError, match=says):
            settings(**more)
    assert settings(internal_api_tokens=SecretStr(""), internal_api_allow="").internal_api_port == 0

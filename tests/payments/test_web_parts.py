"""The checkout page: switched off by default, and its parts one by one."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from fluent.syntax import parse
from fluent.syntax.ast import Junk, Message
from fluent.syntax.serializer import FluentSerializer
from nats.aio.client import Client
from web_stage import opened, web_settings

from actors.clock import ManualClock
from actors.fluent_catalogue import source_of
from actors.settings import SettingsError
from actors.testing import NOON
from actors.token_bucket import Rate
from contracts.payments import BuyRefusal, Currency, Product, PurchaseState
from devstack import local_env, web_checkout
from devstack.databases import Database
from devstack.vault import Vault
from payments.settings import PaymentsSettings
from payments.web import pages
from payments.web.forms import COOKIE, Form, FormKey, order_of, read_form, wish_of
from payments.web.rate_limiter import ADDRESSES_MAX, RateLimiter, address_of
from payments.web.storefront import MINIMUM, Bought, PricedProduct
from payments.web.texts import LANGUAGES, currency_of, language_of, voice

S = PurchaseState
real = pytest.mark.services("payments")


# -- off by default -----------------------------------------------------------------------------------


@real
async def test_with_stripe_off_there_is_no_port_no_page_and_no_sdk(
    database: Database, nats_server: Any, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    async with opened(database, nats_server.url, nats_client, pool, stripe_api_key="") as stage:
        with pytest.raises(OSError, match="Cannot connect"):
            await stage.get("/")
        stage.page = f"http://127.0.0.1:{stage.service.port}"
        for path in ("/", "/order", "/webhook/stripe", "/checkout.css"):
            assert (await stage.get(path)).status == 404


def test_a_process_with_stripe_off_does_not_load_it() -> None:
    check = (
        "import asyncio, sys, types, payments.app as app\n"
        "from payments.settings import PaymentsSettings\n"
        "settings = PaymentsSettings(nats_url='nats://x', postgres_dsn='x', bot_token='1:x')\n"
        "async def build():\n"
        "    async with app.build(types.SimpleNamespace(settings=settings, asker=None, pool=None)) as built:\n"
        "        assert built.ingresses == (), built.ingresses\n"
        "asyncio.run(build())\n"
        "sys.exit(' '.join(sorted({'stripe', 'payments.web.server'} & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", check], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("lacks", "names"), [("stripe_webhook_secrets", "STRIPE_WEBHOOK_SECRETS"), ("web_url", "WEB_URL")]
)
def test_stripe_is_not_switched_on_by_half(lacks: str, names: str) -> None:
    web_settings("nats://x", "postgres://x", "http://x", "http://x:1")
    with pytest.raises(SettingsError, match=names):
        web_settings("nats://x", "postgres://x", "http://x", "http://x:1", **{lacks: ","})


def test_a_local_run_switches_it_on_with_all_it_needs(tmp_path: Path) -> None:
    vault, page = Vault(tmp_path), web_checkout.address_of(8099)
    sources = {
        "secret": vault.shared,
        "sandbox": lambda _: "http://x",
        "port": lambda _: "8099",
        "first_port": lambda _: "8099",
    }
    given = local_env.read(local_env.path_of("payments"), {"sandbox", "stripe"}, sources)
    own = {name.lower(): value for name, value in given.items()}
    settings = PaymentsSettings(nats_url="nats://x", postgres_dsn="x", **own)  # type: ignore[arg-type]
    assert settings.stripe_is_on
    assert (settings.web_url, settings.web_port) == (page, 8099)
    key = web_checkout.of_sandbox(vault)["SANDBOX_STRIPE_SECRET_KEY"]
    assert settings.stripe_api_key.get_secret_value() == key


# -- its parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language", "currency"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "EUR"),
        ("en-GB", "en", "GBP"),
        ("en-US,en;q=0.9,de;q=0.8", "en", "USD"),
        ("fr-FR,fr;q=0.9,en;q=0.5,de;q=0.4", "en", "EUR"),
        ("de;q=0.1,en;q=0.9", "en", "EUR"),
        ("", "de", "EUR"),
        ("ru", "de", "EUR"),
        (";;,q=,en;q=x,de;q=0", "de", "EUR"),
    ],
)
def test_the_browser_s_language_is_spoken(accepted: str, language: str, currency: str) -> None:
    assert (language_of(accepted), currency_of(accepted)) == (language, currency)


def test_both_catalogues_have_the_same_texts_with_the_same_values() -> None:
    german, english = (_catalogue(language) for language in LANGUAGES)
    assert list(german) == list(english)
    for key, text in german.items():
        assert _values(text) == _values(english[key]), key
    for refusal in set(BuyRefusal) - {BuyRefusal.DISCOUNT_INVALID}:
        assert f"refused-{refusal}" in german


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", PurchaseState)
@pytest.mark.parametrize("is_back", [True, False])
def test_every_state_of_an_order_has_words(language: Any, state: PurchaseState, is_back: bool) -> None:
    bought = Bought(found=True, product="ENERGY_10", provider="STRIPE", state=state, amount=105, currency="USD")
    text = pages.order(voice(language), UUID(int=1), bought, is_back=is_back, looks=0)
    assert "{" not in text
    assert ("refresh" in text) == (not is_back and state in {*_OPEN, S.PAID_UNCREDITED, S.FAILED})
    assert "refresh" not in pages.order(voice(language), UUID(int=1), bought, is_back=is_back, looks=12)


_OPEN = (S.CREATED, S.INVOICE_SENT, S.PRECHECKOUT_OK)


@pytest.mark.parametrize(
    ("number", "player_id"),
    [
        ("5512740098", 5512740098), (" 5 512 740 098 ", 5512740098), ("5.512.740.098", 5512740098), ("1", 1),
        ("0", None),
        ("", None), ("-5", None), ("551-274-0098", 5512740098), ("٣", None), ("5e9", None), ("9" * 16, None),
        ("9" * 400, None), (str(2**52), None), ("+49 151 1", None),
    ],
)  # fmt: skip
def test_a_starquiz_number_is_digits(number: str, player_id: int | None) -> None:
    form = read_form(f"product=ENERGY_10&currency=EUR&number={number.replace('+', '%2B')}".encode())
    wish = wish_of(form)
    assert getattr(wish, "player_id", None) == player_id
    assert player_id is not None or wish == ["number"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"&" * 5000, b"a=1&" * 40, b"number[]=1", b"product=%00"])
def test_a_strange_form_is_a_form_without_fields(body: bytes) -> None:
    assert set(order_of(read_form(body))) == {"product", "currency", "number"}  # type: ignore[arg-type]


def test_only_the_web_s_currencies_are_taken() -> None:
    assert wish_of(read_form(b"product=ENERGY_10&currency=XTR&number=7")) == ["currency"]
    assert set(MINIMUM) == set(Currency) - {Currency.XTR}


def test_what_a_buyer_entered_is_no_markup() -> None:
    form = Form(token="t", product="ENERGY_10", number='"><script>alert(1)</script>')
    text = pages.shelf(voice("de"), [PricedProduct(Product.ENERGY_10, 105)], Currency.EUR, form, ["problem-number"])
    assert "<script>" not in text
    assert "&#34;&gt;&lt;script&gt;alert(1)" in text


def test_a_token_fits_one_browser_and_all_replicas() -> None:
    def browser(cookie: str) -> web.Request:
        return make_mocked_request("POST", "/buy", headers={"Cookie": f"{COOKIE}={cookie}"})

    token = FormKey("secret").token("a" * 32)
    assert FormKey("secret").fits(browser("a" * 32), token)
    assert not FormKey("secret").fits(browser("b" * 32), token)
    assert not FormKey("other").fits(browser("a" * 32), token)
    assert FormKey("secret").cookie(browser("a" * 32)) == "a" * 32
    assert FormKey("secret").cookie(browser("short")) != "short"


def test_the_pace_of_an_address() -> None:
    clock = ManualClock(NOON)
    limiter = RateLimiter(Rate(per_second=0.1, burst=2), clock)
    assert [limiter.wait("192.0.2.1") for _ in range(3)] == [0, 0, 10]
    assert limiter.wait("192.0.2.2") == 0
    # A household's IPv6 addresses count together.
    assert [limiter.wait(f"2001:db8::{n}") for n in range(3)] == [0, 0, 10]
    clock.advance(seconds=10)
    assert [limiter.wait("192.0.2.1") for _ in range(2)] == [0, 10]
    for n in range(ADDRESSES_MAX + 5):
        limiter.wait(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(limiter._buckets) == ADDRESSES_MAX


def test_an_address_is_what_our_own_proxies_saw() -> None:
    assert address_of("10.0.0.1", "1.1.1.1, 2.2.2.2", 0) == "10.0.0.1"
    assert address_of("10.0.0.1", "1.1.1.1, 2.2.2.2", 1) == "2.2.2.2"
    assert address_of("10.0.0.1", "1.1.1.1, 2.2.2.2", 2) == "1.1.1.1"
    assert address_of("10.0.0.1", "2.2.2.2", 2) == "10.0.0.1"


def _catalogue(language: str) -> dict[str, str]:
    """Return key → text, with its placeables as they are written."""
    entries = parse(source_of("payments.web", language)).body
    assert [entry for entry in entries if isinstance(entry, Junk)] == []
    return {entry.id.name: FluentSerializer().serialize_entry(entry) for entry in entries if isinstance(entry, Message)}


def _values(text: str) -> set[str]:
    return set(re.findall(r"\$(\w+)", text))

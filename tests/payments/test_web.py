"""The checkout page as a buyer sees it, on the running service and the sandbox's Stripe (DOMAIN §5, §6)."""

import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import resources
from string import Formatter
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from nats.aio.client import Client
from pydantic import ValidationError
from web_stage import BRITISH, GERMAN, NUMBER, Stage, opened, web_settings

from contracts.payments import BuyRefusal, Currency, Product, PurchaseState
from devstack.databases import Database
from payments.web import pages
from payments.web.counter import MINIMUM, SESSION_OUTLIVES_INVOICE, Bought
from payments.web.forms import COOKIE, FormKey, order_of, read_form, wish_of
from payments.web.pace import ADDRESSES_MAX, Pace, address_of
from payments.web.server import TRIES_AT_ONCE
from payments.web.texts import LANGUAGES, currency_of, language_of, voice

S = PurchaseState
real = pytest.mark.services("payments")


@pytest.fixture
async def stage(
    database: Database, nats_server: Any, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]"
) -> AsyncIterator[Stage]:
    async with opened(database, nats_server.url, nats_client, pool) as made:
        yield made


# -- a purchase --------------------------------------------------------------------------------------


@real
async def test_a_purchase_from_the_shelf_to_the_receipt(stage: Stage) -> None:
    await stage.hook()
    shelf = await stage.get("/")
    assert shelf.status == 200
    for product in Product:
        assert voice("de").product(product) in shelf.words
    assert "2,99 €" in shelf.words
    checked = await stage.post("/check", {**shelf.fields("check"), "product": "PREMIUM_MONTH", "number": str(NUMBER)})
    assert checked.status == 200
    assert "Zahlungspflichtig bestellen: 2,99 €" in checked.words
    assert "5 512 740 098" in checked.words.replace("\u202f", " ")
    assert await stage.purchases() == [], "nothing is bought before the button that says so"
    sent = await stage.post("/buy", checked.fields("buy"))
    assert sent.status == 303
    assert sent.headers["Location"].startswith(f"{stage.base}/stripe/pay/cs_")
    session = stage.book.get("sessions", sent.headers["Location"].rpartition("/")[2])
    (purchase,) = await stage.purchases()
    assert (session["amount_total"], session["currency"], session["locale"]) == (299, "eur", "de")
    assert session["metadata"] == {"purchase_id": str(purchase.purchase_id), "player_id": str(NUMBER)}
    order = session["success_url"].removeprefix(stage.page)
    waiting = await stage.get(order)
    assert "Gleich geschafft" in waiting.words
    assert 'http-equiv="refresh"' in waiting.text
    assert "Nichts abgebucht" in (await stage.get(session["cancel_url"].removeprefix(stage.page))).words
    await stage.stripe(f"sessions/{session['id']}/pay")
    await stage.becomes(session["id"], S.CREDITED)
    receipt = await stage.get(order)
    assert "Premium Monat ist bezahlt (2,99 €)" in receipt.words
    assert "refresh" not in receipt.text
    assert await stage.entries("SALE") == [
        ("house:PROVIDER_CLEARING:STRIPE", "EUR", 299),
        ("house:SALES", "EUR", -299),
        ("house:SALES", "PREMIUM_DAYS", -30),
        (f"player:{NUMBER}", "PREMIUM_DAYS", 30),
    ]


@real
async def test_the_same_button_twice_is_one_order_and_one_session(stage: Stage) -> None:
    checked = await stage.check()
    first = await stage.post("/buy", checked.fields("buy"))
    second = await stage.post("/buy", checked.fields("buy"))
    assert first.headers["Location"] == second.headers["Location"]
    # From another browser, later and in another language, it is still the session that waits.
    shelf = await stage.get("/?currency=EUR", **BRITISH)
    form = {**shelf.fields("check"), "product": "PREMIUM_MONTH", "number": str(NUMBER)}
    checked = await stage.post("/check", form, **BRITISH)
    third = await stage.post("/buy", checked.fields("buy"), **BRITISH)
    assert third.headers["Location"] == first.headers["Location"]
    assert len(stage.book.kinds["sessions"]) == 1
    assert len(await stage.purchases()) == 1


@real
async def test_a_session_is_made_although_stripe_answered_only_the_second_time(stage: Stage) -> None:
    """The last minute of an invoice included: Stripe wants its 30 minutes from the moment it is asked."""
    await stage.stripe("faults", faults=[{"on": "call", "do": "503", "count": 1}])
    checked = await stage.check()
    busy = await stage.post("/buy", checked.fields("buy"))
    assert busy.status == 503
    assert "Es wurde nichts abgebucht" in busy.words
    assert (await stage.post("/buy", checked.fields("buy"))).status == 303
    (purchase,) = await stage.purchases()
    (session,) = stage.book.kinds["sessions"].values()
    expires_at = purchase.expires_at + SESSION_OUTLIVES_INVOICE
    assert session["expires_at"] == int(expires_at.timestamp())
    asked_last = purchase.expires_at
    assert timedelta(minutes=30) < expires_at - asked_last
    assert expires_at - purchase.created_at < timedelta(hours=24)


@real
async def test_an_open_order_keeps_its_price_and_says_so(stage: Stage) -> None:
    await stage.order("ENERGY_10")
    await stage.value(
        "insert into prices (product, currency, version, amount, set_by, valid_from) values"
        " ('ENERGY_10', 'EUR', 2, 199, 'test', now())"
    )
    checked = await stage.check("ENERGY_10")
    assert "1,99 €" in checked.words
    asked = await stage.post("/buy", checked.fields("buy"))
    assert asked.status == 409
    assert "Sie behält ihren Preis: 0,69 €" in asked.words
    assert (await stage.post("/buy", asked.fields("buy"))).status == 303
    assert [session["amount_total"] for session in stage.book.kinds["sessions"].values()] == [69]


@real
async def test_currencies_and_languages(stage: Stage) -> None:
    await stage.value(
        "insert into prices (product, currency, version, amount, set_by, valid_from) values"
        " ('ENERGY_10', 'GBP', 1, 65, 'test', now()), ('MEGA_PACK_15', 'GBP', 1, 29, 'test', now())"
    )
    british = await stage.get("/", **BRITISH)
    assert 'lang="en"' in british.text
    assert "£0.65" in british.words
    assert "£0.29" not in british.words, "Stripe takes 30 pence at least"
    checked = await stage.post("/check", {**british.fields("check"), "product": "ENERGY_10", "number": "7"}, **BRITISH)
    assert "Order and pay: £0.65" in checked.words
    small = {**british.fields("check"), "product": "MEGA_PACK_15", "number": "7"}
    refused = await stage.post("/check", small, **BRITISH)
    american = await stage.get("/", **{"Accept-Language": "en-US"})
    assert "€2.99" in american.words, "no rate for dollars yet, so there are euros rather than nothing"
    assert "no prices in USD" in (await stage.get("/?currency=USD", **BRITISH)).words
    assert (refused.status, "Stripe takes no payment of this amount" in refused.words) == (409, True)


# -- what is wrong ------------------------------------------------------------------------------------


@real
async def test_mistakes_are_named_with_their_remedy_and_nothing_is_lost(stage: Stage) -> None:
    fields = (await stage.get("/")).fields("check")
    wrong = await stage.post("/check", {**fields, "product": "ENERGY_10", "number": "@erika"})
    assert wrong.status == 422
    assert "Starquiz-Nummer: Gib nur Ziffern ein, zum Beispiel 5512740098." in wrong.words
    assert 'value="@erika"' in wrong.text
    assert 'value="ENERGY_10" required checked' in wrong.text
    nothing = await stage.post("/check", fields)
    assert "Produkt: Wähle eins" in nothing.words
    assert "Starquiz-Nummer: Gib" in nothing.words
    script = await stage.post("/check", {**fields, "product": "ENERGY_10", "number": '"><script>alert(1)</script>'})
    assert "<script" not in script.text
    assert (await stage.post("/buy", {**fields, "product": "ENERGY_10", "number": "7"})).status == 422
    assert await stage.purchases() == []


@real
async def test_a_form_that_is_not_ours_orders_nothing(stage: Stage) -> None:
    checked = await stage.check()
    fields = checked.fields("buy")
    for forged in ({**fields, "token": ""}, {**fields, "token": "x" * 44}, {**fields, "token": "ü"}):
        answer = await stage.post("/buy", forged)
        assert (answer.status, "lange offen" in answer.words) == (403, True)
    elsewhere = await stage.post("/buy", fields, **GERMAN, **{"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status == 403
    stage.browser.cookie_jar.clear()
    assert (await stage.post("/buy", fields)).status == 403
    assert await stage.purchases() == []
    cookie = (await stage.get("/")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@real
async def test_a_quote_is_good_for_what_it_was_made_for_and_15_minutes(stage: Stage) -> None:
    fields = (await stage.check()).fields("buy")
    changed = await stage.post("/buy", {**fields, "product": "ENERGY_10"})
    assert (changed.status, "die sind vorbei" in changed.words) == (409, True)
    fields = (await stage.check()).fields("buy")
    await stage.value("update quotes set lapses_at = now()")
    assert (await stage.post("/buy", fields)).status == 409
    assert await stage.purchases() == []


@real
async def test_what_the_player_may_not_buy_is_refused_without_telling_dates(stage: Stage) -> None:
    await stage.hook()
    session = await stage.order("PREMIUM_SEASON")
    await stage.stripe(f"sessions/{session}/pay")
    await stage.becomes(session, S.CREDITED)
    refused = await stage.post("/buy", (await stage.check("PREMIUM_MONTH")).fields("buy"))
    assert refused.status == 409
    assert "läuft schon Premium" in refused.words
    assert "20" not in refused.words.split("Premium,")[1].split("/premium")[0]


@real
async def test_an_order_that_is_none_is_no_page(stage: Stage) -> None:
    for path in ("/order", "/order?purchase=x", "/order?purchase=00000000-0000-4000-8000-000000000000"):
        answer = await stage.get(path)
        assert (answer.status, "Diese Seite gibt es nicht" in answer.words) == (404, True)
    assert (await stage.get("/admin")).status == 404
    assert (await stage.get("/buy")).status == 405


@real
async def test_nothing_is_kept_framed_or_loaded_from_elsewhere(stage: Stage) -> None:
    for path in ("/", "/order", "/nowhere"):
        headers = (await stage.get(path)).headers
        assert headers["Cache-Control"] == "no-store"
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self' " + stage.base)
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    style = await stage.get("/checkout.css")
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "script" not in (await stage.get("/")).text


@real
async def test_an_address_may_try_so_often(stage: Stage) -> None:
    fields = {**(await stage.get("/")).fields("check"), "product": "ENERGY_10", "number": "?"}
    statuses = [(await stage.post("/check", fields)).status for _ in range(TRIES_AT_ONCE + 1)]
    assert statuses == [422] * TRIES_AT_ONCE + [429]
    late = await stage.post("/check", fields)
    assert "Das waren viele Versuche" in late.words
    assert int(late.headers["Retry-After"]) >= 1
    assert (await stage.get("/")).status == 200
    huge = await stage.post("/buy", {"number": "1" * 9000})
    assert huge.status == 429


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
        "    async with app.build(types.SimpleNamespace(settings=settings)) as built:\n"
        "        assert built.entrances == (), built.entrances\n"
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
    with pytest.raises(ValidationError, match=names):
        web_settings("nats://x", "postgres://x", "http://x", "http://x:1", **{lacks: ","})


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
        assert text.strip() == text, key
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
    seconds = [0.0]
    pace = Pace(at_once=2, per_second=0.1, now=lambda: seconds[0])
    assert [pace.wait("192.0.2.1") for _ in range(3)] == [0, 0, 10]
    assert pace.wait("192.0.2.2") == 0
    # A household's IPv6 addresses count together.
    assert [pace.wait(f"2001:db8::{n}") for n in range(3)] == [0, 0, 10]
    seconds[0] = 10.0
    assert [pace.wait("192.0.2.1") for _ in range(2)] == [0, 10]
    for n in range(ADDRESSES_MAX + 5):
        pace.wait(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(pace._buckets) == ADDRESSES_MAX


def test_an_address_is_what_our_own_proxies_saw() -> None:
    assert address_of("10.0.0.1", "1.1.1.1, 2.2.2.2", 0) == "10.0.0.1"
    assert address_of("10.0.0.1", "1.1.1.1, 2.2.2.2", 1) == "2.2.2.2"
    assert address_of("10.0.0.1", "1.1.1.1, 2.2.2.2", 2) == "1.1.1.1"
    assert address_of("10.0.0.1", "2.2.2.2", 2) == "10.0.0.1"


def _catalogue(language: str) -> dict[str, str]:
    file = resources.files("payments.web").joinpath("catalogue", f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}

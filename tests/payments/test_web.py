"""The checkout page as a buyer sees it, on the running service and the sandbox's Stripe (DOMAIN §5, §6)."""

from datetime import timedelta

import pytest
from web_stage import BRITISH, GERMAN, NUMBER, Stage

from contracts.message import encode
from contracts.payments import BuyProduct, Product, PurchaseState
from payments.web.server import TRIES
from payments.web.storefront import SESSION_OUTLIVES_INVOICE
from payments.web.texts import voice

S = PurchaseState
real = pytest.mark.services("payments")


# -- a purchase --------------------------------------------------------------------------------------


@real
async def test_a_purchase_from_the_shelf_to_the_receipt(stage: Stage) -> None:
    await stage.hook()
    shelf = await stage.get("/")
    assert shelf.status == 200
    for product in Product:
        assert (voice("de").product(product) in shelf.words) is (product is not Product.DUEL_TICKET_5)
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
    shelf = await stage.get("/?currency=EUR", **BRITISH)
    form = {**shelf.fields("check"), "product": "PREMIUM_MONTH", "number": str(NUMBER)}
    checked = await stage.post("/check", form, **BRITISH)
    first = await stage.post("/buy", checked.fields("buy"), **BRITISH)
    second = await stage.post("/buy", checked.fields("buy"), **BRITISH)
    assert first.headers["Location"] == second.headers["Location"]
    # Later and in another language, it is still the session that waits.
    third = await stage.post("/buy", (await stage.check()).fields("buy"), **GERMAN)
    assert third.headers["Location"] == first.headers["Location"]
    assert [session["locale"] for session in stage.book.kinds["sessions"].values()] == ["en"]
    assert len(await stage.purchases()) == 1


@real
async def test_the_button_once_more_after_paying_buys_nothing_more(stage: Stage) -> None:
    await stage.hook()
    fields = (await stage.check("ENERGY_10")).fields("buy")
    sent = await stage.post("/buy", fields)
    session = sent.headers["Location"].rpartition("/")[2]
    await stage.stripe(f"sessions/{session}/pay")
    await stage.becomes(session, S.CREDITED)
    assert (await stage.post("/buy", fields)).headers["Location"] == sent.headers["Location"]
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
    await stage.nc.jetstream().publish(
        "payments.cmd.7.buy_product", encode(BuyProduct(player_id=7, product=Product.ENERGY_10))
    )

    async def stars() -> bool:
        return len(await stage.purchases()) == 1

    await stage.until(stars, "a purchase inside Telegram")
    (purchase,) = await stage.purchases()
    assert (await stage.get(f"/order?purchase={purchase.purchase_id}")).status == 404
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
    statuses = [(await stage.post("/check", fields)).status for _ in range(TRIES.burst + 1)]
    assert statuses == [422] * TRIES.burst + [429]
    late = await stage.post("/check", fields)
    assert "Das waren viele Versuche" in late.words
    assert int(late.headers["Retry-After"]) >= 1
    assert (await stage.get("/")).status == 200
    huge = await stage.post("/buy", {"number": "1" * 9000})
    assert huge.status == 429

"""The shop's screens in both languages: what it costs, what it gives, why not, and what next."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.gateway.conftest import NOW, PLAYER
from tests.gateway.reading import data, labels, sound

from contracts.gameplay import Mode
from contracts.payments import (
    BuyRefusal,
    Currency,
    InvoiceOpened,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseRefunded,
    PurchaseRefused,
    PurchasesShown,
    PurchaseState,
    PurchaseView,
    RefundReason,
    ShopItem,
    ShopShown,
    ShopView,
)
from gateway.domain.shop_layout import EXTRAS, PREMIUM
from gateway.presenter import notices, purchases, shop
from gateway.texts import Texts

LANGUAGES = pytest.mark.parametrize("language", ["de", "en"])
PURCHASE = UUID("019cb8f0-0000-7000-8000-00000000000a")
PRICES = dict(zip(Product, (10, 15, 20, 5, 29, 99, 249, 499), strict=True))
UNTIL = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
"""In Berlin it is the 11th already."""
DAY = {"de": "11.03.2026", "en": "11 Mar 2026"}
MOMENT = {"de": "11.03.2026, 00:30 Uhr", "en": "11 Mar 2026, 00:30"}


def shown(view: ShopView, closed: Mapping[Any, BuyRefusal] | None = None, **more: Any) -> ShopShown:
    refusals = closed or {}
    offers = tuple(
        ShopItem(
            product=product, amount=PRICES[product], refusal=refusals.get(product),
            until=UNTIL if product in refusals else None,
        )
        for product in Product
    )  # fmt: skip
    return ShopShown(player_id=PLAYER, view=view, offers=offers, **more)


def test_every_product_stands_on_one_shelf() -> None:
    assert sorted((*EXTRAS, *PREMIUM)) == sorted(Product)


@LANGUAGES
@pytest.mark.parametrize(("view", "products"), [(ShopView.SHOP, EXTRAS), (ShopView.PREMIUM, PREMIUM)])
def test_a_shelf_says_what_each_product_gives_and_costs_and_sells_it(
    language: str, view: ShopView, products: tuple[Product, ...], texts: Texts
) -> None:
    voice = texts.voice(language)
    screen = sound(shop.shop_shown(shown(view), voice))
    for product, button, label in zip(products, data(screen), labels(screen), strict=False):
        name, price = shop.title(product, voice), f"⭐ {PRICES[product]}"
        assert f"<b>{name}</b> · {price}\n{shop.description(product, voice)}" in screen.text
        assert (button, label) == (f"b:{product.value}:{view.value}", f"{name} · {price}")
    assert ("⭐ 29" in screen.text) is True
    assert data(screen)[4:] == {
        ShopView.SHOP: ["sh:premium", "pc", "pu", "v:menu"], ShopView.PREMIUM: ["sh:shop", "v:menu"]
    }[view]  # fmt: skip


@LANGUAGES
def test_what_is_not_to_be_had_says_why_and_until_when_and_has_no_button(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    closed = {Product.STREAK_SAVER_20: BuyRefusal.SAVER_LIMIT, Product.DUEL_TICKET_5: BuyRefusal.NOT_ON_SALE}
    screen = sound(shop.shop_shown(shown(ShopView.SHOP, closed), voice))
    assert f"⏳ {voice.html('closed-saver', until=MOMENT[language])[2:]}" in screen.text
    assert "🚫" in screen.text
    assert shop.description(Product.STREAK_SAVER_20, voice) not in screen.text
    assert [one for one in data(screen) if one.startswith("b:")] == ["b:ENERGY_10:shop", "b:MEGA_PACK_15:shop"]


@LANGUAGES
def test_running_premium_leaves_the_higher_plans(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    closed = dict.fromkeys(PREMIUM[:2], BuyRefusal.PREMIUM_RANK)
    event = shown(ShopView.PREMIUM, closed, premium_rank=2, premium_until=UNTIL)
    screen = sound(shop.shop_shown(event, voice))
    assert voice.html("premium-running", plan=shop.title(Product.PREMIUM_MONTH, voice), until=DAY[language]) in (
        screen.text
    )
    assert screen.text.count(DAY[language]) == 1
    assert screen.text.count(voice.html("closed-premium")) == 2
    assert voice.html("premium-upgrade") in screen.text
    assert [one for one in data(screen) if one.startswith("b:")] == [
        "b:PREMIUM_SEASON:premium",
        "b:PREMIUM_YEAR:premium",
    ]
    highest = dict.fromkeys(PREMIUM, BuyRefusal.PREMIUM_RANK)
    event = shown(ShopView.PREMIUM, highest, premium_rank=4, premium_until=UNTIL)
    screen = sound(shop.shop_shown(event, voice))
    assert voice.html("premium-upgrade") not in screen.text
    assert data(screen) == ["sh:shop", "v:menu"]
    event = shown(ShopView.SHOP, highest, premium_rank=4, premium_until=UNTIL)
    assert DAY[language] in sound(shop.shop_shown(event, voice)).text


@LANGUAGES
@pytest.mark.parametrize("view", list(ShopView))
def test_an_empty_shelf(language: str, view: ShopView, texts: Texts) -> None:
    voice = texts.voice(language)
    screen = sound(shop.shop_shown(ShopShown(player_id=PLAYER, view=view, offers=()), voice))
    assert voice.html("shop-empty") in screen.text
    assert "v:menu" in data(screen)


@LANGUAGES
def test_the_toast_tells_a_new_invoice_from_an_open_one(language: str, texts: Texts) -> None:
    toasts = [sound(shop.invoice_toast(opened(again=again), texts.voice(language))).toast for again in (False, True)]
    assert all(toasts)
    assert toasts[0] != toasts[1]


def opened(**more: Any) -> InvoiceOpened:
    return InvoiceOpened(
        player_id=PLAYER, purchase_id=PURCHASE, product=Product.ENERGY_10, payload="x", amount=10,
        currency=Currency.XTR, steps=(), expires_at=NOW + timedelta(minutes=30), **more,
    )  # fmt: skip


@LANGUAGES
@pytest.mark.parametrize("reason", list(BuyRefusal))
@pytest.mark.parametrize("until", [None, UNTIL])
def test_every_refusal_of_a_purchase_has_a_next_step(
    language: str, reason: BuyRefusal, until: datetime | None, texts: Texts
) -> None:
    event = PurchaseRefused(player_id=PLAYER, product=Product.ENERGY_10, reason=reason, until=until)
    screen = sound(shop.purchase_refused(event, texts.voice(language)))
    assert screen.text
    assert screen.toast
    assert screen.keyboard


@LANGUAGES
def test_a_refusal_says_until_when_and_what_else_there_is(language: str, texts: Texts) -> None:
    voice = texts.voice(language)

    def refused(product: Product, reason: BuyRefusal, **more: Any) -> Any:
        event = PurchaseRefused(player_id=PLAYER, product=product, reason=reason, **more)
        return sound(shop.purchase_refused(event, voice))

    saver = refused(Product.STREAK_SAVER_20, BuyRefusal.SAVER_LIMIT, until=UNTIL)
    assert MOMENT[language] in saver.text
    month = refused(Product.PREMIUM_STARTER, BuyRefusal.PREMIUM_RANK, until=UNTIL, premium_rank=2)
    assert DAY[language] in month.text
    assert data(month)[:2] == ["b:PREMIUM_SEASON:refused", "b:PREMIUM_YEAR:refused"]
    year = refused(Product.PREMIUM_YEAR, BuyRefusal.PREMIUM_RANK, until=UNTIL, premium_rank=4)
    assert not [one for one in data(year) if one.startswith("b:")]
    assert year.text != month.text
    lapsed = refused(Product.ENERGY_10, BuyRefusal.QUOTE_LAPSED)
    assert data(lapsed)[0] == "b:ENERGY_10:refused"
    gone = refused(Product.ENERGY_10, BuyRefusal.NOT_ON_SALE)
    assert shop.title(Product.ENERGY_10, voice) in gone.text
    assert data(gone)[0] == "sh:shop"


def credited(product: Product, **more: Any) -> PurchaseCredited:
    given: dict[str, Any] = {
        "amount": 10, "currency": Currency.XTR, "provider": Provider.TELEGRAM, "charge_id": "c", "credited_at": UNTIL,
        **more,
    }  # fmt: skip
    return PurchaseCredited(player_id=PLAYER, purchase_id=PURCHASE, product=product, **given)


@LANGUAGES
@pytest.mark.parametrize("product", list(Product))
def test_a_receipt_says_what_came_what_it_cost_and_when(language: str, product: Product, texts: Texts) -> None:
    voice = texts.voice(language)
    ends = UNTIL + timedelta(days=30) if product in PREMIUM else None
    event = credited(product, amount=PRICES[product], premium_until=ends, premium_rank=1 if ends else 0)
    screen = sound(purchases.receipt(event, voice, question_waits=False))
    assert screen.text.startswith("✅")
    assert f"⭐ {PRICES[product]} · {MOMENT[language]}" in screen.text
    if ends:
        assert {"de": "10.04.2026", "en": "10 Apr 2026"}[language] in screen.text
    late = purchases.receipt(
        credited(product, amount=PRICES[product], premium_until=ends, late=True), voice, question_waits=False
    )
    assert late.text == screen.text


def test_a_receipt_leads_back_to_what_was_interrupted(texts: Texts) -> None:
    voice = texts.voice("de")

    def step(surface: str, *, waits: bool = False) -> Any:
        return purchases.receipt(credited(Product.ENERGY_10, surface=surface), voice, question_waits=waits)

    assert data(step("locked-WORD_ORDER")) == [f"n:{Mode.WORD_ORDER.value}"]
    assert data(step("energy-ARTIKEL_SPRINT")) == [f"n:{Mode.ARTIKEL_SPRINT.value}"]
    for elsewhere in ("shop", "", "an-impression-of-next-year"):
        assert data(step(elsewhere)) == [f"n:{Mode.QUICK_MIX_A1A2.value}"]
    waiting = step("shop", waits=True)
    assert voice.html("receipt-question") in waiting.text
    assert data(waiting) == ["v:menu"]


@LANGUAGES
def test_a_refund_says_what_came_back_and_what_was_taken_back(language: str, texts: Texts) -> None:
    voice = texts.voice(language)

    def refund(reason: RefundReason, *, credited: bool, **more: Any) -> str:
        given: dict[str, Any] = {"amount": 15, "currency": Currency.XTR, **more}
        event = PurchaseRefunded(
            player_id=PLAYER, purchase_id=PURCHASE, product=Product.MEGA_PACK_15, charge_id="c", reason=reason,
            refunded_at=NOW, was_credited=credited, **given,
        )  # fmt: skip
        screen = sound(purchases.refunded(event, voice))
        assert data(screen) == ["sh:shop", "su"]
        assert shop.title(Product.MEGA_PACK_15, voice) in screen.text
        return screen.text

    taken = refund(RefundReason.OPERATOR, credited=True)
    assert "⭐ 15" in taken
    texts_seen = {
        taken,
        refund(RefundReason.OPERATOR, credited=False),
        refund(RefundReason.DOUBLE_CHARGE, credited=False),
    }
    assert len(texts_seen) == 3
    money = refund(RefundReason.DISPUTE, credited=True, amount=1205, currency=Currency.EUR)
    assert {"de": "12,05 EUR", "en": "12.05 EUR"}[language] in money


@LANGUAGES
def test_the_history(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    lines = tuple(
        PurchaseView(
            purchase_id=PURCHASE, product=Product.ENERGY_10, amount=10, currency=Currency.XTR, state=state,
            created_at=NOW, paid_at=UNTIL,
        )
        for state in PurchaseState
    )  # fmt: skip
    screen = sound(purchases.purchases_shown(PurchasesShown(player_id=PLAYER, purchases=lines), voice))
    for state in PurchaseState:
        assert voice.html(f"purchase-{state.value}") in screen.text
    assert screen.text.count(f"⭐ 10 · {DAY[language]}") == len(PurchaseState)
    assert data(screen) == ["sh:shop", "su", "v:menu"]
    sound(purchases.purchases_shown(PurchasesShown(player_id=PLAYER, purchases=lines * 30), voice))
    none = sound(purchases.purchases_shown(PurchasesShown(player_id=PLAYER, purchases=()), voice))
    assert none.text == voice.html("purchases-empty")
    assert "sh:shop" in data(none)


@LANGUAGES
def test_support_terms_and_privacy(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    with_contact = [sound(notices.support("<@help>", voice)), sound(notices.privacy("<@help>", voice))]
    assert all("&lt;@help&gt;" in screen.text for screen in with_contact)
    without = [sound(notices.support("", voice)), sound(notices.privacy("", voice))]
    # Nobody reads what players write to the bot, so no text sends them there.
    assert voice.html("support-no-contact") in without[0].text
    assert voice.html("privacy-no-contact") in without[1].text
    terms = sound(notices.terms(voice))
    assert "/paysupport" in terms.text
    privacy = without[1].text
    assert "14" in privacy
    assert "30" in privacy

"""Partners in the chat (DOMAIN §9): pages, the role and its commands, payouts, and the picture."""

import struct
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.gateway.conftest import NOW, PLAYER, Desk, FakeApi
from tests.gateway.sender_stage import attempt, failed

from actors.effects import Again, Done
from actors.testing import Decision, decide
from contracts.message import Event
from contracts.referrals import (
    AffiliatePage,
    AffiliateShown,
    ApplyAsAffiliate,
    Funnel,
    PartnerChanged,
    PartnerState,
    PayoutChanged,
    PayoutKind,
    PayoutRefusal,
    PayoutState,
    PayoutView,
    RequestPayout,
    ShowAffiliate,
    WeekEarned,
)
from gateway.buttons import AffiliateButton, ApplyButton, PayoutButton
from gateway.domain.chat import Role
from gateway.domain.effects import PushScreen, SendChart, SetCommands, ShowScreen
from gateway.domain.partnership import Partnership
from gateway.handlers import actor
from gateway.handlers.from_affiliates import perform_send_chart
from gateway.presenter import affiliates
from gateway.presenter.earnings_chart import Chart, draw
from gateway.telegram.charts import ChartSender
from gateway.telegram.command_lists import CommandLists
from gateway.telegram.session import LeanSession
from gateway.texts import load_texts

MESSAGE = f"m:{PLAYER}"
MONDAY = date(2026, 3, 2)
DE, EN = load_texts().voice("de"), load_texts().voice("en")


def payout(state: PayoutState = PayoutState.REQUESTED, kind: PayoutKind = PayoutKind.PREMIUM_GIFT) -> PayoutView:
    is_gift = kind is PayoutKind.PREMIUM_GIFT
    return PayoutView(
        payout_id=UUID(int=5),
        player_id=PLAYER,
        kind=kind,
        stars=2500 if is_gift else 1234,
        months=12 if is_gift else 0,
        state=state,
        requested_at=NOW,
        changed_at=NOW,
    )


def shown(**more: Any) -> AffiliateShown:
    given: dict[str, Any] = {
        "player_id": PLAYER,
        "state": PartnerState.APPROVED,
        "revision": 1,
        "code": "ABC234",
        "first_per_mille": 300,
        "later_per_mille": 155,
        "funnel": Funnel(starts=1200, answered_20=40, payers=3),
        "pending": 87,
        "payable": 1700,
        "paid": 1000,
        "weeks": tuple(WeekEarned(begins=MONDAY - timedelta(weeks=back), stars=back * 10) for back in (2, 1, 0)),
    }
    return AffiliateShown(**given | more)


async def hear(desk: Desk, event: Event, known: Partnership | None = None, origin: str = MESSAGE) -> Decision:
    states = (Partnership(PLAYER) if known is None else known,)
    return await decide(actor, event, desk.chat, *states, desk.services, now=desk.now, origin=origin)


def screen(decision: Decision) -> ShowScreen:
    (one,) = [effect for effect in decision.effects if isinstance(effect, ShowScreen)]
    return one


def data(one: ShowScreen | PushScreen) -> list[str]:
    return [button.callback_data for row in one.keyboard for button in row if button.callback_data]


# -- asking -----------------------------------------------------------------------------------------


async def test_commands_and_buttons_ask_referrals(desk: Desk) -> None:
    assert (await desk.say("/affiliate")).only(ShowAffiliate).view is AffiliatePage.PAGE
    assert (await desk.tap(ApplyButton().pack())).only(ApplyAsAffiliate).player_id == PLAYER
    asked = await desk.tap(AffiliateButton(page=AffiliatePage.CHART).pack())
    assert asked.only(ShowAffiliate).view is AffiliatePage.CHART
    gift = await desk.tap(PayoutButton(kind=PayoutKind.PREMIUM_GIFT, months=6).pack())
    assert gift.only(RequestPayout) == RequestPayout(player_id=PLAYER, kind=PayoutKind.PREMIUM_GIFT, months=6)
    external = await desk.tap(PayoutButton(kind=PayoutKind.EXTERNAL, months=0).pack())
    assert external.only(RequestPayout).kind is PayoutKind.EXTERNAL


@pytest.mark.parametrize("forged", ["po:PREMIUM_GIFT:4", "po:EXTERNAL:3", "po:STARS:0", "af:all", "po:PREMIUM_GIFT:x"])
async def test_forged_data_asks_for_nothing(desk: Desk, forged: str) -> None:
    decision = await desk.tap(forged)
    assert not [one for one in decision.emitted if isinstance(one, RequestPayout | ShowAffiliate)]


async def test_the_commands_of_partners_are_there_for_partners_alone(desk: Desk) -> None:
    guide = screen(await desk.say("/help")).text
    assert ("/affiliate" in guide, "/payout" in guide) == (True, False)
    assert not [one for one in (await desk.say("/payout")).emitted if isinstance(one, ShowAffiliate)]
    desk.chat.role = Role.PARTNER
    assert "/payout" in screen(await desk.say("/help")).text
    assert (await desk.say("/payout")).only(ShowAffiliate).view is AffiliatePage.PAYOUT


# -- pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", [DE, EN])
def test_the_page_has_link_funnel_rates_and_earnings(voice: Any) -> None:
    page = affiliates.page(shown(payouts=(payout(PayoutState.SENT),)), "starquiz_bot", voice)
    point, comma = (".", ",") if voice is DE else (",", ".")
    for said in ("t.me/starquiz_bot?start=ref_ABC234", f"1{point}200", f"15{comma}5 %", "30 %", f"1{point}700", "87"):
        assert said in page.text
    shares = [button.url for row in page.keyboard for button in row if button.url]
    assert shares[0].startswith("https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fstarquiz_bot%3Fstart%3Dref_ABC234")


@pytest.mark.parametrize("state", [None, *PartnerState])
@pytest.mark.parametrize("voice", [DE, EN])
def test_every_state_has_a_page_with_a_way_on(state: PartnerState | None, voice: Any) -> None:
    page = affiliates.page(shown(state=state), "bot", voice)
    buttons = [button for row in page.keyboard for button in row]
    assert (bool(page.text), bool(buttons)) == (True, True)
    may_apply = any(button.callback_data == ApplyButton().pack() for button in buttons)
    assert may_apply is (state in (None, PartnerState.REJECTED))


@pytest.mark.parametrize(
    ("more", "may_ask"),
    [
        ({}, True),
        ({"payable": 999}, False),
        ({"payable": -50}, False),
        ({"on_hold": True}, False),
        ({"payouts": (payout(),)}, False),
        ({"payouts": (payout(PayoutState.SENT),)}, True),
    ],
)
def test_a_payout_is_offered_where_one_may_be_asked_for(more: dict[str, Any], may_ask: bool) -> None:
    button = AffiliateButton(page=AffiliatePage.PAYOUT).pack()
    page = affiliates.page(shown(**more), "bot", DE)
    assert (button in [one.callback_data for row in page.keyboard for one in row]) is may_ask
    choice = affiliates.payout_choice(shown(**more), "bot", DE)
    asks = [one.callback_data for row in choice.keyboard for one in row if (one.callback_data or "").startswith("po:")]
    assert asks == (["po:PREMIUM_GIFT:3", "po:PREMIUM_GIFT:6", "po:EXTERNAL:0"] if may_ask else [])


def test_what_is_owed_and_what_is_looked_at_is_said() -> None:
    owing = affiliates.page(shown(payable=-50), "bot", DE).text
    assert ("-50 ⭐" in owing, "verrechnen" in owing, "1.050 ⭐" in owing) == (True, True, True)
    assert "Wir prüfen" in affiliates.page(shown(on_hold=True), "bot", DE).text


@pytest.mark.parametrize("refusal", PayoutRefusal)
@pytest.mark.parametrize("voice", [DE, EN])
def test_every_refusal_is_a_toast(refusal: PayoutRefusal, voice: Any) -> None:
    assert affiliates.page(shown(refusal=refusal), "bot", voice).toast


# -- the role ---------------------------------------------------------------------------------------


def changed(state: PartnerState, revision: int = 1) -> PartnerChanged:
    return PartnerChanged(
        player_id=PLAYER,
        state=state,
        revision=revision,
        first_per_mille=300,
        later_per_mille=150,
        code="ABC234",
        at=NOW,
    )


async def test_a_partner_is_told_and_gets_the_menu_and_loses_it_when_banned(desk: Desk) -> None:
    known = Partnership(PLAYER)
    decision = await hear(desk, changed(PartnerState.APPROVED), known, origin="")
    (push,) = [one for one in decision.effects if isinstance(one, PushScreen)]
    (menu,) = [one for one in decision.effects if isinstance(one, SetCommands)]
    assert "jetzt Partner" in push.text
    assert (desk.chat.role, "payout" in dict(menu.commands)) == (Role.PARTNER, True)
    banned = await hear(desk, changed(PartnerState.BANNED, 2), known, origin="")
    (menu,) = [one for one in banned.effects if isinstance(one, SetCommands)]
    assert (desk.chat.role, menu.commands) == (Role.PLAYER, ())


async def test_an_older_word_that_comes_later_changes_nothing(desk: Desk) -> None:
    known = Partnership(PLAYER)
    await hear(desk, changed(PartnerState.BANNED, 2), known, origin="")
    late = await hear(desk, changed(PartnerState.APPROVED, 1), known, origin="")
    assert (late.effects, desk.chat.role) == ([], Role.PLAYER)


async def test_a_page_that_is_older_than_the_role_leaves_it_alone(desk: Desk) -> None:
    known = Partnership(PLAYER)
    await hear(desk, changed(PartnerState.BANNED, 2), known, origin="")
    await hear(desk, shown(revision=1), known)
    assert desk.chat.role is Role.PLAYER


async def test_new_rates_are_no_news_of_the_role(desk: Desk) -> None:
    known = Partnership(PLAYER)
    await hear(desk, changed(PartnerState.APPROVED, 1), known, origin="")
    assert (await hear(desk, changed(PartnerState.APPROVED, 2), known, origin="")).effects == []


async def test_an_operator_stays_one(desk: Desk) -> None:
    desk.chat.role = Role.OPERATOR
    await hear(desk, changed(PartnerState.APPROVED), origin="")
    assert desk.chat.role is Role.OPERATOR


async def test_a_role_whose_word_was_lost_comes_with_the_page(desk: Desk) -> None:
    decision = await hear(desk, shown())
    assert (desk.chat.role, [type(one) for one in decision.effects]) == (Role.PARTNER, [SetCommands, ShowScreen])


async def test_another_language_has_the_menu_said_again(desk: Desk) -> None:
    desk.chat.role = Role.PARTNER
    decision = await desk.tap("l:en")
    (menu,) = [one for one in decision.effects if isinstance(one, SetCommands)]
    assert dict(menu.commands)["payout"] == "Pay out your Stars"


@pytest.mark.parametrize("state", PayoutState)
async def test_a_payouts_way_is_told(desk: Desk, state: PayoutState) -> None:
    decision = await desk.hear(PayoutChanged(player_id=PLAYER, payout=payout(state)))
    told = [one for one in decision.effects if isinstance(one, PushScreen)]
    assert len(told) == (0 if state is PayoutState.REQUESTED else 1)


# -- what Telegram is told --------------------------------------------------------------------------


async def test_the_menu_is_set_for_one_chat_and_taken_away_again(fake_api: FakeApi, session: LeanSession) -> None:
    lists = CommandLists(session)
    told = SetCommands(player_id=PLAYER, commands=(("payout", "Auszahlen"),))
    assert isinstance(await lists.set(told, attempt()), Done)
    assert isinstance(await lists.set(SetCommands(player_id=PLAYER, commands=()), attempt()), Done)
    scope = {"type": "chat", "chat_id": PLAYER}
    assert fake_api.calls == [
        ("setMyCommands", {"scope": scope, "commands": [{"command": "payout", "description": "Auszahlen"}]}),
        ("deleteMyCommands", {"scope": scope}),
    ]
    fake_api.reply(400, "Bad Request: chat not found")
    assert failed(await lists.set(told, attempt())).reason == "refused"
    fake_api.reply(429, "Too Many Requests", retry_after=3)
    assert isinstance(await lists.set(told, attempt()), Again)


def chart() -> SendChart:
    return affiliates.chart(shown(), DE)


async def test_the_picture_is_asked_for_drawn_and_sent(desk: Desk, fake_api: FakeApi, session: LeanSession) -> None:
    decision = await hear(desk, shown(view=AffiliatePage.CHART), Partnership(PLAYER, revision=1))
    (effect,) = [one for one in decision.effects if isinstance(one, SendChart)]
    assert isinstance(await perform_send_chart(effect, ChartSender(session), attempt()), Done)
    (sent,) = fake_api.called("sendPhoto")
    assert (sent["chat_id"], "30 ⭐" in sent["caption"]) == (str(PLAYER), True)
    assert sent["photo"].startswith(b"\x89PNG")


async def test_a_picture_that_is_late_or_wanted_anew_is_not_drawn(fake_api: FakeApi, session: LeanSession) -> None:
    assert failed(await perform_send_chart(chart(), ChartSender(session), attempt(age=301))).reason == "too_late"
    assert isinstance(await perform_send_chart(chart(), ChartSender(session), attempt(superseded=True)), Done)
    assert fake_api.calls == []


@pytest.mark.parametrize("amounts", [(0, 0, 0), (1, 0, 10**9), (5,)])
def test_a_chart_is_a_png_of_its_size_whatever_was_earned(amounts: tuple[int, ...]) -> None:
    weeks = tuple((MONDAY + timedelta(weeks=place), stars, str(stars)) for place, stars in enumerate(amounts))
    picture = draw(Chart("Deine Provision", "noch nichts", weeks))
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1120, 680)

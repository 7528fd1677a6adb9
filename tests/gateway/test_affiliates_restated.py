"""What referrals tells again of partners and payouts: who missed it is told, nobody is told twice (DOMAIN §9)."""

from datetime import datetime, timedelta
from uuid import UUID

from tests.gateway.conftest import NOW, PLAYER, Desk

from actors.testing import Decision, decide
from contracts.message import Event
from contracts.referrals import (
    PartnerRestated,
    PartnerState,
    PayoutChanged,
    PayoutKind,
    PayoutRestated,
    PayoutState,
    PayoutView,
)
from gateway.domain.chat import Role
from gateway.domain.effects import SetCommands
from gateway.domain.partnership import Partnership
from gateway.handlers import actor


async def hear(desk: Desk, event: Event, known: Partnership | None = None) -> Decision:
    states = (Partnership(PLAYER) if known is None else known,)
    return await decide(actor, event, desk.chat, *states, desk.services, now=desk.now, origin="")


def payout(state: PayoutState, changed_at: datetime) -> PayoutView:
    return PayoutView(
        payout_id=UUID(int=5),
        player_id=PLAYER,
        kind=PayoutKind.EXTERNAL,
        stars=1234,
        state=state,
        requested_at=NOW,
        changed_at=changed_at,
    )


def restated(state: PayoutState, *, at: timedelta = timedelta(0), as_of: timedelta = timedelta(1)) -> PayoutRestated:
    told = payout(state, NOW + at)
    return PayoutRestated(hearer="gateway", player_id=PLAYER, payout=told, as_of=NOW + as_of)


async def test_a_payout_whose_word_was_lost_is_told_once_when_it_is_told_again(desk: Desk) -> None:
    known = Partnership(PLAYER)
    asked = PayoutChanged(player_id=PLAYER, payout=payout(PayoutState.REQUESTED, NOW))
    sent = restated(PayoutState.SENT, at=timedelta(minutes=5))
    pushes = [len((await hear(desk, one, known)).effects) for one in (asked, sent, sent)]
    assert pushes == [0, 1, 0]
    late = PayoutChanged(player_id=PLAYER, payout=payout(PayoutState.SENDING, NOW))
    assert (await hear(desk, late, known)).effects == []


async def test_what_became_of_a_payout_long_ago_is_no_news(desk: Desk) -> None:
    old = restated(PayoutState.SENT, as_of=timedelta(days=31))
    assert (await hear(desk, old)).effects == []


async def test_a_partner_whose_word_was_lost_has_the_role_and_the_menu_when_it_is_told_again(desk: Desk) -> None:
    known = Partnership(PLAYER)
    again = PartnerRestated(
        hearer="gateway",
        player_id=PLAYER,
        state=PartnerState.APPROVED,
        revision=1,
        first_per_mille=300,
        later_per_mille=150,
        code="ABC234",
        as_of=NOW,
    )
    effects = [type(one) for _ in range(2) for one in (await hear(desk, again, known)).effects]
    assert (desk.chat.role, effects) == (Role.PARTNER, [SetCommands])

"""The invited player's energy (DOMAIN §9): at the fifth answer, once a player; and gifts that got lost."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from referring_stage import Stage

from actors.asking import QueryError
from contracts.payments import BookedGrantsAnswer, GrantGoods, RevokeGrant
from contracts.referrals import DecideReview, InviteBonusGiven, ReviewAction
from referrals.handlers.gifts import compare_gifts
from referrals.providers.payments_books import PaymentsBooks

pytestmark = pytest.mark.services("referrals")

ANN, BEN, CAS = 1, 2, 3


class Books:
    """What payments has booked."""

    def __init__(self) -> None:
        self.booked_ids: set[UUID] = set()
        self.revoked_ids: set[UUID] = set()
        self.is_down = False
        self.asked: list[UUID] = []

    async def booked(self, grants: Sequence[UUID]) -> BookedGrantsAnswer:
        if self.is_down:
            raise QueryError("no answer")
        self.asked += grants
        return BookedGrantsAnswer(
            booked=tuple(one for one in grants if one in self.booked_ids),
            revoked=tuple(one for one in grants if one in self.revoked_ids),
        )


@pytest.fixture
def books(stage: Stage) -> Books:
    made: Any = Books()
    stage.resources[PaymentsBooks] = made
    return made


def given(stage: Stage, player_id: int = BEN) -> list[GrantGoods]:
    return [one for one in stage.heard(GrantGoods) if one.player_id == player_id]


async def test_the_fifth_answer_brings_ten_energy_once_whatever_is_heard_again(stage: Stage) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    await stage.take(stage.answered(BEN, 4))
    assert given(stage) == []
    fifth = stage.answered(BEN, 5)
    await stage.take(fifth, fifth, stage.answered(BEN, 6))
    await stage.take(fifth, stage.answered(BEN, 5))
    (word,) = given(stage)
    assert (word.paid_energy, word.mode_hours, word.source) == (10, 0, "REFERRAL")
    assert [one.paid_energy for one in stage.heard(InviteBonusGiven)] == [10]


async def test_a_fifth_answer_that_is_heard_before_the_binding_counts(stage: Stage) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    await stage.take(stage.touch(BEN, code))
    await stage.take(stage.answered(BEN, 5))
    assert given(stage) == []
    await stage.take(stage.joined(BEN))
    assert len(given(stage)) == 1


async def test_who_came_by_no_link_or_by_fraud_gets_none(stage: Stage) -> None:
    await stage.take(stage.joined(CAS), stage.answered(CAS, 5))
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    await stage.take(DecideReview(player_id=BEN, action=ReviewAction.CONFIRM_FRAUD, note="a bot"))
    await stage.take(stage.answered(BEN, 5))
    assert stage.heard(GrantGoods) == []


async def test_a_gift_that_payments_never_heard_of_is_told_again(stage: Stage, books: Books) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    await stage.take(stage.answered(BEN, 5))
    await stage.run(compare_gifts.due())
    assert books.asked == []  # it may be on its way
    stage.wait(minutes=6)
    await stage.run(compare_gifts.due())
    first, again = given(stage)
    assert first == again
    books.booked_ids.add(first.grant_id)
    stage.wait(minutes=10)
    await stage.run(compare_gifts.due())
    assert len(given(stage)) == 2


async def test_while_payments_does_not_answer_nothing_is_left_out(stage: Stage, books: Books) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    await stage.take(stage.answered(BEN, 5))
    books.is_down = True
    for _ in range(3):
        stage.wait(hours=5)
        await stage.run(compare_gifts.due())
    assert len(given(stage)) == 1
    books.is_down = False
    await stage.run(compare_gifts.due())
    assert len(given(stage)) == 2


async def test_a_revocation_that_payments_never_heard_of_is_told_again(stage: Stage, books: Books) -> None:
    now = stage.clock.now()
    gift = UUID(int=9)
    await stage.pool.execute(
        "insert into gifts (id, player_id, number, choice, given_at, changed_at, taken_back_at) "
        "values ($1, $2, 1, 'MEGA_PACK_15', $3, $3, $3)",
        gift,
        ANN,
        now,
    )
    books.booked_ids.add(gift)
    stage.wait(minutes=6)
    await stage.run(compare_gifts.due())
    assert [one.grant_id for one in stage.heard(RevokeGrant)] == [gift]
    books.revoked_ids.add(gift)
    await stage.run(compare_gifts.due())
    assert len(stage.heard(RevokeGrant)) == 1

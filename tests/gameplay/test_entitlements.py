"""What payments gives, takes back and says of premium (DOMAIN §4–§6): handlers run purely, on states in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.berlin import day_of
from contracts.gameplay import (
    GameRefused,
    GrantTakenBack,
    Mode,
    PlayerJoined,
    Refusal,
    SettleStreak,
    StartGame,
    StreakChanged,
    WelcomePlayer,
)
from contracts.payments import EntitlementGranted, EntitlementRevoked, PremiumChanged, PremiumTerm
from gameplay.domain import access
from gameplay.domain import premium as premium_rules
from gameplay.domain.energy import Energy
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.premium import Premium, Term

ONE = UUID(int=1)
EVERYTHING: dict[str, Any] = {"paid_energy": 15, "saver_tokens": 1, "duel_tickets": 2, "mode_hours": 24}
NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


def granted(at: datetime, grant_id: UUID = ONE, player_id: int = 7, **goods: Any) -> EntitlementGranted:
    return EntitlementGranted(
        player_id=player_id, grant_id=grant_id, reason="MEGA_PACK_15", granted_at=at, **(goods or EVERYTHING)
    )


def revoked(at: datetime, grant_id: UUID = ONE, player_id: int = 7, **goods: Any) -> EntitlementRevoked:
    return EntitlementRevoked(
        player_id=player_id, grant_id=grant_id, reason="refund", revoked_at=at, **(goods or EVERYTHING)
    )


def balances(table: Any) -> tuple[int, int, int]:
    return table.player.energy.paid, table.player.saver_tokens, table.player.duel_tickets


def access_until(table: Any) -> set[datetime | None]:
    return {table.player.progress(mode).access_until for mode in access.LOCKED_MODES}


def movements(table: Any) -> list[tuple[str, str, int]]:
    entries = [record for record in table.records if isinstance(record, Entry)]
    return [(entry.cause, str(entry.asset), entry.amount) for entry in entries]


async def test_a_grant_is_added_once_and_journaled_under_its_id(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    for _ in range(3):
        await table.send(granted(table.now))
        assert balances(table) == (15, 1, 2)
        assert access_until(table) == {NOON + timedelta(hours=24)}
        table.wait(minutes=5)
    assert movements(table) == [
        (str(ONE), Asset.PAID_ENERGY, 15),
        (str(ONE), Asset.SAVER_TOKEN, 1),
        (str(ONE), Asset.DUEL_TICKET, 2),
        (str(ONE), Asset.MODE_HOURS, 24),
    ]


async def test_somebody_who_was_never_met_keeps_what_they_bought(table: Any):
    decision = await table.send(granted(table.now))
    decision.only(PlayerJoined)
    assert (table.player.joined_at, table.player.energy.free) == (NOON, 20)
    assert balances(table) == (15, 1, 2)
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    assert (table.player.name, balances(table)) == ("Mara", (15, 1, 2))
    assert len(table.told(PlayerJoined)) == 1


async def test_mode_access_counts_from_the_arrival_and_adds_up(table: Any):
    table.wait(hours=5)
    await table.send(granted(NOON, mode_hours=24))
    assert access_until(table) == {NOON + timedelta(hours=29)}
    await table.start(Mode.WORD_ORDER)
    await table.send(granted(NOON, UUID(int=2), mode_hours=24))
    assert access_until(table) == {NOON + timedelta(hours=53)}


async def test_an_untouched_grant_is_taken_back_whole_and_once(table: Any):
    await table.send(granted(table.now))
    decision = await table.send(revoked(table.now))
    taken = decision.only(GrantTakenBack)
    assert (taken.paid_energy, taken.saver_tokens, taken.duel_tickets, taken.mode_hours) == (15, 1, 2, 24)
    assert taken.missing_paid_energy == taken.missing_saver_tokens == 0
    assert taken.missing_duel_tickets == taken.missing_mode_hours == 0
    assert (balances(table), access_until(table)) == ((0, 0, 0), {None})
    amounts = movements(table)
    assert [amount for _, _, amount in amounts] == [15, 1, 2, 24, -15, -1, -2, -24]
    assert len({(cause, asset) for cause, asset, _ in amounts}) == len(amounts)
    for event in (revoked(table.now), granted(table.now), revoked(table.now)):
        again = await table.send(event)
        assert (again.emitted, again.records) == ([], [])
    assert balances(table) == (0, 0, 0)


async def test_what_was_spent_of_a_grant_is_said_to_be_missing(table: Any):
    await table.send(granted(table.now))
    table.player.energy = Energy(0, 4, table.now, day_of(table.now).local)
    table.player.saver_tokens, table.player.duel_tickets = 0, 1
    table.wait(hours=10, minutes=5)
    taken = (await table.send(revoked(table.now))).only(GrantTakenBack)
    assert (taken.paid_energy, taken.missing_paid_energy) == (4, 11)
    assert (taken.saver_tokens, taken.missing_saver_tokens) == (0, 1)
    assert (taken.duel_tickets, taken.missing_duel_tickets) == (1, 1)
    # 13 h 55 min were left: an hour that has begun is no debt.
    assert (taken.mode_hours, taken.missing_mode_hours) == (14, 10)
    assert (balances(table), access_until(table)) == ((0, 0, 0), {None})
    refused = await table.send(StartGame(player_id=7, mode=Mode.WORD_ORDER))
    assert refused.only(GameRefused).reason is Refusal.MODE_LOCKED


async def test_taking_one_pack_back_leaves_the_other(table: Any):
    await table.send(granted(table.now))
    await table.send(granted(table.now, UUID(int=2)))
    table.wait(hours=30)
    taken = (await table.send(revoked(table.now))).only(GrantTakenBack)
    assert (taken.mode_hours, taken.missing_mode_hours) == (18, 6)
    assert balances(table) == (15, 1, 2)


async def test_mode_access_is_shortened_by_the_hours_of_the_grant(table: Any):
    await table.send(granted(table.now, mode_hours=24))
    await table.send(granted(table.now, UUID(int=2), mode_hours=24))
    table.wait(hours=3)
    taken = (await table.send(revoked(table.now, mode_hours=24))).only(GrantTakenBack)
    assert (taken.mode_hours, taken.missing_mode_hours) == (24, 0)
    assert access_until(table) == {NOON + timedelta(hours=24)}


async def test_a_revocation_that_comes_first_is_remembered(table: Any):
    taken = (await table.send(revoked(table.now))).only(GrantTakenBack)
    assert (taken.paid_energy, taken.missing_paid_energy, taken.missing_mode_hours) == (0, 0, 0)
    late = await table.send(granted(table.now))
    assert (late.emitted, late.records) == ([], [])
    again = await table.send(revoked(table.now))
    assert (again.emitted, again.records) == ([], [])
    assert (balances(table), access_until(table)) == ((0, 0, 0), {None})


async def test_nobody_pays_for_the_grant_of_another(table: Any):
    await table.send(granted(table.now))
    for event in (granted(table.now, player_id=8), revoked(table.now, player_id=8)):
        with pytest.raises(ValueError, match="is player 7's"):
            await table.send(event)
    assert table.grants[ONE].revoked_at is None


async def test_a_saver_bought_before_midnight_and_heard_of_after_it_bridges_the_day(table: Any):
    await table.answer(await table.start())
    table.now = bought = datetime(2026, 3, 5, 22, 59, tzinfo=UTC)  # 23:59 of the next day, not played
    table.wait(minutes=5)
    changed = (await table.send(granted(bought, saver_tokens=1))).only(StreakChanged)
    assert (changed.savers_used, changed.streak.days, table.player.saver_tokens) == (1, 1, 0)


async def test_a_saver_bought_after_midnight_does_not_bridge_the_day_before(table: Any):
    await table.answer(await table.start())
    table.now = datetime(2026, 3, 5, 23, 1, tzinfo=UTC)
    changed = (await table.send(granted(table.now, saver_tokens=1))).only(StreakChanged)
    assert (changed.lost_days, table.player.saver_tokens) == (1, 1)


# -- premium ------------------------------------------------------------------------------------


def told(version: int, *terms: PremiumTerm, at: datetime = NOON) -> PremiumChanged:
    return PremiumChanged(player_id=7, revision=version, terms=terms, changed_at=at)


def term(begins: datetime, *, days: float, rank: int) -> PremiumTerm:
    return PremiumTerm(begins=begins, ends=begins + timedelta(days=days), rank=rank)


async def test_the_highest_version_is_the_truth(table: Any):
    month, shorter = term(NOON, days=30, rank=2), term(NOON, days=2, rank=2)
    (await table.send(told(2, month))).only(PlayerJoined)
    for version in (1, 2):
        await table.send(told(version, shorter))
        assert table.player.premium.until(table.now) == month.ends
    await table.send(told(3, shorter))
    assert (table.player.premium.until(table.now), table.player.premium.version) == (shorter.ends, 3)


async def test_premium_opens_modes_and_costs_no_energy_until_it_ends_or_is_taken_back(table: Any):
    await table.send(told(1, term(NOON, days=7, rank=1)))
    await table.start(Mode.WORD_ORDER)
    assert table.player.energy.free == 20
    table.wait(days=2)
    await table.send(told(2, term(NOON, days=2, rank=1), at=table.now))
    refused = await table.send(StartGame(player_id=7, mode=Mode.WORD_ORDER))
    assert (refused.only(GameRefused).reason, refused.only(GameRefused).energy.premium) == (Refusal.MODE_LOCKED, False)


async def test_strikes_during_premium_add_nothing_also_after_it_was_taken_back(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    table.player.energy = Energy(5, 0, table.now, day_of(table.now).local)
    await table.send(told(1, term(NOON, days=7, rank=1)))
    table.wait(hours=2, minutes=10)
    await table.send(told(2, PremiumTerm(begins=NOON, ends=table.now, rank=1), at=table.now))
    assert table.player.energy.free == 5
    table.wait(hours=1)
    await table.send(SettleStreak(player_id=7))
    assert table.player.energy.free == 7


async def test_a_missed_day_is_frozen_by_the_plan_of_that_day_however_late_it_is_heard_of(table: Any):
    await table.answer(await table.start())
    bought = datetime(2026, 3, 5, 22, 59, tzinfo=UTC)  # 23:59 of the next day, not played
    table.now = bought + timedelta(minutes=5)
    changed = (await table.send(told(1, term(bought, days=90, rank=3), at=bought))).only(StreakChanged)
    assert (changed.days_frozen, changed.streak.days) == (1, 1)


async def test_terms_in_the_past_stay_and_freeze_the_days_they_were_about(table: Any):
    await table.answer(await table.start())
    table.player.premium = Premium((Term(NOON - timedelta(days=3), NOON + timedelta(days=1, hours=12), 3),))
    table.wait(days=2)  # one missed day, within a term that payments does not tell of
    await table.send(told(1, term(table.now, days=7, rank=1), at=table.now))
    assert table.player.streak.days == 1
    assert [one.rank for one in table.player.premium.terms] == [3, 1]


def test_a_known_term_ends_where_what_payments_tells_of_begins():
    by_hand = Premium((Term(NOON, NOON + timedelta(days=30), 2),))
    since = NOON + timedelta(days=10)
    bought = Term(since, since + timedelta(days=7), 1)
    changed = premium_rules.latest(by_hand, 1, (bought,), since)
    assert changed == Premium((Term(NOON, since, 2), bought), 1)
    assert premium_rules.latest(by_hand, 1, (), since) == Premium((Term(NOON, since, 2),), 1)
    assert premium_rules.latest(by_hand, 1, (Term(NOON, since, 2),), since) == Premium((Term(NOON, since, 2),), 1)


def test_terms_are_kept_up_to_eight():
    terms = tuple(Term(NOON + timedelta(days=n), NOON + timedelta(days=n + 1), 1) for n in range(10))
    known = premium_rules.latest(premium_rules.NONE, 1, terms[:8], NOON)
    assert premium_rules.latest(known, 2, terms[2:], NOON).terms == terms[2:]


@st.composite
def histories(draw: st.DrawFn) -> list[PremiumChanged]:
    """What payments may say one after the other: a term begins, is extended, or is cut short; the past stays."""
    now, terms, said = NOON, list[PremiumTerm](), list[PremiumChanged]()
    for version in range(1, draw(st.integers(1, 12)) + 1):
        now += timedelta(hours=draw(st.integers(1, 24 * 20)))
        last = terms[-1] if terms and terms[-1].ends > now else None
        if last is None:
            terms.append(term(now, days=draw(st.sampled_from([7, 30, 90])), rank=draw(st.integers(1, 4))))
        elif draw(st.booleans()):
            terms[-1] = PremiumTerm(begins=last.begins, ends=now, rank=last.rank)
        else:
            terms[-1] = PremiumTerm(begins=last.begins, ends=now, rank=last.rank)
            terms.append(PremiumTerm(begins=now, ends=last.ends + timedelta(days=30), rank=min(4, last.rank + 1)))
        terms = terms[-premium_rules.TERMS_KEPT :]
        said.append(told(version, *terms, at=now))
    return said


@given(st.data(), histories())
def test_premium_ends_the_same_in_whatever_order_and_however_often_it_is_told(
    data: st.DataObject, said: list[PremiumChanged]
):
    heard = data.draw(st.permutations(said)) + data.draw(st.lists(st.sampled_from(said)))
    premium = premium_rules.NONE
    for event in heard:
        terms = tuple(Term(one.begins, one.ends, one.rank) for one in event.terms)
        premium = premium_rules.latest(premium, event.revision, terms, event.changed_at)
    assert premium.version == len(said)
    assert [(one.begins, one.ends, one.rank) for one in premium.terms] == [
        (one.begins, one.ends, one.rank) for one in said[-1].terms
    ]

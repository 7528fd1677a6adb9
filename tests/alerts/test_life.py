"""An alert's life (DOMAIN §10): counted, escalated, repeated, acknowledged, over."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from alert_desk import Desk

from alerts.domain.alert import ROUNDS
from contracts.alerts import (
    AcknowledgeAlert,
    AlertState,
    ChannelName,
    IncidentAction,
    MirrorIncident,
    NoticeKind,
    ResolveAlert,
    Tier,
)
from contracts.ground import AlertCleared, StorageCleared, StorageFailed
from contracts.payments import Provider, ReconciliationDiffDetected

pytestmark = pytest.mark.services("alerts")

OPENED, REPEATED, ESCALATED = NoticeKind.OPENED, NoticeKind.REPEATED, NoticeKind.ESCALATED


def _diff(desk: Desk) -> ReconciliationDiffDetected:
    return ReconciliationDiffDetected(
        run_id=uuid4(), provider=Provider.TELEGRAM, full=False, diffs=("one is missing",), diff_count=1, at=desk.now
    )


async def test_the_same_event_and_key_is_one_alert_with_a_count_told_once(desk: Desk) -> None:
    await desk.take(desk.letter(), desk.letter(letter_id="18"))
    desk.clock.advance(minutes=1)
    await desk.take(desk.letter(letter_id="19"), desk.letter(letter_subject="payments.cmd.7.other"))
    by_count = {alert.count: alert for alert in await desk.alerts()}
    assert set(by_count) == {3, 1}
    assert by_count[3].last_at - by_count[3].first_at == timedelta(minutes=1)
    assert await desk.kinds() == [OPENED, OPENED]


async def test_an_alert_goes_up_tier_by_tier_for_three_rounds_and_no_further(desk: Desk) -> None:
    await desk.take(desk.raised())
    tiers = [(await desk.only()).tier]
    for _ in range(3 * ROUNDS + 2):
        await desk.take(desk.raised())  # it goes on; and is no silence of 24 hours
        await desk.pass_by(minutes=60)
        tiers.append((await desk.only()).tier)
    escalated = [kind for kind in await desk.kinds() if kind is ESCALATED]
    assert len(escalated) == 3 * ROUNDS - 1
    assert tiers[:9] == [Tier.L3, Tier.L2, Tier.L1] * ROUNDS


async def test_a_critical_one_is_escalated_after_five_minutes_an_error_after_fifteen(desk: Desk) -> None:
    await desk.take(_diff(desk), desk.letter())
    await desk.pass_by(minutes=4, seconds=59)
    assert ESCALATED not in await desk.kinds()
    await desk.pass_by(seconds=1)
    assert (await desk.kinds()).count(ESCALATED) == 1
    assert (await desk.kinds(ChannelName.PAGERDUTY)) == [OPENED, ESCALATED]
    await desk.pass_by(minutes=10)
    assert {notice.event for notice in await desk.notices(ChannelName.GENERIC) if notice.kind is ESCALATED} == {
        "payments_reconciliation_diff_detected",
        "dead_letter_received",
    }


async def test_what_nobody_acknowledges_is_repeated_every_four_hours(desk: Desk) -> None:
    await desk.take(desk.letter())
    for _ in range(8):
        await desk.pass_by(hours=1)
    assert (await desk.kinds()).count(REPEATED) == 2


async def test_an_acknowledgement_holds_for_four_hours_and_then_it_is_told_again(desk: Desk) -> None:
    await desk.take(desk.letter())
    answer = await desk.ask(AcknowledgeAlert(alert_id=(await desk.only()).alert_id, note="I look"))
    assert answer.done
    assert (answer.alert.state, answer.alert.acked_by) == (AlertState.ACKED, "mira")
    for _ in range(3):
        await desk.pass_by(hours=1)
    assert await desk.kinds() == [OPENED, NoticeKind.ACKED]
    await desk.pass_by(hours=1)
    assert await desk.kinds() == [OPENED, NoticeKind.ACKED, REPEATED]
    assert (await desk.only()).state is AlertState.OPEN
    await desk.pass_by(minutes=15)
    assert (await desk.kinds())[-1] is ESCALATED  # the rounds begin anew


async def test_a_warning_s_acknowledgement_holds_for_a_day(desk: Desk) -> None:
    await desk.take(desk.raised())
    await desk.ask(AcknowledgeAlert(alert_id=(await desk.only()).alert_id))
    for _ in range(23):
        await desk.take(desk.raised())
        await desk.pass_by(hours=1)
    assert await desk.kinds() == [OPENED, NoticeKind.ACKED]
    await desk.pass_by(hours=1)
    assert (await desk.kinds())[-1] is REPEATED


async def test_what_is_resolved_is_told_once_and_heard_again_is_another_alert(desk: Desk) -> None:
    await desk.take(desk.letter())
    first = (await desk.only()).alert_id
    for _ in range(2):
        assert (await desk.ask(ResolveAlert(alert_id=first))).done
    assert await desk.kinds() == [OPENED, NoticeKind.RESOLVED]
    await desk.take(desk.letter())
    second = await desk.only()
    assert (second.alert_id != first, second.count, second.state) == (True, 1, AlertState.OPEN)
    refused = await desk.ask(ResolveAlert(alert_id=first))
    assert not refused.done
    assert second.alert_id in refused.reason


async def test_an_owner_s_word_ends_it_and_what_was_before_that_word_opens_nothing(desk: Desk) -> None:
    began = desk.now
    failed = StorageFailed(service="payments", stream="PAYMENTS_EVT", error="full", at=began)
    await desk.take(failed)
    desk.clock.advance(minutes=2)
    await desk.take(StorageCleared(service="payments", stream="PAYMENTS_EVT", at=desk.now))
    assert (await desk.only()).resolved_by == "owner"
    desk.clock.advance(minutes=1)
    await desk.take(failed)  # told again, or late
    assert await desk.kinds() == [OPENED, NoticeKind.RESOLVED]


async def test_the_end_may_be_heard_before_the_beginning(desk: Desk) -> None:
    began = desk.now
    desk.clock.advance(minutes=2)
    await desk.take(AlertCleared(service="promo", event="something_odd", key="k", at=desk.now))
    await desk.take(desk.raised(at=began, has_end=True))
    assert await desk.told() == []
    desk.clock.advance(minutes=2)
    await desk.take(desk.raised(has_end=True))
    assert await desk.kinds() == [OPENED]


async def test_an_end_says_nothing_of_what_began_later(desk: Desk) -> None:
    earlier = desk.now
    desk.clock.advance(minutes=2)
    await desk.take(desk.raised(has_end=True))
    await desk.take(AlertCleared(service="promo", event="something_odd", key="k", at=earlier))
    assert (await desk.only()).state is AlertState.OPEN


async def test_what_has_no_end_of_its_own_is_over_after_a_day_of_silence(desk: Desk) -> None:
    await desk.take(desk.raised(), desk.raised("storage_like", has_end=True))
    await desk.pass_by(hours=23, minutes=59)
    await desk.take(desk.raised())
    await desk.pass_by(hours=23, minutes=59)
    assert {alert.state for alert in await desk.alerts()} == {AlertState.OPEN}
    await desk.pass_by(minutes=1)
    states = {alert.event: (alert.state, alert.resolved_by) for alert in await desk.alerts()}
    assert states == {
        "something_odd": (AlertState.RESOLVED, "silence"),
        "storage_like": (AlertState.OPEN, None),
    }


async def test_what_is_done_at_pagerduty_holds_here_and_is_not_told_there(desk: Desk) -> None:
    await desk.take(_diff(desk))
    alert_id = (await desk.only()).alert_id
    done: dict[str, Any] = {"alert_id": alert_id, "by": "Mira Sol", "at": desk.now}
    await desk.take(MirrorIncident(action=IncidentAction.ACKNOWLEDGED, **done))
    assert (await desk.only()).acked_by == "pagerduty: Mira Sol"
    await desk.take(MirrorIncident(action=IncidentAction.RESOLVED, **done))
    await desk.take(MirrorIncident(action=IncidentAction.RESOLVED, **done))
    assert (await desk.only()).state is AlertState.RESOLVED
    assert await desk.kinds(ChannelName.PAGERDUTY) == [OPENED]
    assert await desk.kinds(ChannelName.SLACK) == [OPENED, NoticeKind.ACKED, NoticeKind.RESOLVED]
    await desk.take(_diff(desk))
    await desk.take(MirrorIncident(action=IncidentAction.RESOLVED, **done))  # of the one before
    assert (await desk.only()).state is AlertState.OPEN


async def test_everything_that_happened_is_on_record(desk: Desk) -> None:
    await desk.take(desk.letter())
    alert_id = (await desk.only()).alert_id
    await desk.ask(AcknowledgeAlert(alert_id=alert_id, note="I look"))
    await desk.ask(ResolveAlert(alert_id=alert_id, note="replayed"), operator="ben")
    details = await desk.details(alert_id)
    assert [(line.what, line.by, line.note) for line in details.history] == [
        ("RESOLVED", "ben", "replayed"),
        ("ACKED", "mira", "I look"),
        ("OPENED", "", ""),
    ]
    assert len(details.deliveries) == 6

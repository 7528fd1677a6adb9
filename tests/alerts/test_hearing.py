"""What is heard becomes the alerts of DOMAIN §10's table, and names nobody."""

import pytest
from alert_desk import NOON, Desk, Pool
from alert_words import EXPECTED, GENERIC, PLAYER, SLACK, events

from alerts.domain.reading import READINGS, signal_of
from contracts.alerts import ChannelName, HearOutsideAlert, Severity
from contracts.ground import Figure
from contracts.message import Event, encode

pytestmark = pytest.mark.services("alerts")


def _outside(desk: Desk, *, firing: bool = True, severity: Severity | None = Severity.ERROR) -> HearOutsideAlert:
    return HearOutsideAlert(
        key="c1f5-1774806125", event="OutboxOld", service="payments", firing=firing, severity=severity,
        summary="the outbox is old", figures=(Figure("instance", "p1"),), runbook="https://r.example/x", at=desk.now,
    )  # fmt: skip


async def test_each_event_is_told_where_the_table_says_once(desk: Desk) -> None:
    for event in (*events(NOON), *events(NOON)):
        await desk.take(event)
    found: dict[str, tuple[object, object, set[ChannelName]]] = {}
    for channel in ChannelName:
        for notice in await desk.notices(channel):
            told = found.setdefault(notice.event, (notice.severity, notice.tier, set()))
            assert channel not in told[2], f"{notice.event} is told twice at {channel}"
            told[2].add(channel)
    assert found == EXPECTED


@pytest.mark.parametrize("event", events(NOON), ids=lambda event: type(event).__name__)
def test_a_signal_says_what_happened_and_names_nobody(event: Event) -> None:
    signal = signal_of(event, NOON)
    assert signal.summary
    assert signal.figures or signal.event == "something_odd"
    assert str(PLAYER) not in f"{signal}"
    assert str(PLAYER) in encode(event).decode() or "player_id" not in event.__struct_fields__


def test_every_alert_that_is_heard_is_tried_here_or_ends_one_that_is() -> None:
    raised = {signal_of(event, NOON).event for event in events(NOON)}
    assert raised == set(EXPECTED)
    tried = {type(event) for event in events(NOON)}
    ends = {kind for kind, reading in READINGS.items() if reading.is_over}
    assert set(READINGS) == tried | ends
    assert {READINGS[kind].event or "something_odd" for kind in ends} <= raised


async def test_channels_that_are_not_configured_are_left_out_and_none_means_the_generic_one(pool: Pool) -> None:
    desk = Desk(pool, channels=[SLACK])
    await desk.take(*events(NOON))
    told = {(notice.event, channel) for channel in ChannelName for notice in await desk.notices(channel)}
    assert told == {
        (event, GENERIC if channels == {GENERIC} else SLACK) for event, (_, _, channels) in EXPECTED.items()
    }


async def test_prometheus_alerts_live_like_others(desk: Desk) -> None:
    await desk.take(_outside(desk))
    alert = await desk.only()
    assert (alert.severity, alert.key, alert.runbook) == (Severity.ERROR, "c1f5-1774806125", "https://r.example/x")
    desk.clock.advance(minutes=1)
    await desk.take(_outside(desk, firing=False))
    assert (await desk.only()).resolved_by == "owner"


async def test_a_runbook_s_address_is_told(desk: Desk) -> None:
    await desk.take(desk.letter(), desk.raised())
    pages = {notice.event: notice.runbook for notice in await desk.notices(GENERIC)}
    assert pages == {
        "dead_letter_received": "https://runbooks.example/dead_letters.md",
        "something_odd": "https://runbooks.example/alerts.md",
    }

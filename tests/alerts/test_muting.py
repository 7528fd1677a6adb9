"""Silences and inhibitions (DOMAIN §10): nobody is told, and what is owed is told when they end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from alert_desk import Desk

from alerts.domain.muting import fits_pattern, like_pattern
from contracts.alerts import (
    AcknowledgeAlert,
    ChannelName,
    EndSilence,
    HearOutsideAlert,
    NoticeKind,
    Severity,
    SilenceView,
    StartSilence,
)
from contracts.ground import AlertCleared

pytestmark = pytest.mark.services("alerts")

OPENED, REPEATED = NoticeKind.OPENED, NoticeKind.REPEATED


async def _silence(desk: Desk, event: str = "something_odd", pattern: str = "*", minutes: int = 60) -> SilenceView:
    answer = await desk.ask(StartSilence(event=event, key_pattern=pattern, minutes=minutes, reason="we know"))
    assert answer.done
    return answer.silence


def _postgres_down(desk: Desk, *, firing: bool = True, service: str = "promo") -> HearOutsideAlert:
    return HearOutsideAlert(
        key="fp-1", event="postgres_down", service=service, firing=firing, severity=Severity.CRITICAL, summary="down",
        figures=(), runbook=None, at=desk.now,
    )  # fmt: skip


async def test_a_silence_mutes_what_fits_and_nothing_else(desk: Desk) -> None:
    silence = await _silence(desk, pattern="pay*:x")
    assert (silence.author, silence.ends_at - silence.begins_at) == ("mira", timedelta(hours=1))
    await desk.take(desk.raised(key="pay-1:x"), desk.raised(key="pay-1:y"), desk.raised("other", key="pay-1:x"))
    muted = {(alert.event, alert.key): alert.is_muted for alert in await desk.alerts()}
    assert muted == {
        ("something_odd", "pay-1:x"): True,
        ("something_odd", "pay-1:y"): False,
        ("other", "pay-1:x"): False,
    }
    assert await desk.kinds() == [OPENED, OPENED]


async def test_at_its_end_what_is_still_open_is_told_at_once(desk: Desk) -> None:
    await _silence(desk)
    await desk.take(desk.raised(key="stays"), desk.raised(key="goes", has_end=True))
    desk.clock.advance(minutes=30)
    await desk.take(AlertCleared(service="promo", event="something_odd", key="goes", at=desk.now))
    await desk.pass_by(minutes=29)
    assert await desk.told() == []
    await desk.pass_by(minutes=1)
    (notice,) = await desk.notices(ChannelName.GENERIC)
    assert (notice.kind, notice.key) == (OPENED, "stays")
    await desk.pass_by(seconds=10)
    assert await desk.kinds() == [OPENED]


async def test_who_was_told_before_is_told_again_at_its_end_and_not_meanwhile(desk: Desk) -> None:
    await desk.take(desk.raised())
    silence = await _silence(desk, minutes=10_080)
    for _ in range(5):
        await desk.take(desk.raised())
        await desk.pass_by(hours=4)
    assert await desk.kinds() == [OPENED]
    await desk.ask(EndSilence(silence_id=silence.silence_id))
    await desk.pass_by(seconds=10)
    assert await desk.kinds() == [OPENED, REPEATED]


async def test_an_acknowledgement_under_a_silence_owes_nobody_anything(desk: Desk) -> None:
    await _silence(desk, minutes=30)
    await desk.take(desk.raised())
    assert (await desk.ask(AcknowledgeAlert(alert_id=(await desk.only()).alert_id))).done
    await desk.pass_by(hours=1)
    assert await desk.told() == []


async def test_a_silence_that_is_not_there_cannot_be_ended(desk: Desk) -> None:
    answer = await desk.ask(EndSilence(silence_id=uuid4()))
    assert not answer.done
    assert "query.alerts.silences" in answer.reason


async def test_a_service_without_its_database_is_one_alert(desk: Desk) -> None:
    await desk.take(_postgres_down(desk))
    await desk.take(desk.raised(), desk.raised(service="payments", key="p"))
    told = {notice.event: notice.service for notice in await desk.notices(ChannelName.GENERIC)}
    assert told == {"postgres_down": "promo", "something_odd": "payments"}
    desk.clock.advance(minutes=5)
    await desk.take(_postgres_down(desk, firing=False))
    await desk.pass_by(seconds=10)
    assert (await desk.kinds()).count(OPENED) == 3


@pytest.mark.parametrize(
    ("key", "pattern", "fits"),
    [
        ("payments:recovery", "*", True),
        ("payments:recovery", "payments:*", True),
        ("payments:recovery", "*recovery", True),
        ("payments:recovery", "pay", False),
        ("a_b", "a%b", False),
        ("axb", "a_b", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("a\\b", "a\\b", True),
        ("", "*", True),
    ],
)
async def test_turn_and_database_agree_on_what_fits(desk: Desk, key: str, pattern: str, fits: bool) -> None:
    assert fits_pattern(key, pattern) is fits
    async with desk.pool.acquire() as connection:
        assert await connection.fetchval("select $1::text like $2::text", key, like_pattern(pattern)) is fits

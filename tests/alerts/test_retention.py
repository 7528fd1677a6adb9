"""What is old is deleted, what is open never is, and what nobody could be told is given up after a day (DOMAIN §12)."""

import pytest
from alert_desk import Desk

from alerts.handlers.retention import forget_old
from contracts.alerts import AlertState, DeliveryState, ResolveAlert

pytestmark = pytest.mark.services("alerts")


async def test_what_was_resolved_ninety_days_ago_is_forgotten_and_what_is_open_is_not(desk: Desk) -> None:
    await desk.take(desk.raised(key="over"), desk.raised(key="open", has_end=True))
    (over,) = [alert for alert in await desk.alerts() if alert.key == "over"]
    await desk.ask(ResolveAlert(alert_id=over.alert_id))
    desk.clock.advance(days=89)
    await desk.run(forget_old.due())
    assert {alert.key for alert in await desk.alerts()} == {"over", "open"}
    desk.clock.advance(days=1, seconds=1)
    await desk.run(forget_old.due())
    alert = await desk.only()
    assert (alert.key, alert.state) == ("open", AlertState.OPEN)
    forgotten = await desk.details(over.alert_id)
    assert (forgotten.alert, forgotten.history, forgotten.deliveries) == (None, (), ())


async def test_what_no_channel_took_for_a_day_is_given_up(desk: Desk) -> None:
    await desk.take(desk.raised())
    desk.clock.advance(hours=23)
    await desk.run(forget_old.due())
    alert_id = (await desk.only()).alert_id
    assert [view.state for view in (await desk.details(alert_id)).deliveries] == [DeliveryState.WAITING]
    desk.clock.advance(hours=1, seconds=1)
    await desk.run(forget_old.due())
    (view,) = (await desk.details(alert_id)).deliveries
    assert (view.state, view.ended_at) == (DeliveryState.GIVEN_UP, desk.now)

"""That a notice cannot be told is an alert itself, told by whatever other way there is."""

import structlog

from actors.clock import Clock
from actors.engine.publisher import Publisher
from alerts.domain.reading import line
from contracts.alerts import ChannelName
from contracts.envelope import addressed, first_envelope
from contracts.ground import AlertRaised, Figure
from contracts.message import encode

EVENT = "alert_delivery_failed"
SERVICE = "alerts"

log = structlog.get_logger()


class Trouble:
    """Says on alerts' own stream what was not delivered."""

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        """Publish by `publisher`."""
        self._publisher = publisher
        self._clock = clock

    async def tell(self, channel: ChannelName, number: int, reason: str) -> None:
        """Raise the alert of a channel; while it is open another one only counts, so it feeds on nothing."""
        now = self._clock.now()
        event = AlertRaised(
            service=SERVICE,
            event=EVENT,
            key=channel,
            summary=line(f"{channel} did not take a notice for good: {reason}"),
            figures=(Figure("channel", channel.value), Figure("delivery", number), Figure("reason", line(reason))),
            at=now,
        )
        envelope = first_envelope(event, identifier=f"undelivered:{channel}:{number}", time=now, source=SERVICE)
        subject, headers = addressed(event, envelope)
        (error,) = await self._publisher.publish([(subject, headers, encode(event))])
        if error is not None:
            log.error("undelivered_not_told", channel=channel, delivery=number, error=str(error))

"""Everything that stands in for somebody alerts go to."""

from dataclasses import dataclass

from sandbox.event_delivery import EventDelivery
from sandbox.faults.calls import CallFaults
from sandbox.oncall.hooks import Hooks
from sandbox.oncall.incidents import Incidents
from sandbox.oncall.pagerduty import EventsApi
from sandbox.oncall.slack import Slack


@dataclass(slots=True, frozen=True)
class Standins:
    """What the page shows and scripts read."""

    incidents: Incidents
    events_api: EventsApi
    slack: Slack
    hooks: Hooks
    delivery: EventDelivery
    faults: CallFaults

    def clear(self) -> None:
        """Forget what arrived; faults, the webhook and what is on its way stay."""
        self.incidents.clear()
        self.slack.messages.clear()
        self.hooks.arrivals.clear()
        self.hooks.heartbeats.clear()

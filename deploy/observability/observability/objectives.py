"""What is promised: the one table that rules and documents follow from.

An objective counts events of a histogram: all of those that `of` selects, and as good those that `good` selects and
that took `within_s` at most. Its bound is a bucket of that histogram, so nothing is guessed between two buckets.
"""

from typing import Final

import msgspec


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """One promise: so many of these events are good, over 30 days."""

    name: str
    """In labels: `slo="…"`."""
    title: str
    """What is promised, for people."""
    histogram: str
    of: str = ""
    """Labels that select the events that count; empty: all."""
    good: str = ""
    """Labels that select those that can be good; empty: all."""
    within_s: float
    target: float
    service: str
    runbook: str
    """The section of `docs/runbooks/objectives.md`."""

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return 1 - self.target

    @property
    def events(self) -> str:
        """The series that counts all events."""
        return f"{self.histogram}_count{{{self.of}}}"

    @property
    def good_events(self) -> str:
        """The series that counts the good ones."""
        labels = ",".join(filter(None, (self.good or self.of, f'le="{float(self.within_s)}"')))
        return f"{self.histogram}_bucket{{{labels}}}"


OBJECTIVES: Final = (
    Objective(
        name="update_accepted",
        title="An update of Telegram is durable within 200 ms",
        histogram="gateway_webhook_seconds",
        of='outcome=~"200|5.."',
        good='outcome="200"',
        within_s=0.2,
        target=0.999,
        service="gateway",
        runbook="updates",
    ),
    Objective(
        name="precheckout_answered",
        title="A pre-checkout is decided and answered within 3 s",
        histogram="gateway_precheckout_seconds",
        good='outcome=~"ok|refused"',
        within_s=3,
        target=0.9995,
        service="gateway",
        runbook="pre-checkouts",
    ),
    Objective(
        name="tap_answered",
        title="A tap is answered within 1 s",
        histogram="gateway_tap_seconds",
        within_s=1,
        target=0.995,
        service="gateway",
        runbook="taps",
    ),
    Objective(
        name="payment_credited",
        title="What was paid is credited within 10 s",
        histogram="starquiz_took_seconds",
        of='what="payment_credited"',
        within_s=10,
        target=0.999,
        service="payments",
        runbook="credits",
    ),
)

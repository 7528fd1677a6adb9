"""One alert's life (DOMAIN §10): OPEN → ACKED → RESOLVED, and who is to be told of it when.

Each method changes the state and returns of which kind a notice is due, or None. Whether somebody is told then, or
later because it is muted, is the caller's.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.domain.routing import Route
from alerts.domain.signal import Signal
from contracts.alerts import AlertState, AlertView, ChannelName, NoticeKind, Severity, Tier

REPEAT: Final = timedelta(hours=4)
SILENCE: Final = timedelta(hours=24)
"""What was not heard for so long, and has no end of its own, is over."""
ROUNDS: Final = 3
_LAPSE: Final = {Severity.CRITICAL: timedelta(hours=4), Severity.ERROR: timedelta(hours=4)}
_LAPSE_OTHERS: Final = timedelta(hours=24)
OWNER, BY_SILENCE = "owner", "silence"


class Alert(msgspec.Struct):
    """The alerts of one event and key, of which the last one is here: they come one after the other."""

    fingerprint: str
    event: str = ""
    key: str = ""
    service: str = ""
    episode: int = 0
    """How many there were; 0: none yet."""
    state: AlertState = AlertState.RESOLVED
    severity: Severity = Severity.WARNING
    channels: tuple[ChannelName, ...] = ()
    chain: tuple[Tier, ...] = (Tier.L3,)
    escalate_after_s: int | None = None
    step: int = 0
    """How often it went to the next tier; three rounds of the chain at most."""
    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    cleared_at: datetime | None = None
    """As of when its owner said that it is over: what was so before that is past."""
    is_told: bool = False
    """Somebody was told that it is open."""
    is_owed: bool = False
    """Somebody would have been told, but for what mutes it."""
    escalates_at: datetime | None = None
    repeats_at: datetime | None = None
    lapses_at: datetime | None = None
    """When its acknowledgement does."""
    ends_at: datetime | None = None
    """When it is over unless it is heard again."""
    looked_at_next: datetime | None = None
    """The earliest of these."""
    acked_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    summary: str = ""
    figures: tuple[tuple[str, str | int], ...] = ()
    runbook: str | None = None

    @property
    def alert_id(self) -> str:
        """Names this very alert; PagerDuty's `dedup_key`."""
        return f"{self.fingerprint}-{self.episode}"

    @property
    def tier(self) -> Tier:
        """Who is meant now."""
        return self.chain[self.step % len(self.chain)]

    @property
    def is_over(self) -> bool:
        """Whether there is none at the moment."""
        return self.state is AlertState.RESOLVED

    # -- what is heard --------------------------------------------------------------------------

    def hear(self, signal: Signal, route: Route, now: datetime) -> NoticeKind | None:
        """Open it, or count once more. What was so before its owner said that it is over, is over."""
        if self.cleared_at is not None and signal.at <= self.cleared_at:
            return None
        opens = self.is_over
        if opens:
            self._open(signal, route, now)
        self.count += 1
        self.last_at = signal.at if self.last_at is None else max(self.last_at, signal.at)
        self.summary, self.figures, self.runbook = signal.summary, signal.figures, signal.runbook
        self.ends_at = None if signal.has_end else now + SILENCE
        self._plan()
        return NoticeKind.OPENED if opens else None

    def clear(self, signal: Signal, now: datetime) -> NoticeKind | None:
        """Its owner says that the cause is gone; of what began later that says nothing."""
        self.event, self.key, self.service = signal.event, signal.key, signal.service
        self.cleared_at = signal.at if self.cleared_at is None else max(self.cleared_at, signal.at)
        if self.is_over or (self.last_at is not None and self.last_at > signal.at):
            return None
        return self._resolve(OWNER, now)

    def _open(self, signal: Signal, route: Route, now: datetime) -> None:
        self.event, self.key, self.service = signal.event, signal.key, signal.service
        self.episode += 1
        self.state, self.severity, self.channels = AlertState.OPEN, route.severity, route.channels
        self.chain, self.escalate_after_s = route.chain, route.escalate_after_s
        self.count, self.first_at, self.last_at = 0, signal.at, None
        self.is_told = self.is_owed = False
        self.acked_by = self.resolved_at = self.resolved_by = None
        self._begin(now)

    # -- what people do -------------------------------------------------------------------------

    def acknowledge(self, by: str, now: datetime) -> NoticeKind | None:
        """Somebody looks after it; whoever says so again has it for as long from now on."""
        if self.is_over:
            return None
        said_before = self.state is AlertState.ACKED
        self.state, self.acked_by = AlertState.ACKED, by
        self.lapses_at = now + _LAPSE.get(self.severity, _LAPSE_OTHERS)
        self.escalates_at = self.repeats_at = None
        self.is_owed = False
        self._plan()
        return NoticeKind.ACKED if self.is_told and not said_before else None

    def resolve(self, by: str, now: datetime) -> NoticeKind | None:
        """Somebody says that the cause is gone."""
        return None if self.is_over else self._resolve(by, now)

    def _resolve(self, by: str, now: datetime) -> NoticeKind | None:
        self.state, self.resolved_at, self.resolved_by = AlertState.RESOLVED, now, by
        self.escalates_at = self.repeats_at = self.lapses_at = self.ends_at = None
        self.is_owed = False
        self._plan()
        return NoticeKind.RESOLVED if self.is_told else None

    # -- what the clock does --------------------------------------------------------------------

    def look(self, now: datetime, *, is_muted: bool) -> NoticeKind | None:
        """See what is due at this instant: one thing at a time, the next one at the next look."""
        if self.is_over:
            return None
        if _is_due(self.ends_at, now):
            return self._resolve(BY_SILENCE, now)
        if _is_due(self.lapses_at, now):
            self.state, self.acked_by, self.lapses_at = AlertState.OPEN, None, None
            self.is_owed = True
        elif not (self.is_owed or _is_due(self.escalates_at, now) or _is_due(self.repeats_at, now)):
            return None
        if is_muted:
            self.hold()
            return None
        if self.is_owed:
            self._begin(now)
            self._plan()
            return NoticeKind.REPEATED if self.is_told else NoticeKind.OPENED
        return self._go_on(now)

    def _go_on(self, now: datetime) -> NoticeKind:
        """Tell the next tier, or the same one again."""
        kind = NoticeKind.REPEATED
        if _is_due(self.escalates_at, now):
            self.step += 1
            kind = NoticeKind.ESCALATED
            self.escalates_at = self._next_escalation(now)
        if _is_due(self.repeats_at, now):
            self.repeats_at = now + REPEAT
        self._plan()
        return kind

    def hold(self) -> None:
        """Nobody may be told now: whoever would have been is owed it when what mutes it ends."""
        self.is_owed = True
        self.escalates_at = self.repeats_at = None
        self._plan()

    def tell(self, kind: NoticeKind) -> None:
        """Take note that people are being told."""
        if kind in (NoticeKind.OPENED, NoticeKind.REPEATED, NoticeKind.ESCALATED):
            self.is_told, self.is_owed = True, False

    def _begin(self, now: datetime) -> None:
        """From here on count the rounds, and the hours until it is repeated."""
        self.step = 0
        self.escalates_at, self.repeats_at, self.lapses_at = self._next_escalation(now), now + REPEAT, None

    def _next_escalation(self, now: datetime) -> datetime | None:
        if self.escalate_after_s is None or self.step + 1 >= ROUNDS * len(self.chain):
            return None
        return now + timedelta(seconds=self.escalate_after_s)

    def _plan(self) -> None:
        moments = (self.escalates_at, self.repeats_at, self.lapses_at, self.ends_at)
        self.looked_at_next = min((moment for moment in moments if moment is not None), default=None)

    def view(self) -> AlertView:
        """Return it as an operator sees it; only of one that was heard."""
        if self.first_at is None or self.last_at is None:
            raise ValueError(f"{self.fingerprint}: nothing of it was heard")
        return AlertView(
            alert_id=self.alert_id,
            event=self.event,
            key=self.key,
            service=self.service,
            state=self.state,
            severity=self.severity,
            tier=self.tier,
            channels=self.channels,
            count=self.count,
            first_at=self.first_at,
            last_at=self.last_at,
            is_muted=self.is_owed,
            acked_by=self.acked_by,
            resolved_at=self.resolved_at,
            resolved_by=self.resolved_by,
            summary=self.summary,
            figures=dict(self.figures),
            runbook=self.runbook,
        )


def _is_due(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now

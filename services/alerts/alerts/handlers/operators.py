"""What operators do about alerts: acknowledge, resolve, silence (DOMAIN §10)."""

from datetime import timedelta
from typing import Annotated, Final

import msgspec

from actors.turn import Turn
from alerts.domain.alert import Alert
from alerts.domain.muting import SILENCE_MAX, Mutes, Silence
from alerts.handlers.table import actor
from alerts.handlers.telling import record, tell
from contracts.alerts import (
    AcknowledgeAlert,
    AlertAnswer,
    AlertState,
    EndSilence,
    NoticeKind,
    ResolveAlert,
    SilenceAnswer,
    StartSilence,
)

_AlertId = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern="^[0-9a-f]+-[0-9]+$")]
_Note = Annotated[str, msgspec.Meta(max_length=200)]
_Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Event = Annotated[str, msgspec.Meta(pattern=r"^(\*|[A-Za-z0-9_:.-]{1,128})$")]
_KeyPattern = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Minutes = Annotated[int, msgspec.Meta(ge=1, le=int(SILENCE_MAX.total_seconds() // 60))]
_LISTED: Final = "query.alerts.list has those that are open"


@actor.admin("alert", "ack", answer=AlertAnswer, limits={"alert_id": _AlertId, "note": _Note})
@actor.on(AcknowledgeAlert)
def acknowledge_alert(command: AcknowledgeAlert, alert: Alert, mutes: Mutes, turn: Turn) -> None:
    """Nobody is told of it for a while; who acknowledges it again has it for as long from now on."""
    if (fault := _fault(command.alert_id, alert)) or alert.is_over:
        turn.reply(_refusal(fault or f"alert_id: it is {AlertState.RESOLVED}; only what is open can be acknowledged"))
        return
    kind = alert.acknowledge(turn.operator, turn.now)
    if kind is None:
        record(alert, turn, str(NoticeKind.ACKED), by=turn.operator, note=command.note)
    tell(alert, kind, mutes, turn, by=turn.operator, note=command.note)
    turn.reply(AlertAnswer(done=True, alert=alert.view()))


@actor.admin("alert", "resolve", answer=AlertAnswer, limits={"alert_id": _AlertId, "note": _Note})
@actor.on(ResolveAlert)
def resolve_alert(command: ResolveAlert, alert: Alert, mutes: Mutes, turn: Turn) -> None:
    """It is over, here and at PagerDuty; one that is over already stays as it is."""
    if fault := _fault(command.alert_id, alert):
        turn.reply(_refusal(fault))
        return
    was_open = not alert.is_over
    kind = alert.resolve(turn.operator, turn.now)
    if kind is None and was_open:
        record(alert, turn, str(NoticeKind.RESOLVED), by=turn.operator, note=command.note)
    tell(alert, kind, mutes, turn, by=turn.operator, note=command.note)
    turn.reply(AlertAnswer(done=True, alert=alert.view()))


@actor.admin(
    "silence",
    "start",
    answer=SilenceAnswer,
    fixed={"scope": "silences"},
    limits={"event": _Event, "key_pattern": _KeyPattern, "minutes": _Minutes, "reason": _Reason},
)
@actor.on(StartSilence)
def start_silence(command: StartSilence, turn: Turn) -> None:
    """Mute what fits from now on; who was told before is told no more until it ends."""
    silence = Silence(
        silence_id=turn.new_id(),
        event=command.event,
        key_pattern=command.key_pattern,
        begins_at=turn.now,
        ends_at=turn.now + timedelta(minutes=command.minutes),
        author=turn.operator,
        reason=command.reason,
    )
    turn.create(silence)
    turn.reply(SilenceAnswer(done=True, silence=silence.view()))


@actor.admin("silence", "end", answer=SilenceAnswer)
@actor.on(EndSilence)
def end_silence(command: EndSilence, silence: Silence | None, turn: Turn) -> None:
    """Mute no more: what is still open is told within seconds. One that has ended stays as it is."""
    del command
    if silence is None:
        reason = "silence_id: there is none such; query.alerts.silences has those that last"
        turn.reply(SilenceAnswer(done=False, reason=reason))
        return
    silence.ends_at = min(silence.ends_at, turn.now)
    turn.reply(SilenceAnswer(done=True, silence=silence.view()))


def _fault(alert_id: str, alert: Alert) -> str:
    """Return why there is no such alert; empty when it is this one."""
    if not alert.episode:
        return f"alert_id: there is none such; {_LISTED}"
    if alert.alert_id != alert_id:
        return f"alert_id: this one is past; of the same event and key the last one is {alert.alert_id}"
    return ""


def _refusal(reason: str) -> AlertAnswer:
    return AlertAnswer(done=False, reason=reason)

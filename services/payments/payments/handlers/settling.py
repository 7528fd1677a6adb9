"""The door by which a person settles what reconciliation cannot repair: `admin.payments.reconciliation.settle`.

A chargeback of Stars lowers the balance and has no row in Telegram's list, so every full run would find it again, for
ever, and hide the next one behind it. It is settled with a row of ours that counts like a refund of the list. What
else is found about one charge can be acknowledged: that charge is left out of counts and comparisons from then on.
"""

from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from actors.endpoints import AdminRequest
from actors.turn import Turn
from contracts.payments import Provider, SettleDiff, SettlementKind
from payments.domain.charge import Charge
from payments.domain.settlement import Listed, refusal, settle
from payments.handlers.table import actor

_Word = TypeVar("_Word", bound=StrEnum)


class SettleRequest(AdminRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which charge's diffs are settled, how, and why."""

    provider: Annotated[str, msgspec.Meta(examples=list(Provider))]
    charge_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    kind: Annotated[str, msgspec.Meta(examples=list(SettlementKind))]
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="Why; written to the audit.")]


class SettleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the charge is settled, or why not."""

    settled: bool
    amount: int = 0
    """Stars or minor units that count as given back from now on."""
    reason: str = ""


def to_command(request: SettleRequest) -> SettleDiff:
    """Return the command that an operator's request stands for; raises ValueError naming the field and the remedy."""
    return SettleDiff(
        provider=_one_of(Provider, request.provider, "provider"),
        charge_id=request.charge_id,
        kind=_one_of(SettlementKind, request.kind, "kind"),
        note=request.note,
    )


actor.admin("reconciliation", "settle", request=SettleRequest, command=to_command)


@actor.on(SettleDiff)
def settle_diff(command: SettleDiff, charge: Charge | None, listed: Listed, turn: Turn) -> None:
    """Write the row that settles a charge, or say why there is none to write. The charge itself stays as it is."""
    if reason := refusal(command, charge, listed):
        turn.reply(SettleAnswer(settled=False, reason=reason))
        return
    row = settle(command, charge, turn.signed(command.note), turn.now)
    turn.record(row)
    turn.reply(SettleAnswer(settled=True, amount=row.amount))


def _one_of(kind: type[_Word], value: str, field: str) -> _Word:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise ValueError(f"{field}: there is no {value!r}; use one of {known}") from None

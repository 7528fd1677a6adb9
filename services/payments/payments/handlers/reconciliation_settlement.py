"""The endpoint by which a person settles what reconciliation cannot repair: `admin.payments.reconciliation.settle`.

A chargeback of Stars lowers the balance and has no row in Telegram's list, so every full run would find it again, for
ever, and hide the next one behind it. It is settled with a row of ours that counts like a refund of the list. What
else is found about one charge can be acknowledged: that charge is left out of counts and comparisons from then on.
"""

import msgspec

from actors.turn import Turn
from contracts.payments import SettleDiff
from payments.domain.charge import Charge
from payments.domain.settlement import ProviderListEntry, refusal, settle
from payments.handlers.admin_limits import ChargeId, Note
from payments.handlers.table import actor


class SettleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the charge is settled, or why not."""

    settled: bool
    amount: int = 0
    """Stars or minor units that count as given back from now on."""
    reason: str = ""


@actor.admin(
    "reconciliation",
    "settle",
    answer=SettleAnswer,
    limits={"charge_id": ChargeId, "note": Note},
    irreversible="No difference of this charge is told any more, and what is written cannot be taken back.",
    confirm="charge_id",
)
@actor.on(SettleDiff)
def settle_diff(command: SettleDiff, charge: Charge | None, listed: ProviderListEntry, turn: Turn) -> None:
    """Write the row that settles a charge, or say why there is none to write. The charge itself stays as it is."""
    if reason := refusal(command, charge, listed):
        turn.reply(SettleAnswer(settled=False, reason=reason))
        return
    row = settle(command, charge, turn.signed(command.note), turn.now)
    turn.record(row)
    turn.reply(SettleAnswer(settled=True, amount=row.amount))

"""The ledger's endpoints: `query.payments.ledger_balance`, and `admin.payments.ledger.account` (DOMAIN §6).

An operator who looks into a player's account is written down. So the admin endpoint is a command to the account, like
every other: audited, and repeated with the first answer. It loads the account without a lock and changes nothing.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from actors.endpoints import Endpoint
from actors.turn import Turn
from contracts.payments import ShowLedgerAccount
from payments.domain.ledger import ACCOUNT_PATTERN
from payments.handlers.table import actor
from payments.store.ledger import Account, read_balances

AccountName = Annotated[
    str,
    msgspec.Meta(
        pattern=ACCOUNT_PATTERN,
        examples=["player:5512740098", "debt:5512740098", "house:SALES", "house:PROVIDER_CLEARING:TELEGRAM"],
    ),
]
Entries = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many of the last entries.")]


class LedgerBalanceQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names the account, as in the ledger."""

    account: AccountName


class LedgerBalanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has at this moment, by asset: debits positive. Empty for one that no entry names."""

    account: str
    balances: dict[str, int]


@actor.query("ledger_balance", request=LedgerBalanceQuery, response=LedgerBalanceAnswer)
async def query_ledger_balance(request: LedgerBalanceQuery, endpoint: Endpoint) -> LedgerBalanceAnswer:
    """Show what one account has."""
    async with endpoint.connection() as connection:
        balances = await read_balances(connection, [request.account])
    return LedgerBalanceAnswer(account=request.account, balances={one.asset: one.balance for one in balances})


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an account; the transaction's other entries are in the other accounts."""

    entry_id: int
    transaction_id: UUID
    kind: str
    asset: str
    amount: int
    """Debit above 0, credit below; Stars, minor units, pieces, days or hours."""
    reason: str
    at: datetime
    purchase_id: UUID | None
    charge_id: str | None
    player_id: int


class LedgerAccountAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stood when it was asked for first."""

    account: str
    balances: dict[str, int]
    entries: tuple[LedgerEntry, ...]
    """The last ones, newest first."""


@actor.admin(
    "ledger", "account", answer=LedgerAccountAnswer, limits={"account": AccountName, "entries": Entries}, reads=True
)
@actor.on(ShowLedgerAccount)
def show_ledger_account(command: ShowLedgerAccount, account: Account, turn: Turn) -> None:
    """Answer with the account's balances and its last entries."""
    turn.reply(
        LedgerAccountAnswer(
            account=command.account,
            balances={one.asset: one.balance for one in account.balances},
            entries=tuple(LedgerEntry(**msgspec.structs.asdict(posting)) for posting in account.postings),
        )
    )

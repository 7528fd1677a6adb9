"""Partners, sales and payouts as rows, and the ledger of commissions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Store, Writer
from actors.table import Table
from referrals.domain.affiliates.internal import SALES, SaleComparison
from referrals.domain.affiliates.ledger import Transaction
from referrals.domain.affiliates.partner import Partner
from referrals.domain.affiliates.payout import OPEN, Payout
from referrals.domain.affiliates.sale import Sale, UnclaimedSales

SQL: Final = load("referrals.store", "affiliates.sql")
PARTNERS: Final = Table(Partner, "partners", key="player_id", row_type="partner_row", fixed=("applied_at",))
SALES_TABLE: Final = Table(Sale, "sales", key="purchase_id", row_type="sale_row", fixed=("player_id",))
PAYOUTS: Final = Table(
    Payout,
    "payouts",
    key="payout_id",
    row_type="payout_row",
    fixed=("player_id", "kind", "stars", "months", "requested_at"),
)
PARTNERS_PAGE: Final = f"""select {PARTNERS.columns}, code from partners left join members using (player_id)
where player_id > coalesce($1::text::bigint, 0) order by player_id limit $2"""  # noqa: S608 - our own struct's fields
"""Partners, each with the code of their own link in a further column."""
PAYOUTS_PAGE: Final = (
    f"{PAYOUTS.select} where $1::text is null or payout_id > $1::text::uuid order by payout_id limit $2"
)
COMPARISONS: Final = Table(SaleComparison, "sale_comparisons", key="name", row_type="sale_comparison_row")


class PartnerStore(Store[int, Partner]):
    """One row a player who applied or was enrolled."""

    state = Partner
    key_field = "partner_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Partner]:
        """Load and lock partners in the order of their ids."""
        return await PARTNERS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Partner]) -> None:
        """Write partners, new and changed, in one statement."""
        await PARTNERS.save(connection, states)

    def key_of(self, state: Partner) -> int:
        """Return the player's id."""
        return state.player_id


class SaleStore(Store[UUID, Sale]):
    """One row a purchase."""

    state = Sale
    key_field = "purchase_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Sale]:
        """Load and lock sales in the order of their ids."""
        return await SALES_TABLE.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Sale]) -> None:
        """Write sales, new and changed, in one statement."""
        await SALES_TABLE.save(connection, states)


class UnclaimedSalesOf(ReadModel[int, UnclaimedSales]):
    """Sales of players that are nobody's yet."""

    state = UnclaimedSales
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, UnclaimedSales]:
        """Look all players' up at once."""
        return {row[0]: UnclaimedSales(tuple(row[1])) for row in await connection.fetch(SQL["unclaimed_of"], keys)}

    def blank(self, key: int) -> UnclaimedSales:
        """Return those of somebody who has none."""
        del key
        return UnclaimedSales()


class PayoutStore(Store[UUID, Payout]):
    """One row a payout."""

    state = Payout
    key_field = "payout_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Payout]:
        """Load and lock payouts in the order of their ids."""
        return await PAYOUTS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Payout]) -> None:
        """Write payouts in one statement; those that close come first, for one a partner may be open."""
        await PAYOUTS.save(connection, sorted(states, key=lambda payout: payout.state in OPEN))


class CommissionLedger(Journal[Transaction]):
    """Transactions with their entries, each of the two tables in a part of its own."""

    row = Transaction

    async def append(self, connection: Writer, rows: Sequence[Transaction]) -> None:
        """Write transactions and entries; a second one of an idempotency key is refused by the database."""
        transactions = [(t.id, t.kind, t.idempotency_key, t.partner_id, t.purchase_id, t.payout_id, t.at) for t in rows]
        entries = [
            (t.id, leg, entry.account, entry.amount) for t in rows for leg, entry in enumerate(t.entries, start=1)
        ]
        await connection.execute(SQL["append_transactions"], transactions)
        await connection.execute(SQL["append_entries"], entries)


class SaleComparisonStore(Store[str, SaleComparison]):
    """One row: how far sales have been compared with payments."""

    state = SaleComparison
    key_field = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, SaleComparison]:
        """Load and lock it."""
        return await COMPARISONS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[SaleComparison]) -> None:
        """Write how far it has come."""
        await COMPARISONS.save(connection, states)

    def blank(self, key: str) -> SaleComparison:
        """Return one that has not begun."""
        return SaleComparison(key)


async def sales_compared_until(connection: Connection) -> datetime | None:
    """Return until when sales were compared with payments; None: they never were."""
    return await connection.fetchval(SQL["compared_until"], SALES)


async def known_sales(
    connection: Connection, ids: Sequence[UUID]
) -> dict[UUID, tuple[datetime | None, datetime | None, bool]]:
    """Return of each sale that is known when it was credited and given back, and whether it is Telegram's."""
    return {row[0]: (row[1], row[2], row[3]) for row in await connection.fetch(SQL["known_sales"], ids)}

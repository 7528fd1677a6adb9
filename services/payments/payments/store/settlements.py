"""Diffs that were settled by hand, as rows of ours beside those of a provider's list."""

from collections.abc import Sequence

import msgspec

from actors.store import Connection, Journal, ReadModel, Writer
from payments.domain.settlement import ProviderListEntry, Settled
from payments.store.reconciliation import SQL, ProviderRow


class Listings(ReadModel[str, ProviderListEntry]):
    """What providers' lists have of a charge."""

    state = ProviderListEntry
    key_field = "charge_id"

    async def load(self, connection: Connection, keys: Sequence[str]) -> dict[str, ProviderListEntry]:
        """Add up the rows of each charge."""
        rows = await connection.fetch(SQL["listed"], keys)
        return {
            key: ProviderListEntry(key, provider, taken, returned, tuple(kinds))
            for key, provider, taken, returned, kinds in rows
        }

    def blank(self, key: str) -> ProviderListEntry:
        """Return what stands for a charge that no list has."""
        return ProviderListEntry(key)


class SettlementJournal(Journal[Settled]):
    """Adds rows of ours; a charge has one of each kind."""

    row = Settled
    apart = True

    async def append(self, connection: Writer, rows: Sequence[Settled]) -> None:
        """Write them in one statement; one that is there stays as it is."""
        values = [msgspec.structs.astuple(_row_of(row)) for row in rows]
        await connection.execute(SQL["save_transactions"], values)


def _row_of(settled: Settled) -> ProviderRow:
    return ProviderRow(
        provider=settled.provider,
        id=f"{settled.kind.lower()}:{settled.charge_id}",
        direction="OUT",
        kind=settled.kind,
        charge_id=settled.charge_id,
        amount=settled.amount,
        currency=settled.currency,
        player_id=settled.player_id,
        purchase_id=settled.purchase_id,
        payload=settled.note,
        at=settled.at,
        seen_at=settled.at,
    )

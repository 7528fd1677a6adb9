"""The ledger as rows. The database itself keeps it balanced and whole; what is read here can only be looked at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Writer
from payments.domain.given import Given
from payments.domain.ledger import Asset, Transaction
from payments.domain.premium import BookedGrant

SQL: Final = load("payments.store", "ledger.sql")


class Balance(msgspec.Struct, frozen=True):
    """What an account has of one asset: debits positive."""

    account: str
    asset: str
    balance: int


class Posting(msgspec.Struct, frozen=True):
    """One entry of an account with its transaction's particulars."""

    entry_id: int
    """Rises with every entry; the order of an account's journal."""
    transaction_id: UUID
    kind: str
    purchase_id: UUID | None
    charge_id: str | None
    player_id: int
    asset: str
    amount: int
    reason: str
    at: datetime


class Account(msgspec.Struct, frozen=True):
    """An account as it stands; one that no entry names has nothing in it."""

    account: str
    balances: tuple[Balance, ...] = ()
    """By asset."""
    postings: tuple[Posting, ...] = ()
    """Newest first."""


class Unbalanced(msgspec.Struct, frozen=True):
    """A transaction that does not add up to zero, or has no entries: then `asset` is None."""

    transaction_id: UUID
    asset: str | None
    rest: int


class Differing(msgspec.Struct, frozen=True):
    """A balance that is not the sum of its account's entries."""

    account: str
    asset: str
    balance: int
    total: int


class LedgerJournal(Journal[Transaction]):
    """Transactions with their entries, each of the two tables in a part of its own."""

    row = Transaction

    async def append(self, connection: Writer, rows: Sequence[Transaction]) -> None:
        """Write transactions and entries; a second one of an idempotency key is refused by the database.

        On a connection, rather than within a turn's statement, it takes a database transaction around it.
        """
        transactions = [
            (t.id, t.kind, t.idempotency_key, t.purchase_id, t.charge_id, t.player_id, t.reason, t.at) for t in rows
        ]
        entries = [
            (t.id, leg, entry.account, entry.asset, entry.amount)
            for t in rows
            for leg, entry in enumerate(t.entries, start=1)
        ]
        await connection.execute(SQL["append_transactions"], transactions)
        await connection.execute(SQL["append_entries"], entries)


class BookedGrants(ReadModel[UUID, BookedGrant]):
    """Which grants are in the ledger. Kept behind the customers: it is read when their lock is held."""

    state = BookedGrant
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, BookedGrant]:
        """Return those that are booked."""
        return {row[0]: BookedGrant(row[0]) for row in await connection.fetch(SQL["booked_grants"], keys)}


class GivenGrants(ReadModel[UUID, Given]):
    """Grants without a payment as they are booked. Kept behind the customers, like `BookedGrants`."""

    state = Given
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Given]:
        """Return those that are booked."""
        return {row[0]: _given_of(row) for row in await connection.fetch(SQL["given"], keys)}


class LedgerAccounts(ReadModel[tuple[str, int], Account]):
    """Accounts by (name, how many of the last entries)."""

    state = Account
    key_field = "account"

    def key(self, message: Any, field: str | None = None) -> tuple[str, int]:
        """Return the account's name and how many of its entries are asked for."""
        del field
        return message.account, message.entries

    async def load(self, connection: Connection, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Account]:
        """Return every asked account, also those without entries."""
        balances: dict[str, list[Balance]] = {}
        for balance in await read_balances(connection, [account for account, _ in keys]):
            balances.setdefault(balance.account, []).append(balance)
        postings: dict[tuple[str, int], list[Posting]] = {}
        for account, entries, *rest in await connection.fetch(SQL["last_entries_of"], *zip(*keys, strict=True)):
            postings.setdefault((account, entries), []).append(Posting(*rest))
        return {
            (account, entries): Account(
                account, tuple(balances.get(account, ())), tuple(postings.get((account, entries), ()))
            )
            for account, entries in keys
        }


def _given_of(row: Record) -> Given:
    grant_id, player_id, house, assets, amounts, is_revoked = row
    return Given(
        grant_id=grant_id,
        player_id=player_id,
        house=house,
        assets=tuple(map(Asset, assets)),
        amounts=tuple(amounts),
        is_revoked=is_revoked,
    )


async def read_account(connection: Connection, account: str, entries: int) -> Account:
    """Return an account with its last entries, newest first."""
    return (await LedgerAccounts().load(connection, [(account, entries)]))[account, entries]


async def read_balances(connection: Connection, accounts: Sequence[str]) -> list[Balance]:
    """Return what the accounts have, by account and asset."""
    return [Balance(*row) for row in await connection.fetch(SQL["balances_of"], accounts)]


async def read_house(connection: Connection) -> list[Balance]:
    """Return what every house account has, by account and asset: the ledger's totals."""
    return [Balance(*row) for row in await connection.fetch(SQL["house_balances"])]


async def find_unbalanced(connection: Connection, limit: int = 20) -> list[Unbalanced]:
    """Return transactions that are out of balance or empty; reads the whole ledger. There are none."""
    return [Unbalanced(*row) for row in await connection.fetch(SQL["unbalanced_transactions"], limit)]


async def find_differing(connection: Connection, limit: int = 20) -> list[Differing]:
    """Return balances that differ from their journals; reads the whole ledger. There are none."""
    return [Differing(*row) for row in await connection.fetch(SQL["differing_balances"], limit)]

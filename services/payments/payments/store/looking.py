"""What payments has of a charge, a purchase or a player, for whoever looks for it."""

from typing import Final
from uuid import UUID

from asyncpg import Record

from actors.queries import load
from actors.store import Connection
from contracts.looking import FOUND_MAX, LINES_MAX, Finding, FindQuery, StoryLine, StoryQuery

SQL: Final = load("payments.store", "looking.sql")
_STEPS: Final = (
    ("created_at", "invoice made"),
    ("prechecked_at", "pre-checkout passed"),
    ("paid_at", "money came in"),
    ("credited_at", "credited"),
    ("refunded_at", "refunded"),
)
_UNSETTLED: Final = ("FAILED", "REVIEW", "REFUND_PENDING")


async def found(connection: Connection, asked: FindQuery) -> list[Finding]:
    """Return charges, purchases, providers' rows and the customer that fit."""
    findings = [
        Finding(kind="charge", id=row["id"], player_id=row["player_id"], state=row["state"], details=_of_charge(row))
        for row in await connection.fetch(SQL["charge_found"], asked.text)
    ]
    findings += [
        Finding(
            kind="purchase",
            id=str(row["id"]),
            player_id=row["player_id"],
            state=row["state"],
            details=_joined(f"{row['product']} for {row['amount']} {row['currency']}", row["charge_id"], row["reason"]),
        )
        for row in await connection.fetch(SQL["purchases_found"], asked.uuid, asked.text)
    ]
    findings += [
        Finding(
            kind="in the provider's list",
            id=row["id"],
            player_id=row["player_id"] or None,
            state=row["kind"],
            details=f"{row['direction']} {row['amount']} {row['currency']} at {row['at']:%Y-%m-%d %H:%M:%S}Z",
        )
        for row in await connection.fetch(SQL["listed_found"], asked.text)
    ]
    if asked.player_id is not None:
        findings += [
            Finding(kind="customer", id=str(row["player_id"]), player_id=row["player_id"])
            for row in await connection.fetch(SQL["customer_found"], asked.player_id)
        ]
    return findings[:FOUND_MAX]


async def story(connection: Connection, asked: StoryQuery) -> list[StoryLine]:
    """Return what the purchases, charges and the ledger have, of one payment or of a player."""
    is_whole = asked.purchase_id is None and asked.charge_id is None
    account = f"player:{asked.player_id}"
    if asked.purchase_id is not None:
        ids = [asked.purchase_id]
    elif is_whole:
        ids = [row[0] for row in await connection.fetch(SQL["purchases_of_player"], asked.player_id, LINES_MAX)]
    else:
        ids = list[UUID]()
    lines = [line for row in await connection.fetch(SQL["story_of_purchases"], ids) for line in _of_purchase(row)]
    charges = await connection.fetch(SQL["story_of_charges"], ids, asked.charge_id, asked.player_id, is_whole)
    lines += [_written_down(row) for row in charges]
    lines += [_booked(row) for row in await connection.fetch(SQL["ledger_of_purchases"], ids, account)]
    if is_whole:
        lines += [_booked(row) for row in await connection.fetch(SQL["ledger_of_player"], account, LINES_MAX)]
    return lines


def _of_purchase(row: Record) -> list[StoryLine]:
    price = f"{row['product']} for {row['amount']} {row['currency']}"
    details = {
        "created_at": price,
        "paid_at": _joined(f"{row['amount']} {row['currency']}", "late" if row["late"] else ""),
        "credited_at": row["product"],
        "refunded_at": row["reason"],
    }
    identifier = str(row["id"])
    lines = [
        StoryLine(
            at=row[column],
            what=what,
            id=row["charge_id"] if column == "paid_at" else identifier,
            details=details.get(column) or "",
        )
        for column, what in _STEPS
        if row[column] is not None
    ]
    if row["state"] in _UNSETTLED:
        lines.append(
            StoryLine(at=row["changed_at"], what=f"stands at {row['state']}", id=identifier, details=row["reason"])
        )
    return lines


def _written_down(row: Record) -> StoryLine:
    return StoryLine(
        at=row["recorded_at"], what="charge written down", id=row["id"], details=_joined(row["state"], _of_charge(row))
    )


def _booked(row: Record) -> StoryLine:
    moved = f"{row['asset']} {row['amount']:+}"
    return StoryLine(
        at=row["at"],
        what=f"ledger {row['kind']}",
        id=str(row["purchase_id"] or row["id"]),
        details=_joined(moved, row["reason"]),
    )


def _of_charge(row: Record) -> str:
    return _joined(f"{row['amount']} {row['currency']}", row["problem"])


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)

"""What is overdue, page by page (DOMAIN §6, recovery and stale invoices)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from actors.queries import load
from actors.store import Connection
from contracts.payments import Provider, RecordPayment

SQL: Final = load("payments.store", "recovery.sql")


async def payments_found(connection: Connection, purchase_ids: Sequence[UUID]) -> list[RecordPayment]:
    """Return the payments of these purchases that the provider lists and that are not written down."""
    return [
        RecordPayment(
            provider=Provider(provider),
            charge_id=charge_id,
            player_id=player_id,
            payload=payload,
            amount=amount,
            currency=currency,
            paid_at=at,
            commission=commission,
        )
        for provider, charge_id, player_id, payload, amount, currency, at, commission in await connection.fetch(
            SQL["payments_found"], purchase_ids
        )
    ]

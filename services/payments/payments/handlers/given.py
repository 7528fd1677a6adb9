"""Goods without a payment, such as a referral's reward, and grants taken back (DOMAIN §6, §9): once each."""

from actors.turn import Turn
from contracts.payments import EntitlementGranted, EntitlementRevoked, GrantGoods, RevokeGrant
from payments.domain import given
from payments.domain.customer import Customer
from payments.domain.given import Given
from payments.domain.ledger import Asset
from payments.handlers.credit import premium_changed
from payments.handlers.table import actor


@actor.on(GrantGoods)
def grant_goods(command: GrantGoods, customer: Customer, booked: Given | None, turn: Turn) -> None:
    """Book the goods and have gameplay give them, once for what they are for."""
    if booked is not None:
        return
    goods = {Asset.PAID_ENERGY: command.paid_energy, Asset.MODE_HOURS: command.mode_hours}
    turn.record(
        given.grant_goods(
            grant_id=command.grant_id,
            player_id=customer.player_id,
            goods=goods,
            source=command.source,
            reason=command.reason,
            at=turn.now,
        )
    )
    turn.emit(
        EntitlementGranted(
            player_id=customer.player_id,
            grant_id=command.grant_id,
            paid_energy=command.paid_energy,
            mode_hours=command.mode_hours,
            reason=command.reason,
            granted_at=turn.now,
        )
    )


@actor.on(RevokeGrant)
def revoke_grant(command: RevokeGrant, customer: Customer, booked: Given | None, turn: Turn) -> None:
    """Take back all of a grant; what was never booked, is another's, or was taken back already, is left alone."""
    if booked is None or booked.is_revoked or booked.player_id != command.player_id:
        return
    turn.record(given.revocation(booked, transaction_id=turn.new_id(), reason=command.reason, at=turn.now))
    goods = booked.goods
    if Asset.PREMIUM_DAYS in goods:
        if customer.change_premium(customer.premium.revoked(command.grant_id, turn.now), turn.now):
            turn.emit(premium_changed(customer, turn))
        return
    turn.emit(
        EntitlementRevoked(
            player_id=customer.player_id,
            grant_id=command.grant_id,
            paid_energy=goods.get(Asset.PAID_ENERGY, 0),
            saver_tokens=goods.get(Asset.SAVER_TOKEN, 0),
            duel_tickets=goods.get(Asset.DUEL_TICKET, 0),
            mode_hours=goods.get(Asset.MODE_HOURS, 0),
            reason=command.reason,
            revoked_at=turn.now,
        )
    )

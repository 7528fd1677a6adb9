"""What payments gives, takes back, and says of premium (DOMAIN §5, §6).

Its events may come late, again, and in any order: a grant counts once by its id, premium by its version.
"""

from uuid import UUID

from actors.turn import Turn
from contracts.berlin import day_of
from contracts.gameplay import GrantTakenBack
from contracts.payments import EntitlementGranted, EntitlementRevoked, PremiumChanged
from gameplay.domain import premium
from gameplay.domain.grants import Goods, Grant, entries, give, take_back
from gameplay.domain.player import Player
from gameplay.domain.premium import Term
from gameplay.handlers import actor, arrival


@actor.on(EntitlementGranted)
def receive_entitlement(event: EntitlementGranted, grant: Grant | None, player: Player, turn: Turn) -> None:
    """Add what was bought, once; nothing when it was taken back before it arrived. Makes a newcomer a player.

    Mode access counts from the moment the player has it, not from the payment: what arrives late loses no hour.
    """
    goods = Goods(event.paid_energy, event.saver_tokens, event.duel_tickets, event.mode_hours)
    if grant is None:
        turn.create(Grant(event.grant_id, event.player_id, goods, granted_at=event.granted_at, changed_at=turn.now))
        _give(event, goods, player, turn)
        return
    _check_owner(grant, event.player_id)
    if grant.granted_at is None:
        grant.goods, grant.granted_at, grant.changed_at = goods, event.granted_at, turn.now


def _give(event: EntitlementGranted, goods: Goods, player: Player, turn: Turn) -> None:
    today = day_of(turn.now)
    if player.joined_at is None:
        arrival.join(player, turn, today)
    # A saver bought before midnight and heard of after it still bridges the day that was missed at that midnight.
    arrival.settle(player, turn, day_of(min(event.granted_at, turn.now)))
    give(player, goods, turn.now)
    cause = str(event.grant_id)
    for entry in entries(goods, cause=cause, player_id=player.id, reason=event.reason, at=turn.now):
        turn.record(entry)
    arrival.settle(player, turn, today)


@actor.on(EntitlementRevoked)
def return_entitlement(event: EntitlementRevoked, grant: Grant | None, player: Player, turn: Turn) -> None:
    """Take back what is left of a grant, once, and say what was spent already.

    What was given is known here, not from the event: of a grant that has not arrived nothing is taken and nothing is
    missing.
    """
    if grant is None:
        grant = Grant(event.grant_id, event.player_id)
        turn.create(grant)
    _check_owner(grant, event.player_id)
    if grant.revoked_at is not None:
        return
    grant.revoked_at, grant.changed_at = event.revoked_at, turn.now
    arrival.arrive(player, turn)
    taken = take_back(player, grant.goods, turn.now)
    cause = revocation(event.grant_id)
    for entry in entries(taken, cause=cause, player_id=player.id, reason=event.reason, at=turn.now, sign=-1):
        turn.record(entry)
    turn.emit(_taken_back(event, taken, grant.goods.without(taken), turn))


def revocation(grant_id: UUID) -> str:
    """Return the journal's cause of taking a grant back; giving it has the plain id."""
    return f"{grant_id}:revoked"


def _taken_back(event: EntitlementRevoked, taken: Goods, missing: Goods, turn: Turn) -> GrantTakenBack:
    return GrantTakenBack(
        player_id=event.player_id,
        grant_id=event.grant_id,
        paid_energy=taken.paid_energy,
        saver_tokens=taken.saver_tokens,
        duel_tickets=taken.duel_tickets,
        mode_hours=taken.mode_hours,
        missing_paid_energy=missing.paid_energy,
        missing_saver_tokens=missing.saver_tokens,
        missing_duel_tickets=missing.duel_tickets,
        missing_mode_hours=missing.mode_hours,
        at=turn.now,
    )


def _check_owner(grant: Grant, player_id: int) -> None:
    """Raise ValueError when one grant is told of two players: nobody may pay for another's purchase."""
    if grant.player_id != player_id:
        raise ValueError(f"grant {grant.id} is player {grant.player_id}'s, not player {player_id}'s")


@actor.on(PremiumChanged)
def change_premium(event: PremiumChanged, player: Player, turn: Turn) -> None:
    """Keep the terms of the highest version. Makes a newcomer a player.

    The terms come first and time passes after: a missed day is settled by the plan of that day (DOMAIN §4), however
    late it is heard of.
    """
    terms = tuple(Term(term.begins, term.ends, term.rank) for term in event.terms)
    player.premium = premium.latest(player.premium, event.revision, terms, event.changed_at)
    arrival.arrive(player, turn)

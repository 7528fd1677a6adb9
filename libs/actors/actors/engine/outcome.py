"""What became of an effect that was performed: its row goes in the transaction that settles the last of its results.

A result is settled when it is heard (also: for a duplicate, also: refused by the rules) or kept as a dead letter. One
that cannot be heard yet is written down in the effect's row: the call is not made again, its results are heard again.
"""

from collections.abc import Iterable

import msgspec

from actors.engine.delivery import Delivery, Outcome, local
from actors.engine.rows import EffectRow
from contracts.envelope import Envelope
from contracts.message import decode, encode, find


def ended_by(deliveries: Iterable[Delivery]) -> list[Outcome]:
    """Return the effects that nothing is left of once these messages are settled: delete their rows with them."""
    settled: dict[Outcome, set[str]] = {}
    for delivery in deliveries:
        if delivery.outcome is not None:
            settled.setdefault(delivery.outcome, set()).add(delivery.envelope.id)
    return [outcome for outcome, ids in settled.items() if not outcome.is_gone and outcome.unsettled <= ids]


def settle(deliveries: Iterable[Delivery], ended: Iterable[Outcome]) -> list[Outcome]:
    """The transaction that settles these messages and deletes the rows of `ended` has committed.

    Returns the effects that ended without their rows being deleted: two transactions settled the last two results
    side by side, and neither could know of the other.
    """
    for outcome in ended:
        outcome.is_gone = True
    touched: dict[Outcome, None] = {}
    for delivery in deliveries:
        if delivery.outcome is not None:
            delivery.outcome.unsettled.discard(delivery.envelope.id)
            touched[delivery.outcome] = None
    return [outcome for outcome in touched if not outcome.unsettled and not outcome.is_gone]


class _Written(msgspec.Struct, frozen=True):
    """One result as it stands in its effect's row."""

    envelope: Envelope
    message: msgspec.Raw


def write(outcome: Outcome) -> bytes:
    """Return the results as they are kept in the effect's row; raises what encoding a message raises."""
    written = [
        _Written(result.envelope, msgspec.Raw(result.body if result.message is None else encode(result.message)))
        for result in outcome.results
    ]
    return msgspec.json.encode(written)


def read(row: EffectRow, written: bytes) -> Outcome:
    """Return the outcome in an effect's row, all its results unsettled: those heard already are duplicates.

    Raises UnknownContractError for a result of a type that this build does not know, and what decoding raises.
    """
    results = [
        local(decode(find(one.envelope.type_name), bytes(one.message)), one.envelope)
        for one in msgspec.json.decode(written, type=list[_Written])
    ]
    return Outcome(row, results, is_written=True)

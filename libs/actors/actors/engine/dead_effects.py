"""Effects as dead letters: what is kept of one that was given up, and how it is performed again under the same id."""

from datetime import datetime

import asyncpg
import msgspec
import structlog

from actors.engine.delivery import Delivery, Outcome
from actors.engine.outcome import read
from actors.engine.rows import EffectRow
from actors.engine.tables import SQL, effect_columns
from actors.engine.turns import new_batch
from actors.storable import headers_of
from contracts.envelope import Envelope

_TYPE = "effect."
"""The type name of a dead effect begins so, before its kind."""
_LANE, _PRIORITY, _BATCH, _POSITION, _ENVELOPE = "lane", "priority", "batch", "position", "envelope"

log = structlog.get_logger()


def is_effect(type_name: str) -> bool:
    """Whether a dead letter of this type is an effect's."""
    return type_name.startswith(_TYPE)


def letters_of(effect: EffectRow, service: str) -> list[Delivery]:
    """Return what to put aside of an effect that is given up: the effect, or its results if it was performed.

    The effect's row goes together with the last of them.
    """
    if effect.result is not None:
        try:
            return list(read(effect, effect.result).results)
        except Exception as error:
            log.warning("results_unreadable", effect=effect.effect_id, exc_info=error)
    name = f"{_TYPE}{effect.kind}"
    envelope = Envelope(
        id=f"effect:{effect.effect_id}",
        type_name=name,
        time=effect.created_at,
        source=service,
        cause=effect.envelope.id,
    )
    return list(Outcome(effect, [Delivery(name, _headers(effect), effect.body, envelope)]).results)


def _headers(effect: EffectRow) -> dict[str, str]:
    """Return what a dead letter must keep of an effect, so that it can be put back as it was."""
    return {
        _LANE: effect.ordering_key,
        _PRIORITY: str(effect.priority),
        _BATCH: str(effect.batch),
        _POSITION: str(effect.position),
        _ENVELOPE: msgspec.json.encode(effect.envelope).decode(),
    }


async def perform_again(
    pool: "asyncpg.Pool[asyncpg.Record]", letter: asyncpg.Record, operator: str, now: datetime
) -> str:
    """Put a dead effect back in its queue, and mark its letter, at once; whoever owns the queue performs it.

    Of two operators one does it. Returns what kept it from being done, empty when nothing did.
    """
    effect = _row(letter, now)
    done = await pool.fetchval(SQL["perform_again"], letter["id"], operator, now, *effect_columns([effect]))
    return "" if done else "it does not wait any more: somebody else replayed or dropped it"


def _row(letter: asyncpg.Record, now: datetime) -> EffectRow:
    """Return the effect's row. Its id is the first one's: to the outside it is the same effect still."""
    headers = headers_of(letter["headers"])
    return EffectRow(
        priority=int(headers[_PRIORITY]),
        batch=int(headers[_BATCH]) if _BATCH in headers else new_batch(now),
        position=int(headers.get(_POSITION, 0)),
        ordering_key=headers[_LANE],
        kind=letter["type_name"].removeprefix(_TYPE),
        body=letter["body"],
        envelope=msgspec.json.decode(headers[_ENVELOPE], type=Envelope),
        created_at=now,
        due_at=now,
    )

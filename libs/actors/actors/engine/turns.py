"""Taking a turn: many messages, one transaction, a handful of set-based statements.

    load + lock states → decide (pure) → { inbox, states, journals, outbox, effects } in one statement → commit

Publishing and acknowledging come after the commit and live in `actors.engine.turn_loop`.
"""

import copy
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from actors.actor import Actor, Handler, StateNeed
from actors.clock import Clock
from actors.engine.decider import Decider
from actors.engine.delivery import Delivery, UnreadableMessageError, decoded
from actors.engine.handover import EffectQueue, Handover
from actors.engine.outcome import ended_by, settle
from actors.engine.rows import EffectRow, OutboxRow, PendingDeletes
from actors.engine.splitting import take_apart
from actors.engine.state_keys import States, keys_of, loaders
from actors.engine.statement_batch import StatementBatch
from actors.engine.tables import SQL, AuditEntry, Tables, delete_effects, leave, tidy
from actors.engine.turn_result import TurnResult
from actors.store import Connection, Journal, ReadModel, Store
from actors.turn import Turn
from contracts.message import UnknownContractError


class Turns:
    """Takes turns for one service. Any number of them, in any number of processes, may run at once."""

    def __init__(
        self,
        actor: Actor,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock,
        resources: Mapping[type, Any] | None = None,
        effects: EffectQueue | None = None,
        keep_sent: bool = False,
    ) -> None:
        """Bind an actor's handlers to a database and to the resources that they and their read models name.

        `effects` is told what each transaction wrote and deleted. With `keep_sent`, what was published is kept for
        three days (`ServiceSpec.keeps_sent`).
        """
        self._effects = effects
        self._keep_sent = keep_sent
        self._service = actor.service
        self._handlers = actor.handlers()
        self._journals = actor.journals
        self._order = {store: place for place, store in enumerate(actor.stores.values())}
        self._decider = Decider(actor, resources or {})
        self._loaders = loaders(actor.stores.values(), resources or {})
        self._pool = pool
        self._clock = clock

    async def take(self, deliveries: Sequence[Delivery], housekeeping: PendingDeletes | None = None) -> TurnResult:
        """Take one turn for all of them.

        A batch that the database refuses is split until the culprit is alone. Raises only when Postgres itself is
        what fails (`actors.engine.outage.is_outage`): then nothing has happened and nothing is to be blamed. When it
        fails in the middle of a split, what was committed is returned and the rest is `postponed`.
        """
        readable: list[Delivery] = []
        taken = TurnResult()
        for delivery in deliveries:
            try:
                self._handler(delivery)
                readable.append(delivery)
            except (UnknownContractError, UnreadableMessageError) as error:
                taken.unreadable.append((delivery, error))
            except Exception as error:  # no memory left to read it: a try of this message, an outage of nothing
                taken.failed.append((delivery, error))
        if readable or housekeeping:
            await take_apart(self._attempt, readable, housekeeping or PendingDeletes(), taken)
        if taken.outage is not None and len(taken.postponed) == len(readable):
            raise taken.outage
        return taken

    def _handler(self, delivery: Delivery) -> Handler:
        handler = self._handlers.get(type(decoded(delivery)))
        if handler is None:
            raise UnknownContractError(f"{self._service} has no handler for {delivery.envelope.type_name}")
        return handler

    async def _attempt(self, deliveries: Sequence[Delivery], housekeeping: PendingDeletes) -> TurnResult:
        """Take the batch for new, which it nearly always is; one message of it that was heard before undoes it all.

        Then take it again, asking the inbox first. Deciding is pure, so deciding twice does no harm.
        """
        try:
            return await self._transact(deliveries, housekeeping, ask_first=False)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "inbox_pkey":
                raise
        return await self._transact(deliveries, housekeeping, ask_first=True)

    async def _transact(
        self, deliveries: Sequence[Delivery], housekeeping: PendingDeletes, *, ask_first: bool
    ) -> TurnResult:
        now = self._clock.now()
        writes = StatementBatch()
        async with (
            Handover(self._effects) as handover,
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            ground = Tables(connection)
            fresh, taken = await self._claim(ground, deliveries, now, ask_first=ask_first)
            states = await self._load(connection, fresh)
            loaded = {store: {key: copy.copy(state) for key, state in found.items()} for store, found in states.items()}
            turns = await self._decider.decide(fresh, states, now, taken)
            await self._save(writes, states, loaded)
            apart = await self._append(writes, turns)
            self._leave(turns, taken, now)
            await leave(writes, taken.outbox, taken.effects)
            ended = ended_by(taken.done)
            taken.deleted = [*housekeeping.performed, *(outcome.row for outcome in ended)]
            await tidy(writes, housekeeping, keep_sent=self._keep_sent)
            await delete_effects(writes, taken.deleted)
            await self._enter(ground, writes, turns, taken, now, ask_first=ask_first)
            handover.expect(taken)
            await writes.send(connection)
            for journal, rows in apart:
                await journal.append(connection, rows)
            await ground.audit([AuditEntry.of(d, turn) for d, turn in turns if AuditEntry.is_due(d)], now)
        taken.untidied.performed += [outcome.row for outcome in settle(taken.done, ended)]
        return taken

    async def _claim(
        self, ground: Tables, deliveries: Sequence[Delivery], now: datetime, *, ask_first: bool
    ) -> tuple[list[Delivery], TurnResult]:
        """Split the batch into messages that have not had their effect yet and the others, which are done."""
        first_of: dict[str, Delivery] = {}
        for delivery in deliveries:
            first_of.setdefault(delivery.envelope.id, delivery)
        claimed = await ground.claim(sorted(first_of), now) if ask_first else set(first_of)
        fresh = [d for d in deliveries if d.envelope.id in claimed and first_of[d.envelope.id] is d]
        heard_before = [d for d in deliveries if d.envelope.id not in claimed or first_of[d.envelope.id] is not d]
        taken = TurnResult(done=list(heard_before), duplicates=len(heard_before))
        asked = [d.envelope for d in heard_before if d.envelope.reply_to]
        if asked:
            # Whoever asks again waits at an address of their own: several may, within one batch.
            first = dict(await ground.first_replies(sorted({envelope.id for envelope in asked})))
            taken.replies += [(one.reply_to, first[one.id]) for one in asked if one.id in first]
        return fresh, taken

    async def _load(self, connection: Connection, deliveries: Sequence[Delivery]) -> States:
        """Load and lock everything the batch needs: store by store in their fixed order, keys in theirs."""
        wanted: dict[ReadModel[Any, Any], list[tuple[StateNeed, Any]]] = {}
        for delivery in deliveries:
            for need in self._handlers[type(decoded(delivery))].states:
                wanted.setdefault(need.store, []).append((need, delivery.message))
        states: States = {}
        for store in sorted(wanted, key=self._order.__getitem__):
            # Keys that come from another state are known now: its store is locked before this one.
            keys = keys_of(wanted[store], states)
            found = states[store] = dict(await self._loaders[store].load(connection, keys)) if keys else {}
            missing = [key for key in keys if key not in found]
            if missing and isinstance(store, Store):
                # A row that is not there cannot be locked: without this, two replicas would both make it.
                await Tables(connection).lock_absent(store.state.__name__, missing)
                found.update(await store.load(connection, missing))
        return states

    async def _save(self, writes: StatementBatch, states: States, loaded: States) -> None:
        """Write the states that are new or differ from what was loaded."""
        for store, found in states.items():
            if isinstance(store, Store):
                old = loaded.get(store, {})
                changed = [state for key, state in found.items() if old.get(key) != state]
                if changed:
                    await store.save(writes, changed)

    async def _append(
        self, writes: StatementBatch, turns: list[tuple[Delivery, Turn]]
    ) -> list[tuple[Journal[Any], list[msgspec.Struct]]]:
        """Write the journals; returns those that must come after everything else."""
        rows: dict[type, list[msgspec.Struct]] = {}
        for _, turn in turns:
            for row in turn.records:
                rows.setdefault(type(row), []).append(row)
        for kind, some in rows.items():
            if not self._journals[kind].apart:
                await self._journals[kind].append(writes, some)
        return [(self._journals[kind], some) for kind, some in rows.items() if self._journals[kind].apart]

    def _leave(self, turns: list[tuple[Delivery, Turn]], taken: TurnResult, now: datetime) -> None:
        """Gather everything that leaves the service."""
        batch = new_batch(now)
        for _, turn in turns:
            taken.lasted += turn.lasted
            for emitted in turn.emitted:
                taken.outbox.append(OutboxRow.of_message(batch, len(taken.outbox), emitted))
            for timer in turn.timers:
                taken.outbox.append(OutboxRow.of_timer(self._service, batch, len(taken.outbox), timer))
            for wanted in turn.wanted:
                taken.effects.append(EffectRow.of(batch, len(taken.effects), wanted, turn.message, now))
        answers = {d.envelope.id: msgspec.json.encode(turn.answer) for d, turn in turns if turn.answered}
        # Every delivery of an answered message, also one that came a second time within this batch.
        asked = [d.envelope for d in taken.done if d.envelope.reply_to and d.envelope.id in answers]
        taken.replies += [(envelope.reply_to, answers[envelope.id]) for envelope in asked]

    async def _enter(
        self,
        ground: Tables,
        writes: StatementBatch,
        turns: list[tuple[Delivery, Turn]],
        taken: TurnResult,
        now: datetime,
        *,
        ask_first: bool,
    ) -> None:
        """Mark what had its effect in the inbox, with its answer; what failed is not marked."""
        marks = sorted((d.envelope.id, msgspec.json.encode(t.answer) if t.answered else None) for d, t in turns)
        if not ask_first:
            if marks:
                identifiers, answers = zip(*marks, strict=True)
                writes.add(SQL["enter_inbox"], identifiers, now, answers)
            return
        await ground.save_replies([(identifier, answer) for identifier, answer in marks if answer is not None])
        await ground.release([delivery.envelope.id for delivery, _ in taken.failed])


def new_batch(now: datetime) -> int:
    """Return a batch number: milliseconds of `now`, then 20 random bits. Numbers of different processes differ."""
    return int(now.timestamp() * 1000) << 20 | secrets.randbits(20)

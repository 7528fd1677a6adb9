"""A gameplay without NATS or Postgres: handlers decide, what they want is applied to states in memory."""

import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from actors.testing import Decision, decide
from contracts.gameplay import AnswerRound, GameStarted, Mode, RoundCompleted, RoundView, StartGame
from contracts.payments import PremiumChanged, PremiumTerm
from devstack.databases import Database
from gameplay.app import SPEC
from gameplay.domain.bank import QuestionBank
from gameplay.domain.grants import Grant
from gameplay.domain.player import Player
from gameplay.domain.rounds import Abandoned, Round, RoundStatus, right_option
from gameplay.store.players import PlayerStore
from gameplay.store.question_files import shipped_questions

sys.path.insert(0, str(Path(__file__).parent))  # the question stage

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
"""12:00 in Berlin, a Wednesday."""


class Table:
    """One player at a table: sends commands, keeps the states, moves the clock."""

    def __init__(self, bank: QuestionBank, player_id: int = 7) -> None:
        self.bank = bank
        self.player: Player = PlayerStore().blank(player_id)
        self.rounds: dict[UUID, Round] = {}
        self.grants: dict[UUID, Grant] = {}
        self.now = NOON
        self.records: list[msgspec.Struct] = []
        self.emitted: list[Any] = []
        self._messages = 0

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def send(self, command: Any, *more: Any) -> Decision:
        """Run the command's handler and keep what it made."""
        self._messages += 1
        asked = [self.rounds[command.round_id]] if getattr(command, "round_id", None) in self.rounds else []
        known = [self.grants[command.grant_id]] if getattr(command, "grant_id", None) in self.grants else []
        decision = await decide(
            SPEC.actor,
            command,
            self.player,
            self.bank,
            *asked,
            *known,
            *more,
            now=self.now,
            message_id=f"message-{self.player.id}-{self._messages}",
        )
        for made in decision.created:
            if isinstance(made, Grant):
                self.grants[made.id] = made
            else:
                assert isinstance(made, Round)
                self.rounds[made.id] = made
        for record in decision.records:
            if isinstance(record, Abandoned) and self.rounds[record.round_id].status is RoundStatus.STARTED:
                self.rounds[record.round_id].status = RoundStatus.ABANDONED
        self.records += decision.records
        self.emitted += decision.emitted
        return decision

    async def start(self, mode: Mode = Mode.QUICK_MIX_A1A2) -> RoundView:
        started: GameStarted = (await self.send(StartGame(player_id=self.player.id, mode=mode))).only(GameStarted)
        return started.round

    async def buy_premium(self, *, days: int, rank: int) -> Decision:
        """Have payments say that premium of a rank begins now, after the terms that are known."""
        known = [PremiumTerm(begins=t.begins, ends=t.ends, rank=t.rank) for t in self.player.premium.terms]
        bought = PremiumTerm(begins=self.now, ends=self.now + timedelta(days=days), rank=rank)
        version = self.player.premium.version + 1
        terms = (*known, bought)
        return await self.send(
            PremiumChanged(player_id=self.player.id, revision=version, terms=terms, changed_at=self.now)
        )

    def right(self, view: RoundView) -> int:
        """The index of the right option of a round as shown."""
        return right_option(self.bank.question(view.question_id), self.rounds[view.round_id].option_order)

    async def answer(self, view: RoundView, *, right: bool = True, seconds: float = 5) -> RoundCompleted:
        self.wait(seconds=seconds)
        option = self.right(view) if right else (self.right(view) + 1) % 4
        command = AnswerRound(player_id=self.player.id, round_id=view.round_id, option=option)
        return (await self.send(command)).only(RoundCompleted)

    async def play_daily(self, asked: RoundView, rounds: int) -> RoundCompleted:
        """Answer that many questions of a daily run right, ten seconds each; returns the last completion."""
        done = await self.answer(asked, seconds=10)
        for _ in range(rounds - 1):
            assert done.next_round is not None
            done = await self.answer(done.next_round, seconds=10)
        return done

    def told(self, kind: type) -> list[Any]:
        """All emitted messages of a kind so far."""
        return [message for message in self.emitted if type(message) is kind]


@pytest.fixture(scope="session")
def shipped() -> QuestionBank:
    """The bank that ships; not to be changed."""
    return QuestionBank(shipped_questions())


@pytest.fixture
def table(shipped: QuestionBank) -> Table:
    return Table(shipped)


@pytest.fixture
def make_table(shipped: QuestionBank) -> Callable[[int], Table]:
    return lambda player_id: Table(shipped, player_id)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections as gameplay's own role."""
    async with asyncpg.create_pool(database.dsn("gameplay"), min_size=2, max_size=4) as made:
        yield made

"""The toy service with an outside world that a test holds in its hands: what is called, and what comes of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from actors.actor import Actor
from actors.effects import Attempt, Done, EffectResult
from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from actors.turn import Turn
from stage.app import Account, Accounts, Entries, Entry
from stage.language import Deposit, Rang, RingLater


class Call(msgspec.Struct, frozen=True):
    """Effect: a call that the outside has no key for, so that a repeated one is a second one."""

    account: str
    number: int
    supersedes: str = ""


class Outside:
    """What was called by which replica, and what a call and its results come to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int]] = []
        """(replica, account, number)"""
        self.attempts: list[Attempt] = []
        self.answer: Callable[[Call, Attempt], Awaitable[Any]] = self.done
        self.number_of_results = 1
        self.hear: Callable[[Rang, Turn], None] = lambda event, turn: None

    async def done(self, call: Call, attempt: Attempt) -> EffectResult:
        """Succeed, with as many results as are set."""
        results = range(1, self.number_of_results + 1)
        return Done(*(Rang(account=call.account, number=10 * call.number + result) for result in results))

    def called(self, account: str) -> list[int]:
        """Return the numbers of an account's calls, in order."""
        return [number for _, whose, number in self.calls if whose == account]


def service(outside: Outside) -> ServiceSpec:
    """Return the toy service: a deposit of 1 calls once, one of 2 to 9 as many times, on the account's lane."""
    actor = Actor("stage")
    actor.keep(Accounts(), Entries())

    @actor.on(Deposit)
    def deposit(command: Deposit, account: Account, turn: Turn) -> None:
        account.balance += command.amount
        turn.record(Entry(command.account, command.amount))  # 13 is refused by the database
        if command.amount < 10:
            for number in range(command.amount):
                turn.perform(Call(command.account, number), ordering_key=command.account)

    @actor.on(Rang)
    def rang(event: Rang, account: Account, turn: Turn) -> None:
        account.balance += 1_000
        outside.hear(event, turn)

    @actor.effect(Call)
    async def call(effect: Call, means: Dependencies, attempt: Attempt) -> EffectResult:
        outside.calls.append((means.settings.replica, effect.account, effect.number))
        outside.attempts.append(attempt)
        return await outside.answer(effect, attempt)

    return ServiceSpec(
        name="stage",
        actor=actor,
        publishes=(RingLater,),
        mailbox_messages_max=50,
        ack_wait_seconds=3,
    )


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Hand the replica its means, so that a call knows who made it."""
    yield Provided(resources={Dependencies: means})

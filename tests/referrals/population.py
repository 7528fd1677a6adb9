"""A population that invites one another, with a seed: who is honest, who cheats and how, and what was found."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contracts.referrals import FraudRule

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Invitation(NamedTuple):
    """One player who comes by another's link."""

    player_id: int
    referrer_id: int
    at: datetime
    group: str
    """What the pair is a part of: `family`, `class`, `chain`, `ring`, `pair` or `burst`, with its number."""
    is_fraud: bool


class Population:
    """Groups of players, each with invitations of its own."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.invitations: list[Invitation] = []
        self._ids = iter(range(1, 10_000_000))

    def people(self, count: int) -> list[int]:
        return [next(self._ids) for _ in range(count)]

    def at(self) -> datetime:
        return BEGIN + timedelta(minutes=self.random.randrange(20 * 24 * 60))

    def add(self, group: str, pairs: Iterator[tuple[int, int, datetime]], *, is_fraud: bool) -> None:
        self.invitations += [Invitation(player, referrer, at, group, is_fraud) for referrer, player, at in pairs]

    # -- honest ---------------------------------------------------------------------------------

    def family(self, number: int) -> None:
        """One brings up to six, of whom some bring others: a tree, over weeks."""
        root, *others = self.people(self.random.randint(3, 9))
        known, pairs = [root], list[tuple[int, int, datetime]]()
        for one in others:
            pairs.append((self.random.choice(known), one, self.at()))
            known.append(one)
        self.add(f"family-{number}", iter(pairs), is_fraud=False)

    def school_class(self, number: int) -> None:
        """A teacher brings ten pupils on one day, which is allowed, and twelve more on others."""
        teacher, *pupils = self.people(23)
        day = self.at().replace(hour=9)
        when = [day if place < 10 else day + timedelta(days=1 + place // 10) for place in range(22)]
        self.add(f"class-{number}", ((teacher, one, at) for one, at in zip(pupils, when, strict=True)), is_fraud=False)

    def chain(self, number: int) -> None:
        """Each brings the next one; nobody comes back to the first."""
        line, at = self.people(self.random.randint(4, 12)), self.at()
        pairs = ((line[place], line[place + 1], at + timedelta(hours=place)) for place in range(len(line) - 1))
        self.add(f"chain-{number}", pairs, is_fraud=False)

    # -- fraud ----------------------------------------------------------------------------------

    def ring(self, number: int) -> None:
        """Three to five accounts of one person bring one another."""
        accounts, at = self.people(self.random.randint(3, 5)), self.at()
        size = len(accounts)
        pairs = ((accounts[i], accounts[(i + 1) % size], at + timedelta(minutes=7 * i)) for i in range(size))
        self.add(f"ring-{number}", pairs, is_fraud=True)

    def pair(self, number: int) -> None:
        """Two accounts bring each other within 30 days."""
        (one, other), at = self.people(2), self.at()
        later = at + timedelta(minutes=self.random.randrange(29 * 24 * 60))
        self.add(f"pair-{number}", iter([(one, other, at), (other, one, later)]), is_fraud=True)

    def burst(self, number: int) -> None:
        """One link, 11 to 60 accounts within an hour; the first ten look like anybody's."""
        cheat, *accounts = self.people(1 + self.random.randint(11, 60))
        at = self.at().replace(hour=10)
        pairs = ((cheat, one, at + timedelta(seconds=40 * place)) for place, one in enumerate(accounts))
        self.add(f"burst-{number}", pairs, is_fraud=True)


def population(seed: int) -> Population:
    """Return some 2,000 invitations, of which a quarter are fraud."""
    made = Population(seed)
    for group, count in (
        (made.family, 150),
        (made.school_class, 10),
        (made.chain, 60),
        (made.ring, 25),
        (made.pair, 25),
        (made.burst, 10),
    ):
        for number in range(count):
            group(number)
    made.invitations.sort(key=lambda one: (one.at, one.player_id))
    return made


class Found(NamedTuple):
    """What the rules found of a population."""

    precision: float
    """Of what is rejected, what part is fraud."""
    recall: float
    """Of what is fraud, what part is rejected."""
    missed_groups: tuple[str, ...]
    """Rings, pairs and bursts of which nothing was rejected."""
    wronged_groups: tuple[str, ...]
    """Honest ones of which something was."""
    by_rule: dict[str, int]


def judge(invitations: list[Invitation], rejected: dict[int, FraudRule]) -> Found:
    """Compare what was rejected, by player, with what was fraud."""
    fraud = {one.player_id for one in invitations if one.is_fraud}
    right = len(fraud & rejected.keys())
    groups = defaultdict[str, list[Invitation]](list)
    for one in invitations:
        groups[one.group].append(one)
    caught = {name for name, members in groups.items() if any(one.player_id in rejected for one in members)}
    cheats = {name for name, members in groups.items() if members[0].is_fraud}
    by_rule = defaultdict[str, int](int)
    for rule in rejected.values():
        by_rule[rule] += 1
    return Found(
        precision=right / len(rejected) if rejected else 1.0,
        recall=right / len(fraud) if fraud else 1.0,
        missed_groups=tuple(sorted(cheats - caught)),
        wronged_groups=tuple(sorted(caught - cheats)),
        by_rule=dict(by_rule),
    )

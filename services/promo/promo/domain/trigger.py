"""How an offer is declared, and which of them is made (DOMAIN §8)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from contracts.payments import Product
from promo.domain.sight import Sight

DISCOUNT_MAX: Final = timedelta(hours=48)
Condition = Callable[[Sight], bool]


class PersonalDiscount(msgspec.Struct, frozen=True):
    """A discount for the player alone, on what is offered."""

    percent: int
    """1–90."""
    lasts: timedelta
    """At most 48 hours."""

    def __post_init__(self) -> None:
        """Refuse what DOMAIN §8 does not allow."""
        if not 1 <= self.percent <= 90 or not timedelta() < self.lasts <= DISCOUNT_MAX:
            raise ValueError("a personal discount has 1 to 90 % and lasts 48 hours at most")


class Trigger(msgspec.Struct, frozen=True):
    """One offer: when it is made, of what, and how much it matters."""

    name: str
    priority: int
    """The highest that may be shown is."""
    products: tuple[Product, ...]
    applies: Condition
    is_blocking: bool = True
    """Whether it may interrupt; one in six hours does."""
    discount: PersonalDiscount | None = None


class Choice(msgspec.Struct, frozen=True):
    """An offer that is to be made, with what the player can use of it."""

    trigger: Trigger
    products: tuple[Product, ...]


_declared: dict[str, Trigger] = {}


def trigger(
    name: str,
    priority: int,
    *products: Product,
    is_blocking: bool = True,
    discount: PersonalDiscount | None = None,
) -> Callable[[Condition], Condition]:
    """Declare the offer that is made when the condition below it holds. A second one of a name raises TypeError.

    Its text is `offer-<name>` in the gateway's catalogues; without one it has `offer-any`.
    """

    def declare(condition: Condition) -> Condition:
        if name in _declared:
            raise TypeError(f"{name} is declared twice")
        _declared[name] = Trigger(name, priority, products, condition, is_blocking, discount)
        return condition

    return declare


def declared() -> Sequence[Trigger]:
    """Return every offer that was declared, the highest priority first."""
    return sorted(_declared.values(), key=lambda one: -one.priority)


def choose(sight: Sight, among: Sequence[Trigger]) -> Choice | None:
    """Return the offer to be made now, of `among` in that order: the first that applies, is of use, and may be seen."""
    for one in among:
        if not one.applies(sight) or not sight.prospect.may_see(one.name, sight.now, is_blocking=one.is_blocking):
            continue
        products = tuple(product for product in one.products if sight.can_use(product))
        if products:
            return Choice(one, products)
    return None

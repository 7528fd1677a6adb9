"""What a service is, in one object: what it hears, says, and is woken by. Everything else is derived from it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from actors.actor import Actor
from contracts.ground import GROUND
from contracts.message import Command, Contract, Event, Query, registered, shape_of, wildcard_of
from contracts.subjects import stream_name

MAIN_LANE = "main"


class SpecError(TypeError):
    """A declaration that cannot be fulfilled; the text names the contract and the remedy."""


class ConsumerSpec(msgspec.Struct, frozen=True):
    """One durable consumer: what it listens to and which lane takes the turns for it."""

    stream: str
    durable: str
    lane: str
    filters: tuple[str, ...]
    ack_wait_seconds: int


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A service's place among the others."""

    name: str
    actor: Actor
    says: tuple[type[Command], ...] = ()
    """Commands, to others and by message to itself. Own events need no line: see `events()`."""
    publishes: tuple[type[Contract], ...] = ()
    """What the service publishes besides its turns (the gateway's endpoint: updates)."""
    asks: tuple[type[Query[Any]], ...] = ()
    """Questions to other services; it may put these and no others."""
    vouches: tuple[str, ...] = ()
    """Endpoints of others, `admin.<service>.<noun>.<verb>`, at which it asks for persons whom it has authenticated."""
    lanes: Mapping[str, tuple[type[Contract], ...]] = msgspec.field(
        default_factory=dict[str, tuple[type[Contract], ...]]
    )
    """Lane → contracts that must not wait behind the others; each lane has turns of its own."""
    unhurried: tuple[type[Contract], ...] = ()
    """What nobody waits for: such a message goes along with the next turn of its lane, after half a second at most."""
    mailbox_messages_max: int = 64
    """How many messages one subject (one actor's mailbox) holds before it refuses more."""
    ack_wait_seconds: int = 30
    """After so long without acknowledgement a message is heard again (its process died)."""
    unbounded: tuple[str, ...] = ("payment", "money")
    """Kinds of subjects whose mailboxes are not bounded."""
    listens_to: tuple[str, ...] = ()
    """The services from which it hears what any may say (`DeadLetterReceived`); its own name may be among them."""
    keeps_sent: bool = False
    """Whether what was published is kept 72 hours, so that it can be said again when NATS has lost it."""
    measures: tuple[str, ...] = ()
    """What its turns measure (`Turn.took`); each is there from the start, so that the first one counts too."""
    on_record: tuple[type[Event], ...] = ()
    """Own events that nobody hears yet; they are kept on their stream for whoever comes."""

    def subscribes(self) -> tuple[type[Contract], ...]:
        """Return what the service has handlers and jobs for."""
        return (*self.actor.functions, *self.actor.jobs)

    def consumers(self) -> tuple[ConsumerSpec, ...]:
        """Return the durable consumers that the service pulls from; raises SpecError for what none of them carries."""
        grouped: dict[tuple[str, str], list[str]] = {}
        for contract in self.subscribes():
            for owner in self._publishers(contract):
                key = (stream_name(owner, shape_of(contract).kind), self.lane_of(contract))
                grouped.setdefault(key, []).append(wildcard_of(contract, owner, hearer=self.name))
        if any(issubclass(contract, Command) for contract in self.subscribes()):
            grouped.setdefault((stream_name(self.name, "due"), MAIN_LANE), [])
        return tuple(self._consumer(stream, lane, filters) for (stream, lane), filters in sorted(grouped.items()))

    def _publishers(self, contract: type[Contract]) -> tuple[str, ...]:
        """Return the services from whose streams a contract is heard."""
        shape = shape_of(contract)
        if shape.owner == self.name or (shape.owner and shape.kind == "evt"):
            return (shape.owner,)
        if shape.owner:
            raise SpecError(f"{self.name} hears {contract.__name__}, which only {shape.owner} may: remove the handler")
        if not self.listens_to:
            raise SpecError(
                f"{self.name} hears {contract.__name__}, which any service says: name them in SPEC.listens_to"
            )
        return self.listens_to

    def _consumer(self, stream: str, lane: str, filters: list[str]) -> ConsumerSpec:
        durable = self.name if lane == MAIN_LANE else f"{self.name}_{lane}"
        if stream == stream_name(self.name, "due"):
            filters = [f"{self.name}.due.>"]
        elif stream == stream_name(self.name, "cmd"):
            filters = [f"{self.name}.cmd.>"]
        return ConsumerSpec(stream, durable, lane, tuple(sorted(filters)), self.ack_wait_seconds)

    def lane_names(self) -> tuple[str, ...]:
        """Return the names of the lanes, the main one first."""
        return (MAIN_LANE, *sorted(self.lanes))

    def lane_of(self, contract: type[Contract]) -> str:
        """Return the lane that takes the turns for a contract."""
        return next((lane for lane, contracts in self.lanes.items() if contract in contracts), MAIN_LANE)

    def stream_kinds(self) -> tuple[str, ...]:
        """Return the kinds of streams that this service owns."""
        own = {shape_of(c).kind for c in (*self.subscribes(), *self.publishes) if shape_of(c).owner == self.name}
        return tuple(sorted(own | {"evt", "due"}))

    def events(self) -> tuple[type[Event], ...]:
        """Return the service's own events: those that its contracts declare, as far as they are imported."""
        return tuple(c for c in registered() if issubclass(c, Event) and shape_of(c).owner == self.name)

    def publishes_all(self) -> tuple[type[Contract], ...]:
        """Return all that may be published, with what the ground itself says."""
        return (*self.events(), *self.publishes, *GROUND)

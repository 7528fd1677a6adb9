"""The permission matrix, every cell tried on a real server: each user, by subject, by header, by key, by reply."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from infra.cells import DEPLOYER, OPERATORS, SPECS, USERS, Cell, hearing, matrix, publishing, said_on
from nats.aio.client import Client
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.deploying.permissions import Permissions, deployer, operator, permissions
from actors.deploying.provision import provision
from actors.engine.connecting import until_heard
from actors.engine.publisher import Publisher
from actors.engine.runtime import Dependencies, Provided, running
from actors.settings import Settings
from actors.spec import ServiceSpec
from alerts.domain.routing import Router
from alerts.domain.runbooks import Runbooks
from contracts.ground import GROUND
from contracts.message import Contract, registered, shape_of
from devstack.natsconf import NatsUser

_VIOLATION = re.compile(r'(?:publish|subscription) to "([^"]+)"')
_GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
_AT_ONCE = 200
_DEADLINE_SECONDS = 60


def _rights() -> dict[str, Permissions]:
    specs = list(SPECS.values())
    found = {name: permissions(spec, specs) for name, spec in SPECS.items()}
    return found | {name: operator(name, specs) for name in OPERATORS} | {DEPLOYER: deployer()}


class Server:
    """A NATS server with everybody's real allow lists, and everybody signed in."""

    def __init__(self, url: str, vault: Any) -> None:
        self.url = url
        self.clients: dict[str, Client] = {}
        self._vault = vault
        self._refused: set[str] = set()

    async def sign_in(self, rights: dict[str, Permissions]) -> None:
        for user in USERS:
            seed, prefix = self._vault.nkey(user).seed, rights[user].inbox_prefix.encode()
            self.clients[user] = await nats.connect(
                self.url, nkeys_seed_str=seed, inbox_prefix=prefix, error_cb=self._note
            )

    async def _note(self, error: Exception) -> None:
        self._refused |= {found.casefold() for found in _VIOLATION.findall(str(error).lower())}

    async def try_all(self, cells: Iterable[Cell], *, publish: bool) -> list[Cell]:
        """Try every cell; returns them as the server decided."""
        seen: list[Cell] = []
        for user in USERS:
            self._refused.clear()
            mine = [cell.subject for cell in cells if cell.user == user]
            client = self.clients[user]
            for subject in mine:
                await (client.publish(subject, b"{}") if publish else client.subscribe(subject))
            await until_heard(client)
            seen += [Cell(user, subject, subject.casefold() not in self._refused) for subject in mine]
        return seen


@pytest.fixture
async def server(make_nats: Any, vault: Any) -> AsyncIterator[Server]:
    rights = _rights()
    users = [NatsUser(user, vault.nkey(user).public, rights[user]) for user in USERS]
    made = Server(make_nats(users=users, system_key=vault.nkey("sys").public).url, vault)
    await made.sign_in(rights)
    yield made
    for client in made.clients.values():
        await client.close()


async def test_everybody_says_what_is_declared_and_nothing_else(server: Server) -> None:
    cells = list(publishing())
    seen = await server.try_all(cells, publish=True)
    assert {cell.allowed for cell in cells} == {True, False}
    assert seen == cells, matrix(cells, seen)


async def test_everybody_hears_their_own_requests_and_answers_and_nothing_else(server: Server) -> None:
    cells = list(hearing())
    seen = await server.try_all(cells, publish=False)
    assert seen == cells, matrix(cells, seen)


# -- what permissions cannot see: one thing in the clothes of another --------------------------------


class Disguise:
    """Messages on subjects that a user may use, none of which is what its subject says."""

    def __init__(self) -> None:
        self.messages: dict[str, list[tuple[str, dict[str, str], bytes]]] = {}
        """By user."""
        self.letters: dict[str, set[str]] = {name: set() for name in SPECS}
        """Where they must end: by the service that hears the subject."""

    def add(self, user: str, worn: type[Contract], way: str, headers: dict[str, str], body: bytes) -> None:
        """Let `user` say `worn`, and something is wrong with it."""
        hearers = [name for name, spec in SPECS.items() if worn in spec.subscribes()]
        if "hearer" in shape_of(worn).fields:
            hearers = hearers[:1]  # it is addressed to one of them
            key = hearers[0]
        else:
            # A mailbox is bounded: each message goes to an actor of its own.
            key = str(sum(map(len, self.messages.values())) + 1_000)
        identifier = headers.get("ce-id", f"{user}|{shape_of(worn).type_name}|{way}")
        message = (said_on(worn, user, key), {**headers, "ce-id": identifier, "ce-origin": "admin:mira"}, body)
        self.messages.setdefault(user, []).append(message)
        for hearer in hearers:
            self.letters[hearer].add(identifier)


def _golden(contract: type[Contract]) -> bytes:
    """Return a body that fits; a service's own, which is not in the language, has none."""
    file = _GOLDEN / f"{shape_of(contract).type_name}.v{contract.version}.json"
    return file.read_bytes() if file.exists() else b"{}"


def _clothes(user: str, worn: type[Contract]) -> Sequence[type[Contract]]:
    """Return what `worn` is to be taken for. What every service says alike is tried with all by one of them."""
    return registered() if worn not in GROUND or user == min(SPECS) else registered()[::20]


def _disguises() -> Disguise:
    made = Disguise()
    for user, spec in SPECS.items():
        heard = [c for c in spec.publishes_all() if any(c in other.subscribes() for other in SPECS.values())]
        for worn in heard:
            for contract in _clothes(user, worn):
                if contract is not worn:
                    type_name = shape_of(contract).type_name
                    made.add(user, worn, type_name, {"ce-type": type_name}, _golden(contract))
            made.add(user, worn, "effect", {"ce-type": "effect.RefundAtProvider"}, b"{}")
            made.add(user, worn, "another's key", {}, _golden(worn).replace(b'"promo"', b'"nobody"'))
            own = f"admin:{user}.{shape_of(worn).type_name}:r-1"
            made.add(user, worn, "operator's id", {"ce-id": own}, _golden(worn))
            made.add(user, worn, "reply", {"ce-replyto": f"{user}.evt.1.player_granted"}, _golden(worn))
    return made


def _running(spec: ServiceSpec, url: str, dsn: str, vault: Any) -> Any:
    @contextlib.asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        del means
        # Whatever a handler would do with them: none is to be reached, but by what alerts is told of the letters.
        known = {Router: Router({}, ()), Runbooks: Runbooks("")}
        yield Provided(resources={kind: known.get(kind, object()) for kind in spec.actor.resources()})

    seed = SecretStr(vault.nkey(spec.name).seed)
    settings = Settings(nats_url=url, nats_nkey_seed=seed, postgres_dsn=SecretStr(dsn), log_level="error")
    return running(spec, settings, build, clock=SystemClock())


@pytest.fixture
async def house(server: Server, make_database: Any, vault: Any) -> AsyncIterator[dict[str, Any]]:
    """Every service running on its own streams; a connection to each one's schema."""
    database = await make_database(*SPECS)
    await provision(server.clients[DEPLOYER], list(SPECS.values()))
    async with AsyncExitStack() as stack:
        for spec in SPECS.values():
            await stack.enter_async_context(_running(spec, server.url, database.dsn(spec.name), vault))
        connections = {name: await asyncpg.connect(database.dsn(name)) for name in SPECS}
        yield connections
        for connection in connections.values():
            await connection.close()


async def test_nothing_is_taken_for_what_its_subject_does_not_say(server: Server, house: dict[str, Any]) -> None:
    disguises = _disguises()
    for user, messages in disguises.messages.items():
        publisher = Publisher(server.clients[user], timeout_seconds=20)
        await publisher.start()
        for begin in range(0, len(messages), _AT_ONCE):
            outcomes = await publisher.publish(messages[begin : begin + _AT_ONCE])
            assert [str(error) for error in outcomes if error is not None] == []
    found = {name: await _letters(house[name], disguises.letters[name]) for name in SPECS}
    for name, connection in house.items():
        wrong = sorted(disguises.letters[name] ^ found[name].keys())
        assert wrong == [], f"{name}: heard and put aside otherwise than expected:\n" + "\n".join(wrong)
        handled = await connection.fetchval("select count(*) from inbox where id = any($1)", list(found[name]))
        audited = await connection.fetchval("select count(*) from audit")
        effects = await connection.fetchval("select count(*) from effects")
        assert (handled, audited, effects) == (0, 0, 0), name
        reasons = {error.split(":")[1].strip() for error in found[name].values()}
        assert {"ce-type", "ce-id", "ce-replyto"} <= reasons, reasons


async def _letters(connection: Any, wanted: set[str]) -> dict[str, str]:
    """Return every dead letter with its error, as soon as there are as many as wanted."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while await connection.fetchval("select count(*) from dead_letters") < len(wanted):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.1)
    return dict(await connection.fetch("select message_id, error from dead_letters"))


@pytest.mark.usefixtures("house")
async def test_an_operator_s_request_lets_no_service_speak_elsewhere(server: Server) -> None:
    """The answer to a request that names a stream's subject for it would be a message of the service's own."""
    mira = server.clients["mira"]
    before = await _stored(server)
    for name, spec in SPECS.items():
        endpoints = [f"admin.{name}.{noun}.{verb}.mira" for noun, verb in _endpoints_of(spec)]
        endpoints += [query.subject for query in spec.actor.queries]
        for subject in (*endpoints, f"$SRV.PING.{name}", f"$SRV.INFO.{name}", f"$SRV.STATS.{name}"):
            for said in spec.publishes_all():
                await mira.publish(subject, b"{}", reply=said_on(said, name))
            # Each is served in order: when this one is answered the others have been looked at.
            assert (await mira.request(subject, b"{}", timeout=10)).data
    assert await _stored(server) == before


def _endpoints_of(spec: ServiceSpec) -> Sequence[tuple[str, str]]:
    return [("dead_letter", "list"), *((admin.noun, admin.verb) for admin in spec.actor.admins)]


async def _stored(server: Server) -> int:
    infos = await server.clients[DEPLOYER].jetstream().streams_info()
    return sum(info.state.last_seq for info in infos)

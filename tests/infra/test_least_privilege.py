"""A NATS user may say and hear what its service declares, and nothing else."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError

from actors.engine.connecting import until_heard
from devstack.natsconf import NatsConfig, NatsUser, render
from devstack.testing import MakeNats
from devstack.vault import Vault

_DEADLINE_SECONDS = 5


@dataclass(frozen=True)
class _Allowed:
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


class _SignedIn:
    """A client that notes what the server refuses it."""

    def __init__(self) -> None:
        self.client = Client()
        self.refused: asyncio.Queue[str] = asyncio.Queue()

    async def connect(self, url: str, vault: Vault, user: str) -> Client:
        await self.client.connect(
            url,
            nkeys_seed_str=vault.nkey(user).seed,
            inbox_prefix=f"_INBOX_{user}".encode(),
            error_cb=self._note,
            allow_reconnect=False,
        )
        return self.client

    async def _note(self, error: Exception) -> None:
        self.refused.put_nowait(str(error))

    async def refusal(self) -> str:
        return await asyncio.wait_for(self.refused.get(), _DEADLINE_SECONDS)


@pytest.fixture
def url(make_nats: MakeNats, vault: Vault) -> str:
    asker = _Allowed(("query.answerer.>",), ("_INBOX_asker.>",))
    answerer = _Allowed(("answerer.evt.>", "_INBOX_asker.>"), ("_INBOX_answerer.>", "query.answerer.>"))
    users = [
        NatsUser(name, vault.nkey(name).public, rights) for name, rights in (("asker", asker), ("answerer", answerer))
    ]
    return make_nats(users, vault.nkey("sys").public).url


async def test_a_service_says_what_it_declares_and_nothing_else(url: str, vault: Vault) -> None:
    signed_in = _SignedIn()
    client = await signed_in.connect(url, vault, "answerer")
    await client.publish("answerer.evt.1.happened", b"{}")
    await until_heard(client)
    assert signed_in.refused.empty()
    await client.publish("asker.evt.1.happened", b"{}")
    assert "asker.evt.1.happened" in await signed_in.refusal()
    await client.close()


async def test_a_service_cannot_hear_anothers_replies(url: str, vault: Vault) -> None:
    signed_in = _SignedIn()
    client = await signed_in.connect(url, vault, "answerer")
    await client.subscribe("_INBOX_asker.>")
    assert "_inbox_asker.>" in (await signed_in.refusal()).lower()
    await client.close()


async def test_an_answer_reaches_the_asker_s_inbox_and_no_other_subject(url: str, vault: Vault) -> None:
    """Whoever asks says where the answer goes; that widens nobody's rights."""
    signed_in = _SignedIn()
    answerer = await signed_in.connect(url, vault, "answerer")
    asker = await _SignedIn().connect(url, vault, "asker")

    async def say_noon(msg: Msg) -> None:
        await msg.respond(b"noon")

    await answerer.subscribe("query.answerer.time", cb=say_noon)
    await until_heard(answerer)
    assert (await asker.request("query.answerer.time", timeout=_DEADLINE_SECONDS)).data == b"noon"
    with pytest.raises(NoRespondersError):
        await asker.request("query.answerer.weather", timeout=_DEADLINE_SECONDS)
    await asker.publish("query.answerer.time", b"", reply="asker.evt.1.happened")
    assert "asker.evt.1.happened" in await signed_in.refusal()
    for client in (asker, answerer):
        await client.close()


async def test_nobody_enters_without_a_known_key(url: str, vault: Vault) -> None:
    for user in ("stranger", ""):
        client = Client()
        seed = vault.nkey(user).seed if user else None
        with pytest.raises(Exception, match=r"(?i)authorization|no servers"):
            await client.connect(
                url, allow_reconnect=False, max_reconnect_attempts=0, connect_timeout=2, nkeys_seed_str=seed
            )
        await client.close()


def test_secrets_are_kept_and_readable_by_their_owner_only(vault: Vault, infra_folder: Path) -> None:
    first = vault.nkey("keeper")
    assert vault.nkey("keeper") == first
    assert "SU" in first.seed
    assert first.seed not in repr(first)
    file = vault.folder / "keeper.nk"
    assert file.stat().st_mode & 0o777 == 0o600
    assert vault.folder.stat().st_mode & 0o777 == 0o700


def test_the_configuration_grants_only_what_is_listed() -> None:
    text = render(NatsConfig(4222, Path("store"), [NatsUser("a", "UA", _Allowed(("x.>",), ()))], "USYS"))
    assert 'publish { allow: ["x.>"] }' in text
    # To the server an empty allow list would mean everything.
    assert 'subscribe { deny: [">"] }' in text

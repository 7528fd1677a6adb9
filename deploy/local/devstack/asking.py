"""`python -m devstack ask SUBJECT JSON`: what an operator asks of the run on this machine, as `nats req` would.

Who asks is the last part of an admin subject, as everywhere; queries are asked as `ops`.
"""

import asyncio
import json
import re
from pathlib import Path

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from contracts.subjects import operator_inbox_prefix
from devstack.console import Console
from devstack.stack import OPERATOR, operator_key

_ASK_SECONDS = 10
_CONNECT_SECONDS = 5
_LISTEN = re.compile(r"^listen: (\S+)$", re.MULTILINE)


async def ask(subject: str, body: str, data_dir: Path, console: Console) -> int:
    """Print what an endpoint answers; returns 0, or 1 where it refuses, nobody answers, or nothing runs there."""
    who = subject.rpartition(".")[2] if subject.startswith("admin.") else OPERATOR
    trouble = _flaw(body) or _absence(data_dir, who)
    if not trouble:
        try:
            answer = await _answer(subject, body, who, data_dir)
            print(answer)
            return int("error" in json.loads(answer))
        except NoRespondersError:
            trouble = f"nobody answers on {subject}; runbooks and `docs/contracts/asyncapi.json` say what there is"
        except NatsTimeoutError:
            trouble = f"no answer within {_ASK_SECONDS} s: `{who}` may not ask there, or who answers is busy"
        except (NatsError, OSError) as error:
            trouble = f"nothing runs in {data_dir} (NATS: {type(error).__name__}): `make run` first"
    console.trouble(trouble)
    return 1


def _flaw(body: str) -> str:
    try:
        return "" if isinstance(json.loads(body), dict) else "the second argument is no JSON object: try '{}'"
    except ValueError as error:
        return f"the second argument is no JSON: {error}"


def _absence(data_dir: Path, who: str) -> str:
    """Return what is missing of a run that could be asked."""
    if not (data_dir / "nats/nats.conf").exists():
        return f"nothing has run in {data_dir}: `make run` first, or name its --data-dir"
    if not _key_file(data_dir, who).exists():
        return f"there is no operator {who!r} here: OPERATORS={who} make run, or end the subject in another one"
    return ""


def _key_file(data_dir: Path, who: str) -> Path:
    return data_dir / "secrets" / f"{operator_key(who)}.nk"


async def _answer(subject: str, body: str, who: str, data_dir: Path) -> str:
    (address,) = _LISTEN.findall((data_dir / "nats/nats.conf").read_text(encoding="utf-8"))
    client = Client()
    async with asyncio.timeout(_CONNECT_SECONDS):  # by itself it would try for ever
        await client.connect(
            f"nats://{address}",
            nkeys_seed_str=_key_file(data_dir, who).read_text(encoding="utf-8"),
            inbox_prefix=operator_inbox_prefix(who).encode(),
            error_cb=_silent,
        )
    try:
        return (await client.request(subject, body.encode(), timeout=_ASK_SECONDS)).data.decode()
    finally:
        await client.close()


async def _silent(error: Exception) -> None:
    del error  # a denied subject: the request times out, which is told

"""`python -m devstack run [--port 8080] [--data-dir .data]`: everything on this machine until Ctrl-C.

The environment says the same: PORT, DATA_DIR; OPERATORS names some (`mira,ben`) besides `ops` and `second`; BOT_TOKEN
is for a bot on the real Telegram; and STRIPE=1 for the checkout on the web, which goes with the sandbox.
`python -m devstack ask SUBJECT JSON` asks what runs here, as an operator; `python -m devstack days 31` lets days pass
for the referrals that it has stored.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import structlog

from actors.deploying.provision import ProvisionError
from contracts.subjects import check_operator
from devstack import asking, example
from devstack.console import Console
from devstack.days import pass_days
from devstack.engine import EngineError
from devstack.environment import Telegram, TelegramError
from devstack.leftovers import AlreadyRunningError
from devstack.processes import ProcessError
from devstack.stack import Options, Stack

_REFUSALS = (EngineError, ProvisionError, ProcessError, AlreadyRunningError, TelegramError)


def main() -> int:
    """Run the command line; returns the exit code."""
    arguments = _arguments()
    console = Console()
    # The console tells what is worth telling; what provisioning logs besides is for production.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        return asyncio.run(arguments.act(arguments, console))
    except _REFUSALS as error:
        console.trouble(f"\n{error}")
    except KeyboardInterrupt:
        return 130
    except BaseExceptionGroup as group:
        for error in _flat(group):
            if not isinstance(error, _REFUSALS):
                raise
            console.trouble(f"\n{error}")
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devstack", description="Starquiz on one machine")
    commands = parser.add_subparsers(required=True, metavar="command")
    data_dir: Any = {"type": Path, "default": os.environ.get("DATA_DIR") or str(Options().data_dir)}
    run = commands.add_parser("run", help="start everything, print the chat page's address, stop on Ctrl-C")
    run.set_defaults(act=_run)
    run.add_argument("--port", type=int, default=os.environ.get("PORT") or "8080", help="of the chat page; 0: any")
    run.add_argument("--data-dir", **data_dir)
    names = os.environ.get("OPERATORS") or ""
    run.add_argument(
        "--operators", type=_operators, default=names, help="names, with commas, besides `ops` and `second`"
    )
    question = commands.add_parser("ask", help="ask what runs here, as an operator; prints the answer")
    question.set_defaults(act=_ask)
    question.add_argument("subject", help="query.… (asked as `ops`) or admin.….<operator>")
    question.add_argument("json", nargs="?", default="{}", help="the request; {} when left out")
    question.add_argument("--data-dir", **data_dir)
    days = commands.add_parser("days", help="let days pass for what referrals have stored in what runs here")
    days.set_defaults(act=_days)
    days.add_argument("days", type=int, help="how many")
    days.add_argument("--data-dir", **data_dir)
    commands.add_parser("smoke", help="play by script, tell each step").set_defaults(act=_smoke)
    one = commands.add_parser("example", help="start one of examples/, with a prompt to talk to it")
    one.set_defaults(act=_example)
    one.add_argument("name", choices=example.names())
    return parser.parse_args()


def _operators(text: str) -> tuple[str, ...]:
    try:
        return tuple(check_operator(name) for name in text.replace(",", " ").split())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


async def _run(arguments: argparse.Namespace, console: Console) -> int:
    token = os.environ.get("BOT_TOKEN", "")
    telegram = await Telegram.of_token(token) if token else None
    stripe = os.environ.get("STRIPE", "0") not in ("", "0")
    options = Options(
        data_dir=arguments.data_dir,
        port=arguments.port,
        telegram=telegram,
        stripe=stripe,
        operators=arguments.operators,
    )
    stack = Stack(options, console)
    console.title("Starquiz")
    if stripe and telegram is not None:
        console.notice(
            "STRIPE is left alone: the checkout on the web is tried out with the sandbox, without BOT_TOKEN."
        )
    running = asyncio.create_task(_serve(stack, console))
    _on_signals(running, console, at_once=stack.kill)
    try:
        return await running
    except asyncio.CancelledError:
        console.line("stopped")
        return 0


async def _ask(arguments: argparse.Namespace, console: Console) -> int:
    return await asking.ask(arguments.subject, arguments.json, arguments.data_dir, console)


async def _days(arguments: argparse.Namespace, console: Console) -> int:
    return await pass_days(arguments.days, arguments.data_dir, console)


async def _smoke(_: argparse.Namespace, console: Console) -> int:
    # Imported late: it knows the gateway's buttons, and `run` can do without that slow import.
    from devstack.smoke import SmokeError, smoke

    try:
        await smoke(console)
    except SmokeError as error:
        console.trouble(f"\n{error}")
        return 1
    return 0


async def _example(arguments: argparse.Namespace, console: Console) -> int:
    running = asyncio.create_task(example.run(arguments.name, console))
    _on_signals(running, console)
    try:
        return await running
    except asyncio.CancelledError:
        console.line("stopped")
        return 0


async def _serve(stack: Stack, console: Console) -> int:
    """Run the stack until it is cancelled, or until a process ends by itself."""
    async with stack:
        where = "Play" if stack.sandbox is not None else "Your bot"
        console.line()
        console.line(f"{where + ':':<10}{console.emphasis(stack.address)}")
        if stack.sandbox is not None:
            console.line(f"{'Alerts:':<10}{console.emphasis(stack.address + 'alerts')}")
        if stack.checkout:
            console.line(f"{'Checkout:':<10}{console.emphasis(stack.checkout + '/')}")
        console.line(f"{'Logs:':<10}{_short(stack.folder / 'logs')}")
        console.line(f"{'Stop:':<10}Ctrl-C")
        console.line()
        waiting = {asyncio.create_task(program.wait()): program for program in stack.programs}
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            console.trouble(await waiting[ended].last_words("ended by itself"))
        return 1


def _on_signals(
    running: asyncio.Task[int], console: Console, at_once: Callable[[], Coroutine[Any, Any, None]] | None = None
) -> None:
    """First signal: stop in good order. Second: by `at_once`, where there is a way."""
    killing: set[asyncio.Task[None]] = set()

    def on_signal() -> None:
        if running.cancelling():
            if at_once is not None:
                console.line("stopping at once")
                killing.add(asyncio.create_task(at_once()))
            return
        console.line()
        console.line("stopping …")
        running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)


def _flat(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        nested = isinstance(error, BaseExceptionGroup)
        found += _flat(cast(BaseExceptionGroup[BaseException], error)) if nested else [error]
    return found


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())

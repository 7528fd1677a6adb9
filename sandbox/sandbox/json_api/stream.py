"""GET /sandbox/api/stream: every effect of a Bot API call, as it happens, for load generators and scripts.

As a WebSocket it carries JSON arrays of effects out, and takes taps and messages in; without an upgrade it is a
stream of server-sent events with the same arrays. Effects of one moment travel together; each has its own time `at`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.bus import BOT_KINDS, Bus, Effect
from sandbox.invoice_actions import InvoiceActions, Outcome
from sandbox.player_actions import ActionError, PlayerActions
from sandbox.shapes import as_list, as_object, to_json
from sandbox.world.message import message_view

GATHER_SECONDS = 0.003
WAITING_MAX = 200_000
EXAMPLES = '{"tap": [player_id, message_id, data]}, {"send": [player_id, text]} or {"pay": [player_id, message_id]}'
Line = dict[str, Any]
Write = Callable[[list[Line]], Awaitable[None]]


class Outlet:
    """Collects effects for one watcher and writes them out in small batches; a stuck watcher is cut off."""

    def __init__(self, render: Callable[[Effect], Line | None], write: Write) -> None:
        self._render = render
        self._write = write
        self._lines: list[Line] = []
        self._arrived = asyncio.Event()

    def __call__(self, effect: Effect) -> None:
        """Take one effect from the bus."""
        line = self._render(effect)
        if line is not None and len(self._lines) < WAITING_MAX:
            self._lines.append(line)
            self._arrived.set()

    def put(self, line: Line) -> None:
        """Add a line that is no effect."""
        self._lines.append(line)
        self._arrived.set()

    async def run(self) -> None:
        """Write until cancelled, or until the watcher is gone (ConnectionError)."""
        while True:
            await self._arrived.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._arrived.clear()
            lines, self._lines = self._lines, []
            await self._write(lines)


def bot_line(effect: Effect, *, full: bool) -> Line | None:
    """`{kind, chat_id, message_id, at}`, answers with what they say, and with `full` the message as it is now."""
    if effect.kind not in BOT_KINDS:
        return None
    line: Line = {"kind": effect.kind, "chat_id": effect.chat_id, "message_id": effect.message_id, "at": effect.at}
    if effect.extra is not None:
        line |= effect.extra
    if full and effect.message is not None:
        line["message"] = message_view(effect.message)
    return line


async def send_events(request: web.Request, bus: Bus, outlet_for: Callable[[Write], Outlet]) -> web.StreamResponse:
    """Serve one watcher with server-sent events until they leave or the sandbox stops."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)

    async def write(lines: list[Line]) -> None:
        await response.write(b"data: " + to_json(lines) + b"\n\n")

    outlet = outlet_for(write)
    unwatch = bus.watch(outlet)
    try:
        await outlet.run()
    except ConnectionError:
        pass
    finally:
        unwatch()
    return response


class StreamRoutes:
    """Handler of /sandbox/api/stream (`?full=1` adds the messages)."""

    def __init__(self, bus: Bus, actions: PlayerActions, invoices: InvoiceActions) -> None:
        self._bus = bus
        self._actions = actions
        self._invoices = invoices

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [web.get("/sandbox/api/stream", self.stream)]

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket when asked for one, server-sent events otherwise."""
        full = request.query.get("full") == "1"

        def outlet_for(write: Write) -> Outlet:
            return Outlet(lambda effect: bot_line(effect, full=full), write)

        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request, outlet_for)
        return await send_events(request, self._bus, outlet_for)

    async def _socket(self, request: web.Request, outlet_for: Callable[[Write], Outlet]) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=16 * 1024 * 1024)
        await socket.prepare(request)

        async def write(lines: list[Line]) -> None:
            await socket.send_str(to_json(lines).decode())

        outlet = outlet_for(write)
        unwatch = self._bus.watch(outlet)
        writer = asyncio.get_running_loop().create_task(outlet.run())
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._do_all(message.data, outlet)
        finally:
            unwatch()
            writer.cancel()
        return socket

    def _do_all(self, raw: str | bytes, outlet: Outlet) -> None:
        """Acts come as one object or a list: `{"tap": [player, message, data]}`, and as EXAMPLES shows.

        A `ref` in an act is given back with its ids or its error: `{"kind": "done", "ref": …, …}`.
        """
        try:
            given = json.loads(raw)
        except ValueError as problem:
            outlet.put({"kind": "error", "error": f"not JSON: {problem}"})
            return
        actions = as_list(given)
        for act in [given] if actions is None else actions:
            line = self._done(as_object(act) or {}, outlet)
            if line is not None:
                outlet.put(line)

    def _done(self, act: dict[str, Any], outlet: Outlet) -> Line | None:
        ref = act.get("ref")
        try:
            if "pay" in act:
                self._pay(act, outlet)
                return None
            made = self._do(act)
        except ActionError as problem:
            return {"kind": "error", "ref": ref, "error": problem.args[0], "remedy": problem.remedy}
        except (KeyError, TypeError, ValueError):
            return {"kind": "error", "ref": ref, "error": "not an act", "remedy": f"send {EXAMPLES}"}
        return None if ref is None else {"kind": "done", "ref": ref, **made}

    def _do(self, act: dict[str, Any]) -> Line:
        if "tap" in act:
            player_id, message_id, data = act["tap"]
            tap, update_id = self._actions.tap(player_id, message_id, data, force=bool(act.get("force")))
            return {"callback_query_id": tap.id, "update_id": update_id, "at": tap.made_at}
        player_id, text = act["send"]
        sent = self._actions.say(player_id, text)
        return {"message_id": sent.message_id, "update_id": sent.update_id, "at": sent.at}

    def _pay(self, act: dict[str, Any], outlet: Outlet) -> None:
        """Begin a payment; its outcome comes when there is one."""
        player_id, message_id = act["pay"]
        task = self._invoices.begin(player_id, self._invoices.bill(player_id, message_id))

        def tell(done: asyncio.Task[Outcome]) -> None:
            if not done.cancelled() and done.exception() is None:
                outlet.put({"kind": "done", "ref": act.get("ref"), **done.result()})

        if act.get("ref") is not None:
            task.add_done_callback(tell)

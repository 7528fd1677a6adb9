"""The AsyncAPI document: every contract as a channel, a message and an operation of its owner.

AsyncAPI knows no JetStream, so what belongs to it stands in extensions: `x-jetstream-stream` names the stream that
holds the subject, `x-jetstream-filter` what a consumer of it listens to.
"""

from collections.abc import Sequence
from typing import Any, Final

from contracts import envelope
from contracts.message import Contract, shape_of
from contracts.schemas import Schema, components
from contracts.subjects import stream_name, stream_subjects

ANY_SERVICE: Final = "{service}"
"""Stands for the owner of what any service may say."""

_DESCRIPTION: Final = """\
Subjects end in what is said; the part in braces is the key that addresses one actor.
`<owner>.cmd` and `<owner>.money` are commands that the owner alone hears, `<owner>.evt` an event that anyone may hear,
`gateway.update` and `gateway.payment` what Telegram sent.
What a message is follows from its subject; headers are optional on the wire, so that a person can publish by hand."""

_HEADERS: Final[dict[str, str]] = {
    envelope.ID: "Logical id, the same for ever: a message takes effect once per logical id.",
    envelope.TYPE: "Type name; without it the type is read off the subject.",
    envelope.SOURCE: "Which service said it.",
    envelope.TIME: "When it was said, ISO 8601 with offset; without it the time at which the stream stored it.",
    envelope.CAUSE: "Logical id of the message that gave rise to this one.",
    envelope.ORIGIN: "Opaque to all but the service that set it; copied to whatever the message gives rise to.",
    envelope.REPLY: "Subject on which the answer to an ask is waited for.",
    envelope.TRACE: "W3C trace context.",
    envelope.TRANSPORT_ID: "Transport id: JetStream drops a second one within its window. A replay has a fresh one.",
}
_DOES: Final = {"cmd": ("receive",), "money": ("receive",), "evt": ("send",)}
_BY_ITSELF: Final = ("send", "receive")
"""The gateway's door publishes updates which the gateway's turns then hear."""


def document(contracts: Sequence[type[Contract]]) -> dict[str, Any]:
    """Return the AsyncAPI 3 document of these contracts."""
    payloads, schemas = components(contracts, "#/components/schemas/{name}")
    said = zip(contracts, payloads, strict=True)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Starquiz", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {shape_of(contract).type_name: _channel(contract) for contract in contracts},
        "operations": {name: body for contract in contracts for name, body in _operations(contract).items()},
        "components": {
            "messages": {shape_of(contract).type_name: _message(contract, payload) for contract, payload in said},
            "schemas": {"Headers": _headers(), **schemas},
        },
    }


def _channel(contract: type[Contract]) -> dict[str, Any]:
    shape = shape_of(contract)
    owner = shape.owner or ANY_SERVICE
    return {
        "address": contract.subject,
        "parameters": {
            field: {"description": f"The message's {field}.", "location": f"$message.payload#/{field}"}
            for field in shape.fields
        },
        "messages": {shape.name: {"$ref": f"#/components/messages/{shape.type_name}"}},
        "x-jetstream-stream": stream_name(owner, shape.kind),
        "x-jetstream-stream-subjects": list(stream_subjects(owner, shape.kind)),
        "x-jetstream-filter": shape.wildcard,
    }


def _operations(contract: type[Contract]) -> dict[str, Any]:
    shape = shape_of(contract)
    owner = shape.owner or "any-service"
    return {
        f"{owner}.{action}.{shape.name}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{shape.type_name}"},
            "messages": [{"$ref": f"#/channels/{shape.type_name}/messages/{shape.name}"}],
            "tags": [{"name": owner}],
        }
        for action in _DOES.get(shape.kind, _BY_ITSELF)
    }


def _message(contract: type[Contract], payload: Schema) -> dict[str, Any]:
    shape = shape_of(contract)
    typed = {"properties": {envelope.TYPE: {"const": shape.type_name}}}
    return {
        "name": shape.type_name,
        "title": contract.__name__,
        "summary": " ".join((contract.__doc__ or "").split("\n\n", 1)[0].split()),
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, typed]},
        "payload": payload,
        "x-version": contract.version,
    }


def _headers() -> Schema:
    properties: dict[str, Schema] = {name: {"type": "string", "description": text} for name, text in _HEADERS.items()}
    properties[envelope.TIME]["format"] = "date-time"
    text = "What travels beside every message."
    return {"title": "Headers", "description": text, "type": "object", "properties": properties}

"""What an endpoint says of itself in `nats.micro`: enough for a tool to offer it that has never heard of it.

Metadata is text. `request_schema` and `response_schema` are JSON Schemas with the authors' notes beside the fields.
"""

from typing import Any, Final

import msgspec

from actors.endpoints import Bearing, FourEyes
from contracts.schemas import components

OPERATOR: Final = "OPERATOR"
"""The role that may ask (DOMAIN §13): NATS lets operators' users alone publish there."""


def described(
    request: type[msgspec.Struct], answer: Any, *, about: str, bearing: Bearing, second: FourEyes | None = None
) -> dict[str, str]:
    """Return an endpoint's metadata.

    `about` is one line; `effect` is `reads` or `changes`; `irreversible` says what cannot be undone, and `confirm`
    the field whose value a person types before that; `second_operator` says when another one has to approve it.
    """
    said = {
        "about": about,
        "role": OPERATOR,
        "effect": "reads" if bearing.reads else "changes",
        "request_schema": _text(_with_notes(request)),
    }
    if answer is not None:
        said["response_schema"] = _text(msgspec.json.schema(answer))
    if bearing.irreversible:
        said |= {"irreversible": bearing.irreversible, "confirm": bearing.confirm}
    if second is not None:
        said["second_operator"] = second.rule
    return said


def _with_notes(request: type[msgspec.Struct]) -> dict[str, Any]:
    (reference,), definitions = components([request], "#/$defs/{name}")
    return {**reference, "$defs": definitions}


def _text(schema: dict[str, Any]) -> str:
    return msgspec.json.encode(schema).decode()

"""Parameters and bodies, decoded as their structs say; what does not fit is named with the remedy."""

import re
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from gateway.web.problems import ProblemError

KEY_HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_PARAMETERS_MAX: Final = 20
_PLACE: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]*)`")
_JSON: Final = re.compile(r"application/json(?:[ \t]*;[ \t]*charset=\"?utf-8\"?)?", re.IGNORECASE)

S = TypeVar("S", bound=msgspec.Struct)


def read_parameters(kind: type[S], query: str) -> S:
    """Return the parameters of a query string, still escaped; raises ProblemError 400."""
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict", max_num_fields=_PARAMETERS_MAX
        )
    except ValueError:  # also what is no UTF-8
        detail = f"The query cannot be read: at most {_PARAMETERS_MAX} parameters name=value, escaped as UTF-8."
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail) from None
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"{name[:64]}: give it once.", field=name[:64])
        given[name] = value
    numbers = _numbers(kind)
    read = {name: _number(value) if name in numbers else value for name, value in given.items()}
    try:
        return msgspec.convert(read, kind)
    except msgspec.ValidationError as error:
        raise _fault(error, kind) from None


def read_body(kind: type[S], request: web.BaseRequest, body: bytes) -> S:
    """Return the body of a request; raises ProblemError 400 or 415."""
    if not _JSON.fullmatch(request.headers.get("Content-Type", "")) or "Content-Encoding" in request.headers:
        detail = "Content-Type: send application/json, in UTF-8 and without a Content-Encoding."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, field="Content-Type")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _fault(error, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        detail = f"The body is no JSON. Send one JSON object with: {_fields(kind)}."
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail) from None


def read_nothing(request: web.BaseRequest, body: bytes, query: str) -> None:
    """Refuse what nothing here reads; raises ProblemError 400. Which of two readings holds is then no question."""
    if body and request.method == "GET":
        raise ProblemError(HTTPStatus.BAD_REQUEST, "A GET has no body here: leave it out.")
    if query and request.method == "POST":
        raise ProblemError(HTTPStatus.BAD_REQUEST, "A POST has no query here: put it into the body.")


def read_key(request: web.BaseRequest) -> str:
    """Return the name that a client has given to this very request; raises ProblemError 400."""
    given = request.headers.getall(KEY_HEADER, [])
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        detail = (
            f"{KEY_HEADER}: give this request a name of its own, once, of 1 to 64 of A-Z a-z 0-9 _ . : - (a UUID). "
            "Repeated under it, it has one effect."
        )
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail, field=KEY_HEADER)
    return given[0]


def _fault(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> ProblemError:
    text = str(error)
    place, unknown = _PLACE.search(text), _UNKNOWN.search(text)
    field = (unknown[1] if unknown else place[1] if place else "")[:64]
    said = _PLACE.sub("", text)[:200]
    detail = f"{field}: {said}. There are: {_fields(kind)}." if field else f"{said}. There are: {_fields(kind)}."
    return ProblemError(HTTPStatus.BAD_REQUEST, detail, field=field or None)


def _fields(kind: type[msgspec.Struct]) -> str:
    found = msgspec.structs.fields(kind)
    return ", ".join(f"{one.encode_name}{'' if one.required else ' (optional)'}" for one in found) or "none"


def _number(text: str) -> Any:
    """Return a whole number; the text itself when it is none, for which it is refused."""
    return int(text) if _NUMBER.fullmatch(text) else text


def _numbers(kind: type[msgspec.Struct]) -> set[str]:
    """Return the names of the parameters that are whole numbers."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    hints = get_type_hints(kind, include_extras=True)
    return {names[name] for name, hint in hints.items() if name in names and int in _parts(hint)}


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return what a type is made of: `Annotated[int, …] | UnsetType` → `int`, `UnsetType`."""
    inner = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return tuple(part for one in inner for part in _parts(one)) if inner else (hint,)

"""What an operator sends is the command: its fields, and the request's id. The endpoint stands on its handler.

    @actor.admin("premium", "grant", answer=PremiumAnswer, limits={"days": Annotated[int, msgspec.Meta(ge=1)]})
    @actor.on(GrantPremium)
    def grant_premium(command: GrantPremium, customer: Customer, turn: Turn) -> None: ...

Who asks is in the subject, and reaches the handler by the envelope's origin (`turn.operator`).
"""

import enum
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, TypedDict, cast

import msgspec

from actors.endpoints import AdminEndpoint, AdminRequest, Bearing, FourEyes
from contracts.message import Command, shape_of

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_CLAIM: Final = "operator"
"""A field of old commands that says who asks: no request has it, see `actors.endpoints.read_request`."""


class Terms(TypedDict, total=False):
    """How an endpoint's request differs from its command."""

    limits: Mapping[str, Any]
    """Field → the narrower type an operator's word must have. A default that does not fit it is none here."""
    fixed: Mapping[str, Any]
    """Field → its value at this endpoint: operators do not send it."""
    audited: Mapping[str, Any]
    """Field → type of what is asked for the audit alone, and goes no further."""
    check: Callable[[Any], str]
    """Of the command: what is wrong with it, naming field and remedy; empty when nothing is."""
    reads: bool
    """True: the handler looks and changes nothing."""
    irreversible: str
    """What cannot be undone, one sentence; tools have it confirmed by typing whom or what it is about."""
    confirm: str
    """The field that says so, where that is not the command's key."""
    second: FourEyes
    """When a second operator has to approve it."""


def admin_endpoint(
    noun: str, verb: str, command: type[Command], answer: Any, terms: Terms, *, about: str = ""
) -> AdminEndpoint:
    """Return the endpoint `admin.<service>.<noun>.<verb>`; raises TypeError for terms that name no field."""
    own = {field.name: field for field in msgspec.structs.fields(command)}
    limits, fixed = terms.get("limits", _NOTHING), terms.get("fixed", _NOTHING)
    audited, check = terms.get("audited", _NOTHING), terms.get("check")
    unknown = (limits.keys() | fixed.keys() | {terms.get("confirm", min(own))}) - own.keys()
    unknown |= audited.keys() & own.keys()
    if unknown:
        raise TypeError(f"admin {noun} {verb}: {min(unknown)} does not fit the fields of {command.__name__}")
    asked = [name for name in own if name not in fixed and name != _CLAIM]
    request = msgspec.defstruct(
        f"{noun}_{verb}_request".title().replace("_", ""),
        [*(_field(own[name], limits.get(name)) for name in asked), *audited.items()],
        bases=(AdminRequest,),
        module=command.__module__,
        namespace={"__doc__": command.__doc__, "described_by": command},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )

    def made(given: AdminRequest) -> Command:
        said = command(**fixed, **{name: _word(own[name], getattr(given, name)) for name in asked})
        if check is not None and (fault := check(said)):
            raise ValueError(fault)
        return said

    wanted = cast("type[AdminRequest]", request)
    confirm = next((name for name in shape_of(command).fields if name in asked), "")
    return AdminEndpoint(
        noun=noun,
        verb=verb,
        request=wanted,
        command=made,
        answer=answer,
        about=about,
        bearing=bearing_of(terms, confirm),
        second=terms.get("second"),
    )


def bearing_of(terms: Terms, confirm: str = "") -> Bearing:
    """Return what the terms say of a call's bearing; `confirm` is the field to type if they name none."""
    irreversible = terms.get("irreversible", "")
    typed = terms.get("confirm", confirm) if irreversible else ""
    return Bearing(reads=terms.get("reads", False), irreversible=irreversible, confirm=typed)


def _field(field: msgspec.structs.FieldInfo, limit: Any) -> Any:
    """Return the request's field for one of the command's."""
    kind = field.type if limit is None else limit
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        kind = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [str(one) for one in kind]})]
    if field.default_factory is not msgspec.NODEFAULT:
        return field.name, kind, msgspec.field(default_factory=field.default_factory)
    if field.default is msgspec.NODEFAULT:
        return field.name, kind
    try:
        msgspec.convert(field.default, kind)
    except msgspec.ValidationError:
        return field.name, kind
    return field.name, kind, field.default


def _word(field: msgspec.structs.FieldInfo, given: Any) -> Any:
    """Return a field as the command has it; raises ValueError naming the words there are for one that is none."""
    if not (isinstance(field.type, type) and issubclass(field.type, enum.StrEnum)):
        return given
    if given not in set(field.type):
        raise ValueError(f"{field.name}: there is no {given!r}; use one of {', '.join(field.type)}")
    return field.type(given)

"""Base classes of everything that travels: a contract knows its subject, its version and its key.

A contract is declared once, by its owner:

    class StartRound(Command, frozen=True, kw_only=True):
        subject: ClassVar[str] = "gameplay.cmd.{player_id}.start_round"
        player_id: int

The part in braces names the key field: it addresses the actor (DESIGN: an actor's address is the key in the subject).
Evolution: add fields with defaults only; a break is a new name.
"""

import re
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_origin

import msgspec

_TEMPLATE = re.compile(
    r"^(?P<owner>[a-z]+|\{service\})\.(?P<kind>cmd|evt|due|update|payment|money)\.(?P<rest>[a-z0-9_{}.]+)$"
)
_TYPED_BY_KIND = ("update", "payment")
_DUE = "due"
_FIELD = re.compile(r"\{([a-z_]+)\}")


C = TypeVar("C", bound="Contract")
A = TypeVar("A", bound=msgspec.Struct)


class UnknownContractError(LookupError):
    """No contract with this type name is known to this build."""


class _Declared(msgspec.StructMeta):
    """Makes a contract findable when its class is made; the fields, which its subject names, are known by then."""

    def __init__(  # pyright: ignore[reportInconsistentConstructor] - the options are for __new__
        cls,  # noqa: N805
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **_options: Any,
    ) -> None:
        super().__init__(name, bases, namespace)
        if namespace.get("subject"):  # a base class of contracts has none
            _enter(cast("type[Contract]", cls))


class Contract(msgspec.Struct, metaclass=_Declared, frozen=True, kw_only=True):
    """Anything that travels between services: one JSON object on one subject.

    Declaring one makes it known by its type name. It raises TypeError for a subject that is none or names no field, and
    for a second contract of one type name.
    """

    subject: ClassVar[str] = ""
    """Template of the subject; `{field}` stands for that field's value."""
    version: ClassVar[int] = 1
    """Rises when optional fields are added; a golden example of every version is kept and must decode for ever."""


class Command(Contract, frozen=True, kw_only=True):
    """An imperative to one actor: `<owner>.cmd.<key>.<name>`. Only its owner hears it, one handler handles it.

    `<owner>.money.<key>.<name>` is the same for what must never be refused for want of room in a mailbox.
    """


class Answered(Command, Generic[A], frozen=True, kw_only=True):
    """A command that whoever sends it may wait for: `class QuoteProduct(Answered[QuoteAnswer], …)` is answered by one.

    `ask` returns that type, and the handler's `turn.reply` takes no other.
    """


class Event(Contract, frozen=True, kw_only=True):
    """A fact in the past tense: `<owner>.evt.<key>.<name>`. Only its owner says it, anyone may hear it."""


class Query(msgspec.Struct, Generic[A], frozen=True, kw_only=True):
    """A read-only question of one service to another: `query.<owner>.<name>`. It is answered at once or not at all.

    `class GrantsQuery(Query[GrantsAnswer], …)` is answered by one; `Asker.query` returns that type.

    Nothing stores it and it changes nothing, so it may always be asked again. Like a contract it grows by optional
    fields alone; readers pass over fields they do not know.
    """

    subject: ClassVar[str] = ""


class Shape(msgspec.Struct, frozen=True):
    """What a contract's subject template says, taken apart once."""

    owner: str
    """Owning service; empty for what any service may say."""
    kind: str
    name: str
    type_name: str
    """Subject without its keys, for example `gameplay.cmd.start_round`: the `ce-type` on the wire."""
    wildcard: str
    """Subject with `*` for each key: what a consumer or an allow list names."""
    fields: tuple[str, ...]
    before: str
    """What the subject begins with, up to its first key."""
    keys: tuple[tuple[str, str], ...]
    """Each key's field, and what of the subject follows it."""
    dots: int
    """How many a subject of this contract has."""


def _read(contract: type[Contract]) -> Shape:
    match = _TEMPLATE.match(contract.subject)
    if match is None:
        raise TypeError(
            f"{contract.__name__}.subject is {contract.subject!r}; expected <owner>.<cmd|money|evt|due>.{{key}}.<name>"
        )
    taken = {"subject", "version"} & set(contract.__struct_fields__)
    if taken:
        raise TypeError(f"{contract.__name__} has a field {min(taken)}, which is the contract's own: rename it")
    fields = tuple(_FIELD.findall(contract.subject))
    unknown = [name for name in fields if name not in contract.__struct_fields__]
    if unknown:
        raise TypeError(f"{contract.__name__}.subject names {unknown}, which are no fields of it")
    between = _FIELD.split(contract.subject)[::2]
    keyless = [part for part in contract.subject.split(".") if not part.startswith("{")]
    return Shape(
        owner="" if match["owner"] == "{service}" else match["owner"],
        kind=match["kind"],
        name=keyless[-1],
        type_name=".".join(keyless),
        wildcard=_FIELD.sub("*", contract.subject),
        fields=fields,
        before=between[0],
        keys=tuple(zip(fields, between[1:], strict=True)),
        dots=contract.subject.count("."),
    )


_NO_TOKEN = re.compile(r"[. *>\t\r\n]")
_shapes: dict[type[Contract], Shape] = {}
_by_type_name: dict[str, type[Contract]] = {}
_ends: dict[str, tuple[str, str]] = {}
"""Type name → how the subjects of that type begin and end, where that alone makes a subject one of them."""
_decoders: dict[type[Contract], msgspec.json.Decoder[Any]] = {}
_encoder = msgspec.json.Encoder()


def shape_of(contract: type[Contract]) -> Shape:
    """Return what the contract's subject says; raises TypeError when the template is malformed."""
    shape = _shapes.get(contract)
    if shape is None:
        shape = _shapes[contract] = _read(contract)
    return shape


def _enter(contract: type[Contract]) -> None:
    shape = shape_of(contract)
    other = _by_type_name.get(shape.type_name, contract)
    if (other.__module__, other.__qualname__) != (contract.__module__, contract.__qualname__):
        raise TypeError(f"{shape.type_name} is declared twice: {other.__qualname__} and {contract.__qualname__}")
    _by_type_name[shape.type_name] = contract  # a module that is executed again declares the same again
    if shape.owner and shape.keys:
        end = "" if shape.kind in _TYPED_BY_KIND else f".{shape.name}"
        _ends[shape.type_name] = (f"{shape.owner}.{shape.kind}.", end)


def answer_of(asked: type[Contract] | type[Query[Any]]) -> type[msgspec.Struct] | None:
    """Return what a question or a command is answered by; None for a command that is not `Answered`."""
    for base in getattr(asked, "__orig_bases__", ()):
        if get_origin(base) in (Answered, Query):
            answer: type[msgspec.Struct] = get_args(base)[0]
            return answer
    return None


def find(type_name: str) -> type[Contract]:
    """Return the contract of that type name; raises UnknownContractError when this build does not know it."""
    try:
        return _by_type_name[type_name]
    except KeyError:
        raise UnknownContractError(type_name) from None


def is_known(type_name: str) -> bool:
    """Whether this build has a contract of that type name."""
    return type_name in _by_type_name


def registered() -> tuple[type[Contract], ...]:
    """Return every contract that was declared so far, by type name."""
    return tuple(_by_type_name[name] for name in sorted(_by_type_name))


def subject_of(message: Contract) -> str:
    """Return the concrete subject a message travels on.

    Raises ValueError when a key would break the subject (empty, or with a dot, a blank or a wildcard in it).
    """
    shape = shape_of(type(message))
    if not shape.fields:
        return message.subject
    subject = shape.before
    for name, after in shape.keys:
        value = str(getattr(message, name))
        if not value or _NO_TOKEN.search(value):
            raise ValueError(f"{type(message).__name__}.{name} is {value!r}: a key must be one subject token")
        subject = f"{subject}{value}{after}"
    return subject


def wildcard_of(contract: type[Contract], service: str, hearer: str = "*") -> str:
    """Return the subject with `*` for each key on which `service` says this: its own, or what any service may say.

    What is addressed to one `{hearer}` has its name there, when it is given.
    """
    named = {"hearer": hearer} if shape_of(contract).owner else {"hearer": hearer, "service": service}
    return _FIELD.sub(lambda key: named.get(key[1], "*"), contract.subject)


def type_name_of_subject(subject: str, likely: str = "") -> str:
    """Return the type name a concrete subject stands for: `gameplay.cmd.42.start_round` → `gameplay.cmd.start_round`.

    What a message is follows from its subject alone, for that is what NATS' permissions are about. Cron subjects
    (`<owner>.due.<name>`) have no key; a timer's (`subjects.fired_subject`) stands for the subject within it.
    `likely`, what the message calls itself, makes it faster where it is right, and changes no answer.
    """
    ends = _ends.get(likely)
    if ends is not None and subject.startswith(ends[0]) and subject.endswith(ends[1]):
        return likely
    parts = _own_tokens(subject)
    if len(parts) > 2 and parts[1] in _TYPED_BY_KIND:
        return ".".join(parts[:2])
    if len(parts) <= 3:
        return ".".join(parts)
    anyones = f"{parts[1]}.{parts[-1]}"
    return anyones if anyones in _by_type_name else f"{parts[0]}.{anyones}"


def _own_tokens(subject: str) -> list[str]:
    """Return the tokens of a message's own subject: for one that a timer fired, of the subject within."""
    parts = subject.split(".")
    if len(parts) > 3 and parts[1] == _DUE:
        within = parts[2:-1]
        return [parts[0], _DUE, *within] if len(within) == 1 else [parts[0], *within]
    return parts


def travels_on(message: Contract, subject: str) -> bool:
    """Whether `subject` is one for this very message: its contract's, with the message's own keys in it."""
    shape = shape_of(type(message))
    own = shape.before
    for name, after in shape.keys:
        own += f"{getattr(message, name)!s}{after}"
    if own != subject and own != ".".join(_own_tokens(subject)):
        return False
    # A key with a dot in it would be two tokens.
    return own.count(".") == shape.dots


def encode(message: Contract) -> bytes:
    """Return the message's JSON body."""
    return _encoder.encode(message)


def decode(contract: type[C], body: bytes) -> C:
    """Return the message in a JSON body; raises msgspec.ValidationError or DecodeError naming the field at fault."""
    decoder = _decoders.get(contract)
    if decoder is None:
        decoder = _decoders[contract] = msgspec.json.Decoder(contract)
    return cast("C", decoder.decode(body))

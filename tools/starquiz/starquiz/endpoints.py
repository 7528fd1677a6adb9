"""What services offer, as they say themselves in `nats.micro`: a new endpoint is here without a line."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from starquiz.narrowing import as_list, as_object, as_rows
from starquiz.wire import Wire

_LOOKS: Final = ("show", "look", "query")
Schema = dict[str, Any]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked."""

    service: str
    subject: str
    """Without the operator, who stands at the end of `admin.…`."""
    about: str = ""
    role: str = ""
    reads: bool = False
    irreversible: str = ""
    confirm: str = ""
    """The field that is typed before it; empty: the verb."""
    second_operator: str = ""
    """When another operator has to approve it; empty: never."""
    request: Schema
    answer: Schema | None = None

    @property
    def is_admin(self) -> bool:
        """Whether it is an operator's command, heard with a name and written to the audit."""
        return self.subject.startswith("admin.")

    @property
    def words(self) -> tuple[str, ...]:
        """What it is called by on the command line: the subject's parts."""
        return tuple(part.replace("_", "-") for part in self.subject.split(".")[1:])

    @property
    def wants_request_id(self) -> bool:
        """Whether repeating it gives the first answer: it names each request."""
        return "request_id" in resolved(self.request, self.request).get("properties", {})

    def addressed(self, operator: str) -> str:
        """Return the subject on which an operator asks."""
        return f"{self.subject}.{operator}" if self.is_admin else self.subject


async def offered(wire: Wire, service: str = "") -> list[Endpoint]:
    """Return what all services offer, or one of them, by subject."""
    infos = await wire.gather(f"$SRV.INFO.{service}" if service else "$SRV.INFO")
    found = {one.subject: one for info in infos for one in _read(info)}
    return [found[subject] for subject in sorted(found)]


def commands(endpoints: Iterable[Endpoint]) -> dict[tuple[str, ...], Endpoint]:
    """Return each endpoint by its words; a query that has the name of a noun is that noun's `show` (or `look`)."""
    known = {one.words: one for one in endpoints}
    groups = {words[:2] for words in known if len(words) > 2}

    def placed(words: tuple[str, ...]) -> tuple[str, ...]:
        if words not in groups:
            return words
        return next((*words, verb) for verb in _LOOKS if (*words, verb) not in known)

    return {placed(words): one for words, one in known.items()}


def serving(endpoints: Iterable[Endpoint], name: str) -> Sequence[Endpoint]:
    """Return the queries of one name, whichever services have it: `query.*.<name>`."""
    return [one for one in endpoints if not one.is_admin and one.words[1:] == (name,)]


def in_order(answered: Any, schema: Schema, whole: Schema) -> Any:
    """Return an answer with its fields in the order in which their author wrote them; an audit does not keep it."""
    part = resolved(schema, whole)
    if (values := as_list(answered)) is not None:
        return [in_order(value, part.get("items") or {}, whole) for value in values]
    answer, properties = as_object(answered), as_object(part.get("properties")) or {}
    if answer is None:
        return answered
    known = [name for name in properties if name in answer]
    names = [*known, *(name for name in answer if name not in properties)]
    return {name: in_order(answer[name], properties.get(name) or {}, whole) for name in names}


def resolved(part: Schema, whole: Schema) -> Schema:
    """Return what a schema stands for, without references and without null; notes and defaults beside it stay."""
    beside = {key: part[key] for key in ("description", "default") if key in part}
    options = [one for one in part.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        return {**resolved(options[0], whole), **beside}
    reference = part.get("$ref", "").rpartition("/")[2]
    return {**resolved(whole["$defs"][reference], whole), **beside} if reference else part


def _read(info: Any) -> Iterable[Endpoint]:
    for offer in as_rows((as_object(info) or {}).get("endpoints")):
        said = as_object(offer.get("metadata")) or {}
        subject = str(offer["subject"]).removesuffix(".*")
        if not subject.startswith(("admin.", "query.")) or "request_schema" not in said:
            continue  # not one of ours
        answer = said.get("response_schema")
        yield Endpoint(
            service=info["name"],
            subject=subject,
            about=said.get("about", ""),
            role=said.get("role", ""),
            reads=said.get("effect") == "reads",
            irreversible=said.get("irreversible", ""),
            confirm=said.get("confirm", ""),
            second_operator=said.get("second_operator", ""),
            request=msgspec.json.decode(said["request_schema"]),
            answer=None if answer is None else msgspec.json.decode(answer),
        )

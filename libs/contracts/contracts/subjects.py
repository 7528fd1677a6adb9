"""Names of streams, consumers and request subjects. Everything that addresses NATS is spelled here."""

import re
from typing import Final

_INBOX = re.compile(r"^_INBOX(_[a-z0-9]+)?(\.[A-Za-z0-9_-]+)+$")
_OPERATOR = re.compile(r"^[a-z][a-z0-9_-]{0,31}$")

STREAM_KINDS: Final = {
    "cmd": ("CMD", ("{service}.cmd.>",)),
    "evt": ("EVT", ("{service}.evt.>",)),
    "due": ("TIMER", ("{service}.timer.>", "{service}.due.>")),
    "update": ("UPDATES", ("{service}.update.>",)),
    "payment": ("PAYMENTS", ("{service}.payment.>",)),
    "money": ("MONEY", ("{service}.money.>",)),
}
"""Kind of subject → (suffix of its stream's name, the stream's subjects)."""

COMMAND_KINDS: Final = ("cmd", "money")
"""Kinds of subjects that carry commands."""


def stream_name(service: str, kind: str) -> str:
    """Return the name of the stream that holds a service's subjects of one kind, such as `GAMEPLAY_CMD`."""
    return f"{service.upper()}_{STREAM_KINDS[kind][0]}"


def stream_subjects(service: str, kind: str) -> tuple[str, ...]:
    """Return what a service's stream of that kind (`cmd`, `evt`, …) listens to, with wildcards."""
    return tuple(subject.format(service=service) for subject in STREAM_KINDS[kind][1])


def timer_subject(service: str, name: str) -> str:
    """Return the subject a schedule is stored under: one schedule per subject."""
    return f"{service}.timer.{name}"


def due_subject(service: str, name: str) -> str:
    """Return the subject on which a cron schedule fires."""
    return f"{service}.due.{name}"


def fired_subject(service: str, subject: str, name: str) -> str:
    """Return the subject on which the timer `name` fires for a message of the service whose subject is `subject`.

    The stream of timers has subjects of its own; the message's own, which says its type and its key, is kept within:
    `stage.cmd.ann.ring_later` fires on `stage.due.cmd.ann.ring_later.<name>`, `payments.due.recovery` on
    `payments.due.recovery.<name>`. Raises ValueError for a subject of another service, or a name that is no one token.
    """
    owner, _, rest = subject.partition(".")
    if owner != service:
        raise ValueError(f"{subject}: a timer of {service} delivers messages of {service} only")
    if not name or any(mark in name for mark in ". *>\t\r\n"):
        raise ValueError(f"the timer's name {name!r} must be one subject token")
    return f"{service}.due.{rest.removeprefix('due.')}.{name}"


def query_subject(service: str, name: str) -> str:
    """Return the request subject of a read-only query."""
    return f"query.{service}.{name}"


def admin_subject(service: str, noun: str, verb: str, operator: str = "*") -> str:
    """Return the request subject of an operator's command; for any operator, what the endpoint listens to.

    The last token is who asks: NATS lets nobody but the user of that name publish there.
    """
    return f"admin.{service}.{noun}.{verb}.{operator}"


def vouched_subject(endpoint: str, voucher: str, person: str = "*") -> str:
    """Return where a service asks at `endpoint`, `admin.<service>.<noun>.<verb>`, for a person it vouches for.

    NATS lets nobody but the service `voucher` publish there; who the person is, it says (decision 0017).
    """
    return f"{endpoint}.{voucher}.{person}"


def endpoint_in(subject: str) -> str:
    """Return the endpoint, `admin.<service>.<noun>.<verb>`, that an admin request's subject names."""
    return ".".join(subject.split(".")[:4])


def operator_in(subject: str) -> str:
    """Return the operator that an admin request's subject names; `<voucher>.<person>` where a service vouches."""
    return ".".join(subject.split(".")[4:])


def is_operator(name: str) -> bool:
    """Whether a name is one that an operator can have."""
    return _OPERATOR.fullmatch(name) is not None


def check_operator(name: str) -> str:
    """Return an operator's name as it is; raises ValueError for one that cannot stand in a subject."""
    if not is_operator(name):
        raise ValueError(f"operator {name!r}: use 1–32 of a-z 0-9 _ -, a letter first")
    return name


def inbox_prefix(service: str) -> str:
    """Return the prefix of the reply subjects that only this service may hear."""
    return f"_INBOX_{service}"


OPERATORS_INBOX: Final = "_INBOX_operator"
"""Under it every operator has reply subjects. No service is called `operator`."""


def operator_inbox_prefix(operator: str) -> str:
    """Return the prefix of the reply subjects that only this operator may hear."""
    return f"{OPERATORS_INBOX}.{operator}"


def is_inbox(subject: str) -> bool:
    """Whether a reply subject is an inbox: whoever answers on any other would say it with rights of its own."""
    return _INBOX.fullmatch(subject) is not None


def covers(pattern: str, wanted: str) -> bool:
    """Whether all that `wanted`, a subject or a pattern, stands for is heard by `pattern`."""
    heard, asked = pattern.split("."), wanted.split(".")
    if heard[-1] == ">":
        heard = heard[:-1]
        if len(asked) <= len(heard):
            return False
        asked = asked[: len(heard)]
    elif len(heard) != len(asked):
        return False
    return all(a != ">" and h in ("*", a) for h, a in zip(heard, asked, strict=True))


def stream_of_subject(subject: str) -> str:
    """Return the name of the stream that holds a concrete subject, such as `GAMEPLAY_CMD`; the subject if none does."""
    service, _, rest = subject.partition(".")
    kind = rest.partition(".")[0]
    if kind == "timer":
        kind = "due"
    if kind in STREAM_KINDS:
        return stream_name(service, kind)
    return ready_stream(service) if subject == ready_subject(service) else subject


def ready_stream(service: str) -> str:
    """Return the name of the stream in which a service sees whether JetStream stores."""
    return f"{service.upper()}_READY"


def ready_subject(service: str) -> str:
    """Return that stream's one subject."""
    return f"{service}.ready.probe"

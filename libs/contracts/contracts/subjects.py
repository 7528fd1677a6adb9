"""Names of streams, consumers and request subjects. Everything that addresses NATS is spelled here."""

from typing import Final

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
    """Return the subjects of that stream."""
    return tuple(subject.format(service=service) for subject in STREAM_KINDS[kind][1])


def timer_subject(service: str, name: str) -> str:
    """Return the subject a schedule is stored under: one schedule per subject."""
    return f"{service}.timer.{name}"


def due_subject(service: str, name: str) -> str:
    """Return the subject on which a timer or a cron schedule fires."""
    return f"{service}.due.{name}"


def query_subject(service: str, name: str) -> str:
    """Return the request subject of a read-only query."""
    return f"query.{service}.{name}"


def admin_subject(service: str, noun: str, verb: str) -> str:
    """Return the request subject of an operator's command."""
    return f"admin.{service}.{noun}.{verb}"


def inbox_prefix(service: str) -> str:
    """Return the prefix of the reply subjects that only this service may hear."""
    return f"_INBOX_{service}"


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

"""What alerts tells itself: to look again at what the clock may have changed."""

from typing import ClassVar

from contracts.message import Command


class LookAgain(Command, frozen=True, kw_only=True):
    """Something about this alert may be due."""

    subject: ClassVar[str] = "alerts.cmd.{fingerprint}.look_again"
    fingerprint: str


class CheckJobs(Command, frozen=True, kw_only=True):
    """See whether a service's jobs are overdue."""

    subject: ClassVar[str] = "alerts.cmd.{service}.check_jobs"
    service: str

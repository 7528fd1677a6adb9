"""What may come of publishing to JetStream, other than that the message is stored."""


class PublishError(Exception):
    """JetStream did not store the message."""


class MailboxFullError(PublishError):
    """The addressed actor's mailbox is full: this message is refused, others are not affected."""


class UnsendableError(PublishError):
    """The client refuses the message itself (too large, a subject that is none): it was not sent and never will be."""


class UnknownOutcomeError(PublishError):
    """No answer in time: the message may or may not have been stored."""

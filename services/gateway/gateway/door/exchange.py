"""What passes between the HTTP server and its handler: a request, an answer, and how much of both."""

from http import HTTPStatus

import msgspec


class Answer:
    """A status without a body, made once and sent often."""

    __slots__ = ("head", "status")

    def __init__(self, status: HTTPStatus, **headers: str) -> None:
        """Answer `status`, with more headers where given (`Retry_After="1"`)."""
        self.status = status.value
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", "Content-Length: 0"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.head = "".join(f"{line}\r\n" for line in lines).encode("ascii")


class Limits(msgspec.Struct, frozen=True):
    """What a server puts up with."""

    body_bytes_max: int
    head_bytes_max: int = 32 * 1024
    waiting_max: int = 16
    """Whole requests that wait behind the one under way; with so many, nothing more is read."""
    request_seconds_max: float = 30.0
    """From a request's first byte to its last."""
    idle_seconds_max: float = 90.0
    linger_seconds: float = 2.0
    """What is still being sent after a refusal is read and dropped for so long: closing at once would take the answer
    out of the client's hands."""
    stop_seconds_max: float = 3.0
    sweep_seconds: float = 1.0


class Request:
    """A request, as far as it has arrived."""

    __slots__ = ("answer", "body", "body_bytes", "head_bytes", "headers", "keeps", "method", "silent_bytes", "target")

    def __init__(self) -> None:
        self.method = b""
        """Empty until the head is whole."""
        self.target = b""
        self.headers: dict[bytes, bytes] = {}
        """By name in lower case; of several of one name, the last."""
        self.body = bytearray()
        self.keeps = False
        self.answer: Answer | None = None
        """Set: it is refused, and its body is not kept."""
        self.head_bytes = self.body_bytes = 0
        self.silent_bytes = 0
        """Received since the parser last had something to tell: the beginning of a header without an end."""

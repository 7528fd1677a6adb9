"""What others say by HTTP is read up to a size: whoever stands there must not fill this process's memory."""

import aiohttp
from aiohttp import web


class BodyTooLongError(aiohttp.ClientPayloadError):
    """An answer does not end where any real one has ended."""


async def read_bounded(content: aiohttp.StreamReader, bytes_max: int) -> bytes:
    """Return a body of at most `bytes_max` bytes; raises BodyTooLongError, and what reading it raises.

    The caller leaves the response's context then, which closes the connection.
    """
    pieces: list[bytes] = []
    size = 0
    while piece := await content.readany():
        size += len(piece)
        if size > bytes_max:
            raise BodyTooLongError(f"more than {bytes_max} bytes")
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def read_up_to(request: web.BaseRequest, bytes_max: int) -> bytes | None:
    """Return a request's body, byte for byte; None as soon as it is known to be longer than `bytes_max`."""
    if (request.content_length or 0) > bytes_max:
        return None
    try:
        return await read_bounded(request.content, bytes_max)
    except BodyTooLongError:
        return None

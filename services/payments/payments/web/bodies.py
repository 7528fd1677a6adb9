"""Reading a body that a stranger sends."""

from aiohttp import web


async def read_up_to(request: web.BaseRequest, bytes_max: int) -> bytes | None:
    """Return the body, byte for byte; None as soon as it is known to be longer than `bytes_max`."""
    if (request.content_length or 0) > bytes_max:
        return None
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > bytes_max:
            return None
    return bytes(body)

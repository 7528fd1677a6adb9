"""Pictures: uploaded ones are kept in memory up to a total of bytes, addressed ones are remembered by URL."""

import hashlib
import re
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request

UNKNOWN_SIZE = (1280, 720)


@dataclass(slots=True, frozen=True)
class Photo:
    """A picture that was sent once; `url` is where a browser gets it, width and height are pixels."""

    file_id: str
    url: str
    width: int
    height: int
    file_size: int

    def sizes(self) -> list[dict[str, Any]]:
        """Telegram's list of PhotoSize; the sandbox makes no thumbnails, so it has one."""
        size = {"file_id": self.file_id, "file_unique_id": self.file_id[-16:], "width": self.width}
        return [{**size, "height": self.height, "file_size": self.file_size}]


PHOTO_BYTES_MAX = 10 * 1024 * 1024
SIDES_MAX = 10_000
"""Width and height together, in pixels."""
RATIO_MAX = 20
_HOST = re.compile(r"https?://[^\s/?#]+\.[^\s/?#]+[^\s]*$", re.IGNORECASE)
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


def picture_kind(data: bytes) -> str:
    """The content type the first bytes speak of; clients often send none."""
    return next((kind for start, kind in SIGNATURES if data.startswith(start)), "application/octet-stream")


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels from a PNG or JPEG header; a usual size for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:2] == b"\xff\xd8":
        return _jpeg_size(data)
    return UNKNOWN_SIZE


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Walk the JPEG segments to the frame header (0xC0 to 0xCF without 0xC4, 0xC8, 0xCC)."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return UNKNOWN_SIZE


def check_photo(data: bytes) -> None:
    """400 for an upload that is empty, too big, no picture, or of a shape that Telegram does not take for photos."""
    if not data:
        raise bad_request("file must be non-empty")
    if len(data) > PHOTO_BYTES_MAX:
        size = f"file of size {len(data)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {PHOTO_BYTES_MAX} bytes")
    if not data.startswith(tuple(start for start, _ in SIGNATURES)):
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = picture_size(data)
    short, long = sorted((width, height))
    if not short or short + long > SIDES_MAX or long > RATIO_MAX * short:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


class Files:
    """Remembers pictures by file_id; the oldest uploads go when their bytes exceed `keep_bytes`."""

    def __init__(self, keep_bytes: int, keep_photos: int = 10_000) -> None:
        self._keep_bytes = keep_bytes
        self._keep_photos = keep_photos
        self._bytes_held = 0
        self._photos: OrderedDict[str, Photo] = OrderedDict()
        self._data: OrderedDict[str, tuple[bytes, str]] = OrderedDict()

    def upload(self, data: bytes) -> Photo:
        """Keep an uploaded picture; the same bytes give the same file_id. 400 for what Telegram takes for no photo."""
        check_photo(data)
        file_id = "AgACsandbox" + hashlib.sha256(data).hexdigest()[:32]
        if file_id not in self._data:
            self._data[file_id] = (data, picture_kind(data))
            self._bytes_held += len(data)
            self._forget_oldest()
        width, height = picture_size(data)
        return self._remember(Photo(file_id, f"/sandbox/files/{file_id}", width, height, len(data)))

    def by_reference(self, reference: str) -> Photo:
        """A picture named by http(s) URL (not fetched here, the browser does) or by the file_id of an earlier one."""
        known = self._photos.get(reference)
        if known is not None:
            return known
        if reference.startswith(("http://", "https://")):
            if not _HOST.match(reference):
                raise bad_request("wrong HTTP URL specified")
            file_id = "AgACaddress" + hashlib.sha256(reference.encode()).hexdigest()[:32]
            return self._remember(Photo(file_id, reference, *UNKNOWN_SIZE, 0))
        raise bad_request("wrong remote file identifier specified: Wrong character in the string")

    def data(self, file_id: str) -> tuple[bytes, str] | None:
        """Bytes and content type of an upload that is still kept."""
        return self._data.get(file_id)

    def _remember(self, photo: Photo) -> Photo:
        self._photos[photo.file_id] = photo
        while len(self._photos) > self._keep_photos:
            self._photos.popitem(last=False)
        return photo

    def _forget_oldest(self) -> None:
        while self._bytes_held > self._keep_bytes and len(self._data) > 1:
            _, (data, _) = self._data.popitem(last=False)
            self._bytes_held -= len(data)

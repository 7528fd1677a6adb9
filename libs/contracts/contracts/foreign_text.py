"""Text from outside, made fit to be kept: Postgres takes neither NUL nor half of a surrogate pair in a text."""

import hashlib
import json
import re
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""Stands for each character that cannot be kept, in every text that is shown and not looked up by."""
KEY_LENGTH_MAX: Final = 256
"""Characters of a key: an index of Postgres takes no row much longer."""

SAID_LENGTH_MAX: Final = 300
"""Characters of what an outsider's error says, in logs and rows."""

UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0\U0001d159")
"""Letters and marks that Unicode draws as nothing."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_AS_JSON: Final = "json:"
_AS_HASH: Final = "sha256:"


def storable(text: str, *, length_max: int | None = None) -> str:
    """Return the text with U+FFFD for what Postgres refuses, cut after `length_max` characters."""
    return _UNSTORABLE.sub(REPLACEMENT, text[:length_max])


def as_said(text: str, *, secret: str = "") -> str:
    """Return what an outsider said of an error, fit for logs and rows: cut to SAID_LENGTH_MAX, and without our secret.

    Whoever stands in between may quote the address that was called, in which the Bot API wants the token. What stands
    before a colon is no secret, and the colon itself may be quoted as %3A.
    """
    hidden = secret.rpartition(":")[2]
    return storable(text.replace(hidden, "***") if hidden else text, length_max=SAID_LENGTH_MAX)


def storable_key(text: str) -> str:
    """Return the key under which an outsider's id is kept: nearly always the id itself. A key's own key is the key.

    U+FFFD would make one key of two ids. So one with a NUL or half of a surrogate pair in it is written as a JSON
    string, in ASCII, after `json:`; and one that is too long, even so, is its hash after `sha256:`.
    """
    if len(text) <= KEY_LENGTH_MAX and _UNSTORABLE.search(text) is None:
        return text
    written = json.dumps(text)
    if len(_AS_JSON) + len(written) <= KEY_LENGTH_MAX:
        return _AS_JSON + written
    return _AS_HASH + hashlib.sha256(written.encode()).hexdigest()


def id_of_key(key: str) -> str:
    """Return the outsider's id that is kept under a key; for one that was too long, the key."""
    return str(json.loads(key.removeprefix(_AS_JSON))) if key.startswith(f'{_AS_JSON}"') else key

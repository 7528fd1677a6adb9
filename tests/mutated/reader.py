"""Says whether a body has an update id, and which: by rules of its own, so that it can judge the door's.

A body has one if it is a JSON object with a member `update_id` that is a whole number from 0 to 2**62-1, the last one
where there are several; or if it begins with `{"update_id":<such a number>,"<word>":`. It is read as leniently as can
be: bytes that are no UTF-8, control characters and escapes of any kind may stand in texts, NaN among numbers, a byte
order mark at the beginning, and nesting may be as deep as it likes. A whole number may be written as a fraction (5.0).
"""

import re

LIMIT = 2**62
_BEGIN = re.compile(rb'\s*\{\s*"update_id"\s*:\s*([0-9]+)\s*,\s*"[a-z_]{1,40}"\s*:')
_STRING = re.compile(rb'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_CLOSES = {b"{": b"}", b"[": b"]"}
_SPACE = re.compile(rb"[ \t\r\n]*")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_COLON = re.compile(b":")
_WORD = re.compile(rb"true|false|null|NaN|-?Infinity")


def update_id_of(body: bytes) -> int | None:
    """Return the update id of a body; None when it has none."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return _Reader(body).update_id()
    except _NoJsonError:
        begins = _BEGIN.match(body)
        return _whole(begins[1]) if begins else None


class _NoJsonError(Exception):
    pass


def _whole(token: bytes) -> int | None:
    if not _NUMBER.fullmatch(token) or len(token) > 25:
        return None
    number = float(token) if set(token) & set(b".eE") else int(token)
    if isinstance(number, float):
        if not number.is_integer() or abs(number) >= 2**53:
            return None
        number = int(number)
    return number if 0 <= number < LIMIT else None


class _Reader:
    """Reads JSON token by token, without recursion, and looks at the members of the outermost object alone."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0
        self.found: bytes | None = None

    def update_id(self) -> int | None:
        self._space()
        is_object = self.body[self.at : self.at + 1] == b"{"
        self._value()
        self._space()
        if self.at != len(self.body):
            raise _NoJsonError
        return None if self.found is None or not is_object else _whole(self.found)

    def _space(self) -> None:
        found = _SPACE.match(self.body, self.at)
        self.at = found.end() if found else self.at

    def _take(self, pattern: re.Pattern[bytes]) -> bytes:
        found = pattern.match(self.body, self.at)
        if found is None:
            raise _NoJsonError
        self.at = found.end()
        return found[0]

    def _value(self) -> None:
        """Read one value; a stack of what is open stands for recursion."""
        open_: list[bytes] = []
        while True:
            self._space()
            if self._opened(open_):
                continue
            while self._follows(open_):
                pass
            if not open_:
                return

    def _opened(self, open_: list[bytes]) -> bool:
        """Read the beginning of a value; True when another value comes next, within it."""
        begun, mark = self.at, self.body[self.at : self.at + 1]
        if mark not in _CLOSES:
            self._scalar(mark)
            if len(open_) == 1 and self._named:
                self.found = self.body[begun : self.at]
            return False
        self.at += 1
        open_.append(mark)
        self._named = False
        self._space()
        if self.body[self.at : self.at + 1] == _CLOSES[mark]:
            return False
        if mark == b"{":
            self._name(len(open_))
        return True

    def _follows(self, open_: list[bytes]) -> bool:
        """Read what follows a value; True when it closed what was open, so that more may follow."""
        if not open_:
            return False
        self._space()
        mark = self.body[self.at : self.at + 1]
        self.at += 1
        if mark == _CLOSES[open_[-1]]:
            open_.pop()
            return True
        if mark != b",":
            raise _NoJsonError
        self._named = False
        if open_[-1] == b"{":
            self._space()
            self._name(len(open_))
        return False

    _named = False

    def _name(self, depth: int) -> None:
        token = self._take(_STRING)
        self._space()
        self._take(_COLON)
        self._named = depth == 1 and token == b'"update_id"'
        if self._named:
            self.found = b""

    def _scalar(self, mark: bytes) -> None:
        if mark == b'"':
            self._take(_STRING)
        elif _WORD.match(self.body, self.at):
            self._take(_WORD)
        else:
            self._take(_NUMBER)

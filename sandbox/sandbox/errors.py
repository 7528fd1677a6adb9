"""Errors in Telegram's form, as the Bot API answers them."""


class ApiError(Exception):
    """`{"ok": false, "error_code", "description"}` with HTTP status `code`.

    A 429 carries `retry_after` seconds, a 400 of a group that moved `migrate_to_chat_id`.
    """

    def __init__(
        self, code: int, description: str, retry_after: int | None = None, migrate_to_chat_id: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def body(self) -> dict[str, object]:
        """The JSON body of the answer."""
        body: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        if self.migrate_to_chat_id is not None:
            body["parameters"] = {"migrate_to_chat_id": self.migrate_to_chat_id}
        return body


def bad_request(reason: str) -> ApiError:
    """400, worded as Telegram words it: `Bad Request: <reason>`."""
    return ApiError(400, f"Bad Request: {reason}")


def migrated(chat_id: int) -> ApiError:
    """400 with the supergroup that the group has become in `parameters.migrate_to_chat_id`."""
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return ApiError(400, description, migrate_to_chat_id=chat_id)


def forbidden(reason: str) -> ApiError:
    """403, worded as Telegram words it: `Forbidden: <reason>`."""
    return ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """429 with the seconds to wait in `parameters.retry_after`."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)

"""Refusals in Stripe's form, as the API answers them."""


class StripeError(Exception):
    """`{"error": {"type", "message", "code"?, "param"?}}` with HTTP status `status`."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param

    def body(self) -> dict[str, object]:
        """The JSON body of the answer."""
        error: dict[str, object] = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["code"] = self.code
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def missing(noun: str, wanted: str, param: str, status: int = 404) -> StripeError:
    """An id that nobody has: 404 in a path, 400 in a parameter."""
    return StripeError(f"No such {noun}: '{wanted}'", status=status, code="resource_missing", param=param)


def unknown_url(method: str, path: str) -> StripeError:
    """404 for an address this stand-in does not have."""
    return StripeError(f"Unrecognized request URL ({method}: {path}). The sandbox has no such call.", status=404)

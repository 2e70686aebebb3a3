"""Errors as Stripe words them."""

from c360.demo.records import Body


class StripeProblem(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """An error answer: HTTP status and Stripe's error object."""

    def __init__(self, status: int, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param

    def body(self) -> Body:
        """The JSON of the answer."""
        error = {"message": self.message, "type": "invalid_request_error", "code": self.code, "param": self.param}
        return {"error": {key: value for key, value in error.items() if value is not None}}


def missing(what: str, identifier: str, *, status: int = 404, param: str = "id") -> StripeProblem:
    """No such object."""
    return StripeProblem(status, f"No such {what}: '{identifier}'", code="resource_missing", param=param)

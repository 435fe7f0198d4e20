"""Errors as problem documents (RFC 9457): one form for every error response of the API."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "urn:catalogue:problem:"


@dataclass(frozen=True)
class FieldError:
    """An error in one value of a request.

    `pointer` is a JSON Pointer (RFC 6901) into the body, `?name` for a query parameter, `{name}`
    for a part of the path, or the name of a header. `code` is stable for programs, and `detail` is
    for people.
    """

    pointer: str
    code: str
    detail: str


@dataclass
class Problem(Exception):
    """An error that the kernel turns into a response, wherever it is raised."""

    detail: str = ""
    errors: list[FieldError] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    status: ClassVar[int] = HTTPStatus.INTERNAL_SERVER_ERROR
    kind: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "The service failed"
    advice: ClassVar[str] = "Try again later. If it fails again, report it to the operator."
    """The detail of a problem that is raised without one."""

    def __post_init__(self) -> None:
        super().__init__(self.detail)

    def document(self) -> dict[str, Any]:
        """Make the body of the response."""
        document: dict[str, Any] = {
            "type": TYPE_PREFIX + self.kind,
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail or self.advice,
        }
        if self.errors:
            document["errors"] = [
                {"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in self.errors
            ]
        return document | self.extra


class InternalError(Problem):
    """A fault in the service. Quote the problem's `request_id` when you report it."""


class BadRequest(Problem):
    """The request is malformed, or one of its parameters or headers is invalid."""

    status, kind, title = 400, "bad-request", "The request is invalid"
    advice = "Correct the request and send it again."


class Unauthorized(Problem):
    """The request has no access token, or the token is invalid or has expired."""

    status, kind, title = 401, "unauthorized", "A valid access token is required"
    advice = "Request a token from /oauth/token, and send it in the Authorization header."


class Forbidden(Problem):
    """Your agency can see the record but cannot do this, or the token lacks the scope."""

    status, kind, title = 403, "forbidden", "You are not allowed to do this"
    advice = "Ask the agency that owns the record to make the change."


class InsufficientScope(Forbidden):
    """The token lacks the operation's scope (RFC 6750)."""

    kind, title = "insufficient-scope", "The access token lacks a scope"
    advice = "Request a token with the scope that the WWW-Authenticate header names."


class NotFound(Problem):
    """The record does not exist, or your agency cannot see it.

    The response is the same for both.
    """

    status, kind, title = 404, "not-found", "Not found"
    advice = (
        "This path does not exist, or your agency cannot see the record. Check the path and its "
        "ids."
    )


class MethodNotAllowed(Problem):
    """The path does not support this method."""

    status, kind, title = 405, "method-not-allowed", "The method is not allowed"
    advice = "Use a method that the Allow header names."


class NotAcceptable(Problem):
    """The `Accept` header excludes every format of the response."""

    status, kind, title = 406, "not-acceptable", "The response has no format that you accept"
    advice = "Send an Accept header that allows application/json."


class Conflict(Problem):
    """The request conflicts with the present state of a record."""

    status, kind, title = 409, "conflict", "The request conflicts with what is recorded"
    advice = "Read the records again, and correct the request."


class Gone(Problem):
    """The record was a duplicate. `merged_into` is the path of the record that replaced it."""

    status, kind, title = 410, "gone", "The record was merged into another"
    advice = "Read the record at `merged_into`, and use its id from now on."


class PreconditionFailed(Problem):
    """`If-Match` names an earlier state of the record."""

    status, kind, title = 412, "precondition-failed", "The record has changed since you read it"
    advice = "Read the record again, and repeat the change with its new ETag."


class TooLarge(Problem):
    """The body is larger than the operation accepts."""

    status, kind, title = 413, "too-large", "The request is too large"
    advice = "Send a smaller body."


class TargetTooLong(Problem):
    """The path with its query is longer than the service accepts."""

    status, kind, title = 414, "uri-too-long", "The address is too long"
    advice = "Send fewer values in one request."


class HeadersTooLarge(Problem):
    """The headers together are larger than the service accepts."""

    status, kind, title = 431, "headers-too-large", "The headers are too large"
    advice = "Send fewer or shorter headers."


class UnsupportedMedia(Problem):
    """The operation does not accept the body's content type."""

    status, kind, title = 415, "unsupported-media-type", "The content type is not supported"
    advice = "Send the body as application/json."


class Unprocessable(Problem):
    """The body is well formed, but some of its values are invalid. `errors` lists them."""

    status, kind, title = 422, "invalid", "Some values are invalid"
    advice = "Correct the values that `errors` lists."


class PreconditionRequired(Problem):
    """The change requires `If-Match`, so that it cannot undo a change that you have not seen."""

    status, kind, title = 428, "precondition-required", "If-Match is required"
    advice = "Send the header If-Match with the ETag that you received when you read the record."


class Unavailable(Problem):
    """The database, or another service that this one needs, does not respond."""

    status, kind, title = 503, "unavailable", "The service is temporarily unavailable"
    advice = "Try again in a few seconds."


def all_problems() -> list[type[Problem]]:
    """List the class of every kind of problem."""
    problems: list[type[Problem]] = []
    waiting = [Problem]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            problems.append(kind)
            waiting.append(kind)
    return problems


def problem_for(status: int) -> type[Problem]:
    """Return the class of problem for an HTTP status. Any other 4xx is a BadRequest."""
    for kind in all_problems():
        if kind.status == status and kind is not InsufficientScope:
            return kind
    return BadRequest if 400 <= status < 500 else InternalError


def invalid(pointer: str, code: str, detail: str) -> Unprocessable:
    """Make the error for one invalid value in the body."""
    return Unprocessable(errors=[FieldError(pointer, code, detail)])


def conflict(pointer: str, code: str, detail: str) -> Conflict:
    """Make the error for a request that conflicts with the present state of a record."""
    return Conflict(detail, errors=[FieldError(pointer, code, detail)])


def bad_parameter(name: str, code: str, detail: str) -> BadRequest:
    """Make the error for one invalid query parameter."""
    return bad_parameters([FieldError(f"?{name}", code, detail)])


def bad_parameters(errors: list[FieldError]) -> BadRequest:
    """Make the error for several invalid query parameters."""
    return BadRequest(
        "Some query parameters are invalid. Correct those that `errors` lists.", errors=errors
    )


END_BEFORE_START = "The end date is before the start date. Correct one of them."
"""The message for two dates in the wrong order. It fits fields of any name."""

_constraint_messages: dict[str, FieldError] = {}


def constraint_message(constraint: str, *, pointer: str, detail: str, code: str = "taken") -> None:
    """Register the error for a broken database constraint. Call this function beside the model."""
    _constraint_messages[constraint] = FieldError(pointer, code, detail)


def message_for_constraint(name: str) -> FieldError | None:
    """Return the error that is registered for a constraint."""
    return _constraint_messages.get(name)


def constraint_names() -> list[str]:
    """List the names of the constraints that have a registered error."""
    return list(_constraint_messages)

"""Errors as RFC 9457 problem details: one shape for everything that can go wrong."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "urn:catalogue:problem:"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one value. `pointer` is an RFC 6901 pointer into the body, or
    `?name` for a query parameter; `code` is stable, `detail` is for people."""

    pointer: str
    code: str
    detail: str


@dataclass
class Problem(Exception):
    """An answer that says what went wrong. Raise one anywhere; the kernel answers with it."""

    detail: str = ""
    errors: list[FieldError] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    status: ClassVar[int] = HTTPStatus.INTERNAL_SERVER_ERROR
    kind: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __post_init__(self) -> None:
        super().__init__(self.detail)

    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        document: dict[str, Any] = {
            "type": TYPE_PREFIX + self.kind,
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail or self.title,
        }
        if self.errors:
            document["errors"] = [
                {"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in self.errors
            ]
        return document | self.extra


class InternalError(Problem):
    """A fault of ours."""


class BadRequest(Problem):
    """The request itself makes no sense: parameters or syntax."""

    status, kind, title = 400, "bad-request", "The request is not valid"


class Unauthorized(Problem):
    """No token, or one that is not good."""

    status, kind, title = 401, "unauthorized", "A valid access token is needed"


class Forbidden(Problem):
    """The actor may see this, but not do it."""

    status, kind, title = 403, "forbidden", "This is not allowed"


class InsufficientScope(Forbidden):
    """The token lacks the operation's scope (RFC 6750)."""

    kind, title = "insufficient-scope", "The access token lacks a scope"


class NotFound(Problem):
    """It does not exist, or the actor may not see it: the two look the same."""

    status, kind, title = 404, "not-found", "There is nothing here"


class MethodNotAllowed(Problem):
    """The resource has no such method."""

    status, kind, title = 405, "method-not-allowed", "The method is not allowed here"


class NotAcceptable(Problem):
    """We answer in JSON."""

    status, kind, title = 406, "not-acceptable", "The answer cannot be given in that form"


class Conflict(Problem):
    """It contradicts what is already recorded."""

    status, kind, title = 409, "conflict", "It conflicts with what is recorded"


class PreconditionFailed(Problem):
    """If-Match names an older state of the record."""

    status, kind, title = 412, "precondition-failed", "The record has changed since you read it"


class TooLarge(Problem):
    """The body is larger than allowed."""

    status, kind, title = 413, "too-large", "The request is too large"


class UnsupportedMedia(Problem):
    """The body's content type is not one we read."""

    status, kind, title = 415, "unsupported-media-type", "The content type is not supported"


class Unprocessable(Problem):
    """The body was read, but some of its values are not acceptable."""

    status, kind, title = 422, "invalid", "Some values are not acceptable"


class PreconditionRequired(Problem):
    """A change needs If-Match, so that nobody overwrites what they have not seen."""

    status, kind, title = 428, "precondition-required", "If-Match is needed"


class Unavailable(Problem):
    """Something that we depend on does not answer."""

    status, kind, title = 503, "unavailable", "The service is not available just now"


def all_problems() -> list[type[Problem]]:
    """Every kind of problem, for documentation and for answering by status."""
    problems: list[type[Problem]] = []
    waiting = [Problem]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            problems.append(kind)
            waiting.append(kind)
    return problems


def problem_for(status: int) -> type[Problem]:
    """The general problem of an HTTP status; BadRequest for another 4xx, else InternalError."""
    for kind in all_problems():
        if kind.status == status and kind is not InsufficientScope:
            return kind
    return BadRequest if 400 <= status < 500 else InternalError


def invalid(pointer: str, code: str, detail: str) -> Unprocessable:
    """One value that is not acceptable."""
    return Unprocessable("One value is not acceptable.", errors=[FieldError(pointer, code, detail)])


def conflict(pointer: str, code: str, detail: str) -> Conflict:
    """Why a request does not fit what is there."""
    return Conflict(detail, errors=[FieldError(pointer, code, detail)])


def bad_parameter(name: str, code: str, detail: str) -> BadRequest:
    """One query parameter that is not acceptable."""
    return BadRequest(
        "Some query parameters are not acceptable.", errors=[FieldError(f"?{name}", code, detail)]
    )


_constraint_messages: dict[str, FieldError] = {}


def constraint_message(constraint: str, *, pointer: str, detail: str, code: str = "taken") -> None:
    """Say what the breaking of a database constraint means. Call it beside the model."""
    _constraint_messages[constraint] = FieldError(pointer, code, detail)


def message_for_constraint(name: str) -> FieldError | None:
    """The message registered for a constraint."""
    return _constraint_messages.get(name)


def constraint_names() -> list[str]:
    """Every constraint that has a message."""
    return list(_constraint_messages)

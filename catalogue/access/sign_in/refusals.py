"""Refusals of a sign-in, as a sentence for the person and a reason for the log."""

from http import HTTPStatus


class SignInRefused(Exception):
    """The refusal of a sign-in. Its message is for the person, and repeats no part of a token."""

    status: int = HTTPStatus.FORBIDDEN

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


class SignInExpired(SignInRefused):
    """The refusal of a response that belongs to no present attempt of this browser."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, reason: str = "no attempt with this state") -> None:
        super().__init__("This sign-in has expired, or has already ended.", reason=reason)


class TooManySignIns(SignInRefused):
    """The refusal because too many people sign in from one address."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many people sign in from your network. Try again in {seconds} seconds.",
            reason="the rate limit",
        )
        self.seconds = seconds


class ProviderUnavailable(SignInRefused):
    """The refusal because the identity provider does not respond."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} does not respond. Try again in a few minutes.", reason=reason)


class ProviderFaulty(SignInRefused):
    """The refusal because the response of the identity provider cannot be accepted."""

    status = HTTPStatus.BAD_GATEWAY

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The response of {name} cannot be accepted. Tell the administrator of the catalogue.",
            reason=reason,
        )

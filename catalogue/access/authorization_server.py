"""The embedded authorization server: authlib's dispatch of grants and endpoints, our own rules.

What authlib would do differently, and why it does not here, is in the ADR on tokens.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, json

from catalogue.access import operations, rate_limit, revocation
from catalogue.access.credentials import ClientRefused, read_credentials
from catalogue.access.models import OAuthClient
from catalogue.access.scopes import UnknownScope, known_scopes, scope_string
from catalogue.access.token_verification import TokenVerifier, VerifiedToken
from catalogue.access.tokens import TokenRefused
from catalogue.core.actor import Scope
from catalogue.core.database import UnitOfWork

CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post"]
_RATE_FACTORS = {"token": 1, "revocation": 1, "introspection": 10}
"""Times the configured requests a minute: another service may ask about each token it is sent."""


class SlowDown(OAuth2Error):  # type: ignore[misc]
    """Too many requests. RFC 6749 has no error of its own for it; this is RFC 8628's."""

    error = "slow_down"
    status_code = 429
    description = "Too many requests; try again later."

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds

    def get_headers(self) -> list[tuple[str, str]]:
        return [*default_json_headers, ("Retry-After", str(self.seconds))]


class FormRequest(OAuth2Request):  # type: ignore[misc]
    """A form-encoded request as authlib wants to see it."""

    def __init__(self, form: Mapping[str, str], *, authorization: str | None, address: str) -> None:
        # authlib insists on https in the address that this process sees; but TLS ends at the
        # proxy in front of it, so that address says nothing. It is not used for anything else.
        super().__init__("POST", "https://localhost/")
        self.parameters: Mapping[str, str] = dict(form)
        self.payload = BasicOAuth2Payload(self.parameters)
        self.authorization = authorization
        self.address = address

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters of the body. The query string is never looked at."""
        return self.parameters


class Server(AuthorizationServer):  # type: ignore[misc]
    """The authorization server, for one request. `reading` only reads: it checks tokens."""

    def __init__(self, work: UnitOfWork, verifier: TokenVerifier, reading: UnitOfWork) -> None:
        super().__init__()
        self.session = work.session
        self.settings = work.database.settings
        self.verifier = verifier
        self.reading = reading
        self.register_grant(ClientScopesGrant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        """Requests come in authlib's form already."""
        return request

    def create_token_response(self, request: FormRequest) -> Response:
        """The answer of the token endpoint."""
        grant = request.payload.grant_type
        if grant == ClientScopesGrant.GRANT_TYPE:
            response: Response = super().create_token_response(request)
            return response
        error = InvalidRequestError("The parameter grant_type is missing.")
        if grant:
            error = OAuth2Error(
                error="unsupported_grant_type", description="The grant is client_credentials."
            )
        return self.handle_error_response(request, error)

    def handle_error_response(self, request: FormRequest | None, error: OAuth2Error) -> Response:
        """The answer that says what was wrong (RFC 6749 section 5.2)."""
        status, body, headers = error()
        return self.handle_response(status, dict(body), headers)

    def authenticate_client(
        self, request: FormRequest, methods: list[str], endpoint: str = "token"
    ) -> OAuthClient:
        """The client that asks. Counts the attempt first, and for good: hence the commit."""
        presented = read_credentials(request.authorization, request.form)
        seconds = rate_limit.seconds_to_wait(
            self.session,
            endpoint=endpoint,
            client_id=presented.client_id,
            address=request.address,
            limit=self.settings.token_requests_per_minute * _RATE_FACTORS[endpoint],
        )
        self.session.commit()
        if seconds is not None:
            raise SlowDown(seconds)
        client = operations.authenticate_client(self.session, presented)
        if client is None:
            raise ClientRefused
        return client

    def find_token(self, token: str) -> "ValidToken | None":
        """A token of ours that is good; nothing for any other text."""
        try:
            return ValidToken(self.verifier.verify(self.reading, token))
        except TokenRefused:
            return None

    def handle_response(
        self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]
    ) -> Response:
        """The answer. No cache may keep it: it holds a token, or says how one fares."""
        return Response(json.dumps(body), status=status, headers=headers)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens to authlib's signals."""


class ClientScopesGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """client_credentials (RFC 6749 section 4.4), with a scope that the client lacks refused."""

    def validate_token_request(self) -> None:
        """Who asks, and whether it may have the scopes it asks for."""
        self.request.client = self.authenticate_token_endpoint_client()
        try:
            self.scopes = operations.granted_scopes(self.client, self.request.payload.scope or None)
        except (UnknownScope, operations.ClientError):
            raise InvalidScopeError("The client lacks a scope that it asks for.") from None

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """The token. authlib's own way writes it to the log."""
        token = operations.issue_token(
            self.server.session,
            client=self.client,
            settings=self.server.settings,
            scopes=self.scopes,
        )
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.server.settings.token_lifetime_seconds,
            "scope": scope_string(self.scopes),
        }
        return 200, body, default_json_headers


class ValidToken:
    """A good token, as authlib's endpoints ask about it."""

    def __init__(self, verified: VerifiedToken) -> None:
        self.claims = verified.claims
        self.client_id = verified.actor.client_id
        self.expires_at = datetime.fromtimestamp(verified.expires_at, UTC)

    def check_client(self, client: OAuthClient) -> bool:
        """Whether a client may know of the token: its own do, and administrators'."""
        return client.client_id == self.client_id or Scope.ADMIN in known_scopes(client.scopes)

    def is_expired(self) -> bool:
        """No: an expired token is not found."""
        return False

    def is_revoked(self) -> bool:
        """No: a revoked token is not found."""
        return False


class _TokenParameter:
    """The parameters that revocation and introspection share."""

    def check_params(self, request: FormRequest, client: OAuthClient) -> None:
        """A token is needed. The hint is not: there is one kind of token, and RFC 7009 section
        2.2 has servers ignore hints that they do not know.
        """
        if not request.form.get("token"):
            raise InvalidRequestError("The parameter token is missing.")


class Revocation(_TokenParameter, RevocationEndpoint):  # type: ignore[misc]
    """RFC 7009. A text that is no good token is already as revoked as can be: 200."""

    def query_token(self, token: str, hint: str | None) -> ValidToken | None:
        good: ValidToken | None = self.server.find_token(token)
        return good

    def revoke_token(self, token: ValidToken, request: FormRequest) -> None:
        """Take the token back."""
        revocation.revoke_token(
            self.server.session, jti=str(token.claims["jti"]), expires_at=token.expires_at
        )


class Introspection(_TokenParameter, IntrospectionEndpoint):  # type: ignore[misc]
    """RFC 7662, for a client's own tokens; for administrators' clients, for all."""

    def query_token(self, token: str, hint: str | None) -> ValidToken | None:
        """The token that is asked about."""
        good: ValidToken | None = self.server.find_token(token)
        return good

    def check_permission(
        self, token: ValidToken, client: OAuthClient, request: FormRequest
    ) -> bool:
        """Whether this client may know; else the token looks inactive."""
        return token.check_client(client)

    def introspect_token(self, token: ValidToken) -> dict[str, object]:
        return {**token.claims, "active": True, "token_type": "Bearer"}

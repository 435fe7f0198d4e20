"""The embedded authorization server. authlib dispatches grants and endpoints.

This module holds the rules, and the ADR on tokens explains where they differ from authlib's.
"""

import re
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
from catalogue.core.logs.current_request import note_client

CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post"]
_RATE_FACTORS = {"token": 1, "revocation": 1, "introspection": 10}
"""The rate limit of each endpoint, as a multiple of the configured requests a minute.

A resource server can introspect every token that it receives, so introspection gets more.
"""


class SlowDown(OAuth2Error):  # type: ignore[misc]
    """The error for too many requests, from RFC 8628 because RFC 6749 defines none."""

    error = "slow_down"
    status_code = 429
    description = "Too many token requests. Wait for the seconds in Retry-After, then try again."

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds

    def get_headers(self) -> list[tuple[str, str]]:
        return [*default_json_headers, ("Retry-After", str(self.seconds))]


class FormRequest(OAuth2Request):  # type: ignore[misc]
    """A form-encoded request in the shape that authlib expects."""

    def __init__(self, form: Mapping[str, str], *, authorization: str | None, address: str) -> None:
        # authlib requires an https address. TLS ends at the proxy in front of this process, so the
        # real address would be http. Nothing else uses the address below.
        super().__init__("POST", "https://localhost/")
        self.parameters: Mapping[str, str] = dict(form)
        self.payload = BasicOAuth2Payload(self.parameters)
        self.authorization = authorization
        self.address = address

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters of the body. The query string is ignored."""
        return self.parameters


class Server(AuthorizationServer):  # type: ignore[misc]
    """The authorization server for one request. `reading` is a read-only unit of work."""

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
        """Return the request, which already has authlib's shape."""
        return request

    def create_token_response(self, request: FormRequest) -> Response:
        """Return a token, or an error for any grant other than client credentials."""
        grant = request.payload.grant_type
        if grant == ClientScopesGrant.GRANT_TYPE:
            response: Response = super().create_token_response(request)
            return response
        error = InvalidRequestError(
            "The parameter `grant_type` is missing. Send `client_credentials`."
        )
        if grant:
            error = OAuth2Error(
                error="unsupported_grant_type",
                description="This grant_type is not supported. Send `client_credentials`.",
            )
        return self.handle_error_response(request, error)

    def handle_error_response(self, request: FormRequest | None, error: OAuth2Error) -> Response:
        """Return an error response (RFC 6749 section 5.2)."""
        status, body, headers = error()
        return self.handle_response(status, dict(body), headers)

    def authenticate_client(
        self, request: FormRequest, methods: list[str], endpoint: str = "token"
    ) -> OAuthClient:
        """Return the authenticated client of a request.

        The request counts towards the rate limit even if it fails, so the count is committed first.
        """
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
        note_client(client.client_id)
        return client

    def find_token(self, token: str) -> "ValidToken | None":
        """Return the token if this server issued it and it is valid, else None."""
        try:
            return ValidToken(self.verifier.verify(self.reading, token))
        except TokenRefused:
            return None

    def handle_response(
        self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]
    ) -> Response:
        """Return a response. Its headers forbid caching, as it holds a token or a token's state."""
        return Response(json.dumps(body), status=status, headers=headers)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Do nothing, because nothing listens to authlib's signals."""


class ClientScopesGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """The client_credentials grant (RFC 6749 section 4.4).

    A scope that the client lacks is an error, where authlib would leave it out.
    """

    def validate_token_request(self) -> None:
        """Authenticate the client and check the requested scopes."""
        self.request.client = self.authenticate_token_endpoint_client()
        try:
            self.scopes = operations.granted_scopes(self.client, self.request.payload.scope or None)
        except UnknownScope as unknown:
            # RFC 6749 section 5.2 allows few characters in errors, so only a plain name is
            # repeated.
            name = (
                f" `{unknown.scope}`"
                if re.fullmatch(r"[\w:.-]{1,80}", unknown.scope, re.ASCII)
                else ""
            )
            raise InvalidScopeError(
                f"There is no scope{name}. Leave out `scope` to get all scopes of the client."
            ) from None
        except operations.ClientError as refusal:
            raise InvalidScopeError(str(refusal)) from None

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """Return the response with the token. authlib would write the token to the log."""
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
    """A valid token, in the shape that authlib's endpoints expect."""

    def __init__(self, verified: VerifiedToken) -> None:
        self.claims = verified.claims
        self.client_id = verified.actor.client_id
        self.expires_at = datetime.fromtimestamp(verified.expires_at, UTC)

    def check_client(self, client: OAuthClient) -> bool:
        """Return whether the token was issued to this client, or the client has `admin`."""
        return client.client_id == self.client_id or Scope.ADMIN in known_scopes(client.scopes)

    def is_expired(self) -> bool:
        """Return False, because `find_token` finds no expired token."""
        return False

    def is_revoked(self) -> bool:
        """Return False, because `find_token` finds no revoked token."""
        return False


class _TokenParameter:
    """The parameter `token` of revocation and introspection."""

    server: Any

    def check_params(self, request: FormRequest, client: OAuthClient) -> None:
        """Require the token. The hint is ignored, because there is only one kind of token."""
        if not request.form.get("token"):
            raise InvalidRequestError(
                "The parameter `token` is missing. Send the token in the form."
            )

    def query_token(self, token: str, hint: str | None) -> ValidToken | None:
        valid_token: ValidToken | None = self.server.find_token(token)
        return valid_token


class Revocation(_TokenParameter, RevocationEndpoint):  # type: ignore[misc]
    """Token revocation (RFC 7009). An invalid token also returns 200."""

    def revoke_token(self, token: ValidToken, request: FormRequest) -> None:
        revocation.revoke_token(
            self.server.session, jti=str(token.claims["jti"]), expires_at=token.expires_at
        )


class Introspection(_TokenParameter, IntrospectionEndpoint):  # type: ignore[misc]
    """Token introspection (RFC 7662): a client's own tokens, or all tokens for administrators."""

    def check_permission(
        self, token: ValidToken, client: OAuthClient, request: FormRequest
    ) -> bool:
        """Return whether this client can see the token. If it cannot, the token looks inactive."""
        return token.check_client(client)

    def introspect_token(self, token: ValidToken) -> dict[str, object]:
        return {**token.claims, "active": True, "token_type": "Bearer"}

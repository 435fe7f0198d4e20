"""Standard OAuth endpoints for tokens, keys and metadata.

They accept forms and return errors in OAuth's own format, so they are plain routes outside the REST
kernel. The metadata of RFC 8414 describes them.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Blueprint, Response, jsonify, request

from catalogue.access import keys, metadata
from catalogue.access.authorization_server import FormRequest, Server
from catalogue.access.challenges import RESOURCE_METADATA, resource_identifier
from catalogue.access.identity_providers.verification import list_issuers
from catalogue.access.token_verification import TokenVerifier
from catalogue.core.application import database, settings
from catalogue.core.database import UnitOfWork, open_session
from catalogue.core.errors import NotFound

blp = Blueprint("oauth", __name__)

_FORM = "application/x-www-form-urlencoded"
_LARGEST_FORM = 16 * 1024
_CACHE_SECONDS = 300


@blp.post(metadata.TOKEN_PATH)
def issue_access_token() -> Response:
    """Issue an access token to a client (RFC 6749 section 4.4)."""
    return _handle_form(Server.create_token_response)


@blp.post(metadata.REVOCATION_PATH)
def revoke_access_token() -> Response:
    """Revoke an access token (RFC 7009)."""
    return _handle_form(lambda server, form: server.create_endpoint_response("revocation", form))


@blp.post(metadata.INTROSPECTION_PATH)
def introspect_access_token() -> Response:
    """Return the state and claims of an access token (RFC 7662)."""
    return _handle_form(lambda server, form: server.create_endpoint_response("introspection", form))


@blp.get(metadata.KEYS_PATH)
def list_public_keys() -> Response:
    """Publish the public keys that verify access tokens (RFC 7517)."""
    with open_session(database(), read_only=True) as session:
        published = keys.published_keys(session)
    if not any(key.signing for key in published):
        with open_session(database(), read_only=False) as session:
            published = [keys.signing_key(session), *published]
            session.commit()
    return _cacheable({"keys": [keys.public_jwk(key) for key in published]})


@blp.get("/.well-known/oauth-authorization-server")
@blp.get("/.well-known/oauth-authorization-server/<path:suffix>")
def describe_authorization_server(suffix: str = "") -> Response:
    """Describe the authorization server (RFC 8414)."""
    _check_suffix(suffix, settings().issuer)
    return _cacheable(metadata.authorization_server(settings()))


@blp.get(RESOURCE_METADATA)
@blp.get(f"{RESOURCE_METADATA}/<path:suffix>")
def describe_protected_resource(suffix: str = "") -> Response:
    """Describe the API as an OAuth protected resource (RFC 9728)."""
    _check_suffix(suffix, resource_identifier(settings()))
    with open_session(database(), read_only=True) as session:
        issuers = list_issuers(session.connection())
    return _cacheable(metadata.protected_resource(settings(), issuers))


def _handle_form(handle: Callable[[Server, FormRequest], Response]) -> Response:
    """Handle a form, and commit once the response is complete."""
    with (
        UnitOfWork(database(), read_only=True) as reading,
        UnitOfWork(database(), read_only=False) as work,
    ):
        server = Server(work, TokenVerifier(settings()), reading)
        try:
            form = _form()
        except OAuth2Error as error:
            return server.handle_error_response(None, error)
        response = handle(server, form)
        work.session.commit()
        return response


def _form() -> FormRequest:
    """Return the form of the request. Parameters in the URL are refused, because logs keep URLs."""
    request.max_content_length = _LARGEST_FORM
    if request.mimetype != _FORM:
        raise InvalidRequestError(f"The content type is not {_FORM}. Send a form.")
    if request.query_string:
        raise InvalidRequestError("The parameters are in the address. Send them in the body.")
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise InvalidRequestError("A parameter is sent more than once. Send it once.")
    return FormRequest(
        request.form.to_dict(),
        authorization=request.headers.get("Authorization"),
        address=request.remote_addr or "",
    )


def _check_suffix(suffix: str, identifier: str) -> None:
    """Raise NotFound for a suffix that is not the path of the identifier (RFC 8414 section 3).

    A proxy can serve the catalogue below a path of its host. The suffix can then lack that path,
    because the address already has it.
    """
    path = urlsplit(identifier).path
    if suffix and f"/{suffix}" not in {path, path.removeprefix(settings().public_path)}:
        raise NotFound


def _cacheable(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.headers["Cache-Control"] = f"public, max-age={_CACHE_SECONDS}"
    return response

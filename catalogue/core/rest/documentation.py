"""The OpenAPI document and the page that shows it. Both are public."""

from functools import lru_cache

import orjson
from flask import Flask, Response
from flask_swagger_ui import get_swaggerui_blueprint  # type: ignore[import-untyped]
from marshmallow.fields import Dict

from catalogue.core.application import settings
from catalogue.core.config import Settings
from catalogue.core.context import Context
from catalogue.core.package_files import package_file
from catalogue.core.rest.api import TITLE
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.schemas import ReadSchema, Text

blp = Blueprint(
    "service",
    __name__,
    url_prefix="/v1",
    description="The API's own document. No access token is required.",
)

# The page has one inline script. Everything else comes from this service, because police networks
# cannot reach a content delivery network.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class ApiDocumentSchema(ReadSchema):
    """An OpenAPI 3.1 document."""

    openapi = Text(
        metadata={"example": "3.1.0", "description": "The version of the OpenAPI specification."}
    )
    info = Dict(
        metadata={
            "example": {"title": TITLE, "version": "0.1.0"},
            "description": "The API's title, version, description and licence.",
        }
    )
    paths = Dict(metadata={"description": "The API's operations, by path and method."})


@blp.get("/openapi.json", scope=PUBLIC, response=ApiDocumentSchema)
def get_openapi_document(context: Context) -> Response:
    """Get this OpenAPI document."""
    return json_response(_document(context.settings.public_url))


@lru_cache(maxsize=1)
def _document(public_url: str) -> bytes:
    """Return the committed document with the address of this server.

    To make the document from the code would take seconds and much memory. A test compares the
    committed document with the code.
    """
    document = package_file("openapi/catalogue.json").read_bytes().rstrip()
    return document.replace(b'"' + Settings.public_url.encode(), orjson.dumps(public_url)[:-1])


def init_app(app: Flask) -> None:
    """Serve Swagger UI at /docs, where people read the document and try operations."""
    configured = settings(app)
    viewer = get_swaggerui_blueprint(
        f"{configured.public_path}/docs",
        f"{configured.public_path}/v1/openapi.json",
        config={
            "app_name": TITLE,
            "oauth2RedirectUrl": f"{configured.public_url}/docs/oauth2-redirect.html",
        },
    )
    # The page names its files by their public paths, to which a proxy can have added a prefix.
    viewer.url_prefix = "/docs"

    @viewer.after_request  # type: ignore[untyped-decorator]
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.register_blueprint(viewer)

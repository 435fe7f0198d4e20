"""The OpenAPI document, a page to read it on, and whether the service is well. All public."""

from functools import lru_cache

import orjson
import sqlalchemy as sa
from flask import Flask, Response
from flask_swagger_ui import get_swaggerui_blueprint  # type: ignore[import-untyped]
from marshmallow.fields import Dict

from catalogue.core.config import Settings
from catalogue.core.context import Context
from catalogue.core.errors import Unavailable
from catalogue.core.package_files import package_file
from catalogue.core.rest.api import TITLE, VERSION
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.schemas import ReadSchema, Text

blp = Blueprint(
    "service", __name__, url_prefix="/v1", description="About the service itself; public."
)

# The viewer's page holds one inline script; everything else comes from our own files, because
# police networks reach no content delivery network.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class OpenApiSchema(ReadSchema):
    """An OpenAPI 3.1 document."""

    openapi = Text(metadata={"example": "3.1.0"})
    info = Dict(metadata={"example": {"title": TITLE, "version": VERSION}})
    paths = Dict()


class HealthSchema(ReadSchema):
    """How the service is."""

    status = Text(metadata={"example": "ok"})


@blp.get("/openapi.json", scope=PUBLIC, response=OpenApiSchema)
def get_openapi_document(context: Context) -> Response:
    """Read this document."""
    return json_response(_document(context.settings.public_url))


@blp.get("/health", scope=PUBLIC, response=HealthSchema)
def get_health(context: Context) -> Response:
    """Say whether the service can answer: its database is there."""
    try:
        context.session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        raise Unavailable("The database does not answer.") from None
    return json_response(orjson.dumps({"status": "ok"}))


@lru_cache(maxsize=1)
def _document(public_url: str) -> bytes:
    """The committed document, for the address that this server has.

    To make it from the code takes seconds and much memory; the tests hold that it is the same.
    """
    document = package_file("openapi/catalogue.json").read_bytes().rstrip()
    return document.replace(b'"' + Settings.public_url.encode(), orjson.dumps(public_url)[:-1])


def init_app(app: Flask) -> None:
    """Serve the page on which people read the document and try it."""
    viewer = get_swaggerui_blueprint("/docs", "/v1/openapi.json", config={"app_name": TITLE})

    @viewer.after_request  # type: ignore[untyped-decorator]
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.register_blueprint(viewer)

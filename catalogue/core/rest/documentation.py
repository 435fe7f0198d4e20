"""The OpenAPI document, a page to read it on, and whether the service is well. All public."""

import orjson
import sqlalchemy as sa
from flask import Flask, Response, current_app
from flask_swagger_ui import get_swaggerui_blueprint  # type: ignore[import-untyped]
from marshmallow.fields import Dict

from catalogue.core.database import session
from catalogue.core.errors import Unavailable
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


@blp.get("/openapi.json", scope=PUBLIC, answer=OpenApiSchema)
def get_openapi_document() -> Response:
    """Read this document."""
    return json_response(current_app.extensions["openapi_document"])


@blp.get("/health", scope=PUBLIC, answer=HealthSchema)
def get_health() -> Response:
    """Say whether the service can answer: its database is there."""
    try:
        session().execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        raise Unavailable("The database does not answer.") from None
    return json_response(orjson.dumps({"status": "ok"}))


def init_app(app: Flask) -> None:
    """Serve the page on which people read the document and try it."""
    viewer = get_swaggerui_blueprint("/docs", "/v1/openapi.json", config={"app_name": TITLE})

    @viewer.after_request  # type: ignore[untyped-decorator]
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.register_blueprint(viewer)

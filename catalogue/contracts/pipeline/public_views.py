"""The public list of the pipeline. It needs no token."""

from flask import Response

from catalogue.contracts.pipeline.resources import PUBLISHED
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.responses import list_response

pipeline = Blueprint(
    "pipeline",
    __name__,
    url_prefix="/v1",
    description="Contract ends and planned procurements that agencies publish to everybody.",
)

SHARED = {
    # Everybody gets the same response, so shared caches can store it.
    "Cache-Control": "public, max-age=300",
    # Pages of any site can request it. The response depends on no cookie or token, so that a
    # visitor's browser cannot be tricked into revealing anything.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
}


@pipeline.get("/pipeline", scope=PUBLIC, list_of=PUBLISHED)
def list_pipeline(context: Context) -> Response:
    """List published contract ends and planned procurements."""
    response = list_response(context, PUBLISHED)
    response.headers.update(SHARED)
    return response

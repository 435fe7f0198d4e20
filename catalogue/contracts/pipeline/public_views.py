"""The public list of published pipeline entries, which needs no token."""

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
    # Any website can request the list. The response depends on no cookie or token, so a website
    # learns nothing about its visitors.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, X-Request-Id",
}


@pipeline.get("/pipeline", scope=PUBLIC, list_of=PUBLISHED)
def list_pipeline(context: Context) -> Response:
    """List published contract ends and planned procurements."""
    response = list_response(context, PUBLISHED)
    response.headers.update(SHARED)
    return response

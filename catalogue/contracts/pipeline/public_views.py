"""The published pipeline over HTTP, without a token: as JSON and as CSV."""

from typing import Any

from flask import Response

from catalogue.contracts.pipeline.csv_output import as_csv
from catalogue.contracts.pipeline.resources import PUBLISHED
from catalogue.contracts.pipeline.schemas import PublishedQuery
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.etag import document_response
from catalogue.core.rest.reader import read_all
from catalogue.core.rest.responses import list_response

pipeline = Blueprint(
    "pipeline",
    __name__,
    url_prefix="/v1",
    description="What agencies publish to suppliers; public, and free to be kept by caches.",
)

SHARED = {
    # Everyone gets the same answer, so a shared cache may give it.
    "Cache-Control": "public, max-age=300",
    # And so may any site's own page ask: there is nothing here that a visitor's browser could be
    # tricked into giving away, as neither cookies nor tokens are looked at.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
}


@pipeline.get("/pipeline", scope=PUBLIC, list_of=PUBLISHED)
def list_pipeline(context: Context) -> Response:
    """List what agencies have published of contracts that end and procurements that are planned."""
    answer = list_response(context, PUBLISHED)
    answer.headers.update(SHARED)
    return answer


@pipeline.get("/pipeline.csv", scope=PUBLIC, query=PublishedQuery, media="text/csv")
def get_pipeline_csv(context: Context, **asked: Any) -> Response:
    """Read all that is published as CSV, for a spreadsheet."""
    named = {"Content-Disposition": 'attachment; filename="pipeline.csv"'}
    return document_response(
        as_csv(PUBLISHED.names, read_all(context, PUBLISHED, **asked)),
        media="text/csv; charset=utf-8; header=present",
        headers=SHARED | named,
    )

"""Public endpoints of the pipeline, as JSON and CSV. They need no token."""

from typing import Any

from flask import Response

from catalogue.contracts.pipeline.csv_output import write_csv
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


@pipeline.get("/pipeline.csv", scope=PUBLIC, query=PublishedQuery, media="text/csv")
def get_pipeline_csv(context: Context, **filters: Any) -> Response:
    """Get the published pipeline as CSV, for a spreadsheet."""
    attachment = {"Content-Disposition": 'attachment; filename="pipeline.csv"'}
    return document_response(
        write_csv(PUBLISHED.names, read_all(context, PUBLISHED, **filters)),
        media="text/csv; charset=utf-8; header=present",
        headers=SHARED | attachment,
    )

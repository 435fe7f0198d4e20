"""The pipeline over HTTP, for everybody: as JSON, as CSV and as an OCDS release package. And
releases that an agency sends."""

from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response

from catalogue.contracts.pipeline.resources import PUBLISHED
from catalogue.contracts.pipeline.schemas import PublishedQuery, ReleasePackageSchema
from catalogue.core.actor import Scope, current_actor
from catalogue.core.config import settings
from catalogue.core.database import session
from catalogue.core.errors import NotFound
from catalogue.core.rest.api import TITLE
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.etag import document_response, json_response
from catalogue.exchange.ocds.delimited import as_csv
from catalogue.exchange.ocds.operations import ReleaseOptions, request_release_import
from catalogue.exchange.ocds.packages import release_package
from catalogue.exchange.ocds.schemas import ReleaseForm
from catalogue.exchange.resources import IMPORT_REPORTS
from catalogue.exchange.schemas import ImportSchema
from catalogue.exchange.views import plain_name

pipeline = Blueprint(
    "pipeline",
    __name__,
    url_prefix="/v1",
    description="What agencies publish to suppliers; public, and free to be kept by caches.",
)

release_imports = Blueprint(
    "release-imports",
    __name__,
    url_prefix="/v1/imports/ocds",
    description="Open Contracting releases, loaded as contracts.",
)

SHARED = {
    # Whoever asks is answered the same, so a cache that many share may answer for us.
    "Cache-Control": "public, max-age=300",
    # And so may any site's own page ask: there is nothing here that a visitor's browser could be
    # tricked into giving away, as neither cookies nor tokens are looked at.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
}


@pipeline.get("/pipeline", scope=PUBLIC, lists=PUBLISHED)
def list_pipeline() -> Response:
    """List what agencies have published of contracts that end and procurements that are planned."""
    answer = PUBLISHED.listing()
    answer.headers.update(SHARED)
    return answer


@pipeline.get("/pipeline.csv", scope=PUBLIC, query=PublishedQuery, media="text/csv")
def download_pipeline(**asked: Any) -> Response:
    """Read all that is published as CSV, for a spreadsheet."""
    named = {"Content-Disposition": 'attachment; filename="pipeline.csv"'}
    return document_response(
        as_csv(PUBLISHED.names, PUBLISHED.whole(**asked)),
        media="text/csv; charset=utf-8; header=present",
        headers=SHARED | named,
    )


@pipeline.get(
    "/pipeline/ocds",
    scope=PUBLIC,
    query=PublishedQuery,
    answer=ReleasePackageSchema,
    problems=(404,),
)
def get_pipeline_releases(**asked: Any) -> Response:
    """Read all that is published as a release package of OCDS 1.1.

    A package may not be empty: where nothing is published that fits, the answer is 404.
    """
    address = settings().public_url
    query = urlencode(asked)
    package = release_package(
        PUBLISHED.whole(**asked),
        uri=f"{address}/v1/pipeline/ocds" + (f"?{query}" if query else ""),
        publisher={"name": TITLE, "uri": address},
        prefix=settings().ocid_prefix,
    )
    if package is None:
        raise NotFound("Nothing is published that fits.")
    return json_response(orjson.dumps(package), headers=SHARED)


@release_imports.post(
    "",
    scope=Scope.IMPORTS_WRITE,
    body=ReleaseForm,
    answer=ImportSchema,
    status=202,
    multipart_file="file",
    max_bytes_setting="max_import_bytes",
)
def create_release_import(fields: dict[str, Any]) -> Response:
    """Send OCDS releases to be loaded as contracts of one's own agency."""
    file = fields.pop("file")
    requested = request_release_import(
        session(),
        by=current_actor(),
        filename=plain_name(file.filename or ""),
        content=file.read(),
        options=ReleaseOptions(**fields),
    )
    session().flush()
    return IMPORT_REPORTS.read(requested.id, status=202)

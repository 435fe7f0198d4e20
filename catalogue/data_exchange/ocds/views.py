"""HTTP endpoints of Open Contracting: the published release package, and imports of releases."""

from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response

from catalogue.contracts.pipeline.public_views import SHARED, pipeline
from catalogue.contracts.pipeline.resources import PUBLISHED
from catalogue.contracts.pipeline.schemas import PublishedQuery, ReleasePackageSchema
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import NotFound
from catalogue.core.rest.api import TITLE
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import read_all
from catalogue.core.rest.responses import record_response
from catalogue.data_exchange.ocds.operations import OcdsImportOptions, request_ocds_import
from catalogue.data_exchange.ocds.packages import release_package
from catalogue.data_exchange.ocds.schemas import OcdsImportForm
from catalogue.data_exchange.report_schemas import ImportSchema
from catalogue.data_exchange.resources import IMPORT_REPORTS
from catalogue.data_exchange.views import file_name

ocds_imports = Blueprint(
    "ocds-imports",
    __name__,
    url_prefix="/v1/imports/ocds",
    description="Imports of contracts from Open Contracting (OCDS) releases.",
)


@pipeline.get(
    "/pipeline/ocds",
    scope=PUBLIC,
    query=PublishedQuery,
    response=ReleasePackageSchema,
    problems=(404,),
)
def get_pipeline_releases(context: Context, **filters: Any) -> Response:
    """Get the published pipeline as an OCDS 1.1 release package.

    OCDS allows no empty package, so the response is 404 if no published entry matches.
    """
    address = context.settings.public_url
    query = urlencode(filters)
    package = release_package(
        read_all(context, PUBLISHED, **filters),
        uri=f"{address}/v1/pipeline/ocds" + (f"?{query}" if query else ""),
        publisher={"name": TITLE, "uri": address},
        prefix=context.settings.ocid_prefix,
    )
    if package is None:
        raise NotFound(
            "No published pipeline entry matches the filters. Remove or change the filters."
        )
    return json_response(orjson.dumps(package), headers=SHARED)


@ocds_imports.post(
    "",
    scope=Scope.IMPORTS_WRITE,
    body=OcdsImportForm,
    response=ImportSchema,
    status=202,
    multipart_file="file",
    max_bytes_setting="max_import_bytes",
)
def create_ocds_import(context: Context, fields: dict[str, Any]) -> Response:
    """Import OCDS releases as contracts of your agency.

    A job loads the file. Read the import again for its status and report.
    """
    file = fields.pop("file")
    requested = request_ocds_import(
        context,
        filename=file_name(file.filename or ""),
        content=file.read(),
        options=OcdsImportOptions(**fields),
    )
    return record_response(context, IMPORT_REPORTS, requested.id, status=202)

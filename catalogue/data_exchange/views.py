"""HTTP endpoints of imports."""

from pathlib import PurePosixPath
from typing import Any

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, record_response
from catalogue.data_exchange.operations import ImportOptions, request_import
from catalogue.data_exchange.report_schemas import ImportSchema
from catalogue.data_exchange.resources import IMPORT_REPORTS, IMPORTS
from catalogue.data_exchange.saved_mappings.operations import with_saved_mapping
from catalogue.data_exchange.schemas import ImportForm

blp = Blueprint(
    "imports",
    __name__,
    url_prefix="/v1/imports",
    description="Imports of systems and contracts from files that your agency sends.",
)

LONGEST_FILENAME = 255


@blp.post(
    "",
    scope=Scope.IMPORTS_WRITE,
    body=ImportForm,
    response=ImportSchema,
    status=202,
    multipart_file="file",
    max_bytes_setting="max_import_bytes",
)
def create_import(context: Context, fields: dict[str, Any]) -> Response:
    """Import a spreadsheet of your agency's systems.

    A job loads the file. Read the import again for its status and report. A file that cannot be
    read is refused at once.
    """
    file, mapping_name = fields.pop("file"), fields.pop("mapping_name", None)
    options = ImportOptions(**fields)
    if mapping_name is not None:
        agency_id = context.require_agency("A saved mapping belongs to an agency")
        options = with_saved_mapping(context.session, agency_id, mapping_name, options)
    requested = request_import(
        context,
        filename=file_name(file.filename or ""),
        content=file.read(),
        options=options,
    )
    return record_response(context, IMPORT_REPORTS, requested.id, status=202)


@blp.get("", scope=Scope.IMPORTS_WRITE, list_of=IMPORTS)
def list_imports(context: Context) -> Response:
    """List your agency's imports, newest first."""
    return list_response(context, IMPORTS)


add_get(blp, IMPORT_REPORTS, scope=Scope.IMPORTS_WRITE)


def file_name(filename: str) -> str:
    """Return the name of a file without the folders that some browsers send."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(c for c in name if c.isprintable())[-LONGEST_FILENAME:] or "unnamed"

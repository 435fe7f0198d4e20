"""HTTP endpoints to import files, load dry runs, undo imports and read reports."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.list_export import accepted_table_format, table_response
from catalogue.core.rest.reader import get_own_record, get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, record_response
from catalogue.core.tables.formats import CSV_MEDIA, XLSX_MEDIA, TableFormat
from catalogue.core.tables.ods_table import ODS_MEDIA
from catalogue.data_exchange import queue
from catalogue.data_exchange.operations import ImportOptions, request_import
from catalogue.data_exchange.rejected_rows import unpack
from catalogue.data_exchange.report_schemas import ImportSchema
from catalogue.data_exchange.resources import IMPORT_REPORTS, IMPORTS
from catalogue.data_exchange.reversal import operations as reversal
from catalogue.data_exchange.saved_mappings.operations import with_saved_mapping
from catalogue.data_exchange.schemas import ImportForm, TableFormatQuery

blp = Blueprint(
    "imports",
    __name__,
    url_prefix="/v1/imports",
    description="Imports of systems, contracts and other records from files of your agency.",
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
    """Import a spreadsheet of your agency's systems, contracts, costs or other records.

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


@blp.post("/<uuid:import_id>/undo", scope=Scope.IMPORTS_WRITE, response=ImportSchema, status=200)
def undo_import(context: Context, import_id: UUID) -> Response:
    """Undo an import of your agency, completely or not at all.

    Records that the import created are deleted, and records that it changed get their old values
    back. Suppliers that an import of other records created stay, because all agencies share them.
    If anything else has changed these records since, the response is 409 and lists each change. An
    import that was undone before stays as it is.
    """
    reversal.undo_import(context, get_own_record(context, IMPORT_REPORTS, import_id))
    return record_response(context, IMPORT_REPORTS, import_id)


@blp.post("/<uuid:import_id>/load", scope=Scope.IMPORTS_WRITE, response=ImportSchema, status=202)
def load_dry_run(context: Context, import_id: UUID) -> Response:
    """Load the file of a dry run, without sending it again.

    A job loads the file as a new import. The file of a dry run stays for three days. The import
    fails, and writes nothing, if its outcome would differ from the outcome of the dry run.
    """
    tried = get_own_record(context, IMPORT_REPORTS, import_id)
    requested = queue.load_dry_run(context, tried)
    return record_response(context, IMPORT_REPORTS, requested.id, status=202)


@blp.get(
    "/<uuid:import_id>/rejected-rows",
    scope=Scope.IMPORTS_WRITE,
    query=TableFormatQuery,
    media=CSV_MEDIA,
    other_media=(XLSX_MEDIA, ODS_MEDIA),
)
def get_rejected_rows(
    context: Context,
    import_id: UUID,
    format: TableFormat | None,  # noqa: A002 - the parameter
) -> Response:
    """Get the rejected rows of an import as a file to correct and send.

    The file has the columns of the imported file, and the reasons in the last column, which an
    import leaves out. At most 10,000 rows are kept, for 30 days, and fewer if they are large. A
    notice in the report shows their number.
    """
    requested = get_record(context, IMPORT_REPORTS, import_id)
    rejected = unpack(requested)
    return table_response(
        format or accepted_table_format(),
        name="rejected-rows",
        headings=rejected.headings,
        rows=rejected.rows,
    )


def file_name(filename: str) -> str:
    """Return the name of a file without the folders that some browsers send."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(c for c in name if c.isprintable())[-LONGEST_FILENAME:] or "unnamed"

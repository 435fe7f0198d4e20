"""Imports over HTTP."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.exchange.operations import ImportOptions, request_import
from catalogue.exchange.resources import IMPORT_REPORTS, IMPORTS
from catalogue.exchange.schemas import ImportForm, ImportSchema

blp = Blueprint(
    "imports",
    __name__,
    url_prefix="/v1/imports",
    description="Spreadsheets of systems, loaded by the agency that answers for them.",
)

LONGEST_FILENAME = 255


@blp.post(
    "",
    scope=Scope.IMPORTS_WRITE,
    body=ImportForm,
    answer=ImportSchema,
    status=202,
    multipart_file="file",
    max_bytes_setting="max_import_bytes",
)
def create_import(fields: dict[str, Any]) -> Response:
    """Send a spreadsheet of systems to be loaded."""
    file = fields.pop("file")
    requested = request_import(
        session(),
        by=current_actor(),
        filename=plain_name(file.filename or ""),
        content=file.read(),
        options=ImportOptions(**fields),
    )
    session().flush()
    return IMPORT_REPORTS.read(requested.id, status=202)


@blp.get("", scope=Scope.IMPORTS_WRITE, lists=IMPORTS)
def list_imports() -> Response:
    """List one's own imports, newest first."""
    return IMPORTS.listing()


@blp.get("/<uuid:import_id>", scope=Scope.IMPORTS_WRITE, answer=ImportSchema)
def get_import(import_id: UUID) -> Response:
    """Read what became of an import, row by row."""
    return IMPORT_REPORTS.read(import_id)


def plain_name(filename: str) -> str:
    """The file's name without directories, which some browsers send along."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(c for c in name if c.isprintable())[-LONGEST_FILENAME:] or "unnamed"

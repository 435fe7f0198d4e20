"""The HTTP endpoint that returns a workbook to fill in for an import."""

import io

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import document_response
from catalogue.core.tables.formats import XLSX_MEDIA
from catalogue.data_exchange.custom_fields import with_custom_fields
from catalogue.data_exchange.kinds.registry import KINDS
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.schemas import ImportTemplateQuery
from catalogue.data_exchange.templates.workbook import write_template

import_templates = Blueprint(
    "import-templates",
    __name__,
    url_prefix="/v1/import-templates",
    description="Workbooks with the headings and choices that an import accepts.",
)


@import_templates.get("", scope=Scope.IMPORTS_WRITE, query=ImportTemplateQuery, media=XLSX_MEDIA)
def get_import_template(context: Context, kind: ImportKind) -> Response:
    """Get an XLSX workbook to fill in for an import.

    The first sheet has the headings, with the choices of each column as drop-downs. Other sheets
    have an example and the meaning of each column, and an import leaves them out. The custom fields
    of your agency have columns too.
    """
    target = io.BytesIO()
    fields = with_custom_fields(context.session, KINDS[kind], context.actor.agency_id)
    write_template(target, fields, context.session)
    return document_response(
        target.getvalue(),
        media=XLSX_MEDIA,
        headers={"Content-Disposition": f'attachment; filename="{kind.value}-template.xlsx"'},
    )

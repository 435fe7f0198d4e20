"""Endpoints that draft, approve and return highlight reports."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import document_response, json_response
from catalogue.core.rest.reader import get_own_record, get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.reports.highlights import html, operations, pdf
from catalogue.reports.highlights.document_schemas import (
    HighlightDocumentSchema,
    ReportChangesSchema,
)
from catalogue.reports.highlights.documents import JSON_MEDIA
from catalogue.reports.highlights.models import HighlightReport
from catalogue.reports.highlights.resources import HIGHLIGHT_REPORTS
from catalogue.reports.highlights.schemas import (
    HighlightApprovalCreate,
    HighlightReportCreate,
    HighlightReportPatch,
    HighlightReportSchema,
)
from catalogue.reports.highlights.vocabulary import DocumentForm

highlight_reports = Blueprint(
    "highlight-reports",
    __name__,
    url_prefix="/v1/highlight-reports",
    description="Reports for a programme board, drafted from records and frozen on approval.",
)


@highlight_reports.get("", scope=Scope.PROGRAMMES_READ, list_of=HIGHLIGHT_REPORTS)
def list_highlight_reports(context: Context) -> Response:
    """List the highlight reports that your agency can read.

    The list holds every report on the programmes that your agency leads, and the approved reports
    that your agency receives.
    """
    return list_response(context, HIGHLIGHT_REPORTS)


@highlight_reports.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=HighlightReportCreate, response=HighlightReportSchema
)
def create_highlight_report(context: Context, fields: dict[str, Any]) -> Response:
    """Draft a highlight report on a programme that your agency leads.

    The content comes from current records that your agency and every agency in the audience can
    see. The report holds amounts only if your token has `costs:read` or `savings:read`.
    """
    report = operations.create_report(context, fields=fields)
    return record_response(context, HIGHLIGHT_REPORTS, report.id, status=201)


add_get(highlight_reports, HIGHLIGHT_REPORTS, scope=Scope.PROGRAMMES_READ)


@highlight_reports.patch(
    "/<uuid:highlight_report_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=HighlightReportPatch,
    response=HighlightReportSchema,
)
def update_highlight_report(
    context: Context, changes: dict[str, Any], highlight_report_id: UUID
) -> Response:
    """Update a draft highlight report.

    If the period or the audience changes, the content is drafted again.
    """
    report: HighlightReport = lock_for_update(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.update_report(context, report, changes)
    return record_response(context, HIGHLIGHT_REPORTS, highlight_report_id)


@highlight_reports.delete("/<uuid:highlight_report_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_highlight_report(context: Context, highlight_report_id: UUID) -> None:
    """Delete a draft highlight report.

    An approved report cannot be deleted.
    """
    report = lock_for_update(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.delete_report(context.session, report)


@highlight_reports.post(
    "/<uuid:highlight_report_id>/refresh",
    scope=Scope.PROGRAMMES_WRITE,
    response=HighlightReportSchema,
    status=200,
)
def refresh_highlight_report(context: Context, highlight_report_id: UUID) -> Response:
    """Draft the content of a highlight report again from current records.

    The text that your agency wrote stays.
    """
    report = get_own_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.refresh_report(context, report)
    return record_response(context, HIGHLIGHT_REPORTS, highlight_report_id)


@highlight_reports.post(
    "/<uuid:highlight_report_id>/approval",
    scope=Scope.PROGRAMMES_WRITE,
    body=HighlightApprovalCreate,
    response=HighlightReportSchema,
    status=200,
)
def approve_highlight_report(
    context: Context, fields: dict[str, Any], highlight_report_id: UUID
) -> Response:
    """Approve a highlight report, which freezes it and its documents permanently.

    The audience can then read the report. The response is 409 if the report is already approved or
    has changed since you read it. The response is also 409 if figures have changed since the draft,
    or if a reader can no longer see one of its records.
    """
    report = get_own_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.approve_report(context, report, **fields)
    return record_response(context, HIGHLIGHT_REPORTS, highlight_report_id)


@highlight_reports.get(
    "/<uuid:highlight_report_id>/document",
    scope=Scope.PROGRAMMES_READ,
    response=HighlightDocumentSchema,
    problems=(403,),
)
def get_highlight_report_document(context: Context, highlight_report_id: UUID) -> Response:
    """Get a highlight report as a JSON document.

    An approved report always has the bytes that were approved. Your token needs the scopes that the
    report lists in `needed_scopes`.
    """
    return document_response(
        _document(context, highlight_report_id, DocumentForm.JSON), media=JSON_MEDIA
    )


@highlight_reports.get(
    "/<uuid:highlight_report_id>/document.html",
    scope=Scope.PROGRAMMES_READ,
    media=html.MEDIA,
    problems=(403,),
)
def get_highlight_report_html(context: Context, highlight_report_id: UUID) -> Response:
    """Get a highlight report as an accessible web page, with charts and their figures."""
    return document_response(
        _document(context, highlight_report_id, DocumentForm.HTML),
        media=f"{html.MEDIA}; charset=utf-8",
        headers={"Content-Security-Policy": html.POLICY, "Referrer-Policy": "no-referrer"},
    )


@highlight_reports.get(
    "/<uuid:highlight_report_id>/document.pdf",
    scope=Scope.PROGRAMMES_READ,
    media=pdf.MEDIA,
    problems=(403,),
)
def get_highlight_report_pdf(context: Context, highlight_report_id: UUID) -> Response:
    """Get a highlight report as an accessible PDF, with charts and their figures."""
    return document_response(
        _document(context, highlight_report_id, DocumentForm.PDF), media=pdf.MEDIA
    )


@highlight_reports.get(
    "/<uuid:highlight_report_id>/changes",
    scope=Scope.PROGRAMMES_READ,
    response=ReportChangesSchema,
    problems=(403,),
)
def get_highlight_report_changes(context: Context, highlight_report_id: UUID) -> Response:
    """Get the changes since the previous highlight report.

    The previous report is the latest approved one that every reader of this report can read.
    """
    report: HighlightReport = get_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    return json_response(orjson.dumps(operations.changes_of(context, report)))


def _document(context: Context, highlight_report_id: UUID, form: DocumentForm) -> bytes:
    report: HighlightReport = get_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    return operations.document_in(context, report, form)

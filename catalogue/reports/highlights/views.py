"""Highlight reports over HTTP."""

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
from catalogue.reports.highlights.documents import JSON_MEDIA
from catalogue.reports.highlights.models import HighlightReport
from catalogue.reports.highlights.resources import HIGHLIGHT_REPORTS
from catalogue.reports.highlights.schemas import (
    HighlightApprovalCreate,
    HighlightDocumentSchema,
    HighlightReportCreate,
    HighlightReportPatch,
    HighlightReportSchema,
    ReportChangesSchema,
)
from catalogue.reports.highlights.vocabulary import DocumentForm

highlight_reports = Blueprint(
    "highlight_reports",
    __name__,
    url_prefix="/v1/highlight-reports",
    description="What a programme's board reads: drafted from the records, and frozen on approval.",
)


@highlight_reports.get("", scope=Scope.PROGRAMMES_READ, list_of=HIGHLIGHT_REPORTS)
def list_highlight_reports(context: Context) -> Response:
    """List the reports that are for one's agency, and the drafts of one's own."""
    return list_response(context, HIGHLIGHT_REPORTS)


@highlight_reports.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=HighlightReportCreate, response=HighlightReportSchema
)
def draft_highlight_report(context: Context, fields: dict[str, Any]) -> Response:
    """Draft a report on a period of a programme that one's own agency leads.

    Its content is drawn from the records as they are now, as far as the lead and all agencies of
    its audience may see them. Money is in it as far as the token may read costs and savings.
    """
    report = operations.draft_report(context, fields=fields)
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
    """Change a draft; another period or audience draws its content anew."""
    report: HighlightReport = lock_for_update(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.change_report(context, report, changes)
    return record_response(context, HIGHLIGHT_REPORTS, highlight_report_id)


@highlight_reports.delete("/<uuid:highlight_report_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_highlight_report(context: Context, highlight_report_id: UUID) -> None:
    """Remove a draft. What was approved stays."""
    report = lock_for_update(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.remove_report(context.session, report)


@highlight_reports.post(
    "/<uuid:highlight_report_id>/redraft",
    scope=Scope.PROGRAMMES_WRITE,
    response=HighlightReportSchema,
    status=200,
)
def redraft_highlight_report(context: Context, highlight_report_id: UUID) -> Response:
    """Draw the content of a draft anew; what the lead wrote stays."""
    report = get_own_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    operations.redraft_report(context, report)
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
    """Approve a draft by name, which freezes it and its documents for good.

    From then on its audience may read it. 409: it is no draft, is not what was read, or holds what
    not everybody it is for may see any more.
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
def get_highlight_document(context: Context, highlight_report_id: UUID) -> Response:
    """Read all that a report says, as JSON: to the byte what was approved.

    With money in it, it needs the scopes that the report names in `needed_scopes`.
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
def get_highlight_page(context: Context, highlight_report_id: UUID) -> Response:
    """Read a report as an accessible web page, with charts and their figures."""
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
def get_highlight_pdf(context: Context, highlight_report_id: UUID) -> Response:
    """Read a report as an accessible PDF (PDF/UA-1), with charts and their figures."""
    return document_response(
        _document(context, highlight_report_id, DocumentForm.PDF), media=pdf.MEDIA
    )


@highlight_reports.get(
    "/<uuid:highlight_report_id>/changes",
    scope=Scope.PROGRAMMES_READ,
    response=ReportChangesSchema,
    problems=(403,),
)
def get_highlight_changes(context: Context, highlight_report_id: UUID) -> Response:
    """Read what changed since the last report that everybody who reads this one may read."""
    report: HighlightReport = get_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    return json_response(orjson.dumps(operations.changes_of(context, report)))


def _document(context: Context, highlight_report_id: UUID, form: DocumentForm) -> bytes:
    report: HighlightReport = get_record(context, HIGHLIGHT_REPORTS, highlight_report_id)
    return operations.document_in(context, report, form)

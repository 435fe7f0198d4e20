"""Highlight reports over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import document_response, json_response
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


@highlight_reports.get("", scope=Scope.PROGRAMMES_READ, lists=HIGHLIGHT_REPORTS)
def list_highlight_reports() -> Response:
    """List the reports that are for one's agency, and the drafts of one's own."""
    return HIGHLIGHT_REPORTS.listing()


@highlight_reports.post(
    "", scope=Scope.PROGRAMMES_WRITE, body=HighlightReportCreate, answer=HighlightReportSchema
)
def draft_highlight_report(fields: dict[str, Any]) -> Response:
    """Draft a report on a period of a programme that one's own agency leads.

    Its content is drawn from the records as they are now, as far as the lead and all agencies of
    its audience may see them. Money is in it as far as the token may read costs and savings.
    """
    report = operations.draft_report(session(), by=current_actor(), fields=fields)
    session().flush()
    return HIGHLIGHT_REPORTS.read(report.id, status=201)


@highlight_reports.get(
    "/<uuid:highlight_report_id>", scope=Scope.PROGRAMMES_READ, answer=HighlightReportSchema
)
def get_highlight_report(highlight_report_id: UUID) -> Response:
    """Read what a report is, and what its lead wrote."""
    return HIGHLIGHT_REPORTS.read(highlight_report_id)


@highlight_reports.patch(
    "/<uuid:highlight_report_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=HighlightReportPatch,
    answer=HighlightReportSchema,
)
def update_highlight_report(changes: dict[str, Any], highlight_report_id: UUID) -> Response:
    """Change a draft; another period or audience draws its content anew."""
    report: HighlightReport = HIGHLIGHT_REPORTS.for_update(session(), highlight_report_id)
    operations.change_report(session(), report, changes, by=current_actor())
    session().flush()
    return HIGHLIGHT_REPORTS.read(highlight_report_id)


@highlight_reports.delete("/<uuid:highlight_report_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_highlight_report(highlight_report_id: UUID) -> None:
    """Remove a draft. What was approved stays."""
    report = HIGHLIGHT_REPORTS.for_update(session(), highlight_report_id)
    operations.remove_report(session(), report)
    session().flush()


@highlight_reports.post(
    "/<uuid:highlight_report_id>/redraft",
    scope=Scope.PROGRAMMES_WRITE,
    answer=HighlightReportSchema,
    status=200,
)
def redraft_highlight_report(highlight_report_id: UUID) -> Response:
    """Draw the content of a draft anew; what the lead wrote stays."""
    report = _own_report(highlight_report_id)
    operations.redraft_report(session(), report, by=current_actor())
    session().flush()
    return HIGHLIGHT_REPORTS.read(highlight_report_id)


@highlight_reports.post(
    "/<uuid:highlight_report_id>/approval",
    scope=Scope.PROGRAMMES_WRITE,
    body=HighlightApprovalCreate,
    answer=HighlightReportSchema,
    status=200,
)
def approve_highlight_report(fields: dict[str, Any], highlight_report_id: UUID) -> Response:
    """Approve a draft by name, which freezes it and its documents for good.

    From then on its audience may read it. 409: it is no draft, is not what was read, or holds what
    not everybody it is for may see any more.
    """
    report = _own_report(highlight_report_id)
    operations.approve_report(session(), report, by=current_actor(), **fields)
    return HIGHLIGHT_REPORTS.read(highlight_report_id)


@highlight_reports.get(
    "/<uuid:highlight_report_id>/document",
    scope=Scope.PROGRAMMES_READ,
    answer=HighlightDocumentSchema,
    problems=(403,),
)
def get_highlight_document(highlight_report_id: UUID) -> Response:
    """Read all that a report says, as JSON: to the byte what was approved.

    With money in it, it needs the scopes that the report names in `needed_scopes`.
    """
    return document_response(_document(highlight_report_id, DocumentForm.JSON), media=JSON_MEDIA)


@highlight_reports.get(
    "/<uuid:highlight_report_id>/document.html",
    scope=Scope.PROGRAMMES_READ,
    media=html.MEDIA,
    problems=(403,),
)
def get_highlight_page(highlight_report_id: UUID) -> Response:
    """Read a report as an accessible web page, with charts and their figures."""
    return document_response(
        _document(highlight_report_id, DocumentForm.HTML),
        media=f"{html.MEDIA}; charset=utf-8",
        headers={"Content-Security-Policy": html.POLICY, "Referrer-Policy": "no-referrer"},
    )


@highlight_reports.get(
    "/<uuid:highlight_report_id>/document.pdf",
    scope=Scope.PROGRAMMES_READ,
    media=pdf.MEDIA,
    problems=(403,),
)
def get_highlight_pdf(highlight_report_id: UUID) -> Response:
    """Read a report as an accessible PDF (PDF/UA-1), with charts and their figures."""
    return document_response(_document(highlight_report_id, DocumentForm.PDF), media=pdf.MEDIA)


@highlight_reports.get(
    "/<uuid:highlight_report_id>/changes",
    scope=Scope.PROGRAMMES_READ,
    answer=ReportChangesSchema,
    problems=(403,),
)
def get_highlight_changes(highlight_report_id: UUID) -> Response:
    """Read what changed since the last report that everybody who reads this one may read."""
    report: HighlightReport = HIGHLIGHT_REPORTS.get(session(), highlight_report_id)
    return json_response(orjson.dumps(operations.changes_of(session(), report, by=current_actor())))


def _document(highlight_report_id: UUID, form: DocumentForm) -> bytes:
    report: HighlightReport = HIGHLIGHT_REPORTS.get(session(), highlight_report_id)
    return operations.document_in(session(), report, form, by=current_actor())


def _own_report(highlight_report_id: UUID) -> HighlightReport:
    report: HighlightReport = HIGHLIGHT_REPORTS.get(session(), highlight_report_id, lock=True)
    HIGHLIGHT_REPORTS.require_owner(report)
    return report

"""The documents of a report: what it says, its digest, and the bytes of each form."""

from collections.abc import Callable, Mapping
from typing import Any

from catalogue.core.canonical import canonical, content_digest
from catalogue.reports.highlights import html, pdf
from catalogue.reports.highlights.comparison import compare
from catalogue.reports.highlights.models import HighlightReport
from catalogue.reports.highlights.vocabulary import NARRATIVE, DocumentForm

Document = dict[str, Any]

JSON_MEDIA = "application/json"


MAKERS: Mapping[DocumentForm, Callable[[Document], bytes]] = {
    DocumentForm.JSON: canonical,
    DocumentForm.HTML: html.html_of,
    DocumentForm.PDF: pdf.pdf_of,
}


def content_hash(report: HighlightReport) -> str:
    """SHA-256 of all that a report says by itself: neither of its approval nor of the comparison."""
    return content_digest(_said(report))


def document_of(report: HighlightReport, previous: Document | None) -> Document:
    """What all forms of a report are made from; `previous` is the document it is compared with."""
    said = _said(report)
    return said | {
        "id": str(report.id),
        "status": report.status.value,
        "content_hash": report.content_hash,
        "approved_by": report.approved_by,
        "approved_at": report.approved_at and report.approved_at.isoformat(),
        "previous": previous
        and {name: previous[name] for name in ("id", "title", "approved_at", "content_hash")},
        "changes": previous and compare(previous, said),
    }


def _said(report: HighlightReport) -> Document:
    return {
        "programme_id": str(report.programme.id),
        "title": report.title,
        "period_start": report.period_start.isoformat(),
        "period_end": report.period_end.isoformat(),
        "asked_for": report.asked_for.value,
        "audience": report.audience,
        "narrative": {name: getattr(report, name) for name in NARRATIVE},
        "content": report.content,
    }

"""The documents of a highlight report: their common source, its hash and the makers of each form."""

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
    """Return the SHA-256 hash of a report, which leaves out its approval and its comparison."""
    return content_digest(_statements(report))


def document_of(report: HighlightReport, previous: Document | None) -> Document:
    """Return the document that every form shows. `previous` is the document to compare it with."""
    statements = _statements(report)
    return statements | {
        "id": str(report.id),
        "status": report.status.value,
        "content_hash": report.content_hash,
        "approved_by": report.approved_by,
        "approved_at": report.approved_at and report.approved_at.isoformat(),
        "previous": previous
        and {name: previous[name] for name in ("id", "title", "approved_at", "content_hash")},
        "changes": previous and compare(previous, statements),
    }


def _statements(report: HighlightReport) -> Document:
    return {
        "programme_id": str(report.programme.id),
        "title": report.title,
        "period_start": report.period_start.isoformat(),
        "period_end": report.period_end.isoformat(),
        "board_action": report.board_action.value,
        "audience": report.audience,
        "narrative": {name: getattr(report, name) for name in NARRATIVE},
        "content": report.content,
    }

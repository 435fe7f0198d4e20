"""The highlight report resource, and the row rule for who can read a report."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.history.feed_fields import expose, same_names
from catalogue.programmes.models import Programme
from catalogue.programmes.resources import lead_only
from catalogue.reports.highlights.models import HighlightReader, HighlightReport
from catalogue.reports.highlights.schemas import HighlightReportSchema
from catalogue.reports.highlights.vocabulary import NARRATIVE, ReportStatus

_leading = sa.orm.aliased(Programme, name="reported_on")


def report_seen(report: Any) -> ColumnElement[bool]:
    """Return the row rule: the lead agency sees all its reports, the audience only approved reports.

    An agency keeps an approved report even if sharing ends later, like a paper that it received.
    """
    return sa.or_(
        sa.exists(
            sa.select(1).where(_leading.id == report.programme_id, own(_leading)).correlate(report)
        ),
        sa.and_(
            report.status == ReportStatus.APPROVED,
            sa.exists(
                sa.select(1)
                .where(
                    HighlightReader.report_id == report.id,
                    HighlightReader.agency_id == ACTOR_AGENCY,
                )
                .correlate(report)
            ),
        ),
    )


_SHOWN = (
    "programme_id",
    "title",
    "period_start",
    "period_end",
    "status",
    "board_action",
    "audience",
    *NARRATIVE,
    "needed_scopes",
    "drafted_at",
    "content_hash",
    "approved_by",
    "approved_at",
    "previous_id",
    "json_sha256",
    "html_sha256",
    "pdf_sha256",
)

HIGHLIGHT_REPORTS = Resource(
    name="highlight_report",
    path="/v1/highlight-reports",
    model=HighlightReport,
    schema=HighlightReportSchema,
    columns={
        "id": HighlightReport.id,
        "lead_agency": Agency.code,
        **{name: getattr(HighlightReport, name) for name in _SHOWN},
        "created_at": HighlightReport.created_at,
        "updated_at": HighlightReport.updated_at,
    },
    source=sa.orm.join(
        sa.orm.join(HighlightReport, Programme, HighlightReport.programme_id == Programme.id),
        Agency,
        Programme.agency_id == Agency.id,
    ),
    not_filters=frozenset(NARRATIVE),
    visible=report_seen(HighlightReport),
    default_sort="-period_end,title",
    owner="lead_agency_id",
)

expose(
    HIGHLIGHT_REPORTS,
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields=same_names(*_SHOWN),
)

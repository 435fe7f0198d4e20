"""Highlight reports, for whom they are, and the documents they are kept as."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Base
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, enumeration
from catalogue.history.audit_log import audited, not_audited, owner_through
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.reports.highlights.vocabulary import AskedFor, DocumentForm, ReportStatus


@audited(
    "highlight_report",
    owner=owner_through(Programme, by="programme_id"),
    ignored_columns={"content"},
)
class HighlightReport(ProgrammeRecord):
    """What the lead of a programme reports to its board for a period."""

    __tablename__ = "highlight_report"
    __table_args__ = (
        sa.CheckConstraint("period_end >= period_start", name="period"),
        sa.CheckConstraint("(status = 'approved') = (approved_at IS NOT NULL)", name="approved_at"),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    period_start: Mapped[date]
    period_end: Mapped[date]
    status: Mapped[ReportStatus] = mapped_column(enumeration(ReportStatus), active_history=True)
    asked_for: Mapped[AskedFor] = mapped_column(enumeration(AskedFor))
    audience: Mapped[list[str]] = mapped_column(Json)
    """The codes of the agencies that it is for, besides the lead."""
    purpose: Mapped[str | None] = mapped_column(sa.Text)
    achievability: Mapped[str | None] = mapped_column(sa.Text)
    schedule: Mapped[str | None] = mapped_column(sa.Text)
    costs: Mapped[str | None] = mapped_column(sa.Text)
    resources_and_vacancies: Mapped[str | None] = mapped_column(sa.Text)
    risks_and_issues: Mapped[str | None] = mapped_column(sa.Text)
    tolerances_and_changes: Mapped[str | None] = mapped_column(sa.Text)
    this_period: Mapped[str | None] = mapped_column(sa.Text)
    next_period: Mapped[str | None] = mapped_column(sa.Text)
    lessons: Mapped[str | None] = mapped_column(sa.Text)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    """What was drafted from the records, as all of its readers may see them."""
    needed_scopes: Mapped[list[str]] = mapped_column(Json)
    """The scopes beyond programmes:read that went into the content, and that reading it needs."""
    drafted_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    approved_by: Mapped[str | None] = mapped_column(sa.String(200))
    approved_at: Mapped[datetime | None]
    previous_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("highlight_report.id"))
    """The report approved before, that it is compared with. Everybody who reads this one could
    read that one."""
    json_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    html_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    pdf_sha256: Mapped[str | None] = mapped_column(sa.String(64))


@not_audited("It is the audience of a report, which is recorded with it.")
class HighlightReader(Base):
    """An agency that a report is for."""

    __tablename__ = "highlight_reader"

    report_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("highlight_report.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )


@not_audited("It never changes, and its digest is recorded with the report.")
class HighlightDocument(Base):
    """The bytes of an approved report in one form."""

    __tablename__ = "highlight_document"

    report_id: Mapped[UUID] = mapped_column(sa.ForeignKey("highlight_report.id"), primary_key=True)
    form: Mapped[DocumentForm] = mapped_column(enumeration(DocumentForm), primary_key=True)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class FrozenReport(RuntimeError):
    """Something tried to change a report that was approved: a fault of ours."""


@event.listens_for(HighlightReport, "before_update")
def _keep_report(_mapper: Any, _connection: Any, report: HighlightReport) -> None:
    state: Any = sa.inspect(report)
    history = state.attrs.status.history
    before = history.deleted[0] if history.deleted else report.status
    changed = any(each.history.has_changes() for each in state.attrs)
    if before is ReportStatus.APPROVED and changed:
        raise FrozenReport("A report that was approved stays as it is.")


@event.listens_for(HighlightReport, "before_delete")
def _keep_approved(_mapper: Any, _connection: Any, report: HighlightReport) -> None:
    if report.status is ReportStatus.APPROVED:
        raise FrozenReport("A report that was approved is not removed.")


@event.listens_for(HighlightDocument, "before_update")
@event.listens_for(HighlightDocument, "before_delete")
def _keep_document(_mapper: Any, _connection: Any, _document: HighlightDocument) -> None:
    raise FrozenReport("The document of a report stays as it is.")


@event.listens_for(HighlightReader, "before_insert")
@event.listens_for(HighlightReader, "before_update")
@event.listens_for(HighlightReader, "before_delete")
def _keep_audience(_mapper: Any, connection: sa.Connection, reader: HighlightReader) -> None:
    table = HighlightReport.__table__
    status = connection.scalar(sa.select(table.c.status).where(table.c.id == reader.report_id))
    if status == ReportStatus.APPROVED:
        raise FrozenReport("A report that was approved is for whom it was approved for.")


constraint_message(
    "ck_highlight_report_period",
    pointer="/period_end",
    detail="It may not end before it starts.",
    code="out_of_order",
)
constraint_message(
    "ck_highlight_report_approved_at",
    pointer="/status",
    detail="A report is approved by its approval.",
    code="transition",
)

"""The tables of highlight reports, their readers and their stored documents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Base
from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Json, enumeration
from catalogue.history.audit_log import audited, not_audited, owner_through
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.reports.highlights.vocabulary import BoardAction, DocumentForm, ReportStatus


@audited(
    "highlight_report",
    owner=owner_through(Programme, by="programme_id"),
    ignored_columns={"content"},
)
class HighlightReport(ProgrammeRecord):
    """A report by the lead agency to the programme board, which covers a period."""

    __tablename__ = "highlight_report"
    __table_args__ = (
        sa.CheckConstraint("period_end >= period_start", name="period"),
        sa.CheckConstraint("(status = 'approved') = (approved_at IS NOT NULL)", name="approved_at"),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    period_start: Mapped[date]
    period_end: Mapped[date]
    status: Mapped[ReportStatus] = mapped_column(enumeration(ReportStatus), active_history=True)
    board_action: Mapped[BoardAction] = mapped_column(
        "asked_for", enumeration(BoardAction, name="asked_for"), key="board_action"
    )
    audience: Mapped[list[str]] = mapped_column(Json)
    """The codes of the agencies that receive the report, without the lead agency."""
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
    """The content drafted from the records that all readers can see."""
    needed_scopes: Mapped[list[str]] = mapped_column(Json)
    """The scopes, in addition to `programmes:read`, that a reader of the content needs."""
    drafted_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    approved_by: Mapped[str | None] = mapped_column(sa.String(200))
    approved_at: Mapped[datetime | None]
    previous_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("highlight_report.id"))
    """The previous approved report, for the comparison. Every reader of this report can read it."""
    json_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    html_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    pdf_sha256: Mapped[str | None] = mapped_column(sa.String(64))


@not_audited("The audience is recorded with its report.")
class HighlightReader(Base):
    """An agency in the audience of a report."""

    __tablename__ = "highlight_reader"

    report_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("highlight_report.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )


@not_audited("A document never changes, and its hash is recorded with the report.")
class HighlightDocument(Base):
    """The bytes of an approved report in one form."""

    __tablename__ = "highlight_document"

    report_id: Mapped[UUID] = mapped_column(sa.ForeignKey("highlight_report.id"), primary_key=True)
    form: Mapped[DocumentForm] = mapped_column(enumeration(DocumentForm), primary_key=True)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


PERIOD_OUT_OF_ORDER = "The end of the period is before its start. Correct one of the dates."


class FrozenReport(RuntimeError):
    """An attempt to change an approved report, which is a fault in this service."""


@event.listens_for(HighlightReport, "before_update")
def _refuse_report_change(_mapper: Any, _connection: Any, report: HighlightReport) -> None:
    state: Any = sa.inspect(report)
    history = state.attrs.status.history
    before = history.deleted[0] if history.deleted else report.status
    changed = any(each.history.has_changes() for each in state.attrs)
    if before is ReportStatus.APPROVED and changed:
        raise FrozenReport("An approved report cannot change.")


@event.listens_for(HighlightReport, "before_delete")
def _refuse_report_deletion(_mapper: Any, _connection: Any, report: HighlightReport) -> None:
    if report.status is ReportStatus.APPROVED:
        raise FrozenReport("An approved report cannot be deleted.")


@event.listens_for(HighlightDocument, "before_update")
@event.listens_for(HighlightDocument, "before_delete")
def _refuse_document_change(_mapper: Any, _connection: Any, _document: HighlightDocument) -> None:
    raise FrozenReport("The document of a report cannot change.")


@event.listens_for(HighlightReader, "before_insert")
@event.listens_for(HighlightReader, "before_update")
@event.listens_for(HighlightReader, "before_delete")
def _refuse_audience_change(
    _mapper: Any, connection: sa.Connection, reader: HighlightReader
) -> None:
    table = HighlightReport.__table__
    status = connection.scalar(sa.select(table.c.status).where(table.c.id == reader.report_id))
    if status == ReportStatus.APPROVED:
        raise FrozenReport("The audience of an approved report cannot change.")


constraint_message(
    "ck_highlight_report_period",
    pointer="/period_end",
    detail=PERIOD_OUT_OF_ORDER,
    code="out_of_order",
)
constraint_message(
    "ck_highlight_report_approved_at",
    pointer="/status",
    detail="The status of a report cannot be set. Approve the report at its `approval` path.",
    code="transition",
)

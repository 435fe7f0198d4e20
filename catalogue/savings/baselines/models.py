"""Baselines and their lines, with guards that refuse changes after approval."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship
from sqlalchemy.orm.util import identity_key

from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Json, Key, Money, enumeration
from catalogue.history.audit_log import audited, disclosure_through, owner_through
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.savings.vocabulary import BaselineStatus
from catalogue.systems.models import System


@audited("baseline", owner=owner_through(Programme, by="programme_id"))
class Baseline(ProgrammeRecord):
    """The costs that a programme's systems would have without the programme."""

    __tablename__ = "baseline"
    __table_args__ = (
        sa.Index(
            "uq_baseline_approved",
            "programme_id",
            unique=True,
            sqlite_where=sa.text("status = 'approved'"),
            postgresql_where=sa.text("status = 'approved'"),
        ),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    status: Mapped[BaselineStatus] = mapped_column(enumeration(BaselineStatus), active_history=True)
    financial_years: Mapped[list[str]] = mapped_column(Json)
    """The financial years whose costs are copied. A year without costs stays in the list."""
    refreshed_at: Mapped[datetime] = mapped_column("drawn_at", key="refreshed_at")
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    approved_by: Mapped[str | None] = mapped_column(sa.String(200))
    approved_at: Mapped[datetime | None]
    supersedes_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("baseline.id"))
    """The approved baseline that this one replaced."""


@audited(
    "baseline_line",
    owner=owner_through(System, by="system_id"),
    disclosure=disclosure_through(System, by="system_id"),
    ignored_columns={"description_key"},
)
class BaselineLine(Entity):
    """A copy of a cost line from the time of the last refresh."""

    __tablename__ = "baseline_line"
    __table_args__ = (
        sa.UniqueConstraint("baseline_id", "cost_line_id"),
        sa.CheckConstraint("amount >= 0", name="amount"),
    )

    baseline_id: Mapped[UUID] = mapped_column(sa.ForeignKey("baseline.id"))
    cost_line_id: Mapped[UUID] = mapped_column(index=True)
    """The cost line that was copied.

    This is not a foreign key, because the owner can delete the cost line, and the copy stays.
    """
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    financial_year: Mapped[str] = mapped_column(sa.String(7))
    category: Mapped[CostCategory] = mapped_column(enumeration(CostCategory))
    description: Mapped[str | None] = mapped_column(sa.String(200))
    description_key: Mapped[str] = mapped_column(Key(400))
    amount: Mapped[Decimal] = mapped_column(Money)

    baseline: Mapped[Baseline] = relationship()


class FrozenBaseline(RuntimeError):
    """An attempt to change an approved baseline, which is a fault of this service."""


_CHANGEABLE = {"status", "updated_at", "revision"}


@event.listens_for(Baseline, "before_update")
def _refuse_change(_mapper: Any, _connection: Any, baseline: Baseline) -> None:
    state = sa.inspect(baseline)
    changes: dict[str, Any] = {
        attribute.key: state.attrs[attribute.key].history
        for attribute in state.mapper.column_attrs
        if state.attrs[attribute.key].history.has_changes()
    }
    before = changes["status"].deleted[0] if "status" in changes else baseline.status
    if before is BaselineStatus.DRAFT:
        return
    if changes.keys() - _CHANGEABLE or baseline.status is not BaselineStatus.SUPERSEDED:
        raise FrozenBaseline("An approved baseline cannot be changed.")


@event.listens_for(Baseline, "before_delete")
def _refuse_deletion(_mapper: Any, _connection: Any, baseline: Baseline) -> None:
    if baseline.status is not BaselineStatus.DRAFT:
        raise FrozenBaseline("An approved baseline cannot be deleted.")


@event.listens_for(BaselineLine, "before_update")
def _refuse_line_change(_mapper: Any, _connection: Any, line: BaselineLine) -> None:
    session = object_session(line)
    if session is not None and session.is_modified(line):
        raise FrozenBaseline("A baseline line cannot be changed, only replaced by a refresh.")


@event.listens_for(BaselineLine, "before_insert")
@event.listens_for(BaselineLine, "before_delete")
def _refuse_lines(_mapper: Any, connection: sa.Connection, line: BaselineLine) -> None:
    session = object_session(line)
    # Avoid a query if the baseline is loaded, since a refresh can copy thousands of lines.
    loaded: Any = sa.inspect(line).dict.get("baseline")
    if loaded is None and session is not None:
        loaded = session.identity_map.get(identity_key(Baseline, line.baseline_id))
    status = _status_of(connection, line.baseline_id) if loaded is None else loaded.status
    if status is not BaselineStatus.DRAFT:
        raise FrozenBaseline("Lines cannot be added to an approved baseline or deleted from it.")


def _status_of(connection: sa.Connection, baseline_id: UUID) -> BaselineStatus | None:
    table = Baseline.__table__
    return connection.scalar(sa.select(table.c.status).where(table.c.id == baseline_id))


constraint_message(
    "uq_baseline_approved",
    pointer="",
    detail="Another baseline of the programme was approved at the same moment. "
    "Read that baseline before you approve this one.",
)

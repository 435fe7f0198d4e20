"""Baselines and their lines, which nothing changes once the baseline is approved."""

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
from catalogue.core.types import Json, Key, Money, enumeration
from catalogue.history.audit_log import audited, disclosure_through, owner_through
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.savings.vocabulary import BaselineStatus
from catalogue.systems.models import System


@audited("baseline", owner=owner_through(Programme, by="programme_id"))
class Baseline(ProgrammeRecord):
    """What the systems of a programme would cost without it, as somebody approved it."""

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
    status: Mapped[BaselineStatus] = mapped_column(enumeration(BaselineStatus), active_history=True)
    financial_years: Mapped[list[str]] = mapped_column(Json)
    """The years that it is drawn for, whether or not there are costs in each."""
    drawn_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    approved_by: Mapped[str | None] = mapped_column(sa.String(200))
    approved_at: Mapped[datetime | None]
    supersedes_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("baseline.id"))
    """The baseline that was approved before, which this one took the place of."""


@audited(
    "baseline_line",
    owner=owner_through(System, by="system_id"),
    disclosure=disclosure_through(System, by="system_id"),
    ignored_columns={"description_key"},
)
class BaselineLine(Entity):
    """A line of cost as it was when the baseline was drawn."""

    __tablename__ = "baseline_line"
    __table_args__ = (
        sa.UniqueConstraint("baseline_id", "cost_line_id"),
        sa.CheckConstraint("amount >= 0", name="amount"),
    )

    baseline_id: Mapped[UUID] = mapped_column(sa.ForeignKey("baseline.id"))
    cost_line_id: Mapped[UUID] = mapped_column(index=True)
    """Not a foreign key: the owner may correct or remove its line, and this stays as it was."""
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    financial_year: Mapped[str] = mapped_column(sa.String(7))
    category: Mapped[CostCategory] = mapped_column(enumeration(CostCategory))
    description: Mapped[str | None] = mapped_column(sa.String(200))
    description_key: Mapped[str] = mapped_column(Key(400))
    amount: Mapped[Decimal] = mapped_column(Money)

    baseline: Mapped[Baseline] = relationship()


class FrozenBaseline(RuntimeError):
    """Something tried to change a baseline that was approved: a fault of ours."""


_MAY_STILL_CHANGE = {"status", "updated_at", "revision"}


@event.listens_for(Baseline, "before_update")
def _keep_baseline(_mapper: Any, _connection: Any, baseline: Baseline) -> None:
    state = sa.inspect(baseline)
    changes: dict[str, Any] = {
        each.key: state.attrs[each.key].history
        for each in state.mapper.column_attrs
        if state.attrs[each.key].history.has_changes()
    }
    before = changes["status"].deleted[0] if "status" in changes else baseline.status
    if before is BaselineStatus.DRAFT:
        return
    if changes.keys() - _MAY_STILL_CHANGE or baseline.status is not BaselineStatus.SUPERSEDED:
        raise FrozenBaseline("A baseline that was approved stays as it is.")


@event.listens_for(Baseline, "before_delete")
def _keep_approved(_mapper: Any, _connection: Any, baseline: Baseline) -> None:
    if baseline.status is not BaselineStatus.DRAFT:
        raise FrozenBaseline("A baseline that was approved is not removed.")


@event.listens_for(BaselineLine, "before_update")
def _keep_line(_mapper: Any, _connection: Any, line: BaselineLine) -> None:
    session = object_session(line)
    if session is not None and session.is_modified(line):
        raise FrozenBaseline("A line of a baseline is drawn, and not changed.")


@event.listens_for(BaselineLine, "before_insert")
@event.listens_for(BaselineLine, "before_delete")
def _keep_lines(_mapper: Any, connection: sa.Connection, line: BaselineLine) -> None:
    session = object_session(line)
    # Without a query where it is at hand: thousands of lines may be drawn at once.
    known: Any = sa.inspect(line).dict.get("baseline")
    if known is None and session is not None:
        known = session.identity_map.get(identity_key(Baseline, line.baseline_id))
    status = _status_of(connection, line.baseline_id) if known is None else known.status
    if status is not BaselineStatus.DRAFT:
        raise FrozenBaseline("Lines are neither added to an approved baseline nor removed.")


def _status_of(connection: sa.Connection, baseline_id: UUID) -> BaselineStatus | None:
    table = Baseline.__table__
    return connection.scalar(sa.select(table.c.status).where(table.c.id == baseline_id))


constraint_message(
    "uq_baseline_approved",
    pointer="",
    detail="Another baseline of the programme was approved just now.",
)

"""Programmes, their waves, and the migrations of systems."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Key, enumeration
from catalogue.history.recording import owner_through, recorded
from catalogue.programmes.rating import Rated, name_rating_checks, rating_checks
from catalogue.programmes.vocabulary import CutoverStyle, MigrationStage, ProgrammeStatus
from catalogue.rationalisation.vocabulary import MigrationStrategy


@recorded("programme")
class Programme(Entity):
    """A merger's or a shared service's moves, led by one agency."""

    __tablename__ = "programme"
    __table_args__ = (
        sa.CheckConstraint("end_date IS NULL OR end_date >= start_date", name="period"),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The agency that leads it."""
    target_agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    summary: Mapped[str | None] = mapped_column(sa.Text)
    status: Mapped[ProgrammeStatus] = mapped_column(enumeration(ProgrammeStatus))
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(sa.Text)


class OfProgramme(Entity):
    """A record that belongs to a programme, whose lead alone may write it."""

    __abstract__ = True

    @declared_attr
    def programme_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy hands over the class
        """The programme that it belongs to."""
        return mapped_column(sa.ForeignKey("programme.id"), index=True, sort_order=-5)

    @declared_attr
    def programme(cls) -> Mapped[Programme]:  # noqa: N805
        """The programme itself."""
        return relationship(Programme)

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that may change it."""
        return self.programme.agency_id


@recorded("wave", owner=owner_through(Programme, by="programme_id"))
class Wave(Entity):
    """Migrations of a programme that belong together in time."""

    __tablename__ = "wave"
    __table_args__ = (
        sa.UniqueConstraint("programme_id", "name_key"),
        sa.CheckConstraint("end_date >= start_date", name="period"),
        sa.CheckConstraint("position >= 1", name="position"),
    )

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(Key(400))
    position: Mapped[int]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    capacity: Mapped[int | None]

    programme: Mapped[Programme] = relationship()

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that may change it."""
        return self.programme.agency_id


@recorded("migration", owner=owner_through(Programme, by="programme_id"))
class Migration(Rated, Entity):
    """The move of one system: where to, how, how far it is, and how it goes."""

    __tablename__ = "migration"
    __table_args__ = (
        sa.UniqueConstraint("programme_id", "system_id"),
        sa.CheckConstraint("target_system_id <> system_id", name="target_system"),
        *rating_checks(),
    )

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    target_system_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("system.id"), index=True)
    wave_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    strategy: Mapped[MigrationStrategy] = mapped_column(enumeration(MigrationStrategy))
    stage: Mapped[MigrationStage] = mapped_column(enumeration(MigrationStage))
    cutover_style: Mapped[CutoverStyle | None] = mapped_column(enumeration(CutoverStyle))
    planned_date: Mapped[date | None]
    forecast_date: Mapped[date | None]
    actual_date: Mapped[date | None]
    next_update_due: Mapped[date | None]

    programme: Mapped[Programme] = relationship()

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that may change it."""
        return self.programme.agency_id


@event.listens_for(Migration, "before_update")
def _keep_date(_mapper: Any, _connection: Any, migration: Migration) -> None:
    """A target may be one that others do not see, and to whom its change must not be dated."""
    state = sa.inspect(migration)
    names = [attribute.key for attribute in state.mapper.column_attrs]
    if {n for n in names if state.attrs[n].history.has_changes()} == {"target_system_id"}:
        flag_modified(migration, "updated_at")


_MESSAGES = {
    "ck_programme_period": ("/end_date", "It may not end before it starts.", "out_of_order"),
    "ck_wave_period": ("/end_date", "It may not end before it starts.", "out_of_order"),
    "uq_wave_programme_id_name_key": (
        "/name",
        "The programme has a wave of this name already.",
        "taken",
    ),
    "uq_migration_programme_id_system_id": (
        "/system_id",
        "The programme moves this system already.",
        "taken",
    ),
    "ck_migration_target_system": (
        "/target_system_id",
        "A system cannot move to itself.",
        "circular",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)
name_rating_checks("migration")

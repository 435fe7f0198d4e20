"""Tables of programmes, waves and migrations, and their error messages."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import END_BEFORE_START, constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Key, enumeration
from catalogue.core.update_dates import undated
from catalogue.history.audit_log import audited, owner_through
from catalogue.programmes.rating import Rated, name_rating_checks, rating_checks
from catalogue.programmes.vocabulary import (
    CutoverStyle,
    MigrationKind,
    MigrationStage,
    ProgrammeStatus,
)
from catalogue.rationalisation.vocabulary import MigrationStrategy


@undated("agreement_id")
@audited("programme")
class Programme(Rated, Entity):
    """A set of migrations, waves and savings that one lead agency runs for its members."""

    __tablename__ = "programme"
    __table_args__ = (
        sa.CheckConstraint("end_date IS NULL OR end_date >= start_date", name="period"),
        *rating_checks(),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The agency that leads the programme."""
    target_agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    agreement_id: Mapped[UUID | None] = mapped_column(index=True)
    """The collaboration agreement behind the programme.

    This is not a foreign key, because SQLite cannot add one to an existing table. Agreements are
    never deleted, so the id always refers to an agreement.
    """
    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    summary: Mapped[str | None] = mapped_column(sa.Text)
    status: Mapped[ProgrammeStatus] = mapped_column(enumeration(ProgrammeStatus))
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(sa.Text)


class ProgrammeRecord(Entity):
    """A record of a programme, which only the lead of the programme can write."""

    __abstract__ = True

    @declared_attr
    def programme_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy hands over the class
        return mapped_column(sa.ForeignKey("programme.id"), index=True, sort_order=-5)

    @declared_attr
    def programme(cls) -> Mapped[Programme]:  # noqa: N805
        return relationship(Programme)

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that can change the record."""
        return self.programme.agency_id


@audited("wave", owner=owner_through(Programme, by="programme_id"))
class Wave(Rated, Entity):
    """A group of migrations in a programme, with dates, a capacity and a change freeze."""

    __tablename__ = "wave"
    __table_args__ = (
        sa.UniqueConstraint("programme_id", "name_key"),
        sa.CheckConstraint("end_date >= start_date", name="period"),
        sa.CheckConstraint("position >= 1", name="position"),
        sa.CheckConstraint("freeze_end >= freeze_start", name="freeze"),
        *rating_checks(),
    )

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
    name_key: Mapped[str] = mapped_column(Key(400))
    position: Mapped[int]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    capacity: Mapped[int | None]
    freeze_start: Mapped[date | None]
    """The first day of the change freeze, which forbids other changes to the wave's systems."""
    freeze_end: Mapped[date | None]

    programme: Mapped[Programme] = relationship()

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that can change the record."""
        return self.programme.agency_id


@undated("target_system_id")
@audited("migration", owner=owner_through(Programme, by="programme_id"))
class Migration(Rated, Entity):
    """The planned or actual move of one system in a programme."""

    __tablename__ = "migration"
    __table_args__ = (
        # In a programme, a system has one consolidation at most, and one separation per agency.
        sa.Index(
            "uq_migration_consolidation",
            "programme_id",
            "system_id",
            unique=True,
            sqlite_where=sa.text("leaving_agency_id IS NULL"),
            postgresql_where=sa.text("leaving_agency_id IS NULL"),
        ),
        sa.Index(
            "uq_migration_separation",
            "programme_id",
            "system_id",
            "leaving_agency_id",
            unique=True,
            sqlite_where=sa.text("leaving_agency_id IS NOT NULL"),
            postgresql_where=sa.text("leaving_agency_id IS NOT NULL"),
        ),
        sa.CheckConstraint("target_system_id <> system_id", name="target_system"),
        sa.CheckConstraint("attempt >= 1", name="attempt"),
        sa.CheckConstraint(
            "(dependency_waived_by IS NULL) = (dependency_waived_reason IS NULL)",
            name="dependency_waiver",
        ),
        *rating_checks(),
    )

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    target_system_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("system.id"), index=True)
    wave_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    kind: Mapped[MigrationKind] = mapped_column(
        enumeration(MigrationKind),
        default=MigrationKind.CONSOLIDATION,
        server_default=MigrationKind.CONSOLIDATION.value,
    )
    leaving_agency_id: Mapped[UUID | None] = mapped_column(index=True)
    """The agency that leaves the system in a separation. None in a consolidation.

    This is not a foreign key, because SQLite cannot add one to an existing table.
    """
    strategy: Mapped[MigrationStrategy] = mapped_column(enumeration(MigrationStrategy))
    stage: Mapped[MigrationStage] = mapped_column(enumeration(MigrationStage))
    stage_reason: Mapped[str | None] = mapped_column(sa.Text)
    """The reason for the stage, required for `on_hold`, `cancelled` and `rolled_back`."""
    attempt: Mapped[int] = mapped_column(default=1, server_default="1")
    """The number of the current attempt, from 1. Each roll-back starts a new attempt."""
    cutover_style: Mapped[CutoverStyle | None] = mapped_column(enumeration(CutoverStyle))
    planned_date: Mapped[date | None]
    """The agreed date of the cutover, which is the baseline from the stage `planned` on."""
    first_planned_date: Mapped[date | None]
    rebaselined_at: Mapped[datetime | None]
    rebaseline_reason: Mapped[str | None] = mapped_column(sa.Text)
    forecast_date: Mapped[date | None]
    actual_date: Mapped[date | None]
    next_update_due: Mapped[date | None]
    dependencies_waived_by: Mapped[str | None] = mapped_column(
        "dependency_waived_by", sa.String(200), key="dependencies_waived_by"
    )
    """The name or role of the person who lets this migration precede those it depends on."""
    dependencies_waived_reason: Mapped[str | None] = mapped_column(
        "dependency_waived_reason", sa.Text, key="dependencies_waived_reason"
    )
    change_for_users: Mapped[str | None] = mapped_column(sa.Text)
    change_for_public: Mapped[str | None] = mapped_column(sa.Text)
    public_statement: Mapped[str | None] = mapped_column(sa.Text)

    programme: Mapped[Programme] = relationship()

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that can change the record."""
        return self.programme.agency_id


FREEZE_ENDS_BEFORE_START = (
    "The date in `freeze_end` is before the date in `freeze_start`. Correct one of them."
)
MOVES_TO_ITSELF = "A system cannot move to itself. Choose a different target."

_MESSAGES = {
    "ck_programme_period": ("/end_date", END_BEFORE_START, "out_of_order"),
    "ck_wave_period": ("/end_date", END_BEFORE_START, "out_of_order"),
    "uq_wave_programme_id_name_key": (
        "/name",
        "The programme already has a wave with this name. Choose a different name.",
        "taken",
    ),
    "ck_wave_freeze": ("/freeze_end", FREEZE_ENDS_BEFORE_START, "out_of_order"),
    "uq_migration_consolidation": (
        "/system_id",
        "The programme already has a migration of this system. Change that migration instead.",
        "taken",
    ),
    "uq_migration_separation": (
        "/leaving_agency",
        "The programme already separates this agency from the system. Change that separation.",
        "taken",
    ),
    "ck_migration_target_system": (
        "/target_system_id",
        MOVES_TO_ITSELF,
        "circular",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)
for _table in ("programme", "wave", "migration"):
    name_rating_checks(_table)

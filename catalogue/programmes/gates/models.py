"""Tables of gate checks, waivers and stage entries, and their error messages."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import enumeration
from catalogue.history.audit_log import audited, owner_through
from catalogue.programmes.models import Migration, Programme
from catalogue.programmes.vocabulary import CheckItem, CheckState, Gate, MigrationStage

_OWNER = owner_through(Programme, by="programme_id", of=(Migration, "migration_id"))


class MigrationRecord(Entity):
    """A record of one attempt at a migration, which only the lead of the programme can write."""

    __abstract__ = True

    @declared_attr
    def migration_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy hands over the class
        return mapped_column(sa.ForeignKey("migration.id"), index=True, sort_order=-5)

    @declared_attr
    def attempt(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(sort_order=-4)

    @declared_attr
    def migration(cls) -> Mapped[Migration]:  # noqa: N805
        return relationship(Migration)

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that can change the record."""
        return self.migration.programme.agency_id


@audited("migration_check", owner=_OWNER)
class MigrationCheck(MigrationRecord):
    """A named person's confirmation that a gate item is done or does not apply.

    A withdrawn check stays on record, and its item can be checked again.
    """

    __tablename__ = "migration_check"
    __table_args__ = (
        sa.Index(
            "uq_migration_check_standing",
            "migration_id",
            "attempt",
            "item",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL AND withdrawal_reason IS NULL"
            " OR withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL",
            name="withdrawal",
        ),
    )

    item: Mapped[CheckItem] = mapped_column(enumeration(CheckItem))
    state: Mapped[CheckState] = mapped_column(enumeration(CheckState))
    name: Mapped[str] = mapped_column(sa.String(200))
    """The name or role of the person who confirms the item."""
    checked_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(sa.Text)
    evidence: Mapped[str | None] = mapped_column(sa.String(500))
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.Text)


@audited("migration_waiver", owner=_OWNER)
class MigrationWaiver(MigrationRecord):
    """A named person's reason to pass a gate that has items outstanding."""

    __tablename__ = "migration_waiver"
    __table_args__ = (sa.UniqueConstraint("migration_id", "attempt", "gate"),)

    gate: Mapped[Gate] = mapped_column(enumeration(Gate))
    """The stage that the migration can enter because of the waiver."""
    name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.Text)
    waived_at: Mapped[datetime]


@audited("migration_stage_entry", owner=_OWNER)
class MigrationStageEntry(MigrationRecord):
    """The entry of a migration into a stage, with the migration's dates at that moment."""

    __tablename__ = "migration_stage_entry"
    __table_args__ = (sa.UniqueConstraint("migration_id", "ordinal"),)

    ordinal: Mapped[int]
    stage: Mapped[MigrationStage] = mapped_column(enumeration(MigrationStage))
    entered_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    planned_date: Mapped[date | None]
    forecast_date: Mapped[date | None]
    actual_date: Mapped[date | None]


constraint_message(
    "uq_migration_check_standing",
    pointer="/item",
    detail="This item already has a check. If that check is wrong, withdraw it first.",
    code="taken",
)
constraint_message(
    "ck_migration_check_withdrawal",
    pointer="/reason",
    detail="The withdrawal has no reason. Explain in `reason` why the check is withdrawn.",
    code="incomplete",
)
constraint_message(
    "uq_migration_waiver_migration_id_attempt_gate",
    pointer="/gate",
    detail="This gate is already waived in the current attempt. No action is needed.",
    code="taken",
)
constraint_message(
    "uq_migration_stage_entry_migration_id_ordinal",
    pointer="/stage",
    detail="Someone else has changed the stage of this migration. Read the migration again.",
    code="taken",
)

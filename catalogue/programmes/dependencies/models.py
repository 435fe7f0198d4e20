"""Table of the recorded dependencies between migrations, and its error messages."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.errors import constraint_message
from catalogue.history.audit_log import audited, owner_through
from catalogue.programmes.models import Migration, Programme, ProgrammeRecord


@audited("migration_dependency", owner=owner_through(Programme, by="programme_id"))
class MigrationDependency(ProgrammeRecord):
    """A dependency: one migration can take place only with or after another."""

    __tablename__ = "migration_dependency"
    __table_args__ = (
        sa.UniqueConstraint("migration_id", "depends_on_id"),
        sa.CheckConstraint("depends_on_id <> migration_id", name="depends_on"),
        sa.CheckConstraint("(waived_by IS NULL) = (waived_reason IS NULL)", name="waiver"),
    )

    migration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("migration.id"))
    depends_on_id: Mapped[UUID] = mapped_column(sa.ForeignKey("migration.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    waived_by: Mapped[str | None] = mapped_column(sa.String(200))
    """The name or role of the person who is answerable for ignoring the dependency."""
    waived_reason: Mapped[str | None] = mapped_column(sa.Text)

    migration: Mapped[Migration] = relationship(
        foreign_keys=lambda: MigrationDependency.migration_id
    )
    depends_on: Mapped[Migration] = relationship(
        foreign_keys=lambda: MigrationDependency.depends_on_id
    )


DEPENDS_ON_ITSELF = "A migration cannot depend on itself. Choose another migration."


def incomplete_waiver(missing: str) -> str:
    """Return the message for a waiver that lacks one of its two fields."""
    return f"A waiver needs both a name and a reason. Enter `{missing}`, or clear both fields."


constraint_message(
    "uq_migration_dependency_migration_id_depends_on_id",
    pointer="/depends_on_id",
    detail="This dependency is already recorded. Change the existing record instead.",
    code="taken",
)
constraint_message(
    "ck_migration_dependency_depends_on",
    pointer="/depends_on_id",
    detail=DEPENDS_ON_ITSELF,
    code="circular",
)
constraint_message(
    "ck_migration_dependency_waiver",
    pointer="/waived_reason",
    detail=incomplete_waiver("waived_reason"),
    code="incomplete",
)

"""Table of notices, which inform people about a migration."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import enumeration
from catalogue.history.audit_log import audited, owner_through
from catalogue.programmes.impact.vocabulary import NoticeAudience
from catalogue.programmes.models import Migration, Programme


@audited(
    "migration_notice",
    owner=owner_through(Programme, by="programme_id", of=(Migration, "migration_id")),
)
class MigrationNotice(Entity):
    """A planned or sent notice that informs people about a migration."""

    __tablename__ = "migration_notice"
    __table_args__ = (
        sa.CheckConstraint("audience <> 'agency' OR agency_id IS NOT NULL", name="agency"),
    )

    migration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("migration.id"), index=True)
    audience: Mapped[NoticeAudience] = mapped_column(enumeration(NoticeAudience))
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"))
    """The agency that the notice concerns. None for all affected agencies."""
    channel: Mapped[str | None] = mapped_column(sa.String(100))
    subject: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str | None] = mapped_column(sa.Text)
    planned_date: Mapped[date]
    sent_on: Mapped[date | None]

    migration: Mapped[Migration] = relationship()

    @property
    def lead_agency_id(self) -> UUID:
        """The agency that can change the record."""
        return self.migration.programme.agency_id


AGENCY_MISSING = (
    "The notice names no agency. Enter in `agency` the code of the agency that it is for."
)

constraint_message(
    "ck_migration_notice_agency",
    pointer="/agency",
    detail=AGENCY_MISSING,
    code="no_agency",
)

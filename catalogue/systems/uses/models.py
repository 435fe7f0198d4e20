"""The table of uses."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.history.audit_log import audited, disclosure_through, owner_through
from catalogue.systems.models import System


@audited(
    "system_use",
    owner=owner_through(System, by="system_id"),
    disclosure=disclosure_through(System, by="system_id"),
)
class SystemUse(Entity):
    """That an agency uses a system, its own or another's."""

    __tablename__ = "system_use"
    __table_args__ = (
        sa.CheckConstraint("until >= since", name="period"),
        # Who left may come back, so past uses may be many; but one uses a system once at a time.
        sa.Index(
            "uq_system_use_open",
            "system_id",
            "using_agency_id",
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        ),
    )

    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    using_agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    user_count: Mapped[int | None]
    since: Mapped[date | None]
    until: Mapped[date | None]

    system: Mapped[System] = relationship()

    @property
    def owner_id(self) -> UUID:
        """The agency that may change it: the system's, which knows its users."""
        return self.system.agency_id


constraint_message(
    "uq_system_use_open",
    pointer="/agency",
    detail="The agency uses the system already, by a use that has not ended.",
)


constraint_message(
    "ck_system_use_period",
    pointer="/until",
    detail="It may not end before it starts.",
    code="out_of_order",
)

"""The table of the agencies that use each system."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import END_BEFORE_START, constraint_message
from catalogue.history.audit_log import audited, disclosure_through, owner_through
from catalogue.systems.models import System


@audited(
    "system_use",
    owner=owner_through(System, by="system_id"),
    disclosure=disclosure_through(System, by="system_id"),
)
class SystemUse(Entity):
    """The use of a system by its owner or another agency."""

    __tablename__ = "system_use"
    __table_args__ = (
        sa.CheckConstraint("until >= since", name="period"),
        # An agency can leave and return, so it can have many past uses but only one open use.
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
        """The agency that can change the use: the owner of the system."""
        return self.system.agency_id


constraint_message(
    "uq_system_use_open",
    pointer="/agency",
    detail="The agency already has an open use of this system. Change that use instead.",
)


constraint_message(
    "ck_system_use_period",
    pointer="/until",
    detail=END_BEFORE_START,
    code="out_of_order",
)

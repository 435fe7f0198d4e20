"""The table of interfaces, and the messages of its constraints."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, enumeration
from catalogue.core.update_dates import undated
from catalogue.history.audit_log import audited
from catalogue.systems.vocabulary import Criticality, InterfaceDirection, InterfaceStandard

SAME_SYSTEM = (
    "Both ends of the interface are the same system. Choose a different system for one end."
)


# A merger moves an end, which readers of the other end might not see.
@undated("from_system_id", "to_system_id")
@audited("interface")
class Interface(Entity):
    """An exchange of data between two systems, which can belong to two agencies."""

    __tablename__ = "interface"
    __table_args__ = (
        # The recorder is part of the key, so that no conflict reveals another agency's record.
        sa.UniqueConstraint("agency_id", "from_system_id", "to_system_id", "standard"),
        sa.CheckConstraint("from_system_id <> to_system_id", name="ends"),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    """The agency that recorded the interface, and alone can change it."""
    from_system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    to_system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    direction: Mapped[InterfaceDirection] = mapped_column(enumeration(InterfaceDirection))
    standard: Mapped[InterfaceStandard] = mapped_column(enumeration(InterfaceStandard))
    data_categories: Mapped[list[str]] = mapped_column(Json, default=list)
    criticality: Mapped[Criticality | None] = mapped_column(enumeration(Criticality))
    fallback: Mapped[str | None] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.Text)


constraint_message(
    "uq_interface_agency_id_from_system_id_to_system_id_standard",
    pointer="/standard",
    detail=(
        "Your agency has already recorded an interface with this standard between the two systems. "
        "Change that interface instead."
    ),
)


constraint_message(
    "ck_interface_ends",
    pointer="/to_system_id",
    detail=SAME_SYSTEM,
    code="circular",
)

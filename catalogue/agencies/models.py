"""Agencies and how they follow one another."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, enumeration


class AgencyKind(StrEnum):
    """What sort of body an agency is."""

    POLICE = "police"
    FIRE = "fire"
    AMBULANCE = "ambulance"
    PCC = "pcc"
    PFCC = "pfcc"
    MAYOR = "mayor"
    SHARED_SERVICE = "shared_service"
    OTHER = "other"


agency_succession = sa.Table(
    "agency_succession",
    Base.metadata,
    sa.Column("predecessor_id", sa.ForeignKey("agency.id"), primary_key=True),
    sa.Column("successor_id", sa.ForeignKey("agency.id"), primary_key=True, index=True),
)
"""Which agency took over from which: mergers and splits are many to many."""


class Agency(Entity):
    """A body that runs systems, or governs one that does. It is never deleted: it ends."""

    __tablename__ = "agency"
    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="valid_period"
        ),
    )

    code: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[AgencyKind] = mapped_column(enumeration(AgencyKind))
    nation: Mapped[str | None] = mapped_column(sa.String(40))
    identifiers: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    governed_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(sa.Text)

    governed_by: Mapped["Agency | None"] = relationship(remote_side="Agency.id")
    predecessors: Mapped[list["Agency"]] = relationship(
        secondary=agency_succession,
        primaryjoin=lambda: Agency.id == agency_succession.c.successor_id,
        secondaryjoin=lambda: Agency.id == agency_succession.c.predecessor_id,
        back_populates="successors",
    )
    successors: Mapped[list["Agency"]] = relationship(
        secondary=agency_succession,
        primaryjoin=lambda: Agency.id == agency_succession.c.predecessor_id,
        secondaryjoin=lambda: Agency.id == agency_succession.c.successor_id,
        back_populates="predecessors",
    )


constraint_message(
    "uq_agency_code", pointer="/code", detail="Another agency has this code already."
)
constraint_message(
    "ck_agency_valid_period",
    pointer="/valid_to",
    detail="It may not end before it began.",
    code="out_of_order",
)

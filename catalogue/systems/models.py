"""Systems, the capabilities that they serve, and their ids in other registers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.agencies.visibility import Disclosed
from catalogue.capabilities.models import Capability
from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, Key, UtcDateTime, enumeration, trigram_index
from catalogue.history.recording import (
    Listed,
    code_of,
    disclosure_through,
    not_recorded,
    owner_through,
    recorded,
)
from catalogue.systems.vocabulary import (
    AttestationVerdict,
    Classification,
    Criticality,
    Disposition,
    DpiaStatus,
    Hosting,
    InterfaceDirection,
    InterfaceStandard,
    Lifecycle,
    PersonalData,
)


@not_recorded("It is part of what is recorded of a system.")
class SystemCapability(Base):
    """A capability that a system serves."""

    __tablename__ = "system_capability"

    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id", ondelete="CASCADE"), primary_key=True
    )
    capability_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("capability.id"), primary_key=True, index=True
    )


@not_recorded("It is part of what is recorded of a system.")
class SystemExternalId(Base):
    """What another register calls a system: a CMDB, a finance system, a spreadsheet."""

    __tablename__ = "system_external_id"
    __table_args__ = (sa.UniqueConstraint("agency_id", "source", "external_id"),)

    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(sa.String(50), primary_key=True)
    external_id: Mapped[str] = mapped_column(sa.String(200))
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))


@recorded(
    "system",
    lists={
        "capabilities": Listed(
            "capability_links",
            lambda session, link: code_of(session, Capability, link.capability_id),
        ),
        "external_ids": Listed(
            "external_id_links", lambda _, link: {"source": link.source, "id": link.external_id}
        ),
    },
    leaves_out={"completeness", "missing", "summary_search_text"},
)
class System(Disclosed):
    """One running installation that one agency is answerable for."""

    __tablename__ = "system"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "name_key"),
        sa.CheckConstraint("functional_fit BETWEEN 1 AND 4", name="functional_fit"),
        sa.CheckConstraint("technical_fit BETWEEN 1 AND 4", name="technical_fit"),
        sa.CheckConstraint("legacy_risk BETWEEN 0 AND 30", name="legacy_risk"),
        sa.Index("ix_system_name_key_id", "name_key", "id"),
        sa.Index("ix_system_updated_at_id", "updated_at", "id"),
        trigram_index("ix_system_search_text", "search_text"),
    )

    full_fields = frozenset({"legacy_risk", "rto_hours", "rpo_hours"})
    """Published, they would tell an attacker where to begin."""

    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(Key(400))
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)
    description: Mapped[str | None] = mapped_column(sa.Text)
    product_name: Mapped[str | None] = mapped_column(sa.String(200))
    supplier_name: Mapped[str | None] = mapped_column(sa.String(200))
    product_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("product.id"), index=True)
    product_version: Mapped[str | None] = mapped_column(sa.String(100))
    lifecycle: Mapped[Lifecycle] = mapped_column(enumeration(Lifecycle))
    live_from: Mapped[date | None]
    end_of_support: Mapped[date | None]
    hosting: Mapped[Hosting | None] = mapped_column(enumeration(Hosting))
    criticality: Mapped[Criticality | None] = mapped_column(enumeration(Criticality))
    functional_fit: Mapped[int | None]
    technical_fit: Mapped[int | None]
    disposition: Mapped[Disposition | None] = mapped_column(enumeration(Disposition))
    user_count: Mapped[int | None]
    rto_hours: Mapped[int | None]
    rpo_hours: Mapped[int | None]
    classification: Mapped[Classification | None] = mapped_column(enumeration(Classification))
    personal_data: Mapped[PersonalData | None] = mapped_column(enumeration(PersonalData))
    dpia_status: Mapped[DpiaStatus | None] = mapped_column(enumeration(DpiaStatus))
    retention_hold: Mapped[bool] = mapped_column(default=False)
    legacy_risk: Mapped[int | None]
    business_owner: Mapped[str | None] = mapped_column(sa.String(200))
    technical_owner: Mapped[str | None] = mapped_column(sa.String(200))
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    attributes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    attested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attestation_verdict: Mapped[AttestationVerdict | None] = mapped_column(
        enumeration(AttestationVerdict)
    )
    """What its owner said of it last."""
    completeness: Mapped[int] = mapped_column(server_default="0")
    """The share of the fields asked for that are filled, in whole per cent."""
    missing: Mapped[list[str]] = mapped_column(Json, server_default="[]")
    search_text: Mapped[str] = mapped_column(sa.Text)
    summary_search_text: Mapped[str] = mapped_column(sa.Text, server_default=sa.text("''"))
    """What of it the summary profile shows."""
    shared_updated_at: Mapped[datetime] = mapped_column(
        server_default=sa.text("'1970-01-01 00:00:00+00:00'"), sort_order=93
    )

    capability_links: Mapped[list[SystemCapability]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    external_id_links: Mapped[list[SystemExternalId]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


constraint_message(
    "uq_system_agency_id_name_key",
    pointer="/name",
    detail="The agency has a system of this name already.",
)
constraint_message(
    "uq_system_external_id_agency_id_source_external_id",
    pointer="/external_ids",
    detail="The agency has another system with this external id.",
)


@recorded(
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


@recorded("interface")
class Interface(Entity):
    """That two systems, perhaps of two agencies, exchange data."""

    __tablename__ = "interface"
    __table_args__ = (
        # Of what another agency recorded, a conflict must not tell: so the recorder is part of it.
        sa.UniqueConstraint("agency_id", "from_system_id", "to_system_id", "standard"),
        sa.CheckConstraint("from_system_id <> to_system_id", name="ends"),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    """The agency that recorded it, and alone may change it."""
    from_system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    to_system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    direction: Mapped[InterfaceDirection] = mapped_column(enumeration(InterfaceDirection))
    standard: Mapped[InterfaceStandard] = mapped_column(enumeration(InterfaceStandard))
    data_categories: Mapped[list[str]] = mapped_column(Json, default=list)
    criticality: Mapped[Criticality | None] = mapped_column(enumeration(Criticality))
    fallback: Mapped[str | None] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.Text)


@recorded("attestation", disclosure=disclosure_through(System, by="system_id"))
class Attestation(Entity):
    """What the owner of a system said of its record. Never changed: a later one follows it."""

    __tablename__ = "attestation"
    __table_args__ = (
        sa.CheckConstraint("verdict = 'confirmed' OR comment IS NOT NULL", name="comment"),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    """The owner, as it was then."""
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    verdict: Mapped[AttestationVerdict] = mapped_column(enumeration(AttestationVerdict))
    comment: Mapped[str | None] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.Text)


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
constraint_message(
    "uq_interface_agency_id_from_system_id_to_system_id_standard",
    pointer="/standard",
    detail="Your agency has recorded this interface between the two systems already.",
)
constraint_message(
    "ck_interface_ends",
    pointer="/to_system_id",
    detail="A system has no interface with itself.",
    code="circular",
)
constraint_message(
    "ck_attestation_comment",
    pointer="/comment",
    detail="Say why the record is not confirmed.",
    code="unexplained",
)

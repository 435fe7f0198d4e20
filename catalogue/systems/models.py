"""The tables of systems, their capabilities and their ids in other registers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.agencies.visibility import Disclosed
from catalogue.capabilities.models import Capability
from catalogue.core.database import Base
from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Json, Key, UtcDateTime, enumeration, trigram_index
from catalogue.history.audit_log import AuditedList, audited, code_of, not_audited
from catalogue.systems.vocabulary import (
    AttestationVerdict,
    Classification,
    Criticality,
    Disposition,
    DpiaStatus,
    Hosting,
    Lifecycle,
    PersonalData,
)


@not_audited("The audit log records these rows as lists of the system.")
class SystemCapability(Base):
    """A capability that a system supports."""

    __tablename__ = "system_capability"

    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id", ondelete="CASCADE"), primary_key=True
    )
    capability_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("capability.id"), primary_key=True, index=True
    )


@not_audited("The audit log records these rows as lists of the system.")
class SystemExternalId(Base):
    """The id of a system in another register: a CMDB, a finance system or a spreadsheet."""

    __tablename__ = "system_external_id"
    __table_args__ = (sa.UniqueConstraint("agency_id", "source", "external_id"),)

    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(sa.String(50), primary_key=True)
    external_id: Mapped[str] = mapped_column(sa.String(200))
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))


@audited(
    "system",
    lists={
        "capabilities": AuditedList(
            "capability_links",
            lambda session, link: code_of(session, Capability, link.capability_id),
            lambda session, _, code: SystemCapability(
                capability_id=session.execute(
                    sa.select(Capability.id).where(Capability.code == code)
                ).scalar_one()
            ),
        ),
        "external_ids": AuditedList(
            "external_id_links",
            lambda _, link: {"source": link.source, "id": link.external_id},
            lambda _, system, entry: SystemExternalId(
                source=entry["source"], external_id=entry["id"], agency_id=system.agency_id
            ),
        ),
    },
    ignored_columns={"completeness", "missing", "summary_search_text"},
)
class System(Disclosed):
    """A running installation of software, with one owner."""

    __tablename__ = "system"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "name_key"),
        sa.CheckConstraint("functional_fit BETWEEN 1 AND 4", name="functional_fit"),
        sa.CheckConstraint("technical_fit BETWEEN 1 AND 4", name="technical_fit"),
        sa.CheckConstraint("legacy_risk BETWEEN 0 AND 30", name="legacy_risk"),
        sa.Index("ix_system_name_key_id", "name_key", "id"),
        sa.Index("ix_system_name_sort_id", "name_sort", "id"),
        sa.Index("ix_system_updated_at_id", "updated_at", "id"),
        trigram_index("ix_system_search_text", "search_text"),
    )

    full_fields = frozenset({"legacy_risk", "rto_hours", "rpo_hours"})
    """Fields that only the full profile shows, because they identify the weakest systems."""

    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
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
    """The verdict of the last attestation."""
    completeness: Mapped[int] = mapped_column(server_default="0")
    """The percentage of the expected fields that are filled, in whole per cent."""
    missing: Mapped[list[str]] = mapped_column(Json, server_default="[]")
    search_text: Mapped[str] = mapped_column(sa.Text)
    summary_search_text: Mapped[str] = mapped_column(sa.Text, server_default=sa.text("''"))
    """The search text of the fields that the summary profile shows."""
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
    detail="Your agency already has a system with this name. Choose another name.",
)
constraint_message(
    "uq_system_external_id_agency_id_source_external_id",
    pointer="/external_ids",
    detail="Another system of your agency has this external id. Correct one of the two ids.",
)

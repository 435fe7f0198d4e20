"""The table of attestations."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import enumeration
from catalogue.history.audit_log import audited, disclosure_through
from catalogue.systems.models import System
from catalogue.systems.vocabulary import AttestationVerdict


@audited("attestation", disclosure=disclosure_through(System, by="system_id"))
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
    "ck_attestation_comment",
    pointer="/comment",
    detail="Say why the record is not confirmed.",
    code="unexplained",
)

"""The table of attestations, whose rows never change."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import enumeration
from catalogue.history.audit_log import audited, disclosure_through
from catalogue.systems.models import System
from catalogue.systems.vocabulary import AttestationVerdict

COMMENT_NEEDED = "The comment is missing. Explain in `comment` why the record is not confirmed."


@audited("attestation", disclosure=disclosure_through(System, by="system_id"))
class Attestation(Entity):
    """A statement by the owner about a system's record.

    Attestations never change. The owner records a new one instead.
    """

    __tablename__ = "attestation"
    __table_args__ = (
        sa.CheckConstraint("verdict = 'confirmed' OR comment IS NOT NULL", name="comment"),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    """The owner at the time of the attestation."""
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    verdict: Mapped[AttestationVerdict] = mapped_column(enumeration(AttestationVerdict))
    comment: Mapped[str | None] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.Text)


constraint_message(
    "ck_attestation_comment",
    pointer="/comment",
    detail=COMMENT_NEEDED,
    code="unexplained",
)

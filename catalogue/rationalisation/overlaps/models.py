"""Overlaps, the systems in them, and what agencies found of them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, Key, enumeration
from catalogue.history.recording import not_recorded, recorded
from catalogue.rationalisation.vocabulary import (
    OverlapKind,
    OverlapVerdict,
)


@not_recorded("Runs find it in the records, which are recorded.")
class OverlapMember(Base):
    """A system in an overlap, and why it is there."""

    __tablename__ = "overlap_member"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 100", name="score"),)

    overlap_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id", ondelete="CASCADE"), primary_key=True
    )
    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[int]
    """In hundredths."""
    evidence: Mapped[list[str]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]
    """When a run found it anew, or with another digest."""


@recorded("overlap_review")
class OverlapReview(Entity):
    """What an agency found when it looked into an overlap. Its last one counts."""

    __tablename__ = "overlap_review"

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    verdict: Mapped[OverlapVerdict] = mapped_column(enumeration(OverlapVerdict))
    reason: Mapped[str] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    reviewed_at: Mapped[datetime]


@not_recorded("Runs find it in the records, which are recorded.")
class Overlap(Entity):
    """Systems of several agencies that share a key; kind and key keep its id from run to run.

    It has no status of its own: what one agency may know of it decides how far it seems to be.
    """

    __tablename__ = "overlap"
    __table_args__ = (sa.UniqueConstraint("kind", "key"),)

    kind: Mapped[OverlapKind] = mapped_column(enumeration(OverlapKind))
    key: Mapped[str] = mapped_column(Key(500))
    product_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("product.id"), index=True)
    capability_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("capability.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(400))
    search_text: Mapped[str] = mapped_column(sa.Text)
    first_found_at: Mapped[datetime]
    last_found_at: Mapped[datetime]

    members: Mapped[list[OverlapMember]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


constraint_message(
    "uq_overlap_kind_key",
    pointer="",
    detail="Another run is finding overlaps at the same moment.",
    code="busy",
)

"""Tables of overlaps, their members, reviews, pairs and groupings."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.agencies.visibility import FieldProfile
from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, Key, enumeration
from catalogue.history.audit_log import audited, not_audited
from catalogue.rationalisation.vocabulary import GroupingAction, OverlapKind, OverlapVerdict


@not_audited("Runs derive it from records, which are audited.")
class OverlapMember(Base):
    """A system in an overlap, with the evidence for it."""

    __tablename__ = "overlap_member"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 100", name="score"),)

    overlap_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id", ondelete="CASCADE"), primary_key=True
    )
    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[int]
    """The certainty in hundredths, from 0 to 100."""
    evidence: Mapped[list[str]] = mapped_column(Json)
    supplier_name: Mapped[str | None] = mapped_column("maker", sa.String(400))
    """The supplier's plain name in the record. If names differ, the kind is `renamed_supplier`."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]
    """The time at which a run first found the member, or found it with another digest."""


@audited("overlap_review")
class OverlapReview(Entity):
    """An agency's review of an overlap. The last review counts."""

    __tablename__ = "overlap_review"

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    verdict: Mapped[OverlapVerdict] = mapped_column(enumeration(OverlapVerdict))
    reason: Mapped[str] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    reviewed_at: Mapped[datetime]


@not_audited("Runs derive it from records, which are audited.")
class OverlapPair(Base):
    """Two systems that overlap by a comparison of their records, rather than by a shared key."""

    __tablename__ = "overlap_pair"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 100", name="score"),)

    overlap_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id", ondelete="CASCADE"), primary_key=True
    )
    first_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    second_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    first_agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    """The lesser of the two agencies' ids, so that rival pairs list the agencies in one order."""
    second_agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    score: Mapped[int]
    """The certainty in hundredths, from 0 to 100."""
    evidence: Mapped[list[str]] = mapped_column(Json)
    profile: Mapped[FieldProfile] = mapped_column(enumeration(FieldProfile))
    """The profile that a reader needs on both systems to see the fields that were compared."""
    is_rival: Mapped[bool]
    """False for one installation. A likelier pair that shares a system can hide any other pair."""


@not_audited("The audited grouping holds the same ids. This table serves queries.")
class OverlapOrigin(Base):
    """An overlap from which a manual group takes systems."""

    __tablename__ = "overlap_origin"

    overlap_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id", ondelete="CASCADE"), primary_key=True
    )
    origin_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id"), primary_key=True, index=True
    )


@audited("overlap_grouping")
class OverlapGrouping(Entity):
    """A split or a merger of overlaps that an agency made by hand."""

    __tablename__ = "overlap_grouping"
    __table_args__ = (sa.UniqueConstraint("overlap_id"),)

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"))
    """The overlap that the grouping created, called a manual group."""
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    action: Mapped[GroupingAction] = mapped_column(
        "making", enumeration(GroupingAction, name="group_making"), key="action"
    )
    title: Mapped[str | None] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    origin_ids: Mapped[list[str]] = mapped_column(Json)
    system_ids: Mapped[list[str]] = mapped_column(Json)
    """The systems that were split off. Empty in a merger, which follows its origins in each run."""
    withdrawn_at: Mapped[datetime | None]


@not_audited("Runs derive it from records, which are audited.")
class Overlap(Entity):
    """Systems of several agencies that share a key, or that agencies grouped by hand.

    Kind and key identify the overlap from run to run. The status is not stored, because it depends
    on what the reader can see.
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
    pair: Mapped[OverlapPair | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    grouping: Mapped[OverlapGrouping | None] = relationship(viewonly=True)


constraint_message(
    "uq_overlap_kind_key",
    pointer="",
    detail="Another run is finding overlaps at the moment. Try again later.",
    code="busy",
)
constraint_message(
    "uq_overlap_grouping_overlap_id",
    pointer="",
    detail="This grouping already exists. Read the groupings again.",
)

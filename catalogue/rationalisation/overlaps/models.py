"""Overlaps, the systems in them, and what agencies found of them."""

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


@not_audited("Runs find it in the records, which are recorded.")
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
    supplier_name: Mapped[str | None] = mapped_column("maker", sa.String(400))
    """What its record calls the supplier; two of them make the product one that was renamed."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]
    """When a run found it anew, or with another digest."""


@audited("overlap_review")
class OverlapReview(Entity):
    """What an agency found when it looked into an overlap. Its last one counts."""

    __tablename__ = "overlap_review"

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    verdict: Mapped[OverlapVerdict] = mapped_column(enumeration(OverlapVerdict))
    reason: Mapped[str] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    reviewed_at: Mapped[datetime]


@not_audited("Runs find it in the records, which are recorded.")
class OverlapPair(Base):
    """Two systems that belong together by what both records say, rather than by a key."""

    __tablename__ = "overlap_pair"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 100", name="score"),)

    overlap_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id", ondelete="CASCADE"), primary_key=True
    )
    first_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    second_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"), index=True)
    first_agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    """The lesser of the two agencies' ids: so two pairs of the same agencies are alike."""
    second_agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    score: Mapped[int]
    """In hundredths."""
    evidence: Mapped[list[str]] = mapped_column(Json)
    profile: Mapped[FieldProfile] = mapped_column(enumeration(FieldProfile))
    """What one has to see of both systems: more than the summary, if more was looked at."""
    is_rival: Mapped[bool]
    """Whether a likelier pair of the same agencies, with one of the two, takes its place."""


@not_audited("It says to SQL what is recorded of the grouping.")
class OverlapOrigin(Base):
    """An overlap whose systems another one, made by hand, takes."""

    __tablename__ = "overlap_origin"

    overlap_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id", ondelete="CASCADE"), primary_key=True
    )
    origin_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("overlap.id"), primary_key=True, index=True
    )


@audited("overlap_grouping")
class OverlapGrouping(Entity):
    """That an agency split systems off from an overlap, or merged several overlaps into one."""

    __tablename__ = "overlap_grouping"
    __table_args__ = (sa.UniqueConstraint("overlap_id"),)

    overlap_id: Mapped[UUID] = mapped_column(sa.ForeignKey("overlap.id"))
    """What was made by it."""
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    action: Mapped[GroupingAction] = mapped_column(
        "making", enumeration(GroupingAction, name="group_making"), key="action"
    )
    title: Mapped[str | None] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.Text)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    origin_ids: Mapped[list[str]] = mapped_column(Json)
    system_ids: Mapped[list[str]] = mapped_column(Json)
    """Those split off. What is merged follows its origins from run to run, and none is named."""
    withdrawn_at: Mapped[datetime | None]


@not_audited("Runs find it in the records, which are recorded.")
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
    pair: Mapped[OverlapPair | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    grouping: Mapped[OverlapGrouping | None] = relationship(viewonly=True)


constraint_message(
    "uq_overlap_kind_key",
    pointer="",
    detail="Another run is finding overlaps at the same moment.",
    code="busy",
)
constraint_message(
    "uq_overlap_grouping_overlap_id", pointer="", detail="The group has been made already."
)

"""The tables of agencies, their successions, agreements and access grants."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.agencies.visibility import FieldProfile
from catalogue.agencies.vocabulary import AgencyKind, AgreementInstrument
from catalogue.core.database import Base, Entity
from catalogue.core.errors import END_BEFORE_START, constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Json, enumeration
from catalogue.history.audit_log import AuditedList, audited, code_of, in_utc, not_audited

GRANT_TO_OWNER = "An agency sees its own records without a grant. Name another agency."


agency_succession = sa.Table(
    "agency_succession",
    Base.metadata,
    sa.Column("predecessor_id", sa.ForeignKey("agency.id"), primary_key=True),
    sa.Column("successor_id", sa.ForeignKey("agency.id"), primary_key=True, index=True),
)
"""The predecessors and successors of agencies. With mergers and splits, each can have several."""


@audited(
    "agency",
    lists={
        "predecessors": AuditedList("predecessors", lambda _, other: other.code),
        "successors": AuditedList("successors", lambda _, other: other.code),
    },
    owner=lambda _, agency: agency.id,
)
class Agency(Entity):
    """A body that runs systems, or governs one that does. Agencies end, and are never deleted."""

    __tablename__ = "agency"
    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="valid_period"
        ),
    )

    code: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
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
    "uq_agency_code",
    pointer="/code",
    detail="Another agency already has this code. Choose another code.",
)
constraint_message(
    "ck_agency_valid_period",
    pointer="/valid_to",
    detail=END_BEFORE_START,
    code="out_of_order",
)


@not_audited("The audit log keeps it with its agreement.")
class AgreementParty(Base):
    """An agency that is a party to an agreement. The lead agency has a row too."""

    __tablename__ = "agreement_party"

    agreement_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )


@not_audited("The audit log keeps it with its agreement.")
class AgreementAcceptance(Base):
    """The acceptance of an agreement by a party, with the hash of the terms that it read."""

    __tablename__ = "agreement_acceptance"

    agreement_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), primary_key=True)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    person_id: Mapped[UUID | None]
    """The person who accepted. Not a foreign key, because SQLite cannot add one to a table."""
    role: Mapped[str | None] = mapped_column(sa.String(200))
    accepted_at: Mapped[datetime]


@not_audited("The audit log keeps it with its agreement.")
class AgreementWithdrawal(Base):
    """A party's refusal of an agreement, or its withdrawal from one."""

    __tablename__ = "agreement_withdrawal"

    agreement_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    withdrawn_at: Mapped[datetime]


def _signatory(accepted: Any) -> dict[str, str]:
    """Return the person and the role of an acceptance. The earliest acceptances have neither."""
    if accepted.person_id is None:
        return {}
    return {"person_id": str(accepted.person_id), "role": accepted.role}


def _agreement_verb(_agreement: Any, before: dict[str, Any]) -> str | None:
    """Return the verb for the audit log, or None for a change of the terms."""
    if "content_hash" in before:
        return None
    if "terminated_at" in before:
        return "terminated"
    return "withdrawn" if "withdrawals" in before else "accepted"


@audited(
    "agreement",
    verb=_agreement_verb,
    lists={
        "parties": AuditedList(
            "parties", lambda session, party: code_of(session, Agency, party.agency_id)
        ),
        "acceptances": AuditedList(
            "acceptances",
            lambda session, accepted: (
                {
                    "agency": code_of(session, Agency, accepted.agency_id),
                    "content_hash": accepted.content_hash,
                    "accepted_at": in_utc(accepted.accepted_at),
                }
                | _signatory(accepted)
            ),
        ),
        "withdrawals": AuditedList(
            "withdrawals",
            lambda session, withdrawn: {
                "agency": code_of(session, Agency, withdrawn.agency_id),
                "reason": withdrawn.reason,
                "withdrawn_at": in_utc(withdrawn.withdrawn_at),
            },
        ),
    },
)
class CollaborationAgreement(Entity):
    """An agreement between agencies to share records.

    The agreement is in force from `start_date` to `end_date`, both included, by the calendar of the
    United Kingdom. Every party must have accepted its present terms, and it must not be terminated.
    """

    __tablename__ = "agreement"
    __table_args__ = (sa.CheckConstraint("end_date >= start_date", name="period"),)

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The lead agency, which alone can change the agreement."""
    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    instrument: Mapped[AgreementInstrument] = mapped_column(enumeration(AgreementInstrument))
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    decision_notice_url: Mapped[str | None] = mapped_column(sa.String(500))
    field_profile: Mapped[FieldProfile] = mapped_column(enumeration(FieldProfile))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    terminated_at: Mapped[datetime | None]
    search_text: Mapped[str] = mapped_column(sa.Text)

    parties: Mapped[list[AgreementParty]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    acceptances: Mapped[list[AgreementAcceptance]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    withdrawals: Mapped[list[AgreementWithdrawal]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


@audited("access_grant", verb=lambda _, before: "revoked" if "revoked_at" in before else None)
class AccessGrant(Entity):
    """Time-limited access for one agency to another's records, whatever their disclosure."""

    __tablename__ = "access_grant"
    __table_args__ = (
        sa.CheckConstraint("grantee_id <> agency_id", name="grantee"),
        sa.CheckConstraint(
            "revoked_at IS NULL AND revoked_reason IS NULL"
            " OR revoked_at IS NOT NULL AND revoked_reason IS NOT NULL",
            name="revocation",
        ),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The grantor, which owns the records."""
    grantee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    resource_types: Mapped[list[str]] = mapped_column(Json)
    field_profile: Mapped[FieldProfile] = mapped_column(enumeration(FieldProfile))
    purpose: Mapped[str] = mapped_column(sa.Text)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(sa.Text)


constraint_message(
    "ck_agreement_period",
    pointer="/end_date",
    detail=END_BEFORE_START,
    code="out_of_order",
)
constraint_message(
    "ck_access_grant_grantee",
    pointer="/grantee",
    detail=GRANT_TO_OWNER,
    code="circular",
)
constraint_message(
    "ck_access_grant_revocation",
    pointer="/reason",
    detail="The revocation has no reason. Give the reason in `reason`.",
    code="required",
)

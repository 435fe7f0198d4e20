"""Savings: the years that they are claimed for, the shares in them, and what was said and came of
them.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalogue.agencies.models import Agency
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.database import Base
from catalogue.core.errors import constraint_message
from catalogue.core.ids import new_id
from catalogue.core.money import amount_text
from catalogue.core.types import Json, Key, Money, enumeration
from catalogue.history.audit_log import (
    AuditedList,
    audited,
    code_of,
    in_utc,
    not_audited,
    owner_through,
)
from catalogue.programmes.models import Programme, ProgrammeRecord
from catalogue.savings.baselines.models import BaselineLine
from catalogue.savings.vocabulary import SavingKind, SavingStatus, ValidationVerdict, WentTo

Percent = sa.Numeric(5, 2, asdecimal=True)


@not_audited("It is part of what is recorded of a saving.")
class SavingYear(Base):
    """What is claimed of a line in one year.

    What the line was drawn from stands here again: the database sees to it that no two savings
    claim the same cost in a year, whichever baseline and line they go by.
    """

    __tablename__ = "saving_year"
    __table_args__ = (
        sa.Index(
            "uq_saving_year_cost_line",
            "cost_line_id",
            "financial_year",
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        ),
        sa.Index(
            "uq_saving_year_cost",
            "system_id",
            "category",
            "description_key",
            "financial_year",
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        ),
        sa.CheckConstraint("amount > 0", name="amount"),
    )

    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), primary_key=True
    )
    financial_year: Mapped[str] = mapped_column(sa.String(7), primary_key=True)
    cost_line_id: Mapped[UUID]
    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"))
    category: Mapped[CostCategory] = mapped_column(enumeration(CostCategory))
    description_key: Mapped[str] = mapped_column(Key(400))
    amount: Mapped[Decimal] = mapped_column(Money)
    is_live: Mapped[bool] = mapped_column(default=True)
    """Whether it stands in the way of another claim."""


@not_audited("It is part of what is recorded of a saving.")
class SavingShare(Base):
    """What part of a saving is an agency's, in hundredths."""

    __tablename__ = "saving_share"
    __table_args__ = (sa.CheckConstraint("percent > 0 AND percent <= 100", name="percent"),)

    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )
    percent: Mapped[Decimal] = mapped_column(Percent)


@not_audited("It follows from the years and the shares of a saving.")
class SavingPart(Base):
    """What of a year's claim is an agency's, to the penny."""

    __tablename__ = "saving_part"

    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), primary_key=True
    )
    financial_year: Mapped[str] = mapped_column(sa.String(7), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )
    amount: Mapped[Decimal] = mapped_column(Money)


@not_audited("It is part of what is recorded of a saving.")
class SavingValidation(Base):
    """What finance said to a saving, over the content that it read."""

    __tablename__ = "saving_validation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), index=True
    )
    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"))
    verdict: Mapped[ValidationVerdict] = mapped_column(enumeration(ValidationVerdict))
    name: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    said_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    """When the saving was changed or returned, so that this says nothing of it any more."""


@not_audited("It is part of what is recorded of a saving.")
class SavingRealisation(Base):
    """Money that was saved in a year, and where it went."""

    __tablename__ = "saving_realisation"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint(
            "went_to <> 'reinvested' OR reinvested_in IS NOT NULL", name="reinvested_in"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), index=True
    )
    financial_year: Mapped[str] = mapped_column(sa.String(7))
    amount: Mapped[Decimal] = mapped_column(Money)
    went_to: Mapped[WentTo] = mapped_column(enumeration(WentTo))
    reinvested_in: Mapped[str | None] = mapped_column(sa.Text)
    evidence: Mapped[list[str]] = mapped_column(Json)
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.Text)


def _share_told(session: Session, share: Any) -> dict[str, Any]:
    return {"agency": code_of(session, Agency, share.agency_id), "percent": f"{share.percent:.2f}"}


def _year_told(_session: Session, year: Any) -> dict[str, Any]:
    return {
        "financial_year": year.financial_year,
        "amount": amount_text(year.amount),
        "claimed": year.is_live,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else in_utc(at).isoformat()


def _validation_told(session: Session, said: Any) -> dict[str, Any]:
    return {
        "agency": code_of(session, Agency, said.agency_id),
        "verdict": said.verdict,
        "name": said.name,
        "note": said.note,
        "content_hash": said.content_hash,
        "said_at": _moment(said.said_at),
        "voided_at": _moment(said.voided_at),
    }


def _realisation_told(_session: Session, realised: Any) -> dict[str, Any]:
    return {
        "id": str(realised.id),
        "financial_year": realised.financial_year,
        "amount": amount_text(realised.amount),
        "went_to": realised.went_to,
        "reinvested_in": realised.reinvested_in,
        "evidence": realised.evidence,
        "recorded_at": _moment(realised.recorded_at),
        "withdrawn_at": _moment(realised.withdrawn_at),
        "withdrawal_reason": realised.withdrawal_reason,
    }


@audited(
    "saving",
    owner=owner_through(Programme, by="programme_id"),
    lists={
        "years": AuditedList("years", _year_told),
        "shares": AuditedList("shares", _share_told),
        "validations": AuditedList("validations", _validation_told),
        "realisations": AuditedList("realisations", _realisation_told),
    },
    ignored_columns={"claimants"},
)
class Saving(ProgrammeRecord):
    """What a programme saves of one line of a baseline."""

    __tablename__ = "saving"
    __table_args__ = (sa.CheckConstraint("cost_to_achieve >= 0", name="cost_to_achieve"),)

    baseline_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("baseline_line.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str | None] = mapped_column(sa.Text)
    kind: Mapped[SavingKind] = mapped_column(enumeration(SavingKind))
    recurring: Mapped[bool]
    cost_to_achieve: Mapped[Decimal] = mapped_column(Money)
    evidence: Mapped[list[str]] = mapped_column(Json)
    status: Mapped[SavingStatus] = mapped_column(enumeration(SavingStatus))
    status_reason: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    claimants: Mapped[list[list[str]]] = mapped_column(Json)
    """Digests of who wrote what the claim says, by program and by person: they do not validate it.
    Whose they are is in the history, where a name can be let go."""
    search_text: Mapped[str] = mapped_column(sa.Text)

    line: Mapped[BaselineLine] = relationship()
    years: Mapped[list[SavingYear]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=SavingYear.financial_year
    )
    shares: Mapped[list[SavingShare]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    parts: Mapped[list[SavingPart]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    validations: Mapped[list[SavingValidation]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=SavingValidation.said_at
    )
    realisations: Mapped[list[SavingRealisation]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=SavingRealisation.recorded_at
    )


CLAIMED = "What the line costs is claimed in one of these years already."
_MESSAGES = {
    "uq_saving_year_cost_line": ("/years", CLAIMED, "claimed"),
    "uq_saving_year_cost": ("/years", CLAIMED, "claimed"),
    "ck_saving_year_amount": ("/years", "An amount has to be more than nothing.", "out_of_range"),
    "ck_saving_share_percent": ("/shares", "A share is more than 0, to 100.", "out_of_range"),
    "ck_saving_realisation_amount": ("/amount", "It has to be more than nothing.", "out_of_range"),
    "ck_saving_realisation_reinvested_in": (
        "/reinvested_in",
        "Say in what it was reinvested.",
        "unexplained",
    ),
    "ck_saving_cost_to_achieve": (
        "/cost_to_achieve",
        "It may not be less than zero.",
        "out_of_range",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)

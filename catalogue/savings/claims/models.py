"""Savings, with their claimed years, shares, allocation, validations and realised savings."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalogue.agencies.models import Agency
from catalogue.contracts.messages import below_zero
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.database import Base
from catalogue.core.errors import constraint_message
from catalogue.core.ids import new_id
from catalogue.core.money import amount_text
from catalogue.core.sort_keys import sort_key_of
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
from catalogue.savings.vocabulary import SavingKind, SavingStatus, UseOfSaving, ValidationVerdict

Percent = sa.Numeric(5, 2, asdecimal=True)


@not_audited("The audit log records these rows as lists of the saving.")
class SavingYear(Base):
    """The amount of a saving that is claimed in one financial year.

    The row repeats the keys of the baseline line's cost. Two unique indexes on them prevent two
    savings from claiming the same cost in a year, through any baseline or line.
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
    """True while the claim blocks other claims of the same cost in this year."""


@not_audited("The audit log records these rows as lists of the saving.")
class SavingShare(Base):
    """An agency's share of a saving, in per cent."""

    __tablename__ = "saving_share"
    __table_args__ = (sa.CheckConstraint("percent > 0 AND percent <= 100", name="percent"),)

    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )
    percent: Mapped[Decimal] = mapped_column(Percent)


@not_audited("The allocation follows from the years and the shares of a saving.")
class SavingAllocation(Base):
    """An agency's amount of one year's claim, to the penny."""

    __tablename__ = "saving_part"

    saving_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("saving.id", ondelete="CASCADE"), primary_key=True
    )
    financial_year: Mapped[str] = mapped_column(sa.String(7), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )
    amount: Mapped[Decimal] = mapped_column(Money)


@not_audited("The audit log records these rows as lists of the saving.")
class SavingValidation(Base):
    """A validation or return of a saving by finance, tied to the content hash that was read."""

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
    recorded_at: Mapped[datetime] = mapped_column("said_at", key="recorded_at")
    voided_at: Mapped[datetime | None]
    """The time when a later change or return made this validation void. None while it counts."""


@not_audited("The audit log records these rows as lists of the saving.")
class SavingRealisation(Base):
    """An amount of a saving that was delivered in a financial year, and the use of the money."""

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
    use_of_saving: Mapped[UseOfSaving] = mapped_column(
        "went_to", enumeration(UseOfSaving, name="went_to"), key="use_of_saving"
    )
    reinvested_in: Mapped[str | None] = mapped_column(sa.Text)
    evidence: Mapped[list[str]] = mapped_column(Json)
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.Text)


def _audited_share(session: Session, share: Any) -> dict[str, Any]:
    return {"agency": code_of(session, Agency, share.agency_id), "percent": f"{share.percent:.2f}"}


def _audited_year(_session: Session, year: Any) -> dict[str, Any]:
    return {
        "financial_year": year.financial_year,
        "amount": amount_text(year.amount),
        "claimed": year.is_live,
    }


def _moment_text(at: datetime | None) -> str | None:
    return None if at is None else in_utc(at).isoformat()


def _audited_validation(session: Session, validation: Any) -> dict[str, Any]:
    return {
        "agency": code_of(session, Agency, validation.agency_id),
        "verdict": validation.verdict,
        "name": validation.name,
        "note": validation.note,
        "content_hash": validation.content_hash,
        "recorded_at": _moment_text(validation.recorded_at),
        "voided_at": _moment_text(validation.voided_at),
    }


def _audited_realisation(_session: Session, realisation: Any) -> dict[str, Any]:
    return {
        "id": str(realisation.id),
        "financial_year": realisation.financial_year,
        "amount": amount_text(realisation.amount),
        "use_of_saving": realisation.use_of_saving,
        "reinvested_in": realisation.reinvested_in,
        "evidence": realisation.evidence,
        "recorded_at": _moment_text(realisation.recorded_at),
        "withdrawn_at": _moment_text(realisation.withdrawn_at),
        "withdrawal_reason": realisation.withdrawal_reason,
    }


@audited(
    "saving",
    owner=owner_through(Programme, by="programme_id"),
    lists={
        "years": AuditedList("years", _audited_year),
        "shares": AuditedList("shares", _audited_share),
        "validations": AuditedList("validations", _audited_validation),
        "realisations": AuditedList("realisations", _audited_realisation),
    },
    ignored_columns={"claimants"},
)
class Saving(ProgrammeRecord):
    """A reduction claimed against one line of an approved baseline."""

    __tablename__ = "saving"
    __table_args__ = (sa.CheckConstraint("cost_to_achieve >= 0", name="cost_to_achieve"),)

    baseline_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("baseline_line.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    description: Mapped[str | None] = mapped_column(sa.Text)
    kind: Mapped[SavingKind] = mapped_column(enumeration(SavingKind))
    recurring: Mapped[bool]
    cost_to_achieve: Mapped[Decimal] = mapped_column(Money)
    evidence: Mapped[list[str]] = mapped_column(Json)
    status: Mapped[SavingStatus] = mapped_column(enumeration(SavingStatus))
    status_reason: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    claimants: Mapped[list[list[str]]] = mapped_column(Json)
    """Digests of the client and person of each author of the claim, who cannot validate it. Names
    are in the audit log only, where they can be pseudonymised."""
    search_text: Mapped[str] = mapped_column(sa.Text)

    line: Mapped[BaselineLine] = relationship()
    years: Mapped[list[SavingYear]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=SavingYear.financial_year
    )
    shares: Mapped[list[SavingShare]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    allocation: Mapped[list[SavingAllocation]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    validations: Mapped[list[SavingValidation]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=SavingValidation.recorded_at
    )
    realisations: Mapped[list[SavingRealisation]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=SavingRealisation.recorded_at
    )


CLAIMED = "Another saving already claims this cost in one of these years. Claim other years."
NOT_EXPLAINED = "The new use of the reinvested money is missing. Enter it in `reinvested_in`."
_MESSAGES = {
    "uq_saving_year_cost_line": ("/years", CLAIMED, "claimed"),
    "uq_saving_year_cost": ("/years", CLAIMED, "claimed"),
    "ck_saving_year_amount": (
        "/years",
        "The amount claimed in a year is 0 or less. Enter an amount above 0.",
        "out_of_range",
    ),
    "ck_saving_share_percent": (
        "/shares",
        "A share is outside the range from above 0 to 100 per cent. Correct the share.",
        "out_of_range",
    ),
    "ck_saving_realisation_amount": (
        "/amount",
        "The realised amount is 0 or less. Enter an amount above 0.",
        "out_of_range",
    ),
    "ck_saving_realisation_reinvested_in": (
        "/reinvested_in",
        NOT_EXPLAINED,
        "unexplained",
    ),
    "ck_saving_cost_to_achieve": (
        "/cost_to_achieve",
        below_zero("cost_to_achieve"),
        "out_of_range",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)

"""Contracts, who may use them and what they cover; and lines of cost."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.agencies.visibility import Disclosed
from catalogue.contracts.vocabulary import (
    LONGEST_NOTICE,
    STERLING,
    CostCategory,
    ProcurementRegime,
    ProcurementRoute,
)
from catalogue.core.database import Base, Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Key, Money, enumeration
from catalogue.history.audit_log import (
    AuditedList,
    audited,
    disclosure_through,
    not_audited,
    owner_through,
)
from catalogue.systems.models import System


@not_audited("It is part of what is recorded of a contract.")
class ContractParty(Base):
    """An agency that may use a contract besides the one that made it."""

    __tablename__ = "contract_party"

    contract_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )


@not_audited("It is part of what is recorded of a contract.")
class ContractSystem(Base):
    """A system that a contract is about."""

    __tablename__ = "contract_system"

    contract_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True
    )
    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id"), primary_key=True, index=True
    )


@audited(
    "contract",
    lists={
        "parties": AuditedList("party_links", lambda _, link: str(link.agency_id)),
        "systems": AuditedList("system_links", lambda _, link: str(link.system_id)),
    },
    ignored_columns={"reference_key", "summary_search_text", "last_notice_date"},
)
class Contract(Disclosed):
    """What an agency agreed with a supplier, for itself and perhaps for others."""

    __tablename__ = "contract"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "reference_key"),
        sa.CheckConstraint("annual_value >= 0", name="annual_value"),
        sa.CheckConstraint("total_value >= 0", name="total_value"),
        sa.CheckConstraint("exit_cost >= 0", name="exit_cost"),
        sa.CheckConstraint("end_date >= start_date", name="period"),
        sa.CheckConstraint("max_extent_date >= end_date", name="max_extent_date"),
        sa.CheckConstraint(
            f"notice_period_days BETWEEN 0 AND {LONGEST_NOTICE}", name="notice_period_days"
        ),
    )

    full_fields = frozenset({"annual_value", "total_value", "exit_cost"})
    """What a supplier charges one agency is commercial: others bargain with it as well."""

    reference: Mapped[str] = mapped_column(sa.String(100))
    reference_key: Mapped[str] = mapped_column(Key(400))
    title: Mapped[str] = mapped_column(sa.String(200))
    supplier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("supplier.id"), index=True)
    annual_value: Mapped[Decimal | None] = mapped_column(Money)
    total_value: Mapped[Decimal | None] = mapped_column(Money)
    exit_cost: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(sa.String(3), default=STERLING)
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    max_extent_date: Mapped[date | None]
    notice_period_days: Mapped[int | None]
    last_notice_date: Mapped[date | None]
    """Kept beside what it follows from, so that lists find by it what is soon too late."""
    procurement_route: Mapped[ProcurementRoute | None] = mapped_column(
        enumeration(ProcurementRoute)
    )
    regime: Mapped[ProcurementRegime | None] = mapped_column(enumeration(ProcurementRegime))
    ocid: Mapped[str | None] = mapped_column(sa.String(100))
    search_text: Mapped[str] = mapped_column(sa.Text)
    summary_search_text: Mapped[str] = mapped_column(sa.Text)
    """What of it the summary profile shows."""

    party_links: Mapped[list[ContractParty]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    system_links: Mapped[list[ContractSystem]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


@audited(
    "cost",
    ignored_columns={"description_key"},
    owner=owner_through(System, by="system_id"),
    disclosure=disclosure_through(System, by="system_id"),
)
class CostLine(Entity):
    """What one thing about a system costs in one financial year.

    It has no disclosure of its own: who is shown it follows from the system at every look.
    """

    __tablename__ = "cost_line"
    __table_args__ = (
        # Several lines of a category are normal, and the description tells them apart. The same
        # line sent twice would count twice, in a sum that decisions are made by.
        sa.UniqueConstraint("system_id", "financial_year", "category", "description_key"),
        sa.CheckConstraint("amount >= 0", name="amount"),
        # Sums are made of them. A price in another currency is entered at what was paid for it.
        sa.CheckConstraint(f"currency = '{STERLING}'", name="currency"),
    )

    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"))
    financial_year: Mapped[str] = mapped_column(sa.String(7))
    category: Mapped[CostCategory] = mapped_column(enumeration(CostCategory))
    description: Mapped[str | None] = mapped_column(sa.String(200))
    description_key: Mapped[str] = mapped_column(Key(400))
    """The folded description; empty where there is none, since nulls are never the same."""
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(sa.String(3), default=STERLING)
    note: Mapped[str | None] = mapped_column(sa.Text)

    system: Mapped[System] = relationship()

    @property
    def owner_id(self) -> UUID:
        """The agency that may change it: the system's."""
        return self.system.agency_id


_NOT_NEGATIVE = "It may not be less than zero."
_MESSAGES = {
    "uq_contract_agency_id_reference_key": (
        "/reference",
        "The agency has a contract with this reference already.",
        "taken",
    ),
    "ck_contract_annual_value": ("/annual_value", _NOT_NEGATIVE, "out_of_range"),
    "ck_contract_total_value": ("/total_value", _NOT_NEGATIVE, "out_of_range"),
    "ck_contract_exit_cost": ("/exit_cost", _NOT_NEGATIVE, "out_of_range"),
    "ck_contract_period": ("/end_date", "It may not end before it starts.", "out_of_order"),
    "ck_contract_max_extent_date": (
        "/max_extent_date",
        "It cannot be extended to a day before it ends.",
        "out_of_order",
    ),
    "ck_contract_notice_period_days": (
        "/notice_period_days",
        f"It should be from 0 to {LONGEST_NOTICE}.",
        "out_of_range",
    ),
    "uq_cost_line_system_id_financial_year_category_description_key": (
        "/description",
        "The system has such a line for that year already; describe what sets this one apart.",
        "taken",
    ),
    "ck_cost_line_amount": ("/amount", _NOT_NEGATIVE, "out_of_range"),
    "ck_cost_line_currency": ("/currency", "Costs are recorded in pounds.", "invalid"),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)

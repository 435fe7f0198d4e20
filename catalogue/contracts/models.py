"""The tables of contracts, of their parties and systems, and of cost lines."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.agencies.visibility import Disclosed
from catalogue.contracts.messages import EXTENT_BEFORE_END, below_zero
from catalogue.contracts.vocabulary import (
    LONGEST_NOTICE,
    LONGEST_NOTICE_MONTHS,
    LONGEST_RENEWAL,
    STERLING,
    CostCategory,
    ProcurementRegime,
    ProcurementRoute,
    Renewal,
)
from catalogue.core.database import Base, Entity
from catalogue.core.errors import END_BEFORE_START, constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Key, Money, enumeration
from catalogue.core.update_dates import undated
from catalogue.history.audit_log import (
    AuditedList,
    audited,
    disclosure_through,
    not_audited,
    owner_through,
)
from catalogue.systems.models import System


@not_audited("The audit log records these rows as lists of the contract.")
class ContractParty(Base):
    """An agency, other than the owner, that can use a contract."""

    __tablename__ = "contract_party"

    contract_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agency.id"), primary_key=True, index=True
    )


@not_audited("The audit log records these rows as lists of the contract.")
class ContractSystem(Base):
    """A system that a contract covers."""

    __tablename__ = "contract_system"

    contract_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True
    )
    system_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("system.id"), primary_key=True, index=True
    )


# No reader is sure to see every system of a contract.
@undated("system_links")
@audited(
    "contract",
    lists={
        "parties": AuditedList(
            "party_links",
            lambda _, link: str(link.agency_id),
            lambda _session, _contract, value: ContractParty(agency_id=UUID(value)),
        ),
        "systems": AuditedList(
            "system_links",
            lambda _, link: str(link.system_id),
            lambda _session, _contract, value: ContractSystem(system_id=UUID(value)),
        ),
    },
    ignored_columns={"reference_key", "summary_search_text", "last_notice_date", "ends_on"},
)
class Contract(Disclosed):
    """A contract between an agency and a supplier. Other agencies can be parties to it."""

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
        sa.CheckConstraint(
            f"notice_period_months BETWEEN 0 AND {LONGEST_NOTICE_MONTHS}",
            name="notice_period_months",
        ),
        sa.CheckConstraint(
            f"renewal_period_months BETWEEN 1 AND {LONGEST_RENEWAL}", name="renewal_period_months"
        ),
    )

    full_fields = frozenset({"annual_value", "total_value", "exit_cost"})
    """Prices are commercially sensitive, since other agencies negotiate with the same supplier."""

    reference: Mapped[str] = mapped_column(sa.String(100))
    reference_sort: Mapped[str] = sort_key_of("reference")
    reference_key: Mapped[str] = mapped_column(Key(400))
    title: Mapped[str] = mapped_column(sa.String(200))
    title_sort: Mapped[str] = sort_key_of("title")
    supplier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("supplier.id"), index=True)
    annual_value: Mapped[Decimal | None] = mapped_column(Money)
    total_value: Mapped[Decimal | None] = mapped_column(Money)
    exit_cost: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(sa.String(3), default=STERLING)
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    max_extent_date: Mapped[date | None]
    renewal: Mapped[Renewal | None] = mapped_column(enumeration(Renewal))
    renewal_period_months: Mapped[int | None]
    notice_period_days: Mapped[int | None]
    notice_period_months: Mapped[int | None]
    notice_given_on: Mapped[date | None]
    last_notice_date: Mapped[date | None]
    """The last day for notice in the first term. The column of the API is in `term_columns`."""
    ends_on: Mapped[date | None]
    """The day on which the contract ends, if notice was given and the day is known."""
    procurement_route: Mapped[ProcurementRoute | None] = mapped_column(
        enumeration(ProcurementRoute)
    )
    regime: Mapped[ProcurementRegime | None] = mapped_column(enumeration(ProcurementRegime))
    ocid: Mapped[str | None] = mapped_column(sa.String(100))
    search_text: Mapped[str] = mapped_column(sa.Text)
    summary_search_text: Mapped[str] = mapped_column(sa.Text)
    """The part of the search text that the summary profile shows."""

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
    """The cost of one category for one system in one financial year.

    A cost line has no disclosure of its own. Each read checks the disclosure of the system.
    """

    __tablename__ = "cost_line"
    __table_args__ = (
        # A system can have several lines of a category, if their descriptions differ. The same line
        # sent twice would count twice in the totals of decisions.
        sa.UniqueConstraint("system_id", "financial_year", "category", "description_key"),
        sa.CheckConstraint("amount >= 0", name="amount"),
        # Totals need one currency. Record a price in another currency as the pounds that you paid.
        sa.CheckConstraint(f"currency = '{STERLING}'", name="currency"),
    )

    system_id: Mapped[UUID] = mapped_column(sa.ForeignKey("system.id"))
    financial_year: Mapped[str] = mapped_column(sa.String(7))
    category: Mapped[CostCategory] = mapped_column(enumeration(CostCategory))
    description: Mapped[str | None] = mapped_column(sa.String(200))
    description_key: Mapped[str] = mapped_column(Key(400))
    """The folded description, or an empty string. A unique key would treat nulls as different."""
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(sa.String(3), default=STERLING)
    note: Mapped[str | None] = mapped_column(sa.Text)

    system: Mapped[System] = relationship()

    @property
    def owner_id(self) -> UUID:
        """The agency that can change the line: the owner of the system."""
        return self.system.agency_id


_MESSAGES = {
    "uq_contract_agency_id_reference_key": (
        "/reference",
        "Your agency already has a contract with this reference. Choose another reference.",
        "taken",
    ),
    "ck_contract_annual_value": ("/annual_value", below_zero("annual_value"), "out_of_range"),
    "ck_contract_total_value": ("/total_value", below_zero("total_value"), "out_of_range"),
    "ck_contract_exit_cost": ("/exit_cost", below_zero("exit_cost"), "out_of_range"),
    "ck_contract_period": ("/end_date", END_BEFORE_START, "out_of_order"),
    "ck_contract_max_extent_date": (
        "/max_extent_date",
        EXTENT_BEFORE_END,
        "out_of_order",
    ),
    "ck_contract_notice_period_days": (
        "/notice_period_days",
        f"The notice period is not between 0 and {LONGEST_NOTICE:,} days. Correct the number.",
        "out_of_range",
    ),
    "ck_contract_notice_period_months": (
        "/notice_period_months",
        f"The notice period is not between 0 and {LONGEST_NOTICE_MONTHS} months. Correct the number.",
        "out_of_range",
    ),
    "ck_contract_renewal_period_months": (
        "/renewal_period_months",
        f"The renewal period is not between 1 and {LONGEST_RENEWAL} months. Correct the number.",
        "out_of_range",
    ),
    "uq_cost_line_system_id_financial_year_category_description_key": (
        "/description",
        (
            "The system already has a cost line with this year, category and description. "
            "Choose another description."
        ),
        "taken",
    ),
    "ck_cost_line_amount": ("/amount", below_zero("amount"), "out_of_range"),
    "ck_cost_line_currency": (
        "/currency",
        "The currency of a cost line must be GBP. Record the amount in pounds.",
        "invalid",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)

"""The table of pipeline entries, and the messages of its constraints."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.contracts.messages import EXTENT_BEFORE_END, below_zero
from catalogue.contracts.pipeline.vocabulary import (
    PipelineKind,
    PipelineStatus,
    ProcurementCategory,
)
from catalogue.contracts.vocabulary import STERLING, ProcurementRegime, ProcurementRoute
from catalogue.core import clock
from catalogue.core.database import Entity
from catalogue.core.errors import END_BEFORE_START, constraint_message
from catalogue.core.ids import new_id
from catalogue.core.types import Money, enumeration
from catalogue.history.audit_log import audited


@audited("pipeline_entry", ignored_columns={"public_search_text", "public_id", "public_updated_at"})
class PipelineEntry(Entity):
    """A contract end or planned procurement of an agency, for publication to suppliers.

    The entry itself holds everything that is published. A contract only fills in the first values,
    so that no later change to the contract becomes public unnoticed.
    """

    __tablename__ = "pipeline_entry"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("estimated_value >= 0", name="estimated_value"),
        sa.CheckConstraint("contract_end >= contract_start", name="period"),
        sa.CheckConstraint("max_extent_date >= contract_end", name="max_extent_date"),
    )

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True, sort_order=-5)
    public_id: Mapped[UUID] = mapped_column(default=new_id)
    """The id in public responses, replaced at the first publication. The record's own id would
    reveal when the draft was created."""
    kind: Mapped[PipelineKind] = mapped_column(enumeration(PipelineKind))
    status: Mapped[PipelineStatus] = mapped_column(
        enumeration(PipelineStatus), default=PipelineStatus.DRAFT
    )
    contract_id: Mapped[UUID | None] = mapped_column(index=True)
    """The contract that filled in the entry. No foreign key, since entries outlive contracts."""
    title: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str | None] = mapped_column(sa.Text)
    category: Mapped[ProcurementCategory | None] = mapped_column(enumeration(ProcurementCategory))
    cpv: Mapped[str | None] = mapped_column(sa.String(8))
    estimated_value: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(sa.String(3), default=STERLING)
    contract_start: Mapped[date | None]
    contract_end: Mapped[date | None]
    max_extent_date: Mapped[date | None]
    procurement_route: Mapped[ProcurementRoute | None] = mapped_column(
        enumeration(ProcurementRoute)
    )
    regime: Mapped[ProcurementRegime | None] = mapped_column(enumeration(ProcurementRegime))
    planned_notice_date: Mapped[date | None]
    contact: Mapped[str | None] = mapped_column(sa.String(200))
    supplier: Mapped[str | None] = mapped_column(sa.String(200))
    supplier_shown: Mapped[bool] = mapped_column(default=False)
    ocid: Mapped[str | None] = mapped_column(sa.String(100))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    public_updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    """The time of the last change to a published field."""
    public_search_text: Mapped[str] = mapped_column(sa.Text)


_MESSAGES = {
    "ck_pipeline_entry_estimated_value": (
        "/estimated_value",
        below_zero("estimated_value"),
        "out_of_range",
    ),
    "ck_pipeline_entry_period": (
        "/contract_end",
        END_BEFORE_START,
        "out_of_order",
    ),
    "ck_pipeline_entry_max_extent_date": (
        "/max_extent_date",
        EXTENT_BEFORE_END,
        "out_of_order",
    ),
}
for _name, (_pointer, _detail, _code) in _MESSAGES.items():
    constraint_message(_name, pointer=_pointer, detail=_detail, code=_code)

"""Resource of savings, with the rows that each agency can see."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import json_list
from catalogue.core.rest.resource import Resource
from catalogue.history.feed_fields import expose, same_names
from catalogue.programmes.resources import lead_only, of_programme_seen
from catalogue.savings.baselines.models import BaselineLine
from catalogue.savings.baselines.resources import shares_costs
from catalogue.savings.claims.models import (
    Saving,
    SavingAllocation,
    SavingRealisation,
    SavingShare,
    SavingValidation,
    SavingYear,
)
from catalogue.savings.claims.schemas import SavingSchema
from catalogue.systems.models import System

_claimed = sa.orm.aliased(BaselineLine, name="claimed_line")
_paid_for = sa.orm.aliased(System, name="paid_for")
_sharing = sa.orm.aliased(Agency, name="sharing")


def saving_seen(saving: Any) -> ColumnElement[bool]:
    """Return the row rule of savings: the actor sees the programme and the system's costs."""
    costs_shared = sa.exists(
        sa.select(1)
        .where(
            _claimed.id == saving.baseline_line_id,
            _paid_for.id == _claimed.system_id,
            shares_costs(_paid_for),
        )
        .correlate(saving)
    )
    return sa.and_(costs_shared, of_programme_seen(saving))


def _columns(model: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(model, name) for name in names}


SAVINGS = Resource(
    name="saving",
    path="/v1/savings",
    model=Saving,
    schema=SavingSchema,
    columns={
        "id": Saving.id,
        "programme_id": Saving.programme_id,
        "baseline_id": BaselineLine.baseline_id,
        "baseline_line_id": Saving.baseline_line_id,
        "system_id": BaselineLine.system_id,
        "system_name": System.name,
        "agency": Agency.code,
        "title": Saving.title,
        "description": Saving.description,
        "kind": Saving.kind,
        "recurring": Saving.recurring,
        "years": json_list(
            {**_columns(SavingYear, "financial_year", "amount"), "claimed": SavingYear.is_live},
            of=Saving,
            where=SavingYear.saving_id == Saving.id,
            order_by=SavingYear.financial_year,
        ),
        "cost_to_achieve": Saving.cost_to_achieve,
        "shares": json_list(
            {"agency": _sharing.code, "percent": SavingShare.percent},
            of=Saving,
            where=sa.and_(SavingShare.saving_id == Saving.id, SavingShare.agency_id == _sharing.id),
            order_by=_sharing.code,
        ),
        "allocation": json_list(
            {
                "financial_year": SavingAllocation.financial_year,
                "agency": _sharing.code,
                "amount": SavingAllocation.amount,
            },
            of=Saving,
            where=sa.and_(
                SavingAllocation.saving_id == Saving.id, SavingAllocation.agency_id == _sharing.id
            ),
            order_by=SavingAllocation.financial_year + _sharing.code,
        ),
        "evidence": Saving.evidence,
        "status": Saving.status,
        "status_reason": Saving.status_reason,
        "content_hash": Saving.content_hash,
        "validations": json_list(
            {
                "agency": _sharing.code,
                **_columns(
                    SavingValidation,
                    "verdict",
                    "name",
                    "note",
                    "content_hash",
                    "recorded_at",
                    "voided_at",
                ),
            },
            of=Saving,
            where=sa.and_(
                SavingValidation.saving_id == Saving.id, SavingValidation.agency_id == _sharing.id
            ),
            order_by=SavingValidation.id,
        ),
        "realisations": json_list(
            _columns(
                SavingRealisation,
                "id",
                "financial_year",
                "amount",
                "use_of_saving",
                "reinvested_in",
                "evidence",
                "recorded_at",
                "withdrawn_at",
                "withdrawal_reason",
            ),
            of=Saving,
            where=SavingRealisation.saving_id == Saving.id,
            order_by=SavingRealisation.id,
        ),
        "created_at": Saving.created_at,
        "updated_at": Saving.updated_at,
    },
    source=sa.orm.join(
        sa.orm.join(
            sa.orm.join(Saving, BaselineLine, Saving.baseline_line_id == BaselineLine.id),
            System,
            BaselineLine.system_id == System.id,
        ),
        Agency,
        System.agency_id == Agency.id,
    ),
    sort_as={"system_name": System.name_key},
    not_filters=frozenset({"description", "status_reason"}),
    visible=saving_seen(Saving),
    search=Saving.search_text,
    default_sort="title",
    owner="lead_agency_id",
)

expose(
    SAVINGS,
    scope=Scope.SAVINGS_READ,
    disclosure_rule=lead_only,
    fields=same_names(
        "programme_id",
        "baseline_line_id",
        "title",
        "description",
        "kind",
        "recurring",
        "years",
        "cost_to_achieve",
        "shares",
        "evidence",
        "status",
        "status_reason",
        "content_hash",
        "validations",
        "realisations",
    ),
)

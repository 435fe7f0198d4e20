"""Resources of baselines and their lines, with the rows that each agency can see."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own, seen
from catalogue.contracts.resources import costs_were_shared
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import json_list, list_contains
from catalogue.core.rest.profiles import Profiles
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import Profile, ResourceType
from catalogue.history.feed_fields import ReferenceField, expose, same_names
from catalogue.programmes.models import Programme
from catalogue.programmes.resources import lead_only, of_programme_seen, programme_seen
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.baselines.schemas import BaselineLineSchema, BaselineSchema
from catalogue.savings.claims.models import SavingYear
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

_costed = sa.orm.aliased(System, name="costed_by_line")
_baseline = sa.orm.aliased(Baseline, name="baseline_of_line")
_programme = sa.orm.aliased(Programme, name="programme_of_line")
_WHOLE = sa.literal_column(str(Profile.FULL.value), sa.Integer())


def line_seen(line: Any) -> ColumnElement[bool]:
    """Return the row rule of lines: the actor sees the programme and the costs of the system."""
    of_seen_programme = sa.exists(
        sa.select(1)
        .where(
            _baseline.id == line.baseline_id,
            _programme.id == _baseline.programme_id,
            programme_seen(_programme),
        )
        .correlate(line)
    )
    costs_shared = sa.exists(
        sa.select(1).where(_costed.id == line.system_id, shares_costs(_costed)).correlate(line)
    )
    return sa.and_(costs_shared, of_seen_programme)


def shares_costs(system: Any) -> ColumnElement[bool]:
    """Return the condition that the actor sees a system and its costs."""
    return sa.and_(seen(system), seen(system, of=ResourceType.COSTS, at=Profile.FULL))


def claims_of(line: Any) -> ColumnElement[bool]:
    """Return the condition that a saving claims the cost of a line in a year.

    The saving claims the same cost line, or another line with the same system, category and
    description. Such lines are the same cost, since their combination is unique in a year.
    """
    same_cost = sa.and_(
        SavingYear.system_id == line.system_id,
        SavingYear.category == line.category,
        SavingYear.description_key == line.description_key,
    )
    return sa.and_(
        SavingYear.is_live, sa.or_(SavingYear.cost_line_id == line.cost_line_id, same_cost)
    )


BASELINES = Resource(
    name="baseline",
    path="/v1/baselines",
    model=Baseline,
    schema=BaselineSchema,
    columns={
        "id": Baseline.id,
        "programme_id": Baseline.programme_id,
        "title": Baseline.title,
        "status": Baseline.status,
        "financial_years": Baseline.financial_years,
        "refreshed_at": Baseline.refreshed_at,
        # The hash covers all lines. It would reveal changes of lines that a reader cannot see.
        "content_hash": sa.case((own(Programme), Baseline.content_hash), else_=sa.null()),
        "approved_by": Baseline.approved_by,
        "approved_at": Baseline.approved_at,
        "supersedes_id": Baseline.supersedes_id,
        "created_at": Baseline.created_at,
        "updated_at": Baseline.updated_at,
    },
    source=sa.orm.join(Baseline, Programme, Baseline.programme_id == Programme.id),
    contains={"financial_years": partial(list_contains, Baseline.__table__.c.financial_years)},
    visible=of_programme_seen(Baseline),
    default_sort="-refreshed_at",
    owner="lead_agency_id",
)

BASELINE_LINES = Resource(
    name="baseline_line",
    path="/v1/baselines/{baseline_id}/lines",
    model=BaselineLine,
    schema=BaselineLineSchema,
    columns={
        "id": BaselineLine.id,
        "baseline_id": BaselineLine.baseline_id,
        "cost_line_id": BaselineLine.cost_line_id,
        "system_id": BaselineLine.system_id,
        "system_name": System.name,
        "agency": Agency.code,
        "financial_year": BaselineLine.financial_year,
        "category": BaselineLine.category,
        "description": BaselineLine.description,
        "amount": BaselineLine.amount,
        "claimed_years": json_list(
            SavingYear.financial_year,
            of=BaselineLine,
            where=claims_of(BaselineLine),
            order_by=SavingYear.financial_year,
        ),
        "created_at": BaselineLine.created_at,
        "updated_at": BaselineLine.updated_at,
    },
    source=sa.orm.join(
        sa.orm.join(BaselineLine, System, BaselineLine.system_id == System.id),
        Agency,
        System.agency_id == Agency.id,
    ),
    sort_as={"system_name": System.name_key},
    visible=line_seen(BaselineLine),
    # An agency that sees a line sees all its fields. The amount is in the full profile so that the
    # access log records reads by other agencies.
    profiles=Profiles(
        level=_WHOLE,
        seen=lambda *, at: sa.true() if at else sa.false(),
        owner=System.agency_id,
        summary=frozenset(BaselineLineSchema().fields) - {"amount", "withheld"},
        full=frozenset({"amount"}),
        full_scope=Scope.COSTS_READ,
    ),
    default_sort="financial_year,system_name,category,description",
)

expose(
    BASELINES,
    scope=Scope.SAVINGS_READ,
    disclosure_rule=lead_only,
    owner_only={"content_hash"},
    fields=same_names(
        "programme_id",
        "title",
        "status",
        "financial_years",
        "refreshed_at",
        "content_hash",
        "approved_by",
        "approved_at",
        "supersedes_id",
    ),
)
expose(
    BASELINE_LINES,
    scope=Scope.SAVINGS_READ,
    disclosure_rule=costs_were_shared,
    fields={
        "system_id": ReferenceField("system_id", to=SYSTEMS),
        **same_names(
            "baseline_id", "cost_line_id", "financial_year", "category", "description", "amount"
        ),
    },
)

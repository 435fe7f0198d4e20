"""The contract and cost resources: the rows and fields that each agency can see."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import level, seen
from catalogue.contracts.models import Contract, ContractParty, ContractSystem, CostLine
from catalogue.contracts.schemas import ContractSchema, CostLineSchema
from catalogue.contracts.term_columns import (
    END_OF_TERM,
    LAST_NOTICE_DATE,
    NEXT_NOTICE_DATE,
    TERM_STATUS,
)
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import DialectExpression, json_list
from catalogue.core.rest.profiles import Profiles
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile, ResourceType
from catalogue.history.feed_fields import CodeField, ReferenceListField, expose, same_names
from catalogue.history.parties import Parties
from catalogue.suppliers.models import Supplier
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

_ONE: ColumnElement[int] = sa.literal_column("1")
_NEW_LINE = sa.literal_column("'\n'", sa.String())
_WHOLE = sa.literal_column(str(Profile.FULL.value), sa.Integer())

_party = sa.orm.aliased(Agency, name="party")
_covered = sa.orm.aliased(System, name="covered")
_costed = sa.orm.aliased(System, name="costed")
_of_line = sa.orm.aliased(System, name="of_line")

_shared = partial(seen, of=ResourceType.CONTRACTS)

IS_PARTY: ColumnElement[bool] = sa.exists(
    sa.select(_ONE)
    .select_from(ContractParty)
    .where(ContractParty.contract_id == Contract.id, ContractParty.agency_id == ACTOR_AGENCY)
    .correlate(Contract)
)
"""True if the actor is a party, which can see the whole contract whatever its disclosure."""


def _seen(*, at: Profile = Profile.SUMMARY) -> ColumnElement[bool]:
    return sa.or_(_shared(Contract, at=at), IS_PARTY)


def _has_party(code: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(_ONE)
        .select_from(ContractParty)
        .join(_party, _party.id == ContractParty.agency_id)
        .where(ContractParty.contract_id == Contract.id, _party.code == code)
        .correlate(Contract)
    )


_COVERS = sa.and_(
    ContractSystem.contract_id == Contract.id,
    ContractSystem.system_id == _covered.id,
    seen(_covered),
)
"""True for a system that a contract covers and that the actor can see."""


def _covers(identity: ColumnElement[str]) -> DialectExpression:
    def covers_system(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return sa.exists(
            sa.select(_ONE)
            .select_from(ContractSystem, _covered)
            .where(_COVERS, condition)
            .correlate(Contract)
        )

    written = sa.func.lower(identity, type_=sa.String())
    dashed = sa.func.length(identity) == sa.literal_column("36")
    # SQLite stores an id as 32 digits without dashes.
    digits = sa.func.replace(written, sa.literal_column("'-'"), sa.literal_column("''"))
    return DialectExpression(
        postgresql=covers_system(sa.cast(_covered.id, sa.String) == written),
        sqlite=covers_system(sa.and_(sa.type_coerce(_covered.id, sa.String()) == digits, dashed)),
    )


CONTRACT_PROFILES = Profiles(
    level=sa.case((IS_PARTY, _WHOLE), else_=level(Contract, of=ResourceType.CONTRACTS)),
    seen=_seen,
    owner=Contract.agency_id,
    shown_beyond_shares=True,
    summary=frozenset(
        {
            "id",
            "agency",
            "agency_name",
            "title",
            "supplier_id",
            "supplier_name",
            "systems",
            "end_date",
        }
    ),
    full=Contract.full_fields,
)

CONTRACTS = Resource(
    name="contract",
    path="/v1/contracts",
    model=Contract,
    schema=ContractSchema,
    columns={
        "id": Contract.id,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "reference": Contract.reference,
        "title": Contract.title,
        "supplier_id": Contract.supplier_id,
        "supplier_name": Supplier.name,
        "parties": json_list(
            _party.code,
            of=Contract,
            where=sa.and_(
                ContractParty.contract_id == Contract.id, ContractParty.agency_id == _party.id
            ),
            order_by=_party.code,
        ),
        "systems": json_list(_covered.id, of=Contract, where=_COVERS, order_by=_covered.id),
        "annual_value": Contract.annual_value,
        "total_value": Contract.total_value,
        "exit_cost": Contract.exit_cost,
        "currency": Contract.currency,
        "start_date": Contract.start_date,
        "end_date": Contract.end_date,
        "max_extent_date": Contract.max_extent_date,
        "renewal": Contract.renewal,
        "renewal_period_months": Contract.renewal_period_months,
        "notice_period_days": Contract.notice_period_days,
        "notice_period_months": Contract.notice_period_months,
        "notice_given_on": Contract.notice_given_on,
        "end_of_term": END_OF_TERM,
        "last_notice_date": LAST_NOTICE_DATE,
        "next_notice_date": NEXT_NOTICE_DATE,
        "term_status": TERM_STATUS,
        "procurement_route": Contract.procurement_route,
        "regime": Contract.regime,
        "ocid": Contract.ocid,
        "disclosure": Contract.disclosure,
        "created_at": Contract.created_at,
        "updated_at": sa.case(
            (CONTRACT_PROFILES.shows(Profile.FULL), Contract.updated_at),
            else_=Contract.shared_updated_at,
        ),
    },
    source=sa.orm.join(
        sa.orm.join(Contract, Agency, Contract.agency_id == Agency.id),
        Supplier,
        Contract.supplier_id == Supplier.id,
    ),
    contains={"parties": _has_party, "systems": _covers},
    sort_as={"reference": Contract.reference_key, "supplier_name": Supplier.name_key},
    visible=_seen(),
    profiles=CONTRACT_PROFILES,
    # Only the register holds the present and former names of a supplier.
    search=Contract.search_text + _NEW_LINE + Supplier.search_text,
    summary_search=Contract.summary_search_text + _NEW_LINE + Supplier.search_text,
    default_sort="title",
    owner="agency_id",
)

SHARES_COSTS: ColumnElement[bool] = seen(System, of=ResourceType.COSTS, at=Profile.FULL)
"""True if the actor can see the costs of a system: its own, or shared at the full profile."""

COSTS = Resource(
    name="cost",
    path="/v1/systems/{system_id}/costs",
    model=CostLine,
    schema=CostLineSchema,
    columns={
        "id": CostLine.id,
        "system_id": CostLine.system_id,
        "agency": Agency.code,
        "financial_year": CostLine.financial_year,
        "category": CostLine.category,
        "description": CostLine.description,
        "amount": CostLine.amount,
        "currency": CostLine.currency,
        "note": CostLine.note,
        "created_at": CostLine.created_at,
        "updated_at": CostLine.updated_at,
    },
    source=sa.orm.join(
        sa.orm.join(CostLine, _of_line, CostLine.system_id == _of_line.id),
        Agency,
        _of_line.agency_id == Agency.id,
    ),
    not_filters=frozenset({"note"}),
    visible=sa.exists(
        sa.select(_ONE)
        .where(
            _costed.id == CostLine.system_id,
            seen(_costed),
            seen(_costed, of=ResourceType.COSTS, at=Profile.FULL),
        )
        .correlate(CostLine)
    ),
    # An agency that sees a line sees all its fields. The amount is in the full profile so that the
    # access log records reads by other agencies.
    profiles=Profiles(
        level=_WHOLE,
        seen=lambda *, at: sa.true() if at else sa.false(),
        owner=_of_line.agency_id,
        summary=frozenset(
            {
                "id",
                "system_id",
                "agency",
                "financial_year",
                "category",
                "description",
                "currency",
                "note",
                "created_at",
                "updated_at",
            }
        ),
        full=frozenset({"amount"}),
    ),
    default_sort="-financial_year,category,description",
    owner="owner_id",
)


def costs_were_shared(snapshot: Any, *, at: Profile) -> ColumnElement[bool]:
    """Return the condition that a system and its costs were shared at the time of an event."""
    shares_costs = seen(snapshot, of=ResourceType.COSTS, at=Profile.FULL)
    return sa.and_(seen(snapshot, at=Profile.SUMMARY), shares_costs) if at else shares_costs


expose(
    CONTRACTS,
    scope=Scope.CONTRACTS_READ,
    disclosure_rule=_shared,
    rule_is_complete=True,
    parties=Parties("parties", lambda contains: contains(ACTOR_AGENCY)),
    fields={
        "agency_id": CodeField("agency"),
        "parties": CodeField("parties"),
        "systems": ReferenceListField("systems", to=SYSTEMS),
        **same_names(
            "reference",
            "title",
            "supplier_id",
            "annual_value",
            "total_value",
            "exit_cost",
            "currency",
            "start_date",
            "end_date",
            "max_extent_date",
            "renewal",
            "renewal_period_months",
            "notice_period_days",
            "notice_period_months",
            "notice_given_on",
            "procurement_route",
            "regime",
            "ocid",
            "disclosure",
        ),
    },
)
expose(
    COSTS,
    scope=Scope.COSTS_READ,
    disclosure_rule=costs_were_shared,
    rule_is_complete=True,
    fields=same_names(
        "system_id", "financial_year", "category", "description", "amount", "currency", "note"
    ),
)

"""The report resources, which apply the row rules of systems and contracts."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.contracts.models import Contract, ContractSystem
from catalogue.contracts.resources import CONTRACT_PROFILES, CONTRACTS
from catalogue.contracts.term_columns import DAYS_LEFT, NEEDS_NOTICE, NOTICE_WINDOW
from catalogue.core.rest.columns import DialectExpression
from catalogue.core.rest.resource import EVERYONE, TODAY, Resource
from catalogue.core.sharing import Profile
from catalogue.rationalisation.decisions.content import STAYS
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.resources import DECISION_SEEN
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.reports.schemas import (
    AgencyAttestationsSchema,
    NoticeDateSchema,
    UnattestedSystemSchema,
)
from catalogue.systems.attestations.resources import ATTESTATION_DUE, STILL_IN_USE
from catalogue.systems.models import System
from catalogue.systems.vocabulary import Disposition

_VISIBLE_IN_DETAIL = seen(System, at=Profile.STANDARD)
"""True for systems that the actor can see at the standard profile, which shows attestations."""


def _count_where(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return sa.func.count().filter(sa.and_(*conditions))


_totals = (
    sa.select(
        System.agency_id,
        sa.func.count().label("in_use"),
        _count_where(_VISIBLE_IN_DETAIL, sa.not_(ATTESTATION_DUE)).label("confirmed"),
        _count_where(_VISIBLE_IN_DETAIL, ATTESTATION_DUE).label("due"),
        _count_where(_VISIBLE_IN_DETAIL, System.attested_at.is_(None)).label("never_confirmed"),
        sa.cast(
            sa.func.round(sa.func.avg(System.completeness).filter(_VISIBLE_IN_DETAIL)), sa.Integer
        ).label("average_completeness"),
        _count_where(sa.not_(_VISIBLE_IN_DETAIL)).label("withheld"),
    )
    .where(seen(System), STILL_IN_USE)
    .group_by(System.agency_id)
    .subquery("totals")
)

AGENCY_ATTESTATIONS = Resource(
    name="agency's attestations",
    path="/v1/reports/attestations",
    has_etags=False,
    model=Agency,
    schema=AgencyAttestationsSchema,
    columns={
        "id": Agency.id,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "in_use": _totals.c.in_use,
        "confirmed": _totals.c.confirmed,
        "due": _totals.c.due,
        "never_confirmed": _totals.c.never_confirmed,
        "average_completeness": _totals.c.average_completeness,
        "withheld": _totals.c.withheld,
    },
    # The totals apply the row rule, so that an agency without visible systems has no row.
    source=sa.orm.join(Agency, _totals, Agency.id == _totals.c.agency_id),
    visible=EVERYONE,
    default_sort="agency",
)


def _days_since() -> DialectExpression:
    day = sa.cast(System.attested_at, sa.Date)
    between = sa.func.julianday(TODAY) - sa.func.julianday(sa.func.date(System.attested_at))
    return DialectExpression(
        postgresql=sa.type_coerce(TODAY - day, sa.Integer), sqlite=sa.cast(between, sa.Integer)
    )


UNATTESTED_SYSTEMS = Resource(
    name="unattested system",
    path="/v1/reports/unattested-systems",
    has_etags=False,
    model=System,
    schema=UnattestedSystemSchema,
    columns={
        "id": System.id,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "name": System.name,
        "lifecycle": System.lifecycle,
        "attested_at": System.attested_at,
        "days_since": _days_since(),
        "attestation_verdict": System.attestation_verdict,
        "completeness": System.completeness,
        "missing": System.missing,
    },
    source=sa.orm.join(System, Agency, System.agency_id == Agency.id),
    sort_as={"name": System.name_key},
    visible=sa.and_(_VISIBLE_IN_DETAIL, ATTESTATION_DUE),
    search=System.search_text,
    default_sort="agency,name",
)


_NOTICE_SHOWN: ColumnElement[bool] = CONTRACT_PROFILES.shows(Profile.STANDARD)
"""True for contracts that the actor can see at the standard profile, which shows notice dates."""


_bound = sa.orm.aliased(System, name="bound")


def _retiring() -> ColumnElement[int]:
    """Count a contract's visible systems that retire under their latest visible agreed decision."""
    agreed = (
        sa.select(DecisionMember.disposition)
        .join(Decision, Decision.id == DecisionMember.decision_id)
        .where(
            DecisionMember.system_id == _bound.id,
            Decision.status == DecisionStatus.AGREED,
            DECISION_SEEN,
        )
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(sa.literal_column("1"))
        .correlate(_bound)
        .scalar_subquery()
    )
    retires = sa.or_(*[agreed == each for each in sorted(set(Disposition) - STAYS)])
    return (
        sa.select(sa.func.count())
        .select_from(ContractSystem)
        .join(_bound, _bound.id == ContractSystem.system_id)
        .where(ContractSystem.contract_id == Contract.id, seen(_bound), retires)
        .correlate(Contract)
        .scalar_subquery()
    )


_OF_CONTRACTS = (
    "id",
    "agency",
    "agency_name",
    "reference",
    "title",
    "supplier_id",
    "supplier_name",
    "end_date",
    "end_of_term",
    "last_notice_date",
    "next_notice_date",
    "term_status",
    "annual_value",
    "exit_cost",
    "currency",
    "systems",
)

NOTICE_DATES = Resource(
    # A read of another agency's amounts is logged as a read of its contract.
    name=CONTRACTS.name,
    path="/v1/reports/notice-dates",
    has_etags=False,
    model=Contract,
    schema=NoticeDateSchema,
    columns={
        **{name: CONTRACTS.columns[name] for name in _OF_CONTRACTS},
        "days_left": DAYS_LEFT,
        "window": NOTICE_WINDOW,
        "retiring": _retiring(),
    },
    source=CONTRACTS.source,
    contains={"systems": CONTRACTS.contains["systems"]},
    sort_as=CONTRACTS.sort_as,
    # A contract with a withheld date is left out, because its place would reveal the date.
    visible=sa.and_(CONTRACTS.visible, _NOTICE_SHOWN),
    narrowed_to=NEEDS_NOTICE,
    profiles=CONTRACT_PROFILES,
    search=CONTRACTS.search,
    summary_search=CONTRACTS.summary_search,
    default_sort="last_notice_date,title",
)

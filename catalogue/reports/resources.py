"""How reports are read: by the row rules of what they are made from."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.core.reach import Profile
from catalogue.core.rest.columns import Twin
from catalogue.core.rest.resource import EVERYONE, TODAY, Resource
from catalogue.reports.schemas import AgencyAttestationsSchema, UnattestedSystemSchema
from catalogue.systems.attestations import ATTESTATION_DUE, STILL_IN_USE
from catalogue.systems.models import System

_LOOKED_INTO = seen(System, at=Profile.STANDARD)
"""Of other systems one knows that they are there, and not whether they are confirmed."""


def _counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return sa.func.count().filter(sa.and_(*conditions))


_totals = (
    sa.select(
        System.agency_id,
        sa.func.count().label("in_use"),
        _counted(_LOOKED_INTO, sa.not_(ATTESTATION_DUE)).label("confirmed"),
        _counted(_LOOKED_INTO, ATTESTATION_DUE).label("due"),
        _counted(_LOOKED_INTO, System.attested_at.is_(None)).label("never_confirmed"),
        sa.cast(
            sa.func.round(sa.func.avg(System.completeness).filter(_LOOKED_INTO)), sa.Integer
        ).label("average_completeness"),
        _counted(sa.not_(_LOOKED_INTO)).label("withheld"),
    )
    .where(seen(System), STILL_IN_USE)
    .group_by(System.agency_id)
    .subquery("totals")
)

AGENCY_ATTESTATIONS = Resource(
    name="agency's attestations",
    path="/v1/reports/attestations",
    model=Agency,
    answer=AgencyAttestationsSchema,
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
    # The rule is within the totals: of an agency none of whose systems one sees there are none.
    source=sa.orm.join(Agency, _totals, Agency.id == _totals.c.agency_id),
    visible=EVERYONE,
    default_sort="agency",
)


def _days_since() -> Twin:
    day = sa.cast(System.attested_at, sa.Date)
    between = sa.func.julianday(TODAY) - sa.func.julianday(sa.func.date(System.attested_at))
    return Twin(
        postgresql=sa.type_coerce(TODAY - day, sa.Integer),
        sqlite=sa.cast(between, sa.Integer),
    )


UNATTESTED_SYSTEMS = Resource(
    name="unattested system",
    path="/v1/reports/unattested-systems",
    model=System,
    answer=UnattestedSystemSchema,
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
    visible=sa.and_(_LOOKED_INTO, ATTESTATION_DUE),
    search=System.search_text,
    default_sort="agency,name",
)

"""The attestation resource, and the rule for when an attestation is due."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.access.models import OAuthClient
from catalogue.agencies.visibility import own, seen, with_its_system
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import DialectExpression
from catalogue.core.rest.resource import A_YEAR_AGO, Resource
from catalogue.core.sharing import Profile
from catalogue.core.types import Json
from catalogue.history.feed_fields import expose, same_names
from catalogue.systems.attestations.models import Attestation
from catalogue.systems.attestations.schemas import AttestationSchema
from catalogue.systems.lifecycle import IN_USE
from catalogue.systems.models import System

_attested = sa.orm.aliased(System, name="attested")

STILL_IN_USE: ColumnElement[bool] = System.lifecycle.in_(
    # Literals, because SQLAlchemy would render a list of parameters again for each query.
    [sa.literal_column(f"'{lifecycle}'", System.lifecycle.type) for lifecycle in sorted(IN_USE)]
)

# A CASE can be compared and negated. SQLAlchemy would drop the brackets of a bare AND.
ATTESTATION_DUE: ColumnElement[bool] = sa.case(
    (
        sa.and_(
            STILL_IN_USE, sa.or_(System.attested_at.is_(None), System.attested_at < A_YEAR_AGO)
        ),
        sa.true(),
    ),
    else_=sa.false(),
)
"""True for a system in use whose owner has not confirmed the record in the last year, or ever."""


def _withheld() -> DialectExpression:
    def case(cast: str) -> ColumnElement[Any]:
        return sa.case(
            (own(Attestation), sa.literal_column(f"'[]'{cast}")),
            else_=sa.literal_column(f"'[\"attested_by\"]'{cast}"),
        )

    return DialectExpression(
        postgresql=sa.type_coerce(case("::json"), sa.JSON()), sqlite=sa.type_coerce(case(""), Json)
    )


ATTESTATIONS = Resource(
    name="attestation",
    path="/v1/systems/{system_id}/attestations",
    model=Attestation,
    schema=AttestationSchema,
    columns={
        "id": Attestation.id,
        "system_id": Attestation.system_id,
        "verdict": Attestation.verdict,
        "comment": Attestation.comment,
        "attested_at": Attestation.created_at,
        # Only the owner sees which of its clients recorded the attestation.
        "attested_by": sa.case(
            (own(Attestation), sa.func.coalesce(OAuthClient.name, Attestation.client_id)),
            else_=sa.null(),
        ),
        "withheld": _withheld(),
    },
    source=sa.orm.outerjoin(
        Attestation, OAuthClient, Attestation.client_id == OAuthClient.client_id
    ),
    not_filters=frozenset({"comment"}),
    visible=sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_attested.id == Attestation.system_id, seen(_attested, at=Profile.STANDARD))
        .correlate(Attestation)
    ),
    default_sort="-attested_at",
)

expose(
    ATTESTATIONS,
    scope=Scope.SYSTEMS_READ,
    disclosure_rule=with_its_system,
    rule_is_complete=True,
    fields=same_names("system_id", "verdict", "comment"),
)

"""How decisions are read: nobody reads more of them than of the systems in them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own, seen
from catalogue.core.actor import Scope
from catalogue.core.reach import ACTOR_AGENCY
from catalogue.core.rest.columns import Twin, json_list
from catalogue.core.rest.resource import Resource
from catalogue.history.telling import Coded, Entries, same, tell
from catalogue.rationalisation.decisions.models import Decision, DecisionMember, SignOff
from catalogue.rationalisation.decisions.schemas import DecisionSchema
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS, named_by_systems

_owned = sa.orm.aliased(System, name="owned")
_successor = sa.orm.aliased(System, name="successor")

DECISION_SEEN: ColumnElement[bool] = sa.or_(
    own(Decision),
    sa.exists(
        sa.select(1)
        .where(
            DecisionMember.decision_id == Decision.id,
            DecisionMember.system_id == _owned.id,
            _owned.agency_id == ACTOR_AGENCY,
        )
        .correlate(Decision)
    ),
)
"""The row rule of decisions."""

_DECISION_MEMBER_SEEN = sa.and_(
    DecisionMember.decision_id == Decision.id,
    DecisionMember.system_id == System.id,
    seen(System),
)


def _signer_seen() -> ColumnElement[bool]:
    """One's own signature, and those of agencies whose systems one sees in the decision."""
    return sa.or_(
        SignOff.agency_id == ACTOR_AGENCY,
        sa.exists(
            sa.select(1)
            .where(_DECISION_MEMBER_SEEN, System.agency_id == SignOff.agency_id)
            .correlate(Decision, SignOff)
        ),
    )


def _members(value: Any, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    return (
        sa.select(value)
        .where(DecisionMember.decision_id == Decision.id, *conditions)
        .correlate(Decision)
        .scalar_subquery()
    )


_WITHHELD: ColumnElement[int] = _members(sa.func.count()) - _members(
    sa.func.count(), DecisionMember.system_id == System.id, seen(System)
)

_MEMBERS: Twin = json_list(
    {
        "system_id": System.id,
        "system_name": System.name,
        "agency": Agency.code,
        "disposition": DecisionMember.disposition,
        "strategy": DecisionMember.strategy,
        # A successor that may not be seen is one of the members withheld.
        "successor_id": sa.select(_successor.id)
        .where(_successor.id == DecisionMember.successor_id, seen(_successor))
        .correlate(DecisionMember)
        .scalar_subquery(),
    },
    of=Decision,
    where=sa.and_(_DECISION_MEMBER_SEEN, Agency.id == System.agency_id),
    order_by=DecisionMember.system_id,
)

DECISIONS = Resource(
    name="decision",
    path="/v1/decisions",
    model=Decision,
    answer=DecisionSchema,
    columns={
        "id": Decision.id,
        "overlap_id": Decision.overlap_id,
        "agency": Agency.code,
        "title": Decision.title,
        "rationale": Decision.rationale,
        "status": Decision.status,
        "members": _MEMBERS,
        "withheld_members": _WITHHELD,
        "content_hash": Decision.content_hash,
        "sign_offs": json_list(
            {
                "agency": Agency.code,
                "verdict": SignOff.verdict,
                "comment": SignOff.comment,
                "content_hash": SignOff.content_hash,
                "signed_at": SignOff.signed_at,
            },
            of=Decision,
            where=sa.and_(
                SignOff.decision_id == Decision.id,
                Agency.id == SignOff.agency_id,
                _signer_seen(),
            ),
            order_by=SignOff.signed_at,
        ),
        "proposed_at": Decision.proposed_at,
        "decided_at": Decision.decided_at,
        "created_at": Decision.created_at,
        "updated_at": Decision.updated_at,
    },
    source=sa.orm.join(Decision, Agency, Decision.agency_id == Agency.id),
    not_filters=frozenset({"rationale", "content_hash", "withheld_members"}),
    visible=DECISION_SEEN,
    search=Decision.search_text,
    default_sort="-created_at",
    owner="agency_id",
)

tell(
    DECISIONS,
    scope=Scope.DECISIONS_READ,
    discreet=True,
    parties=named_by_systems("members"),
    fields={
        "agency_id": Coded("agency"),
        "members": Entries("members", to=SYSTEMS, by="system_id", also=("successor_id",)),
        **same(
            "overlap_id",
            "title",
            "rationale",
            "status",
            "content_hash",
            "proposed_at",
            "decided_at",
        ),
    },
)

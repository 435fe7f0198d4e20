"""How overlaps and decisions are read: nobody reads more of them than of the systems in them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own, seen
from catalogue.capabilities.models import Capability
from catalogue.core.actor import Scope
from catalogue.core.reach import ACTOR_AGENCY
from catalogue.core.rest.columns import Twin, json_list
from catalogue.core.rest.resource import Resource
from catalogue.core.types import enumeration
from catalogue.history.telling import Coded, Entries, same, tell
from catalogue.rationalisation.matching import FEWEST_AGENCIES
from catalogue.rationalisation.models import (
    Decision,
    DecisionMember,
    Overlap,
    OverlapMember,
    OverlapReview,
    SignOff,
)
from catalogue.rationalisation.schemas import DecisionSchema, OverlapSchema
from catalogue.rationalisation.vocabulary import DecisionStatus, OverlapStatus, OverlapVerdict
from catalogue.suppliers.models import Product
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS, named_by_systems

HUNDRED = sa.literal_column("100.0", sa.Float)

# ---- Overlaps: what is said of one is made from the members that the actor may see.

MEMBER_SEEN: ColumnElement[bool] = sa.and_(
    OverlapMember.overlap_id == Overlap.id,
    OverlapMember.system_id == System.id,
    seen(System),
)
"""Ties members and their systems to an overlap, by the row rule of systems."""


def _of_members(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.select(value).where(MEMBER_SEEN).correlate(Overlap).scalar_subquery()


def _several_agencies_seen() -> ColumnElement[bool]:
    agencies = _of_members(sa.func.count(sa.distinct(System.agency_id)))
    return agencies >= sa.literal_column(str(FEWEST_AGENCIES))


_SCORE = _of_members(sa.cast(sa.func.round(sa.func.avg(OverlapMember.score)), sa.Integer))


def _agency_takes_part(identity: Any, *within: Any) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(1).where(MEMBER_SEEN, System.agency_id == identity).correlate(Overlap, *within)
    )


def _of_last_review(value: Any) -> ColumnElement[Any]:
    """Of what was found last, by an agency that the actor knows to take part."""
    return (
        sa.select(value)
        .where(
            OverlapReview.overlap_id == Overlap.id,
            _agency_takes_part(OverlapReview.agency_id, OverlapReview),
        )
        .order_by(OverlapReview.reviewed_at.desc(), OverlapReview.id.desc())
        .limit(sa.literal_column("1"))
        .correlate(Overlap)
        .scalar_subquery()
    )


_reviewer = sa.orm.aliased(Agency, name="reviewer")
_REVIEWED_AT = _of_last_review(OverlapReview.reviewed_at)

# ---- Decisions: for who proposes one, and for the agencies whose systems it names.

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


def _status() -> ColumnElement[Any]:
    decided = sa.exists(
        sa.select(1)
        .where(
            Decision.overlap_id == Overlap.id,
            Decision.status == DecisionStatus.AGREED,
            DECISION_SEEN,
        )
        .correlate(Overlap)
    )
    changed_since = sa.exists(
        sa.select(1).where(MEMBER_SEEN, OverlapMember.changed_at > _REVIEWED_AT).correlate(Overlap)
    )
    verdict = _of_last_review(sa.cast(OverlapReview.verdict, sa.String))
    found = sa.case(
        (decided, sa.literal_column(f"'{OverlapStatus.DECIDED}'")),
        (
            sa.and_(
                verdict == sa.literal_column(f"'{OverlapVerdict.REJECTED}'"),
                changed_since,
            ),
            sa.literal_column(f"'{OverlapStatus.CANDIDATE}'"),
        ),
        else_=sa.func.coalesce(verdict, sa.literal_column(f"'{OverlapStatus.CANDIDATE}'")),
    )
    return sa.type_coerce(found, enumeration(OverlapStatus))


OVERLAPS = Resource(
    name="overlap",
    path="/v1/overlaps",
    model=Overlap,
    answer=OverlapSchema,
    columns={
        "id": Overlap.id,
        "kind": Overlap.kind,
        "title": sa.func.coalesce(Product.name, Capability.name, Overlap.name),
        "product_id": Overlap.product_id,
        "capability": Capability.code,
        "status": _status(),
        "reason": _of_last_review(OverlapReview.reason),
        "reviewed_by": sa.select(_reviewer.code)
        .where(_reviewer.id == _of_last_review(OverlapReview.agency_id))
        .correlate(Overlap)
        .scalar_subquery(),
        "reviewed_at": _REVIEWED_AT,
        "score": sa.cast(_SCORE, sa.Float) / HUNDRED,
        "member_count": _of_members(sa.func.count()),
        "agencies": json_list(
            Agency.code,
            of=Overlap,
            where=_agency_takes_part(Agency.id, Agency),
            order_by=Agency.code,
        ),
        "members": json_list(
            {
                "system_id": System.id,
                "system_name": System.name,
                "agency": Agency.code,
                "lifecycle": System.lifecycle,
                "score": sa.cast(OverlapMember.score, sa.Float) / HUNDRED,
                "evidence": OverlapMember.evidence,
            },
            of=Overlap,
            where=sa.and_(MEMBER_SEEN, Agency.id == System.agency_id),
            order_by=OverlapMember.system_id,
        ),
    },
    source=sa.orm.outerjoin(
        sa.orm.outerjoin(Overlap, Product, Overlap.product_id == Product.id),
        Capability,
        Overlap.capability_id == Capability.id,
    ),
    contains={
        "agencies": lambda code: _agency_takes_part(
            sa.select(_reviewer.id).where(_reviewer.code == code).scalar_subquery()
        ),
    },
    sort_as={"score": _SCORE},
    not_filters=frozenset({"score", "reason"}),
    visible=_several_agencies_seen(),
    search=Overlap.search_text,
    default_sort="-score,-member_count",
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

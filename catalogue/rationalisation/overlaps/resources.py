"""Resources of overlaps and groupings, with values from the members that the actor can see."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency, AgreementParty
from catalogue.agencies.visibility import own, seen
from catalogue.capabilities.models import Capability
from catalogue.core.rest.columns import json_list
from catalogue.core.rest.query import FilterField
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.core.types import enumeration
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.decisions.resources import DECISION_SEEN
from catalogue.rationalisation.matching.grouping import FEWEST_AGENCIES
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapGrouping,
    OverlapMember,
    OverlapOrigin,
    OverlapPair,
    OverlapReview,
)
from catalogue.rationalisation.overlaps.schemas import OverlapGroupingSchema, OverlapSchema
from catalogue.rationalisation.overlaps.visibility import (
    GROUP_SEEN,
    MEMBER_SEEN,
    OVERLAP_SEEN,
    first_visible_origin,
    groups_in_effect,
    is_in_visible_origin,
    over_members,
)
from catalogue.rationalisation.vocabulary import (
    DecisionStatus,
    OverlapKind,
    OverlapStatus,
    OverlapVerdict,
)
from catalogue.suppliers.models import Product
from catalogue.systems.models import System

HUNDRED = sa.literal_column("100.0", sa.Float)

_SCORE = over_members(sa.cast(sa.func.round(sa.func.avg(OverlapMember.score)), sa.Integer))


def _agency_takes_part(identity: Any) -> ColumnElement[bool]:
    # A list, evaluated once for each overlap. One subquery for each agency took 30 times as long.
    taking_part = sa.select(System.agency_id).where(MEMBER_SEEN).correlate(Overlap)
    return sa.type_coerce(identity, sa.Uuid()).in_(taking_part)


def _has_member(system_id: Any) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .where(MEMBER_SEEN, System.id == system_id)
        .correlate(Overlap)
    )


def _is_between_parties(agreement_id: Any) -> ColumnElement[bool]:
    """Return the condition that two parties of an agreement have members that the actor can see.

    The actor's agency must be a party too, because nobody else can read the agreement.
    """
    party = sa.orm.aliased(AgreementParty, name="party")
    own_part = sa.orm.aliased(AgreementParty, name="own_part")
    agencies: Any = (
        sa.select(sa.func.count(sa.distinct(System.agency_id)))
        .join(party, party.agency_id == System.agency_id)
        .where(MEMBER_SEEN, party.agreement_id == agreement_id)
        .correlate(Overlap)
        .scalar_subquery()
    )
    takes_part = sa.exists(
        sa.select(sa.literal_column("1")).where(
            own_part.agreement_id == agreement_id, own_part.agency_id == ACTOR_AGENCY
        )
    )
    return sa.and_(takes_part, agencies >= sa.literal_column(str(FEWEST_AGENCIES)))


def _of_last_review(value: Any) -> ColumnElement[Any]:
    """Return a value of the last review by an agency with a member that the actor can see."""
    return (
        sa.select(value)
        .where(OverlapReview.overlap_id == Overlap.id, _agency_takes_part(OverlapReview.agency_id))
        .order_by(OverlapReview.reviewed_at.desc(), OverlapReview.id.desc())
        .limit(sa.literal_column("1"))
        .correlate(Overlap)
        .scalar_subquery()
    )


_KIND = sa.type_coerce(
    sa.case(
        (
            sa.and_(
                Overlap.kind == sa.literal_column(f"'{OverlapKind.SAME_PRODUCT}'"),
                over_members(sa.func.count(sa.distinct(OverlapMember.supplier_name)))
                > sa.literal_column("1"),
            ),
            sa.literal_column(f"'{OverlapKind.RENAMED_SUPPLIER}'"),
        ),
        else_=sa.cast(Overlap.kind, sa.String),
    ),
    enumeration(OverlapKind),
)
"""The stored kind, or `renamed_supplier` if the members give one product several suppliers."""

_reviewer = sa.orm.aliased(Agency, name="reviewer")
_REVIEWED_AT = _of_last_review(OverlapReview.reviewed_at)


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
    status = sa.case(
        (decided, sa.literal_column(f"'{OverlapStatus.DECIDED}'")),
        (
            sa.and_(verdict == sa.literal_column(f"'{OverlapVerdict.REJECTED}'"), changed_since),
            sa.literal_column(f"'{OverlapStatus.CANDIDATE}'"),
        ),
        else_=sa.func.coalesce(verdict, sa.literal_column(f"'{OverlapStatus.CANDIDATE}'")),
    )
    return sa.type_coerce(status, enumeration(OverlapStatus))


def _title() -> ColumnElement[str]:
    """Return the title: the given title, what the systems share, or that of a visible origin."""
    origin = sa.orm.aliased(Overlap, name="origin")
    product = sa.orm.aliased(Product, name="origin_product")
    capability = sa.orm.aliased(Capability, name="origin_capability")
    source = (
        sa.join(OverlapOrigin, origin, origin.id == OverlapOrigin.origin_id)
        .outerjoin(product, product.id == origin.product_id)
        .outerjoin(capability, capability.id == origin.capability_id)
    )
    no_name: ColumnElement[Any] = sa.literal_column("''")
    named = sa.func.coalesce(product.name, capability.name, sa.func.nullif(origin.name, no_name))
    given: Any = sa.select(OverlapGrouping.title).where(OverlapGrouping.overlap_id == Overlap.id)
    return sa.func.coalesce(
        given.correlate(Overlap).scalar_subquery(),
        Product.name,
        Capability.name,
        sa.func.nullif(Overlap.name, no_name),
        first_visible_origin(named, source),
        sa.literal_column("'Merged by hand'"),
    )


OVERLAPS = Resource(
    name="overlap",
    path="/v1/overlaps",
    model=Overlap,
    schema=OverlapSchema,
    columns={
        "id": Overlap.id,
        "kind": _KIND,
        "title": _title(),
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
        "member_count": over_members(sa.func.count()),
        "agencies": json_list(
            Agency.code, of=Overlap, where=_agency_takes_part(Agency.id), order_by=Agency.code
        ),
        "evidence": sa.select(OverlapPair.evidence)
        .where(OverlapPair.overlap_id == Overlap.id)
        .correlate(Overlap)
        .scalar_subquery(),
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
        )
    },
    part_filters={
        "system_id": FilterField(
            OverlapMember.system_id,
            contains=_has_member,
            contained_type=sa.Uuid(),
            meaning="Only overlaps with this system as a member that you can see.",
        ),
        "agreement_id": FilterField(
            AgreementParty.agreement_id,
            contains=_is_between_parties,
            contained_type=sa.Uuid(),
            meaning="Only overlaps with systems of at least two parties of this agreement, which "
            "your agency must be a party to.",
        ),
        "of_your_agency": FilterField(
            sa.case((_agency_takes_part(ACTOR_AGENCY), sa.true()), else_=sa.false()),
            meaning="`true` returns only overlaps with a system of your agency, and `false` only "
            "the others. With `agencies`, `true` returns those of your agency and another.",
        ),
    },
    sort_as={"score": _SCORE},
    not_filters=frozenset({"score", "reason"}),
    visible=OVERLAP_SEEN,
    rule_values=groups_in_effect,
    search=Overlap.search_text,
    default_sort="-score,-member_count",
)

_grouped = sa.orm.aliased(OverlapMember, name="grouped")

GROUPINGS = Resource(
    name="overlap grouping",
    path="/v1/overlap-groupings",
    model=OverlapGrouping,
    schema=OverlapGroupingSchema,
    columns={
        "id": OverlapGrouping.id,
        "action": OverlapGrouping.action,
        "overlap_id": OverlapGrouping.overlap_id,
        "agency": Agency.code,
        "title": OverlapGrouping.title,
        "reason": OverlapGrouping.reason,
        "system_ids": json_list(
            System.id,
            of=OverlapGrouping,
            where=sa.and_(
                _grouped.overlap_id == OverlapGrouping.overlap_id,
                _grouped.system_id == System.id,
                seen(System),
                is_in_visible_origin(_grouped),
            ),
            order_by=System.id,
        ),
        "withdrawn_at": OverlapGrouping.withdrawn_at,
        "created_at": OverlapGrouping.created_at,
        "updated_at": OverlapGrouping.updated_at,
    },
    source=sa.orm.join(OverlapGrouping, Agency, OverlapGrouping.agency_id == Agency.id),
    not_filters=frozenset({"reason"}),
    visible=sa.or_(own(OverlapGrouping), GROUP_SEEN),
    rule_values=groups_in_effect,
    default_sort="-created_at",
    owner="agency_id",
)

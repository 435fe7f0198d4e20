"""How overlaps are read: what is said of one is made from the members that one may see."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.capabilities.models import Capability
from catalogue.core.rest.columns import json_list
from catalogue.core.rest.resource import Resource
from catalogue.core.types import enumeration
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.decisions.resources import DECISION_SEEN
from catalogue.rationalisation.matching.grouping import FEWEST_AGENCIES
from catalogue.rationalisation.overlaps.models import Overlap, OverlapMember, OverlapReview
from catalogue.rationalisation.overlaps.schemas import OverlapSchema
from catalogue.rationalisation.vocabulary import DecisionStatus, OverlapStatus, OverlapVerdict
from catalogue.suppliers.models import Product
from catalogue.systems.models import System

HUNDRED = sa.literal_column("100.0", sa.Float)

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

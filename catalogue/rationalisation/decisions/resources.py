"""Resource of decisions, which shows only the members and owners that the reader can see."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own, seen
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import DialectExpression, json_list
from catalogue.core.rest.query import FilterField
from catalogue.core.rest.resource import TODAY, Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.history.feed_fields import (
    CodeField,
    ObjectListField,
    ReferenceField,
    expose,
    same_names,
)
from catalogue.history.persons import name_of_person
from catalogue.rationalisation.decisions.models import Decision, DecisionMember, SignOff
from catalogue.rationalisation.decisions.schemas import DecisionSchema
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS, named_by_systems

_ONE: ColumnElement[int] = sa.literal_column("1")
_successor = aliased(System, name="successor")
_later = aliased(Decision, name="later")


def decision_seen(model: Any) -> ColumnElement[bool]:
    """Return the row rule: the proposer and the owners of members or successors see a decision."""
    owned = aliased(System, name="owned")

    def owns(system_id: Any) -> ColumnElement[bool]:
        return sa.exists(
            sa.select(_ONE)
            .where(
                DecisionMember.decision_id == model.id,
                system_id == owned.id,
                owned.agency_id == ACTOR_AGENCY,
            )
            .correlate(model)
        )

    return sa.or_(own(model), owns(DecisionMember.system_id), owns(DecisionMember.successor_id))


DECISION_SEEN: ColumnElement[bool] = decision_seen(Decision)

_AFFECTED = sa.union(
    sa.select(DecisionMember.system_id.label("system_id"))
    .where(DecisionMember.decision_id == Decision.id)
    .correlate(Decision),
    sa.select(DecisionMember.successor_id)
    .where(DecisionMember.decision_id == Decision.id, DecisionMember.successor_id.is_not(None))
    .correlate(Decision),
).subquery("affected")
"""The systems that a decision affects: its members and their successors."""

_OWNERS_SEEN = (
    sa.select(System.agency_id)
    .distinct()
    .join_from(_AFFECTED, System, System.id == _AFFECTED.c.system_id)
    .where(seen(System))
    .correlate(Decision)
)
"""The owners of affected systems that the actor can see."""

_MEMBER_SEEN = sa.and_(
    DecisionMember.decision_id == Decision.id, DecisionMember.system_id == System.id, seen(System)
)
_PROPOSED: ColumnElement[bool] = Decision.status == DecisionStatus.PROPOSED


def _flag(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    # A CASE can be compared and negated. A bare AND would lose its brackets.
    return sa.case((condition, sa.true()), else_=sa.false())


def _has_counting_sign_off(agency_id: Any, *within: Any) -> ColumnElement[bool]:
    counted = aliased(SignOff, name="counted")
    return sa.exists(
        sa.select(_ONE)
        .where(
            counted.decision_id == Decision.id,
            counted.agency_id == agency_id,
            counted.voided_at.is_(None),
        )
        .correlate(Decision, *within)
    )


def _count_affected(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        sa.select(sa.func.count())
        .select_from(sa.join(_AFFECTED, System, System.id == _AFFECTED.c.system_id))
        .where(condition)
        .correlate(Decision)
        .scalar_subquery()
    )


_AWAITING_YOUR_SIGNATURE = sa.and_(
    _PROPOSED,
    _count_affected(System.agency_id == ACTOR_AGENCY) > sa.literal_column("0"),
    ~_has_counting_sign_off(ACTOR_AGENCY),
)


def _awaiting() -> DialectExpression:
    owners = _OWNERS_SEEN.subquery("owners")
    return json_list(
        Agency.code,
        of=Decision,
        where=sa.and_(
            _PROPOSED, Agency.id == owners.c.agency_id, ~_has_counting_sign_off(Agency.id, Agency)
        ),
        order_by=Agency.code,
    )


def _awaits(code: Any) -> ColumnElement[bool]:
    owner = aliased(Agency, name="awaited")
    return sa.and_(
        _PROPOSED,
        sa.exists(
            sa.select(_ONE)
            .where(
                owner.code == code,
                owner.id.in_(_OWNERS_SEEN),
                ~_has_counting_sign_off(owner.id, owner),
            )
            .correlate(Decision)
        ),
    )


def _affects(system_id: Any) -> ColumnElement[bool]:
    return _count_affected(sa.and_(System.id == system_id, seen(System))) > sa.literal_column("0")


def _of_seen_successor(column: Any) -> ColumnElement[Any]:
    return (
        sa.select(column)
        .where(_successor.id == DecisionMember.successor_id, seen(_successor))
        .correlate(DecisionMember)
        .scalar_subquery()
    )


_SUCCESSOR_SEEN = _of_seen_successor(_successor.id)


def _member_withheld() -> DialectExpression:
    hidden = sa.and_(DecisionMember.successor_id.is_not(None), _SUCCESSOR_SEEN.is_(None))

    def names(cast: str) -> ColumnElement[Any]:
        return sa.case(
            (hidden, sa.literal_column(f"'[\"successor_id\"]'{cast}", sa.JSON())),
            else_=sa.literal_column(f"'[]'{cast}", sa.JSON()),
        )

    return DialectExpression(postgresql=names("::json"), sqlite=names(""))


def _members() -> DialectExpression:
    """Return the members that the actor can see, with the successors that it can see."""

    def members(dialect: str) -> ColumnElement[Any]:
        return json_list(
            {
                "system_id": System.id,
                "system_name": System.name,
                "agency": Agency.code,
                "disposition": DecisionMember.disposition,
                "strategy": DecisionMember.strategy,
                "successor_id": _SUCCESSOR_SEEN,
                "successor_name": _of_seen_successor(_successor.name),
                "withheld": _member_withheld().for_dialect(dialect),
            },
            of=Decision,
            where=sa.and_(_MEMBER_SEEN, Agency.id == System.agency_id),
            order_by=DecisionMember.system_id,
        ).for_dialect(dialect)

    return DialectExpression(postgresql=members("postgresql"), sqlite=members("sqlite"))


DECISIONS = Resource(
    name="decision",
    path="/v1/decisions",
    model=Decision,
    schema=DecisionSchema,
    columns={
        "id": Decision.id,
        "overlap_id": Decision.overlap_id,
        "agency": Agency.code,
        "title": Decision.title,
        "rationale": Decision.rationale,
        "status": Decision.status,
        "members": _members(),
        "withheld_members": _count_affected(sa.true()) - _count_affected(seen(System)),
        "content_hash": Decision.content_hash,
        "sign_offs": json_list(
            {
                "agency": Agency.code,
                "person": name_of_person(SignOff.person_id),
                "role": SignOff.role,
                "verdict": SignOff.verdict,
                "comment": SignOff.comment,
                "content_hash": SignOff.content_hash,
                "signed_at": SignOff.signed_at,
                "voided_at": SignOff.voided_at,
            },
            of=Decision,
            where=sa.and_(
                SignOff.decision_id == Decision.id,
                Agency.id == SignOff.agency_id,
                sa.or_(SignOff.agency_id == ACTOR_AGENCY, SignOff.agency_id.in_(_OWNERS_SEEN)),
            ),
            order_by=SignOff.signed_at,
        ),
        "awaiting": _awaiting(),
        "awaiting_your_signature": _flag(_AWAITING_YOUR_SIGNATURE),
        "proposed_at": Decision.proposed_at,
        "working_days_to_sign": Decision.working_days_to_sign,
        "sign_by": Decision.sign_by,
        "overdue": _flag(
            sa.and_(_PROPOSED, Decision.sign_by.is_not(None), Decision.sign_by < TODAY)
        ),
        "decided_at": Decision.decided_at,
        "withdrawal_reason": Decision.withdrawal_reason,
        "superseded_by": sa.select(_later.id)
        .where(_later.id == Decision.superseded_by_id, decision_seen(_later))
        .correlate(Decision)
        .scalar_subquery(),
        "created_at": Decision.created_at,
        "updated_at": Decision.updated_at,
    },
    source=sa.orm.join(Decision, Agency, Decision.agency_id == Agency.id),
    contains={"awaiting": _awaits},
    part_filters={
        "system_id": FilterField(
            DecisionMember.system_id,
            contains=_affects,
            contained_type=sa.Uuid(),
            meaning="Only decisions with this system as a member or a successor that you can see.",
        )
    },
    not_filters=frozenset({"rationale", "content_hash", "withheld_members", "withdrawal_reason"}),
    visible=DECISION_SEEN,
    search=Decision.search_text,
    default_sort="-created_at",
    owner="agency_id",
)

expose(
    DECISIONS,
    scope=Scope.DECISIONS_READ,
    hides_actor=True,
    parties=named_by_systems("members"),
    fields={
        "agency_id": CodeField("agency"),
        "superseded_by_id": ReferenceField("superseded_by", to=DECISIONS),
        "members": ObjectListField("members", to=SYSTEMS, by="system_id", also=("successor_id",)),
        **same_names(
            "overlap_id",
            "title",
            "rationale",
            "status",
            "content_hash",
            "proposed_at",
            "working_days_to_sign",
            "sign_by",
            "decided_at",
            "withdrawal_reason",
        ),
    },
)

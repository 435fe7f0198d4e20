"""Readiness of systems and overlaps, from the records that the actor can see."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own
from catalogue.contracts.visible_contracts import (
    VisibleContract,
    get_visible_contracts,
    note_values_read,
)
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile, ResourceType, id_in, sharing_agencies
from catalogue.rationalisation.decisions.content import STAYS
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.operations import AgreedDecision, agreed_decision_of
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.visibility import MEMBER_SEEN
from catalogue.rationalisation.readiness.blockers import Readiness, assess
from catalogue.rationalisation.readiness.facts import (
    AgreedOutcome,
    ReadinessFacts,
    Successor,
    SystemFacts,
    Use,
)
from catalogue.rationalisation.readiness.groups import GroupReadiness
from catalogue.rationalisation.visible_systems import read_visible_systems
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.systems.dependencies import Dependant, dependants_of
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.resources import USES

_FIELDS = (
    "id",
    "name",
    "agency",
    "lifecycle",
    "hosting",
    "user_count",
    "personal_data",
    "dpia_status",
    "retention_hold",
)
_STANDARD_FIELD = "disclosure"
"""A field of the standard profile that is never null, so null means that it is withheld."""


def assess_system(context: Context, system_id: UUID) -> Readiness:
    """Return the readiness of a system. Raises NotFound if the actor cannot see it."""
    assessed = _assess_systems(context, [system_id])
    if not assessed:
        raise SYSTEMS.absent()
    return assessed[0]


def assess_group(context: Context, overlap_id: UUID) -> GroupReadiness:
    """Return the readiness of an overlap's retiring systems, or raise NotFound if it is hidden.

    The systems retire under agreed decisions on this or any other overlap. Only decisions that the
    actor can see count. If there are none, every member is a candidate.
    """
    overlap: Any = sa.select(Overlap.id).where(Overlap.id == overlap_id)
    if context.session.scalar(only_visible(context, OVERLAPS, overlap)) is None:
        raise OVERLAPS.absent()
    members: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == overlap_id)
    systems = set(context.session.scalars(only_visible(context, OVERLAPS, members)))
    decisions = _agreed_decisions(context, overlap_id, systems)
    if decisions:
        # A hidden member's outcome must make no difference, so the assessment drops hidden members.
        retiring: Any = sa.select(DecisionMember.system_id).where(
            DecisionMember.decision_id.in_(decisions), DecisionMember.disposition.not_in(STAYS)
        )
        on_overlap = sa.select(Decision.id).where(Decision.overlap_id == overlap_id)
        in_scope = sa.or_(
            DecisionMember.decision_id.in_(on_overlap), DecisionMember.system_id.in_(systems)
        )
        systems = set(context.session.scalars(retiring.where(in_scope)))
    assessed = _assess_systems(context, sorted(systems))
    return GroupReadiness(tuple(decisions), tuple(assessed), clock.today())


def _agreed_decisions(context: Context, overlap_id: UUID, systems: set[UUID]) -> list[UUID]:
    """Return visible agreed decisions on the overlap, or on these systems of it."""
    if not context.actor.has(Scope.DECISIONS_READ):
        return []
    statement: Any = (
        sa.select(Decision.id)
        .where(Decision.status == DecisionStatus.AGREED)
        .where(
            sa.or_(
                Decision.overlap_id == overlap_id,
                Decision.id.in_(
                    sa.select(DecisionMember.decision_id).where(
                        DecisionMember.system_id.in_(systems)
                    )
                ),
            )
        )
        .order_by(Decision.id)
    )
    return list(context.session.scalars(only_visible(context, DECISIONS, statement)))


def _assess_systems(context: Context, system_ids: Sequence[UUID]) -> list[Readiness]:
    """Return the readiness of the visible systems, by agency and name.

    Each kind of record is read once for all systems, by its own row rule and only if the token has
    the scope.
    """
    rows = read_visible_systems(
        context,
        [*_FIELDS, _STANDARD_FIELD],
        where=System.id.in_(system_ids),
        order_by=(Agency.code, System.name_key),
    )
    ids = [row["id"] for row in rows]
    own_ids = {row["id"] for row in rows if row["agency_id"] == context.actor.agency_id}
    reads_systems, reads_decisions = (
        context.actor.has(Scope.SYSTEMS_READ),
        context.actor.has(Scope.DECISIONS_READ),
    )
    agreed = _load_agreed_outcomes(context, ids) if reads_decisions else {}
    dependants: dict[UUID, list[Dependant]] = {}
    uses: dict[UUID, list[Use]] = {}
    if reads_systems:
        dependants, uses = dependants_of(context, ids), _load_uses(context, ids)
    contracts: dict[UUID, list[VisibleContract]] = {}
    contracts_known: set[UUID] = set()
    if context.actor.has(Scope.CONTRACTS_READ):
        contracts = get_visible_contracts(context, ids)
        contracts_known = _find_fully_visible(context, ids)
    today = clock.today()
    assessed = [
        assess(
            ReadinessFacts(
                system=SystemFacts(
                    standard_visible=row[_STANDARD_FIELD] is not None,
                    **{name: row[name] for name in _FIELDS},
                ),
                agreed=agreed.get(row["id"]),
                # Only the owner sees every decision on a system.
                decisions_known=reads_decisions and row["id"] in own_ids,
                dependants=tuple(dependants.get(row["id"], ())),
                # An interface with a third agency's system is visible to the two owners alone.
                dependants_known=reads_systems and row["id"] in own_ids,
                contracts=tuple(contracts.get(row["id"], ())),
                contracts_known=row["id"] in contracts_known,
                uses=tuple(use for use in uses.get(row["id"], ()) if _is_current(use)),
                ever_used=row["id"] in uses,
            ),
            today,
        )
        for row in rows
    ]
    shown_contracts = [
        blocker.contract
        for readiness in assessed
        for blocker in readiness.blockers
        if blocker.contract is not None
    ]
    note_values_read(context, shown_contracts)
    return assessed


def _is_current(use: Use) -> bool:
    return use.until is None or use.until >= clock.today()


def _load_agreed_outcomes(context: Context, ids: list[UUID]) -> dict[UUID, AgreedOutcome]:
    decided_ids: Any = (
        sa.select(DecisionMember.system_id)
        .distinct()
        .join(Decision, Decision.id == DecisionMember.decision_id)
        .where(DecisionMember.system_id.in_(ids), Decision.status == DecisionStatus.AGREED)
    )
    decisions: dict[UUID, AgreedDecision] = {}
    # One query for each decided system is enough: decisions cover few systems of a large group.
    for system_id in context.session.scalars(only_visible(context, DECISIONS, decided_ids)).all():
        decision = agreed_decision_of(context, system_id)
        if decision is not None:
            decisions[system_id] = decision
    successor_ids = {decision.successor_id for decision in decisions.values()} - {None}
    rows = read_visible_systems(
        context, ("id", "name", "agency", "lifecycle"), where=System.id.in_(successor_ids)
    )
    successors = {
        row["id"]: Successor(row["id"], row["name"], row["agency"], row["lifecycle"])
        for row in rows
    }
    return {
        system_id: AgreedOutcome(
            decision_id=decision.decision_id,
            decided_at=decision.decided_at,
            retires=decision.disposition not in STAYS,
            successor=successors.get(decision.successor_id) if decision.successor_id else None,
            successor_withheld=decision.successor_withheld,
        )
        for system_id, decision in decisions.items()
    }


def _load_uses(context: Context, ids: list[UUID]) -> dict[UUID, list[Use]]:
    """Return the visible uses of each system, past ones included. Systems without any are left out."""
    statement: Any = (
        sa.select(
            SystemUse.system_id,
            SystemUse.id,
            Agency.code,
            Agency.name,
            SystemUse.user_count,
            SystemUse.until,
        )
        .join(Agency, Agency.id == SystemUse.using_agency_id)
        .where(SystemUse.system_id.in_(ids))
        .order_by(Agency.code, SystemUse.id)
    )
    uses: defaultdict[UUID, list[Use]] = defaultdict(list)
    for system_id, *values in context.session.execute(only_visible(context, USES, statement)):
        uses[system_id].append(Use(*values))
    return uses


def _find_fully_visible(context: Context, ids: list[UUID]) -> set[UUID]:
    """Return the systems whose contracts the actor sees in full.

    These are the systems of its agency, and of agencies that granted access to contracts. An
    agreement is not enough, because it leaves out contracts disclosed to the owner only.
    """
    granted = id_in(System.agency_id, sharing_agencies(ResourceType.CONTRACTS, Profile.SUMMARY))
    statement = sa.select(System.id).where(System.id.in_(ids), sa.or_(own(System), granted))
    return set(context.session.scalars(only_visible(context, SYSTEMS, statement)))

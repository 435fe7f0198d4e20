"""Finding out what stands in the way of turning systems off, as far as somebody may see it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own
from catalogue.contracts.terms import SeenContract, note_values_read, seen_contracts
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
from catalogue.rationalisation.readiness.blockers import Readiness, readiness
from catalogue.rationalisation.readiness.facts import Agreed, Facts, Successor, SystemFacts, Use
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
_STANDARD = "disclosure"
"""A field that is never empty, and that the standard profile shows."""


def readiness_of(context: Context, system_id: UUID) -> Readiness:
    """What stands in the way of one system. NotFound where the actor may not see it."""
    found = _assess(context, [system_id])
    if not found:
        raise SYSTEMS.absent()
    return found[0]


def readiness_of_group(context: Context, overlap_id: UUID) -> GroupReadiness:
    """What stands in the way of the systems of an overlap. NotFound where it may not be seen.

    They are those that go by the agreed decisions about its systems that the actor sees, whichever
    overlap these were taken on; where it sees none, every member is a candidate.
    """
    asked: Any = sa.select(Overlap.id).where(Overlap.id == overlap_id)
    if context.session.scalar(only_visible(context, OVERLAPS, asked)) is None:
        raise OVERLAPS.absent()
    members: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == overlap_id)
    systems = set(context.session.scalars(only_visible(context, OVERLAPS, members)))
    decisions = _agreed_on(context, overlap_id, systems)
    if decisions:
        # Whether a member that one may not see goes or stays must make no difference: of these
        # none is left below.
        going: Any = sa.select(DecisionMember.system_id).where(
            DecisionMember.decision_id.in_(decisions), DecisionMember.disposition.not_in(STAYS)
        )
        on_it = sa.select(Decision.id).where(Decision.overlap_id == overlap_id)
        among_all = sa.or_(
            DecisionMember.decision_id.in_(on_it), DecisionMember.system_id.in_(systems)
        )
        systems = set(context.session.scalars(going.where(among_all)))
    found = _assess(context, sorted(systems))
    return GroupReadiness(tuple(decisions), tuple(found), clock.today())


def _agreed_on(context: Context, overlap_id: UUID, systems: set[UUID]) -> list[UUID]:
    """The agreed decisions that the actor sees on an overlap, or about these systems of it."""
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


def _assess(context: Context, system_ids: Sequence[UUID]) -> list[Readiness]:
    """Of each system that the actor sees, by agency and name. All reading is done for all of them
    at once, each kind of record by its own rule, and only what the token is for."""
    rows = read_visible_systems(
        context,
        [*_FIELDS, _STANDARD],
        where=System.id.in_(system_ids),
        order_by=(Agency.code, System.name_key),
    )
    ids = [row["id"] for row in rows]
    mine = {row["id"] for row in rows if row["agency_id"] == context.actor.agency_id}
    reads_systems, reads_decisions = (
        context.actor.has(Scope.SYSTEMS_READ),
        context.actor.has(Scope.DECISIONS_READ),
    )
    agreed = _agreed(context, ids) if reads_decisions else {}
    dependants: dict[UUID, list[Dependant]] = {}
    uses: dict[UUID, list[Use]] = {}
    if reads_systems:
        dependants, uses = dependants_of(context, ids), _uses(context, ids)
    contracts: dict[UUID, list[SeenContract]] = {}
    contracts_known: set[UUID] = set()
    if context.actor.has(Scope.CONTRACTS_READ):
        contracts = seen_contracts(context, ids)
        contracts_known = _with_all_contracts(context, ids)
    today = clock.today()
    found = [
        readiness(
            Facts(
                system=SystemFacts(
                    shown=row[_STANDARD] is not None, **{name: row[name] for name in _FIELDS}
                ),
                agreed=agreed.get(row["id"]),
                # An owner knows of all decisions about its system, and nobody else does.
                decisions_known=reads_decisions and row["id"] in mine,
                dependants=tuple(dependants.get(row["id"], ())),
                # An interface with a third agency's system is shown to its two ends alone.
                dependants_known=reads_systems and row["id"] in mine,
                contracts=tuple(contracts.get(row["id"], ())),
                contracts_known=row["id"] in contracts_known,
                uses=tuple(use for use in uses.get(row["id"], ()) if _goes_on(use)),
                ever_used=row["id"] in uses,
            ),
            today,
        )
        for row in rows
    ]
    note_values_read(
        context, [b.contract for each in found for b in each.blockers if b.contract is not None]
    )
    return found


def _goes_on(use: Use) -> bool:
    return use.until is None or use.until >= clock.today()


def _agreed(context: Context, ids: list[UUID]) -> dict[UUID, Agreed]:
    concerned: Any = (
        sa.select(DecisionMember.system_id)
        .distinct()
        .join(Decision, Decision.id == DecisionMember.decision_id)
        .where(DecisionMember.system_id.in_(ids), Decision.status == DecisionStatus.AGREED)
    )
    found: dict[UUID, AgreedDecision] = {}
    # Of a large group, decisions concern a few.
    for identity in context.session.scalars(only_visible(context, DECISIONS, concerned)).all():
        decision = agreed_decision_of(context, identity)
        if decision is not None:
            found[identity] = decision
    named = {each.successor_id for each in found.values()} - {None}
    shown = read_visible_systems(
        context, ("id", "name", "agency", "lifecycle"), where=System.id.in_(named)
    )
    successors = {
        row["id"]: Successor(row["id"], row["name"], row["agency"], row["lifecycle"])
        for row in shown
    }
    return {
        identity: Agreed(
            decision_id=each.decision_id,
            decided_at=each.decided_at,
            goes=each.disposition not in STAYS,
            successor=successors.get(each.successor_id) if each.successor_id else None,
            successor_withheld=each.successor_withheld,
        )
        for identity, each in found.items()
    }


def _uses(context: Context, ids: list[UUID]) -> dict[UUID, list[Use]]:
    """The uses of each system, past ones as well; nothing for one without any to be seen."""
    asked: Any = (
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
    found: defaultdict[UUID, list[Use]] = defaultdict(list)
    for system_id, *values in context.session.execute(only_visible(context, USES, asked)):
        found[system_id].append(Use(*values))
    return found


def _with_all_contracts(context: Context, ids: list[UUID]) -> set[UUID]:
    """The systems whose owners' contracts the actor sees all of: its own, and those of agencies
    that granted it contracts. An agreement leaves out what is for the owner only."""
    granted = id_in(System.agency_id, sharing_agencies(ResourceType.CONTRACTS, Profile.SUMMARY))
    asked = sa.select(System.id).where(System.id.in_(ids), sa.or_(own(System), granted))
    return set(context.session.scalars(only_visible(context, SYSTEMS, asked)))

"""Briefings: everything that an approver needs before signing a decision.

A briefing combines several reads by one actor: the decision, its systems when it was proposed, the
same systems now, and their costs. Each of these reads withholds what the actor cannot see.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.money import amount_if_known
from catalogue.core.rest.profiles import WITHHELD
from catalogue.core.rest.reader import only_visible, read_document, read_documents
from catalogue.rationalisation.decisions.annual_costs import (
    AnnualCosts,
    compare_annual_costs,
    serialise_costs,
)
from catalogue.rationalisation.decisions.content import STAYS
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.decisions.signatures import replaced_by
from catalogue.rationalisation.states import OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import BriefingRole, DecisionStatus
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Disposition

Document = dict[str, Any]

NOT_COMPARED = frozenset({WITHHELD, "created_at", "updated_at", "attestation_due"})
"""Fields that are not compared, because they depend on other fields or on the calendar."""


def build_briefing(context: Context, decision_id: UUID) -> Document:
    """Build the briefing of a decision for the actor, or raise NotFound.

    The briefing uses a single read of the decision, so that all of it matches one content hash.
    """
    decision: Document = orjson.loads(read_document(context, DECISIONS, decision_id))
    moment = decision["proposed_at"]
    as_of = datetime.fromisoformat(moment) if moment else None
    systems = [*map(_member, decision["members"]), *_outside_successors(context, decision)]
    ids = [system["system_id"] for system in systems]
    current = read_documents(context, SYSTEMS, ids) if context.actor.has(Scope.SYSTEMS_READ) else {}
    proposed = read_documents(context, SYSTEMS, current, as_of=as_of) if as_of else current
    costs = _costs(context, systems)
    own_costs = _costs(context, [s for s in systems if s["agency"] == context.actor.agency])
    return {
        "decision": decision,
        "records_as_of": moment,
        "systems": [_with_facts(system, proposed, current, costs) for system in systems],
        "withheld_members": decision["withheld_members"],
        "costs": serialise_costs(costs, hidden=decision["withheld_members"]),
        "own_costs": serialise_costs(own_costs),
        "supersedes": _superseded(context, decision, ids),
        "content_hash": decision["content_hash"],
        "can_sign": decision["awaiting_your_signature"] and context.actor.has(Scope.DECISIONS_SIGN),
        "signed_by_your_agency": any(
            each["agency"] == context.actor.agency and each["voided_at"] is None
            for each in decision["sign_offs"]
        ),
    }


def _member(member: Document) -> Document:
    stays = Disposition(member["disposition"]) in STAYS
    return member | {
        "system_id": UUID(member["system_id"]),
        "role": BriefingRole.STAYS if stays else BriefingRole.GOES,
    }


def _outside_successors(context: Context, decision: Document) -> list[Document]:
    """Return the visible successors that are not members of the decision."""
    successors = {m["successor_id"] for m in decision["members"]}
    outside = successors - {None} - {m["system_id"] for m in decision["members"]}
    statement: Any = (
        sa.select(System.id, System.name, Agency.code)
        .join(Agency, Agency.id == System.agency_id)
        .where(System.id.in_(map(UUID, outside)))
        .order_by(System.id)
    )
    return [
        {
            "system_id": system_id,
            "system_name": name,
            "agency": agency,
            "role": BriefingRole.SUCCEEDS,
            "disposition": None,
            "strategy": None,
            "successor_id": None,
            "successor_name": None,
            "withheld": [],
        }
        for system_id, name, agency in context.session.execute(
            only_visible(context, SYSTEMS, statement)
        )
    ]


def _with_facts(
    system: Document,
    proposed: dict[UUID, Document],
    current: dict[UUID, Document],
    costs: AnnualCosts,
) -> Document:
    system_id = system["system_id"]
    before, now = proposed.get(system_id), current.get(system_id)
    hidden = {"as_proposed": before is None, "annual_cost": system_id in costs.withheld}
    return {name: system[name] for name in system if name != WITHHELD} | {
        "as_proposed": before,
        "changed_since": list(_changes(before, now)) if before and now else [],
        "annual_cost": amount_if_known(costs.systems.get(system_id)),
        WITHHELD: [*system[WITHHELD], *(name for name, is_hidden in hidden.items() if is_hidden)],
    }


def _changes(before: Document, now: Document) -> Iterable[Document]:
    """Yield the fields that are visible in both records and differ."""
    skipped = {*before[WITHHELD], *now[WITHHELD]} | NOT_COMPARED
    for name, value in before.items():
        if name not in skipped and value != now[name]:
            yield {"field": name, "before": value, "now": now[name]}


def _costs(context: Context, systems: list[Document]) -> AnnualCosts:
    going = {system["system_id"] for system in systems if system["role"] is BriefingRole.GOES}
    staying = {system["system_id"] for system in systems} - going
    return compare_annual_costs(context, staying=staying, going=going)


def _superseded(context: Context, decision: Document, systems: list[UUID]) -> list[UUID]:
    """Return the visible decisions that this one replaces, or will replace once it is agreed."""
    decision_id, status = UUID(decision["id"]), DecisionStatus(decision["status"])
    if status in OPEN_DECISIONS:
        # Limited to visible systems: an earlier decision could reveal a hidden member of this one.
        replaced = replaced_by(decision_id, UUID(decision["overlap_id"]), systems=systems)
    else:
        replaced = sa.select(Decision).where(Decision.superseded_by_id == decision_id)
    ids = replaced.with_only_columns(Decision.id).order_by(Decision.id)
    return list(context.session.scalars(only_visible(context, DECISIONS, ids)))

"""Taking what agencies agreed on into a programme: a migration for each system that goes."""

from typing import Any

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import InsufficientScope, conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.migrations import create_migration
from catalogue.programmes.models import Migration, Programme
from catalogue.programmes.vocabulary import MigrationKind, SkipReason
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Disposition

GOES = frozenset({Disposition.ELIMINATE, Disposition.MIGRATE})


def adopt_decision(
    context: Context, programme: Programme, fields: dict[str, Any]
) -> dict[str, Any]:
    """Move each system that an agreed decision lets go, to its successor. What the programme moves
    already is passed over, so that this may be repeated.

    Only members and successors that the actor sees are spoken of. Unprocessable where it sees no
    such decision, Conflict where that is not agreed, or a wave has no room for all.
    """
    if not context.actor.has(Scope.DECISIONS_READ):
        raise InsufficientScope(f"To adopt a decision needs the scope {Scope.DECISIONS_READ}.")
    decision = context.session.scalar(
        only_visible(
            context, DECISIONS, sa.select(Decision).where(Decision.id == fields["decision_id"])
        )
    )
    if decision is None:
        raise invalid("/decision_id", "unknown", "There is no such decision.")
    if decision.status is not DecisionStatus.AGREED:
        detail = f"The decision is {decision.status}, and not agreed."
        raise conflict("/decision_id", "not_agreed", detail)
    members = context.session.scalars(
        only_visible(
            context,
            SYSTEMS,
            sa.select(DecisionMember)
            .join(System, System.id == DecisionMember.system_id)
            .where(DecisionMember.decision_id == decision.id)
            .order_by(DecisionMember.system_id),
        )
    ).all()
    named = [member.system_id for member in members]
    moving = set(
        context.session.scalars(
            sa.select(Migration.system_id).where(
                Migration.programme_id == programme.id,
                Migration.kind == MigrationKind.CONSOLIDATION,
                Migration.system_id.in_(named),
            )
        )
    )
    successors = [member.successor_id for member in members if member.successor_id]
    seen = set(
        context.session.scalars(
            only_visible(context, SYSTEMS, sa.select(System.id).where(System.id.in_(successors)))
        )
    )
    given = {name: fields.get(name) for name in ("wave_id", "planned_date")}
    created, skipped = [], []
    for member in members:
        reason = SkipReason.ALREADY_IN_PROGRAMME if member.system_id in moving else None
        if member.disposition not in GOES:
            reason = SkipReason.STAYS
        if reason is not None:
            skipped.append({"system_id": member.system_id, "reason": reason})
            continue
        said = {
            "programme_id": programme.id,
            "system_id": member.system_id,
            "target_system_id": member.successor_id if member.successor_id in seen else None,
            "strategy": member.strategy,
        }
        migration = create_migration(context, fields=said | given)
        # Each takes its place in the wave before the next one asks for one.
        context.session.flush()
        created.append(migration.id)
    return {"created": created, "skipped": skipped}

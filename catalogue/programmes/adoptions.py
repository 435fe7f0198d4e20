"""Adoption of an agreed decision: a migration for each system that the decision retires."""

from typing import Any

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import InsufficientScope, conflict
from catalogue.core.rest.reader import only_visible, require_seen
from catalogue.programmes.migrations import create_migration
from catalogue.programmes.models import Migration, Programme
from catalogue.programmes.vocabulary import MigrationKind, SkipReason
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Disposition

_RETIRING = frozenset({Disposition.ELIMINATE, Disposition.MIGRATE})


def adopt_decision(
    context: Context, programme: Programme, fields: dict[str, Any]
) -> dict[str, Any]:
    """Create a migration for each system that an agreed decision retires.

    The target of a migration is the system's successor, if the actor can see it. Systems that the
    actor cannot see are left out. Systems that the programme already moves are skipped, so that the
    request can be repeated.

    Raises Unprocessable if the actor cannot see the decision, and Conflict if the decision is not
    agreed or the wave is too small.
    """
    if not context.actor.has(Scope.DECISIONS_READ):
        raise InsufficientScope(
            f"You need the scope `{Scope.DECISIONS_READ}` to adopt a decision. "
            "Request a token with it."
        )
    statement = sa.select(Decision).where(Decision.id == fields["decision_id"])
    decision: Decision = require_seen(context, DECISIONS, "/decision_id", statement)
    if decision.status is not DecisionStatus.AGREED:
        detail = (
            f"The decision is {decision.status}, so you cannot adopt it. Choose an agreed decision."
        )
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
    system_ids = [member.system_id for member in members]
    moving = set(
        context.session.scalars(
            sa.select(Migration.system_id).where(
                Migration.programme_id == programme.id,
                Migration.kind == MigrationKind.CONSOLIDATION,
                Migration.system_id.in_(system_ids),
            )
        )
    )
    successors = [member.successor_id for member in members if member.successor_id]
    seen = set(
        context.session.scalars(
            only_visible(context, SYSTEMS, sa.select(System.id).where(System.id.in_(successors)))
        )
    )
    shared_fields = {name: fields.get(name) for name in ("wave_id", "planned_date")}
    created, skipped = [], []
    for member in members:
        reason = SkipReason.ALREADY_IN_PROGRAMME if member.system_id in moving else None
        if member.disposition not in _RETIRING:
            reason = SkipReason.STAYS
        if reason is not None:
            skipped.append({"system_id": member.system_id, "reason": reason})
            continue
        migration_fields = {
            "programme_id": programme.id,
            "system_id": member.system_id,
            "target_system_id": member.successor_id if member.successor_id in seen else None,
            "strategy": member.strategy,
        }
        migration = create_migration(context, fields=migration_fields | shared_fields)
        # The capacity check of the next migration must count this one.
        context.session.flush()
        created.append(migration.id)
    return {"created": created, "skipped": skipped}

"""Operations on dependencies, which keep the waves in an order that dependencies allow."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.errors import Conflict, FieldError, Unprocessable, conflict, invalid
from catalogue.core.rest.reader import only_visible, read_all, require_seen
from catalogue.programmes.dependencies.graph import (
    Graph,
    OrderPlan,
    Path,
    PlannedMigration,
    find_cycle,
    propose_order,
)
from catalogue.programmes.dependencies.models import (
    DEPENDS_ON_ITSELF,
    MigrationDependency,
    incomplete_waiver,
)
from catalogue.programmes.dependencies.resources import MIGRATION_DEPENDENCIES
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.operations import require_led_programme, update_wave
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.stages import MOVED
from catalogue.programmes.vocabulary import MigrationKind, MigrationStage
from catalogue.systems.dependencies import dependency_pairs
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.interfaces.resources import INTERFACES
from catalogue.systems.models import System

_FINISHED = MOVED | {MigrationStage.CANCELLED}
"""Stages in which dependencies no longer matter: the users have moved, or never will."""


def create_dependency(context: Context, *, fields: dict[str, Any]) -> MigrationDependency:
    """Record that a migration depends on another, in a programme that the actor's agency leads.

    Raises Unprocessable if the two migrations are the same, or belong to different programmes.
    Raises Conflict, with the path, if the dependency closes a cycle or leads to a later wave.
    """
    first = _lock_migration(context, "/migration_id", fields["migration_id"])
    programme = require_led_programme(context, first.programme_id)
    second = _lock_migration(context, "/depends_on_id", fields["depends_on_id"])
    if second.programme_id != programme.id:
        detail = "The two migrations are in different programmes. Choose two of the same programme."
        raise invalid("/depends_on_id", "other_programme", detail)
    if first is second:
        raise invalid("/depends_on_id", "circular", DEPENDS_ON_ITSELF)
    dependency = MigrationDependency(
        programme=programme,
        migration=first,
        depends_on=second,
        reason=fields["reason"],
        waived_by=fields.get("waived_by"),
        waived_reason=fields.get("waived_reason"),
    )
    _require_complete_waiver(dependency)
    with context.session.no_autoflush:
        _lock_order(context.session, programme.id)
        _require_no_cycle(context, dependency)
        before = _plan(context, programme.id).conflicts()
    context.session.add(dependency)
    _require_no_conflicts(context, programme.id, None, pointer="/depends_on_id", known=before)
    return dependency


def update_dependency(
    context: Context, dependency: MigrationDependency, changes: dict[str, Any]
) -> None:
    """Change the reason or the waiver of a dependency.

    Raises Conflict if the end of a waiver would close a cycle or break the order of the waves.
    """
    with context.session.no_autoflush:
        _lock_order(context.session, dependency.programme_id)
        before = _plan(context, dependency.programme_id).conflicts()
    for name, value in changes.items():
        setattr(dependency, name, value)
    _require_complete_waiver(dependency)
    with context.session.no_autoflush:
        _require_no_cycle(context, dependency)
    _require_no_conflicts(
        context, dependency.programme_id, None, pointer="/waived_by", known=before
    )


def require_wave_order(
    context: Context, programme_id: UUID, touched: Collection[UUID], *, pointer: str = "/wave_id"
) -> None:
    """Raise Conflict, with the path, if the waves of these migrations break a dependency.

    A migration must not be in an earlier wave than one it depends on. The check covers what the
    actor can see, and leaves out waived dependencies.
    """
    context.session.flush()
    _lock_order(context.session, programme_id)
    _require_no_conflicts(context, programme_id, set(touched), pointer=pointer)


def _lock_order(session: Session, programme_id: UUID) -> None:
    """Lock the programme, so that changes to its order are checked one at a time.

    Two changes could each follow the order alone, and break it together. Take this lock last, after
    the locks of migrations and waves. Requests that only refer to the programme do not wait for it.
    """
    statement = sa.select(Programme.id).where(Programme.id == programme_id)
    session.execute(statement.with_for_update(key_share=True))


def _require_no_conflicts(
    context: Context,
    programme_id: UUID,
    touched: set[UUID] | None,
    *,
    pointer: str,
    known: Collection[Path] = (),
) -> None:
    """Raise Conflict, with the paths, if the waves break a dependency.

    `touched` limits the check to paths through these migrations, and None checks all paths. `known`
    holds conflicts from before the change, such as those of a new interface, which are ignored.
    """
    context.session.flush()
    plan = _plan(context, programme_id)
    paths = [path for path in plan.conflicts(among=touched) if path not in known]
    if paths:
        errors = [
            FieldError(
                pointer,
                "later_wave",
                "The migration would be in an earlier wave than one it depends on: "
                f"{plan.name_with_waves(path)}. Change the waves, or waive the dependency.",
            )
            for path in paths
        ]
        raise Conflict(
            "The waves would break a dependency between migrations. Change the waves.",
            errors=errors,
        )


def update_wave_in_order(context: Context, wave: Wave, changes: dict[str, Any]) -> None:
    """Change the given fields of a wave.

    Raises Conflict if its new position breaks a dependency.
    """
    before = wave.position
    update_wave(wave, changes)
    if wave.position == before:
        return
    statement = sa.select(Migration.id).where(Migration.wave_id == wave.id)
    touched = set(context.session.scalars(only_visible(context, MIGRATIONS, statement)))
    require_wave_order(context, wave.programme_id, touched, pointer="/position")


def get_order(context: Context, programme: Programme) -> dict[str, Any]:
    """Propose an order for a programme's migrations, and list where waves break dependencies.

    Returns the response as `ProgrammeOrderSchema`.
    """
    plan = _plan(context, programme.id)
    # A waived dependency allows an earlier wave, but the proposed order still follows it.
    complete = _plan(context, programme.id, waived=True)
    steps = [
        {
            "step": number,
            "migrations": [
                complete.describe(each) for each in sorted(step.migrations, key=complete.sort_key)
            ],
            "together": [complete.name(path) for path in step.together],
        }
        for number, step in enumerate(propose_order(complete.graph), start=1)
    ]
    return {
        "programme_id": programme.id,
        "steps": steps,
        "conflicts": [
            {"migration_id": path[0], "depends_on_id": path[-1], "path": plan.name_with_waves(path)}
            for path in plan.conflicts()
        ],
        "withheld": _list_withheld(context.actor),
    }


def list_interfaces(context: Context, migration: Migration) -> dict[str, Any]:
    """List the interfaces that the actor can see and a migration must re-point.

    Returns the response as `InterfacesToRepointSchema`.
    """
    interfaces = []
    if context.actor.has(Scope.SYSTEMS_READ):
        plan = _plan(context, migration.programme_id)
        moving = {
            move.system_id: identity
            for identity, move in plan.moves.items()
            if move.kind is MigrationKind.CONSOLIDATION
        }
        own = str(migration.system_id)
        for interface in read_all(context, INTERFACES, system_ids=own):
            sends_first = interface["from_system_id"] == own
            end = "to" if sends_first else "from"
            both = interface["direction"] == "both"
            identity = interface[f"{end}_system_id"]
            other = moving.get(UUID(identity)) if identity else None
            move = None if other is None else plan.moves[other]
            interfaces.append(
                {
                    "interface_id": interface["id"],
                    "direction": interface["direction"],
                    "standard": interface["standard"],
                    "sends": sends_first or both,
                    "receives": both or not sends_first,
                    "other_system_id": identity,
                    "other_system_name": interface[f"{end}_system_name"],
                    "other_agency": interface[f"{end}_agency"],
                    "other_migration_id": other,
                    "other_stage": move and move.stage,
                    "other_wave": move and move.wave,
                    "data_categories": interface["data_categories"],
                    "criticality": interface["criticality"],
                    "fallback": interface["fallback"],
                }
            )
    return {
        "migration_id": migration.id,
        "interfaces": interfaces,
        "withheld": _list_withheld(context.actor),
    }


def _list_withheld(actor: Actor) -> list[str]:
    return [] if actor.has(Scope.SYSTEMS_READ) else ["interfaces"]


def _plan(context: Context, programme_id: UUID, *, waived: bool = False) -> OrderPlan:
    import networkx as nx

    moves = _moves(context, programme_id)
    graph: Graph = nx.DiGraph()
    graph.add_nodes_from(
        sorted(each for each, move in moves.items() if move.stage not in _FINISHED)
    )
    edges = _recorded_edges(context, programme_id, waived=waived)
    if context.actor.has(Scope.SYSTEMS_READ):
        edges |= _interface_edges(context, moves)
    for waiting, waited_for in sorted(edges):
        if waiting in graph and waited_for in graph and (waived or not moves[waiting].is_waived):
            graph.add_edge(waiting, waited_for)
    return OrderPlan(moves, graph)


def _moves(context: Context, programme_id: UUID) -> dict[UUID, PlannedMigration]:
    statement: Any = (
        sa.select(
            Migration.id,
            Migration.system_id,
            System.name,
            Agency.code,
            Migration.kind,
            Migration.stage,
            Wave.name,
            Wave.position,
            Migration.dependencies_waived_by.is_not(None),
        )
        .join(System, System.id == Migration.system_id)
        .join(Agency, Agency.id == System.agency_id)
        .outerjoin(Wave, Wave.id == Migration.wave_id)
        .where(Migration.programme_id == programme_id)
    )
    rows = context.session.execute(only_visible(context, MIGRATIONS, statement))
    return {identity: PlannedMigration(*rest) for identity, *rest in rows}


def _recorded_edges(
    context: Context, programme_id: UUID, *, waived: bool
) -> set[tuple[UUID, UUID]]:
    statement: Any = sa.select(
        MigrationDependency.migration_id, MigrationDependency.depends_on_id
    ).where(MigrationDependency.programme_id == programme_id)
    if not waived:
        statement = statement.where(MigrationDependency.waived_by.is_(None))
    rows = context.session.execute(only_visible(context, MIGRATION_DEPENDENCIES, statement))
    return {(waiting, waited_for) for waiting, waited_for in rows}


def _interface_edges(
    context: Context, moves: dict[UUID, PlannedMigration]
) -> set[tuple[UUID, UUID]]:
    """Find the dependencies that follow from interfaces between two systems that both move.

    A separation causes none: the agency that leaves a shared system takes no interface with it.
    """
    moving = {
        move.system_id: identity
        for identity, move in moves.items()
        if move.kind is MigrationKind.CONSOLIDATION and move.stage not in _FINISHED
    }
    statement: Any = sa.select(
        Interface.from_system_id, Interface.to_system_id, Interface.direction
    ).where(Interface.from_system_id.in_(moving), Interface.to_system_id.in_(moving))
    return {
        (moving[relying], moving[system])
        for start, end, direction in context.session.execute(
            only_visible(context, INTERFACES, statement)
        )
        for system, relying in dependency_pairs(start, end, direction)
    }


def _lock_migration(context: Context, pointer: str, identity: UUID) -> Migration:
    # The foreign key locks the migration anyway. Migrations must be locked before the programme.
    statement = sa.select(Migration).where(Migration.id == identity)
    locked = statement.with_for_update(of=Migration, read=True, key_share=True)
    migration: Migration = require_seen(context, MIGRATIONS, pointer, locked)
    return migration


def find_waiver_faults(record: Any, name: str, reason: str) -> Iterator[FieldError]:
    """Yield an error if only one of the two fields of a waiver has a value."""
    for missing, given in ((name, reason), (reason, name)):
        if getattr(record, given) is not None and getattr(record, missing) is None:
            yield FieldError(f"/{missing}", "unexplained", incomplete_waiver(missing))


def _require_complete_waiver(dependency: MigrationDependency) -> None:
    errors = [*find_waiver_faults(dependency, "waived_by", "waived_reason")]
    if errors:
        raise Unprocessable(errors=errors)


def _require_no_cycle(context: Context, dependency: MigrationDependency) -> None:
    """Raise Conflict, with the path, if recorded dependencies would form a cycle.

    Interfaces are left out, because two systems can send each other data. Such systems move in the
    same wave, or one of the migrations waives its dependencies.
    """
    import networkx as nx

    if dependency.waived_by is not None:
        return
    first, second = dependency.migration.id, dependency.depends_on.id
    edges = _recorded_edges(context, dependency.programme.id, waived=False)
    path = find_cycle(nx.DiGraph(sorted(edges - {(first, second)})), first, second)
    if path is not None:
        moves = _moves(context, dependency.programme.id)
        plan = OrderPlan(moves, nx.DiGraph())
        detail = (
            f"The migration would depend on itself: {plan.name(path)}. "
            "Remove one of these dependencies."
        )
        raise conflict("/depends_on_id", "cycle", detail)

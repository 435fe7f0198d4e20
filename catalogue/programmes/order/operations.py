"""Keeping migrations in an order that their dependencies allow."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.errors import Conflict, FieldError, conflict, invalid
from catalogue.core.rest.reader import only_visible, read_all
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.operations import change_wave, programme_led
from catalogue.programmes.order.graph import Graph, Path, cycle_through, later_waves, proposed_order
from catalogue.programmes.order.models import MigrationDependency
from catalogue.programmes.order.resources import MIGRATION_DEPENDENCIES
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.stages import MOVED
from catalogue.programmes.vocabulary import MigrationKind, MigrationStage
from catalogue.systems.dependencies import dependency_pairs
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.interfaces.resources import INTERFACES
from catalogue.systems.models import System

OVER = MOVED | {MigrationStage.CANCELLED}
"""Stages after which nothing waits for a migration any more, and it for nothing."""


def add_dependency(context: Context, *, fields: dict[str, Any]) -> MigrationDependency:
    """Record that a migration waits for another of its programme, which the actor's agency leads.

    Unprocessable names what does not fit; Conflict names the path of a cycle, or to a later wave.
    """
    first = _migration(context, "/migration_id", fields["migration_id"])
    programme = programme_led(context, first.programme_id)
    second = _migration(context, "/depends_on_id", fields["depends_on_id"])
    if second.programme_id != programme.id:
        detail = "It is in another programme; a programme keeps the order of its own migrations."
        raise invalid("/depends_on_id", "other_programme", detail)
    if first is second:
        raise invalid("/depends_on_id", "circular", "A migration cannot wait for itself.")
    dependency = MigrationDependency(
        programme=programme,
        migration=first,
        depends_on=second,
        reason=fields["reason"],
        waived_by=fields.get("waived_by"),
        waived_reason=fields.get("waived_reason"),
    )
    _require_whole_waiver(dependency)
    with context.session.no_autoflush:
        _one_at_a_time(context.session, programme.id)
        _require_no_cycle(context, dependency)
        before = _plan(context, programme.id).conflicts()
    context.session.add(dependency)
    _require(context, programme.id, None, pointer="/depends_on_id", but=before)
    return dependency


def change_dependency(
    context: Context, dependency: MigrationDependency, changes: dict[str, Any]
) -> None:
    """Change why a migration waits, or waive it. Conflict where a waiver that ends was needed."""
    with context.session.no_autoflush:
        _one_at_a_time(context.session, dependency.programme_id)
        before = _plan(context, dependency.programme_id).conflicts()
    for name, value in changes.items():
        setattr(dependency, name, value)
    _require_whole_waiver(dependency)
    with context.session.no_autoflush:
        _require_no_cycle(context, dependency)
    _require(context, dependency.programme_id, None, pointer="/waived_by", but=before)


def require_order(
    context: Context, programme_id: UUID, touched: Collection[UUID], *, pointer: str = "/wave_id"
) -> None:
    """Conflict names the path, if one of these migrations comes in an earlier wave than something
    that it waits for, or in a later one than something that waits for it.

    As far as the actor sees what is there. What is waived is not asked for.
    """
    context.session.flush()
    _one_at_a_time(context.session, programme_id)
    _require(context, programme_id, set(touched), pointer=pointer)


def _one_at_a_time(session: Session, programme_id: UUID) -> None:
    """Let those wait for one another that change what a programme's order depends on.

    Each could keep the order by itself, and both together break it. It is the last lock to take:
    who changes a migration or a wave holds that before. Who only refers to the programme goes on.
    """
    asked = sa.select(Programme.id).where(Programme.id == programme_id)
    session.execute(asked.with_for_update(key_share=True))


def _require(
    context: Context,
    programme_id: UUID,
    touched: set[UUID] | None,
    *,
    pointer: str,
    but: Collection[Path] = (),
) -> None:
    """Conflict names the paths, of those that are touched; `but` are paths that were there before,
    since an interface may be recorded that no wave keeps to.
    """
    context.session.flush()
    plan = _plan(context, programme_id)
    paths = [path for path in plan.conflicts(among=touched) if path not in but]
    if paths:
        errors = [
            FieldError(
                pointer,
                "later_wave",
                f"It would come before what it waits for: {plan.said(path)}. "
                "Change the waves, or waive the dependency by name and reason.",
            )
            for path in paths
        ]
        raise Conflict("A migration would come before one that it waits for.", errors=errors)


def change_wave_in_order(context: Context, wave: Wave, changes: dict[str, Any]) -> None:
    """Change some fields of a wave. Conflict where its new place breaks the order of what it
    holds.
    """
    before = wave.position
    change_wave(wave, changes)
    if wave.position == before:
        return
    held = sa.select(Migration.id).where(Migration.wave_id == wave.id)
    touched = set(context.session.scalars(only_visible(context, MIGRATIONS, held)))
    require_order(context, wave.programme_id, touched, pointer="/position")


def order_of(context: Context, programme: Programme) -> dict[str, Any]:
    """The order in which a programme's migrations may come, and where its waves do not keep it."""
    plan = _plan(context, programme.id)
    # Waived is what may come in an earlier wave. It is still better to come later.
    whole = _plan(context, programme.id, waived=True)
    steps = [
        {
            "step": number,
            "migrations": [whole.shown(each) for each in sorted(step.migrations, key=whole.place)],
            "together": [whole.named(path) for path in step.together],
        }
        for number, step in enumerate(proposed_order(whole.graph), start=1)
    ]
    return {
        "programme_id": programme.id,
        "steps": steps,
        "conflicts": [
            {"migration_id": path[0], "depends_on_id": path[-1], "path": plan.said(path)}
            for path in plan.conflicts()
        ],
        "withheld": _withheld(context.actor),
    }


def interfaces_of(context: Context, migration: Migration) -> dict[str, Any]:
    """The interfaces that a migration has to re-point, as far as the actor sees them."""
    found = []
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
            place = "to" if sends_first else "from"
            both = interface["direction"] == "both"
            identity = interface[f"{place}_system_id"]
            other = moving.get(UUID(identity)) if identity else None
            move = None if other is None else plan.moves[other]
            found.append(
                {
                    "interface_id": interface["id"],
                    "direction": interface["direction"],
                    "standard": interface["standard"],
                    "sends": sends_first or both,
                    "receives": both or not sends_first,
                    "other_system_id": identity,
                    "other_system_name": interface[f"{place}_system_name"],
                    "other_agency": interface[f"{place}_agency"],
                    "other_migration_id": other,
                    "other_stage": move and move.stage,
                    "other_wave": move and move.wave,
                    "data_categories": interface["data_categories"],
                    "criticality": interface["criticality"],
                    "fallback": interface["fallback"],
                }
            )
    return {"migration_id": migration.id, "interfaces": found, "withheld": _withheld(context.actor)}


def _withheld(by: Actor) -> list[str]:
    return [] if by.has(Scope.SYSTEMS_READ) else ["interfaces"]


@dataclass(frozen=True)
class _Move:
    system_id: UUID
    system_name: str
    agency: str
    kind: MigrationKind
    stage: MigrationStage
    wave: str | None
    position: int | None
    is_waived: bool


@dataclass(frozen=True)
class _Plan:
    """What is still to move, as far as somebody sees it, and what waits for what."""

    moves: dict[UUID, _Move]
    """All migrations, with those that are over."""
    graph: Graph

    @property
    def positions(self) -> dict[UUID, int]:
        return {
            identity: self.moves[identity].position or 0
            for identity in self.graph
            if self.moves[identity].position is not None
        }

    def conflicts(self, among: Collection[UUID] | None = None) -> list[Path]:
        return list(later_waves(self.graph, self.positions, among=among))

    def place(self, identity: UUID) -> tuple[int, str, UUID]:
        move = self.moves[identity]
        last = 1 + max((each.position or 0 for each in self.moves.values()), default=0)
        return (last if move.position is None else move.position, move.system_name, identity)

    def named(self, path: Path) -> str:
        return " -> ".join(self.moves[each].system_name for each in path)

    def said(self, path: Path) -> str:
        return " -> ".join(
            f"{move.system_name} ({f'wave {move.wave}' if move.wave else 'no wave'})"
            for move in (self.moves[each] for each in path)
        )

    def shown(self, identity: UUID) -> dict[str, Any]:
        move = self.moves[identity]
        return {
            "migration_id": identity,
            "system_name": move.system_name,
            "agency": move.agency,
            "stage": move.stage,
            "wave": move.wave,
            "waits_for": sorted(self.graph.successors(identity)),
        }


def _plan(context: Context, programme_id: UUID, *, waived: bool = False) -> _Plan:
    import networkx as nx

    moves = _moves(context, programme_id)
    graph: Graph = nx.DiGraph()
    graph.add_nodes_from(sorted(each for each, move in moves.items() if move.stage not in OVER))
    edges = _recorded(context, programme_id, waived=waived)
    if context.actor.has(Scope.SYSTEMS_READ):
        edges |= _relying(context, moves)
    for waiting, waited_for in sorted(edges):
        if waiting in graph and waited_for in graph and (waived or not moves[waiting].is_waived):
            graph.add_edge(waiting, waited_for)
    return _Plan(moves, graph)


def _moves(context: Context, programme_id: UUID) -> dict[UUID, _Move]:
    asked: Any = (
        sa.select(
            Migration.id,
            Migration.system_id,
            System.name,
            Agency.code,
            Migration.kind,
            Migration.stage,
            Wave.name,
            Wave.position,
            Migration.dependency_waived_by.is_not(None),
        )
        .join(System, System.id == Migration.system_id)
        .join(Agency, Agency.id == System.agency_id)
        .outerjoin(Wave, Wave.id == Migration.wave_id)
        .where(Migration.programme_id == programme_id)
    )
    rows = context.session.execute(only_visible(context, MIGRATIONS, asked))
    return {identity: _Move(*rest) for identity, *rest in rows}


def _recorded(context: Context, programme_id: UUID, *, waived: bool) -> set[tuple[UUID, UUID]]:
    asked: Any = sa.select(
        MigrationDependency.migration_id, MigrationDependency.depends_on_id
    ).where(MigrationDependency.programme_id == programme_id)
    if not waived:
        asked = asked.where(MigrationDependency.waived_by.is_(None))
    rows = context.session.execute(only_visible(context, MIGRATION_DEPENDENCIES, asked))
    return {(waiting, waited_for) for waiting, waited_for in rows}


def _relying(context: Context, moves: dict[UUID, _Move]) -> set[tuple[UUID, UUID]]:
    """What waits because its system relies on another that moves as well, by an interface.

    An agency that leaves a shared system takes no interface along.
    """
    moving = {
        move.system_id: identity
        for identity, move in moves.items()
        if move.kind is MigrationKind.CONSOLIDATION and move.stage not in OVER
    }
    asked: Any = sa.select(
        Interface.from_system_id, Interface.to_system_id, Interface.direction
    ).where(Interface.from_system_id.in_(moving), Interface.to_system_id.in_(moving))
    return {
        (moving[relying], moving[system])
        for start, end, direction in context.session.execute(
            only_visible(context, INTERFACES, asked)
        )
        for system, relying in dependency_pairs(start, end, direction)
    }


def _migration(context: Context, pointer: str, identity: UUID) -> Migration:
    # To refer to it is a lock as well, and the programme's comes after those of migrations.
    asked = only_visible(context, MIGRATIONS, sa.select(Migration).where(Migration.id == identity))
    found: Migration | None = context.session.scalar(
        asked.with_for_update(of=Migration, read=True, key_share=True)
    )
    if found is None:
        raise invalid(pointer, "unknown", "There is no such migration.")
    return found


def _require_whole_waiver(dependency: MigrationDependency) -> None:
    for missing, given in (("waived_reason", "waived_by"), ("waived_by", "waived_reason")):
        if getattr(dependency, given) is not None and getattr(dependency, missing) is None:
            raise invalid(f"/{missing}", "unexplained", "A waiver has a name and a reason.")


def _require_no_cycle(context: Context, dependency: MigrationDependency) -> None:
    """Conflict names the path, if by what is recorded a migration would wait for itself.

    Systems that send one another data are no such cycle: they move together, or one is waived.
    """
    import networkx as nx

    if dependency.waived_by is not None:
        return
    first, second = dependency.migration.id, dependency.depends_on.id
    edges = _recorded(context, dependency.programme.id, waived=False)
    path = cycle_through(nx.DiGraph(sorted(_without(edges, (first, second)))), first, second)
    if path is not None:
        moves = _moves(context, dependency.programme.id)
        plan = _Plan(moves, nx.DiGraph())
        detail = f"It would wait for itself: {plan.named(path)}."
        raise conflict("/depends_on_id", "cycle", detail)


def _without(edges: Iterable[tuple[UUID, UUID]], but: tuple[UUID, UUID]) -> list[tuple[UUID, UUID]]:
    return [edge for edge in edges if edge != but]

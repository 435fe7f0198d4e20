"""Dependants: the running systems that rely on a system, and so block its retirement."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.interfaces.resources import INTERFACES
from catalogue.systems.models import System
from catalogue.systems.operations import retirement_check
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import InterfaceDirection, InterfaceStandard, Lifecycle

RUNNING = frozenset({Lifecycle.LIVE, Lifecycle.SUNSETTING})
"""Lifecycles in which a system receives data from others.

A system that is being built can get another source before it goes live. An archive receives none.
"""


@dataclass(frozen=True)
class Dependant:
    """A system that relies on another, through an interface that the actor can see."""

    interface_id: UUID
    standard: InterfaceStandard
    system_id: UUID | None
    """None if the actor cannot see the system."""
    name: str | None
    agency: str | None

    def __str__(self) -> str:
        if self.name is None:
            return "a system that your agency cannot see"
        return f"{self.name} ({self.agency})"


def dependency_pairs(
    from_system_id: UUID, to_system_id: UUID, direction: InterfaceDirection
) -> Iterator[tuple[UUID, UUID]]:
    """Yield the pairs that an interface makes: a system, and the system that relies on it.

    The receiver relies on the sender. If data flows in both directions, each relies on the other.
    """
    yield from_system_id, to_system_id
    if direction is InterfaceDirection.BOTH:
        yield to_system_id, from_system_id


def dependants_of(context: Context, system_ids: Collection[UUID]) -> dict[UUID, list[Dependant]]:
    """Return the running systems that rely on each of these systems, in the order of interface ids.

    Only interfaces that the actor can see count. An interface counts even if the actor cannot see
    the system at its other end, because the lifecycle of that system must not be revealed.
    """
    statement: Any = (
        sa.select(
            Interface.id,
            Interface.from_system_id,
            Interface.to_system_id,
            Interface.direction,
            Interface.standard,
        )
        .where(
            sa.or_(Interface.from_system_id.in_(system_ids), Interface.to_system_id.in_(system_ids))
        )
        .order_by(Interface.id)
    )
    wanted = set(system_ids)
    pairs = [
        (identity, standard, system_id, other)
        for identity, start, end, direction, standard in context.session.execute(
            only_visible(context, INTERFACES, statement)
        )
        for system_id, other in dependency_pairs(start, end, direction)
        if system_id in wanted
    ]
    visible = _visible_systems(context, {other for *_, other in pairs})
    dependants: dict[UUID, list[Dependant]] = {}
    for identity, standard, system_id, other in pairs:
        name, agency, lifecycle = visible.get(other, (None, None, None))
        if lifecycle is None or lifecycle in RUNNING:
            other_id = other if other in visible else None
            dependant = Dependant(identity, standard, other_id, name, agency)
            dependants.setdefault(system_id, []).append(dependant)
    return dependants


def _visible_systems(context: Context, ids: set[UUID]) -> dict[UUID, tuple[Any, Any, Any]]:
    if not ids:
        return {}
    statement: Any = (
        sa.select(System.id, System.name, Agency.code, System.lifecycle)
        .join(Agency, Agency.id == System.agency_id)
        .where(System.id.in_(ids))
    )
    rows = context.session.execute(only_visible(context, SYSTEMS, statement))
    return {identity: (name, code, lifecycle) for identity, name, code, lifecycle in rows}


@retirement_check
def find_running_dependants(context: Context, system: System) -> list[str]:
    """Return a sentence for each dependant that the system's owner can find.

    The check reads as the owner, so that the answer is the same for every actor.
    """
    owner = Actor("", system.agency_id, None, frozenset())
    with context.session.no_autoflush:
        dependants = dependants_of(context.acting_as(owner), [system.id]).get(system.id, [])
    return [
        f"{_capitalised(str(each))} relies on this system through an interface "
        f"({each.standard.value}). Give that system another source, or delete the interface."
        for each in dependants
    ]


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

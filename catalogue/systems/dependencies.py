"""Which systems rely on another, so that it cannot be turned off while they run: the one rule."""

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
"""Steps in which a system takes in what others send. One that is still being built can be given
another source before it goes live, and an archive takes in nothing more."""


@dataclass(frozen=True)
class Dependant:
    """A system that relies on another, by an interface that the actor may see."""

    interface_id: UUID
    standard: InterfaceStandard
    system_id: UUID | None
    """None where the actor may not see it."""
    name: str | None
    agency: str | None

    def __str__(self) -> str:
        if self.name is None:
            return "a system that your agency may not see"
        return f"{self.name} ({self.agency})"


def dependency_pairs(
    from_system_id: UUID, to_system_id: UUID, direction: InterfaceDirection
) -> Iterator[tuple[UUID, UUID]]:
    """The pairs of a system and one that relies on it, which an interface makes.

    Data goes from the first end to the second, so the second relies on the first: it would miss
    what it is sent. Where data goes both ways, each relies on the other.
    """
    yield from_system_id, to_system_id
    if direction is InterfaceDirection.BOTH:
        yield to_system_id, from_system_id


def dependants_of(context: Context, system_ids: Collection[UUID]) -> dict[UUID, list[Dependant]]:
    """For each system, what relies on it and still runs, in the order of the interfaces' ids.

    Of what the actor may see. An interface with an end that is hidden from it counts for as long
    as it is recorded: whether the system at that end still runs is not the actor's to know.
    """
    asked: Any = (
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
            only_visible(context, INTERFACES, asked)
        )
        for system_id, other in dependency_pairs(start, end, direction)
        if system_id in wanted
    ]
    known = _seen(context, {other for *_, other in pairs})
    found: dict[UUID, list[Dependant]] = {}
    for identity, standard, system_id, other in pairs:
        name, agency, lifecycle = known.get(other, (None, None, None))
        if lifecycle is None or lifecycle in RUNNING:
            shown = other if other in known else None
            dependant = Dependant(identity, standard, shown, name, agency)
            found.setdefault(system_id, []).append(dependant)
    return found


def _seen(context: Context, ids: set[UUID]) -> dict[UUID, tuple[Any, Any, Any]]:
    if not ids:
        return {}
    asked: Any = (
        sa.select(System.id, System.name, Agency.code, System.lifecycle)
        .join(Agency, Agency.id == System.agency_id)
        .where(System.id.in_(ids))
    )
    rows = context.session.execute(only_visible(context, SYSTEMS, asked))
    return {identity: (name, code, lifecycle) for identity, name, code, lifecycle in rows}


@retirement_check
def find_running_dependants(context: Context, system: System) -> list[str]:
    """What a live system is sent, it would miss."""
    owner = Actor("", system.agency_id, None, frozenset())
    with context.session.no_autoflush:
        found = dependants_of(context.acting_as(owner), [system.id]).get(system.id, [])
    return [
        f"{_capitalised(str(each))} relies on it, by an interface ({each.standard.value}); "
        "give it another source, or end the interface."
        for each in found
    ]


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

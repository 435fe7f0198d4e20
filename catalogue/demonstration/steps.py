"""What each agency has done by itself since the records were there: one change of history each.

A change has one author and one reason, so these are not part of the first load. History says which
of them have been told: whoever interrupts them finds them continued.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.operations import find_agency
from catalogue.core.actor import Actor, Author, Scope
from catalogue.core.context import Context
from catalogue.demonstration import sharing
from catalogue.demonstration.records import (
    Systems,
    attest_systems,
    document,
    fill_registers,
    register_rows,
)
from catalogue.history.models import ChangeSet
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.schemas import SystemPatch

CLIENT = "demonstration"
"""Whose name the changes bear in history."""

REGISTERS = "Entered from the registers of contracts, costs and interfaces."
ROUND = "The yearly round: is the register right?"

Deed = Callable[[Context, Systems], None]


@dataclass(frozen=True)
class Chapter:
    """What an agency does, and the reason it gives."""

    agency: str
    reason: str
    deed: Deed


def chapters() -> list[Chapter]:
    """All of them, in their order."""
    told = document("sharing.json")
    return [
        *_agreed(told["agreements"]),
        *_granted(told["grants"]),
        *_registered(),
        *_attested(document("attestations.json")["attestations"]),
        *_changed(document("changes.json")["changes"]),
    ]


def number_told(session: Session) -> int:
    """How many changes of the demonstration are in history, the first load included."""
    counted = sa.select(sa.func.count()).where(ChangeSet.client_id == CLIENT)
    return session.scalar(counted) or 0


def acting_for(session: Session, code: str) -> Actor:
    """Somebody who may do everything for an agency."""
    agency = find_agency(session, code)
    return Actor(CLIENT, agency.id, agency.code, frozenset(Scope))


def tell_chapter(context: Context, chapter: Chapter, systems: Systems) -> None:
    """Do what it says, for its agency; the caller commits."""
    acting = context.acting_as(acting_for(context.session, chapter.agency))
    acting.write_as(Author.of(acting.actor, reason=chapter.reason))
    # What the chapter before agreed or granted may open more.
    acting.forget_shared_with()
    chapter.deed(acting, systems)
    acting.session.flush()


def _agreed(told: list[dict[str, Any]]) -> list[Chapter]:
    found = []
    for each in told:
        lead = each["lead_agency"]
        found.append(Chapter(lead, "Put before its parties.", partial(sharing.propose, told=each)))
        found += [
            Chapter(code, "Accepted by the board.", partial(sharing.accept, title=each["title"]))
            for code in each["accepted_by"]
        ]
    return found


def _granted(told: list[dict[str, Any]]) -> list[Chapter]:
    found = []
    for each in told:
        found.append(
            Chapter(each["grantor"], "Asked for by the centre.", partial(sharing.grant, told=each))
        )
        if each["revoked"]:
            found.append(
                Chapter(
                    each["grantor"],
                    each["revoked"],
                    partial(sharing.revoke, purpose=each["purpose"], reason=each["revoked"]),
                )
            )
    return found


def _registered() -> list[Chapter]:
    return [
        Chapter(code, REGISTERS, partial(fill_registers, registers=registers))
        for code, registers in register_rows().items()
    ]


def _attested(told: list[dict[str, Any]]) -> list[Chapter]:
    return [Chapter(each["agency"], ROUND, partial(attest_systems, told=each)) for each in told]


def _changed(told: list[dict[str, Any]]) -> list[Chapter]:
    return [
        Chapter(
            each["agency"],
            each["reason"],
            partial(_change, key=(each["agency"], each["external_id"]), changes=each["changes"]),
        )
        for each in told
    ]


def _change(
    context: Context, systems: Systems, *, key: tuple[str, str], changes: dict[str, Any]
) -> None:
    system = context.session.get_one(System, systems[key])
    owner: UUID = find_agency(context.session, context.actor.agency or "").id
    SystemWriter(context, owner).change(system, SystemPatch().load(changes))

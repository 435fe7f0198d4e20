"""Operations that record and change interfaces."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Forbidden, Unprocessable, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.systems.interfaces.models import SAME_SYSTEM, Interface
from catalogue.systems.interfaces.resources import ENDS
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS


def create_interface(context: Context, *, fields: dict[str, Any]) -> Interface:
    """Record an interface between two systems that the actor can see.

    Raises Unprocessable for invalid values, and Forbidden if the actor's agency owns neither system.
    """
    agency_id = context.require_agency("Only an agency can record an interface")
    owners = _owners_of(context, [fields[end] for end in ENDS])
    unknown = [end for end in ENDS if fields[end] not in owners]
    if unknown:
        raise Unprocessable(
            "Some systems are unknown. Correct those that `errors` lists.",
            errors=[FieldError(f"/{end}", "unknown", SYSTEMS.explain_unknown()) for end in unknown],
        )
    if fields["from_system_id"] == fields["to_system_id"]:
        raise invalid("/to_system_id", "circular", SAME_SYSTEM)
    if agency_id not in owners.values():
        raise Forbidden(
            "Your agency owns neither system. Ask the owner of either system to record the interface."
        )
    interface = Interface(agency_id=agency_id, data_categories=[])
    change_interface(interface, fields)
    context.session.add(interface)
    return interface


def change_interface(interface: Interface, changes: dict[str, Any]) -> None:
    """Set some fields of an interface. The API sets the two systems on creation only."""
    for name, value in changes.items():
        setattr(interface, name, value)


def _owners_of(context: Context, identities: list[UUID]) -> dict[UUID, UUID]:
    statement = sa.select(System).where(System.id.in_(identities))
    return {
        each.id: each.agency_id
        for each in context.session.scalars(only_visible(context, SYSTEMS, statement))
    }

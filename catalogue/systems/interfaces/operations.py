"""Recording and changing interfaces."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Forbidden, Unprocessable, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.interfaces.resources import ENDS
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS


def create_interface(context: Context, *, fields: dict[str, Any]) -> Interface:
    """Record that two systems exchange data: one of the actor's agency, and one that it may see.

    Unprocessable names what does not fit; Forbidden where neither system is its own.
    """
    agency_id = context.require_agency("An interface is recorded by an agency")
    owners = _owners_of(context, [fields[end] for end in ENDS])
    unknown = [end for end in ENDS if fields[end] not in owners]
    if unknown:
        raise Unprocessable(
            "It names systems that are not known.",
            errors=[FieldError(f"/{e}", "unknown", "There is no such system.") for e in unknown],
        )
    if fields["from_system_id"] == fields["to_system_id"]:
        raise invalid("/to_system_id", "circular", "A system has no interface with itself.")
    if agency_id not in owners.values():
        raise Forbidden("Only an agency that owns one of the two systems may record it.")
    interface = Interface(agency_id=agency_id, data_categories=[])
    change_interface(interface, fields)
    context.session.add(interface)
    return interface


def change_interface(interface: Interface, changes: dict[str, Any]) -> None:
    """Change some fields. Its ends stay: between others it is another interface."""
    for name, value in changes.items():
        setattr(interface, name, value)


def _owners_of(context: Context, identities: list[UUID]) -> dict[UUID, UUID]:
    asked = sa.select(System).where(System.id.in_(identities))
    return {
        each.id: each.agency_id
        for each in context.session.scalars(only_visible(context, SYSTEMS, asked))
    }

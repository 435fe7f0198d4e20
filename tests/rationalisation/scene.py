"""Systems of several agencies, registered products and capabilities, for the tests to set up."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import Disclosure
from catalogue.capabilities.models import Capability, CapabilityTier
from catalogue.capabilities.operations import create_capability
from catalogue.core.actor import SYSTEM_ACTOR, Actor, Scope
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.runs import find_overlaps
from catalogue.suppliers.models import Product
from catalogue.suppliers.operations import create_product, create_supplier
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle
from tests.identities import agency

BEDS, CAMBS, HERTS = "bedfordshire-police", "cambridgeshire-police", "hertfordshire-police"
CENTRE = "bch-shared-services"


def capability(session: Session, code: str = "E04", name: str = "Rostering") -> Capability:
    """A capability without any below it, within another."""
    found = session.scalar(sa.select(Capability).where(Capability.code == code))
    if found is None:
        if not session.scalar(sa.select(Capability).where(Capability.code == code[0])):
            above = {"code": code[0], "name": "Enabling", "tier": CapabilityTier.ENABLING}
            create_capability(session, above)
            session.flush()
        fields = {"code": code, "name": name, "tier": CapabilityTier.ENABLING, "parent": code[0]}
        found = create_capability(session, fields)
        session.flush()
    return found


def product(session: Session, name: str, supplier: str, *aliases: str) -> Product:
    """A registered product of a new supplier, which is known as a limited company too."""
    maker = create_supplier(
        session, {"name": supplier, "aliases": [f"{supplier} Limited"]}, by=SYSTEM_ACTOR
    )
    session.flush()
    made = create_product(
        session,
        {"name": name, "supplier_id": maker.id, "aliases": list(aliases)},
        by=SYSTEM_ACTOR,
    )
    session.flush()
    return made


def system(
    session: Session,
    code: str,
    name: str,
    *,
    disclosure: Disclosure = Disclosure.ALL_AGENCIES,
    lifecycle: Lifecycle = Lifecycle.LIVE,
    **fields: Any,
) -> System:
    """A live system that every agency may see, unless it is told otherwise."""
    writer = SystemWriter(session, agency(session, code).id)
    made = writer.create({"name": name, "lifecycle": lifecycle, "disclosure": disclosure} | fields)
    session.flush()
    return made


def rosters(session: Session, *codes: str, **fields: Any) -> list[System]:
    """One rostering system for each of these agencies."""
    capability(session)
    return [
        system(session, code, f"Roster {code}", capabilities=["E04"], **fields) for code in codes
    ]


def overlap_of(session: Session, *systems: System) -> Overlap:
    """Look for overlaps; the one that has just these systems."""
    find_overlaps(session)
    wanted = {each.id for each in systems}
    (found,) = [
        overlap
        for overlap in session.scalars(sa.select(Overlap))
        if {member.system_id for member in overlap.members} == wanted
    ]
    session.commit()
    return found


def actor_of(session: Session, code: str) -> Actor:
    """Somebody of an agency, with every scope."""
    scopes = frozenset(scope.value for scope in Scope)
    return Actor(
        "test", session.scalar(sa.select(Agency.id).where(Agency.code == code)), code, scopes
    )

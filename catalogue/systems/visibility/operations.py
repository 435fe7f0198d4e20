"""Views of an agency's systems as another agency sees them, for the owner alone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.grounds import Ground, find_grounds
from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import Disclosure
from catalogue.core.context import Context
from catalogue.core.errors import Forbidden, NotFound, bad_parameter
from catalogue.core.rest.reader import get_record, read_document
from catalogue.core.sharing import Profile
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS


@dataclass(frozen=True)
class Sight:
    """The view that an agency has of one record."""

    agency: str
    grounds: list[Ground]
    document: dict[str, Any] | None
    """The record as the agency sees it, or None if it does not see the record."""


def find_sight(context: Context, system_id: UUID, agency_code: str) -> Sight:
    """Return what an agency sees of a system, for the system's owner.

    The agency's client is taken to have the scopes of the actor. Raises NotFound if the actor
    cannot see the system, Forbidden unless its agency owns the system, and BadRequest for an
    unknown agency.
    """
    system: System = get_record(context, SYSTEMS, system_id)
    if system.agency_id != context.actor.agency_id:
        raise Forbidden(
            "Only the agency that owns this system can read what others see of it. Ask that agency."
        )
    viewer = _as_seen_by(context, agency_code)
    try:
        document = orjson.loads(read_document(viewer, SYSTEMS, system_id))
    except NotFound:
        document = None
    grounds = find_grounds(viewer, system.agency_id, system.disclosure)
    return Sight(agency_code, grounds, document)


def find_grounds_by_disclosure(
    context: Context, agency_code: str
) -> dict[Disclosure, list[Ground]]:
    """Return the grounds on which an agency sees the systems of the actor's agency.

    They depend on nothing else of a system than its disclosure. Raises Forbidden for an actor
    without an agency, and BadRequest for an unknown agency.
    """
    owner_id = context.require_agency("An agency reads what others see of its own systems")
    viewer = _as_seen_by(context, agency_code)
    return {each: find_grounds(viewer, owner_id, each) for each in Disclosure}


def largest_profile(grounds: list[Ground]) -> Profile | None:
    """Return the profile at which an agency sees a record, or None if it does not see it."""
    return max((ground.profile for ground in grounds), default=None)


def _as_seen_by(context: Context, agency_code: str) -> Context:
    agency = context.session.scalar(sa.select(Agency).where(Agency.code == agency_code))
    if agency is None:
        raise bad_parameter("agency", "unknown", unknown_agency(context.session, agency_code))
    return context.seeing_as(agency.id, agency.code)

"""Records for tests.

`record` and `system` go through the API, the `add_…` functions through the product's operations in
the test's session, and the `build_…` functions make objects that no store holds.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access import operations as access
from catalogue.access.keys import LONGEST_LIFETIME
from catalogue.agencies.models import Agency
from catalogue.agencies.operations import create_agency
from catalogue.agencies.visibility import Disclosure
from catalogue.agencies.vocabulary import AgencyKind
from catalogue.capabilities.models import Capability, CapabilityTier
from catalogue.capabilities.operations import create_capability
from catalogue.core.actor import Actor, Scope
from catalogue.core.application import settings
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.suppliers.models import Product
from catalogue.suppliers.operations import create_product, create_supplier
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import Lifecycle
from tests.api_calls import Fields, answer
from tests.contexts import acting
from tests.unsaved import CheckedClient

BEDS, CAMBS, HERTS = "bedfordshire-police", "cambridgeshire-police", "hertfordshire-police"
CENTRE = "bch-shared-services"
SIGNATORY = {"person": "Alex Morgan", "role": "Chief information officer"}
"""The person who signs or accepts for an agency."""
AGREED = SIGNATORY | {"verdict": "agreed"}
READ_WRITE = "systems:read systems:write risks:read"


def agency(session: Session, code: str, kind: str = "", **fields: Any) -> Agency:
    """Return the agency with this code, or make one of a kind that the code suggests."""
    found = session.scalar(sa.select(Agency).where(Agency.code == code))
    if found is None:
        last = code.rsplit("-", 1)[-1]
        guessed = {"fire": AgencyKind.FIRE, "services": AgencyKind.SHARED_SERVICE}.get(last)
        found = create_agency(
            session,
            {
                "code": code,
                "name": code.replace("-", " ").title(),
                "kind": AgencyKind(kind) if kind else guessed or AgencyKind.POLICE,
            }
            | fields,
        )
        session.commit()
    return found


def signed_in(app: Flask, session: Session, agency_code: str | None, scopes: str) -> CheckedClient:
    """Return a test client that sends a token with these scopes in every request."""
    return client_with(app, token_for(app, session, agency_code, scopes))


def token_for(app: Flask, session: Session, agency_code: str | None, scopes: str) -> str:
    """Return an access token of a new client. A missing agency is made."""
    if agency_code is not None:
        agency(session, agency_code)
    client, _ = access.create_client(
        session, name="Test client", agency_code=agency_code, scopes=scopes
    )
    # Long enough for a test whose world is put back as it was made some time ago.
    token = access.issue_token(
        session, client=client, settings=settings(app), lifetime=LONGEST_LIFETIME
    )
    session.commit()
    return token


def client_with(app: Flask, token: str) -> CheckedClient:
    """Return a test client that sends this token in every request."""
    api = CheckedClient(app, use_cookies=False)
    api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return api


def record(api: CheckedClient, path: str, **fields: Any) -> Fields:
    """Create a record by a POST to the path, and return the record."""
    response = api.post(path, json=fields)
    assert response.status_code == 201, response.text
    return answer(response)


def system(api: CheckedClient, name: str = "Duty management", **fields: Any) -> Fields:
    """Create a live system of the client's agency."""
    return record(api, "/v1/systems", **{"name": name, "lifecycle": "live"} | fields)


def add_capability(session: Session, code: str = "E04", name: str = "Rostering") -> Capability:
    """Return a capability at the lowest level of the tree, or make one."""
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


def add_product(session: Session, name: str, supplier: str, *aliases: str) -> Product:
    """Add a registered product of a new supplier, which also has a name as a limited company."""
    maker = create_supplier(acting(session), {"name": supplier, "aliases": [f"{supplier} Limited"]})
    session.flush()
    made = create_product(
        acting(session), {"name": name, "supplier_id": maker.id, "aliases": list(aliases)}
    )
    session.flush()
    return made


def add_system(
    session: Session,
    code: str,
    name: str,
    *,
    disclosure: Disclosure = Disclosure.ALL_AGENCIES,
    lifecycle: Lifecycle = Lifecycle.LIVE,
    **fields: Any,
) -> System:
    """Add a live system that every agency can see, unless the fields differ."""
    writer = SystemWriter(acting(session), agency(session, code).id)
    made = writer.create({"name": name, "lifecycle": lifecycle, "disclosure": disclosure} | fields)
    session.flush()
    return made


def add_rosters(session: Session, *codes: str, **fields: Any) -> list[System]:
    """Add a rostering system for each of these agencies."""
    add_capability(session)
    return [
        add_system(session, code, f"Roster {code}", capabilities=["E04"], **fields)
        for code in codes
    ]


def find_overlap(session: Session, *systems: System) -> Overlap:
    """Find overlaps, and return the overlap of exactly these systems."""
    find_overlaps(session)
    wanted = {each.id for each in systems}
    (found,) = [
        overlap
        for overlap in session.scalars(sa.select(Overlap))
        if {member.system_id for member in overlap.members} == wanted
    ]
    session.commit()
    return found


def build_actor(session: Session, code: str) -> Actor:
    """Return an actor of an agency, with every scope."""
    scopes = frozenset(scope.value for scope in Scope)
    return Actor(
        "test", session.scalar(sa.select(Agency.id).where(Agency.code == code)), code, scopes
    )


def build_record(
    number: int,
    name: str = "Thing",
    *,
    agency: int | None = None,
    lifecycle: Lifecycle = Lifecycle.LIVE,
    **fields: Any,
) -> Record:
    """Return a record for the matcher. Its agency has the same number unless you give another."""
    agency_id = UUID(int=number if agency is None else agency)
    return Record(UUID(int=number), agency_id, name, lifecycle, **fields)

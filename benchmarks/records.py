"""Test data: 10,000 invented systems of 40 agencies, the same in every run.

The product's own operations write them, so the database holds what the product would store.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from catalogue.access.operations import create_client, issue_token
from catalogue.agencies.agreements import accept_agreement, propose_agreement
from catalogue.agencies.grants import create_grant
from catalogue.agencies.models import Agency
from catalogue.agencies.operations import load_agencies
from catalogue.agencies.visibility import Disclosure, FieldProfile
from catalogue.agencies.vocabulary import AgreementInstrument
from catalogue.capabilities.models import Capability
from catalogue.capabilities.operations import load_capabilities
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.application import unit_of_work
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import ResourceType
from catalogue.systems import resources
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.vocabulary import (
    Criticality,
    DpiaStatus,
    Hosting,
    Lifecycle,
    PersonalData,
)

AGENCIES = 40
SYSTEMS = 10_000
SEED = 20_261_122
SCOPES = "systems:read systems:write imports:write programmes:read programmes:write costs:read"

_SUBJECTS = (
    "Duty", "Custody", "Crime", "Command and control", "Fleet", "Payroll", "Intelligence",
    "Digital evidence", "Mobilising", "Hydrant", "Prevention", "Firearms licensing", "Vetting",
    "Case", "Property", "Risk", "Training", "Stores", "Asset", "Identity", "Telephony", "Mapping",
)  # fmt: skip
_KINDS = (
    "management", "records", "recording", "register", "portal", "planning", "reporting",
    "archive", "gateway", "tracking", "scheduling", "audit",
)  # fmt: skip
_SUPPLIERS = ("Northbank", "Aldermere", "Castlegate", "Fenwick", "Harrowdene", "Millbrook", "")
_SENTENCE = (
    "used by response officers and staff to keep what was done and by whom with links to other "
    "forces services partners courts and the national register held since the last upgrade"
)
_DISCLOSED = (
    *(Disclosure.ALL_AGENCIES,) * 5,
    *(Disclosure.AGREEMENT,) * 3,
    *(Disclosure.OWNER_ONLY,) * 2,
)


@dataclass(frozen=True)
class TestData:
    """The token and the ids of systems for the requests of a measurement."""

    token: str
    own: list[UUID]
    """Systems of the client's agency."""
    visible: list[UUID]
    """Systems that the client can read, including its own, in random order."""


def create_test_data(app: Flask) -> TestData:
    """Fill an empty database, and create a client of the first agency with a token."""
    random = Random(SEED)
    with unit_of_work(app) as context:
        session = context.session
        load_agencies(session)
        load_capabilities(session)
        session.flush()
        agencies = list(
            session.scalars(sa.select(Agency).order_by(Agency.code).limit(AGENCIES)).all()
        )
        codes = list(session.scalars(sa.select(Capability.code).order_by(Capability.code)))
        session.expunge_all()
    for place, agency in enumerate(agencies):
        # Each agency loads its own systems, so the audit log has a change set for each.
        with unit_of_work(app) as context:
            writer = SystemWriter(context, agency.id, allow_skipped_steps=True)
            for number in range(place, SYSTEMS, AGENCIES):
                writer.create(_fields(random, number, codes))
    with unit_of_work(app) as context:
        session = context.session
        lead = next(each for each in agencies if each.valid_to is None)
        _share(context, agencies)
        client, _ = create_client(session, name="Benchmark", agency_code=lead.code, scopes=SCOPES)
        token = issue_token(session, client=client, settings=context.settings)
        own = list(session.scalars(sa.select(System.id).where(System.agency_id == lead.id)))
        reader = context.acting_as(Actor("benchmark", lead.id, lead.code, frozenset()))
        visible_ids = only_visible(reader, resources.SYSTEMS, sa.select(System.id))
        visible = sorted(session.scalars(visible_ids))
    random.shuffle(visible)
    settle(app)
    return TestData(token, own, visible)


def _share(context: Context, agencies: Sequence[Agency]) -> None:
    """Share records with the first agency as widely as in a large merger.

    One agency in four shares by an agreement at the standard profile, one in four at the summary
    profile, and one in ten by a grant.
    """
    actors = [
        Actor("benchmark", each.id, each.code, frozenset())
        for each in agencies
        if each.valid_to is None
    ]
    for first, profile in ((4, FieldProfile.STANDARD), (2, FieldProfile.SUMMARY)):
        parties = [actors[0], *actors[first::4]]
        agreement = propose_agreement(
            context.acting_as(actors[0]),
            fields={
                "title": f"A merger, {profile.value}",
                "instrument": AgreementInstrument.OTHER,
                "parties": [each.agency for each in parties],
                "start_date": date(2020, 4, 1),
                "field_profile": profile,
            },
        )
        context.session.flush()
        for party in parties:
            accept_agreement(
                context.acting_as(party),
                agreement,
                content_hash=agreement.content_hash,
                person="Alex Morgan",
                role="Chief information officer",
            )
    for grantor in actors[3::10]:
        create_grant(
            context.acting_as(grantor),
            fields={
                "grantee": actors[0].agency,
                "resource_types": [ResourceType.SYSTEMS],
                "field_profile": FieldProfile.FULL,
                "purpose": "To measure.",
                "expires_at": clock.now() + timedelta(days=30),
            },
        )


def settle(app: Flask) -> None:
    """Vacuum now, so that PostgreSQL's autovacuum does not run during the measurement."""
    engine = app.extensions["database"].reading_engine
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _fields(random: Random, number: int, codes: list[str]) -> dict[str, Any]:
    """Return a system in the form of a loaded request body. The number makes the name unique."""
    words = _SENTENCE.split()
    supplier = random.choice(_SUPPLIERS)
    subject = random.choice(_SUBJECTS)
    kind = f"{subject} {random.choice(_KINDS)}"
    return {
        "name": f"{kind} {number:05}",
        "aliases": [f"{kind[:3].upper()}{number}"] if random.random() < 0.3 else [],
        "description": " ".join(random.choices(words, k=18)).capitalize() + ".",
        "product_name": f"{supplier} {kind.title()}" if supplier else None,
        "supplier_name": supplier or None,
        "product_version": f"{random.randint(1, 12)}.{random.randint(0, 9)}",
        "capabilities": sorted(random.sample(codes, random.randint(0, 3))),
        "lifecycle": random.choice((Lifecycle.LIVE,) * 6 + tuple(Lifecycle)),
        "live_from": date(2004, 4, 1) + timedelta(days=random.randrange(8000)),
        "end_of_support": date(2026, 1, 1) + timedelta(days=random.randrange(2000)),
        "hosting": random.choice(tuple(Hosting)),
        "criticality": random.choice(tuple(Criticality)),
        "functional_fit": random.randint(1, 4),
        "technical_fit": random.randint(1, 4),
        "user_count": random.randint(1, 5000),
        "rto_hours": random.choice((4, 24, 72)),
        "rpo_hours": random.choice((1, 4, 24)),
        "personal_data": random.choice(tuple(PersonalData)),
        "dpia_status": random.choice(tuple(DpiaStatus)),
        "legacy_risk": random.randint(0, 30),
        "business_owner": f"Head of {subject}",
        "technical_owner": "Applications manager",
        "external_ids": [{"source": "cmdb", "id": f"CI{number:07}"}],
        "tags": random.sample(["shared", "legacy", "cloud", "cots", "bespoke"], 2),
        "attributes": {"cost_centre": str(random.randint(1000, 9999))},
        "disclosure": random.choice(_DISCLOSED),
    }


def spreadsheet(rows: int) -> bytes:
    """Return a CSV file of systems like that of an agency."""
    random = Random(SEED + 1)
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(
        ["Ref", "System name", "Description", "Supplier", "Product", "Version", "Status",
         "Hosting", "Criticality", "Users", "Live since", "End of support", "Business owner",
         "Technical owner", "Tags"]
    )  # fmt: skip
    for number in range(rows):
        f = _fields(random, number, ["C01"] * 3)
        sheet.writerow(
            [f"AST-{number:06}", f["name"], f["description"], f["supplier_name"],
             f["product_name"], f["product_version"], f["lifecycle"].value, f["hosting"].value,
             f["criticality"].value, f["user_count"], f"{f['live_from']:%d/%m/%Y}",
             f"{f['end_of_support']:%d/%m/%Y}", f["business_owner"], f["technical_owner"],
             "; ".join(f["tags"])]
        )  # fmt: skip
    return written.getvalue().encode()

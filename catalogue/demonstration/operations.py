"""The demonstration's loader, which uses the same operations as the API.

data/SOURCES.md and the tags of each record show what is published and what is made up.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.operations import find_agency, load_agencies, load_rows
from catalogue.capabilities.operations import load_capabilities
from catalogue.core.actor import Author
from catalogue.core.context import Context
from catalogue.core.reference_data import read_rows
from catalogue.demonstration.board import board_steps
from catalogue.demonstration.records import PACKAGE, Systems
from catalogue.demonstration.scenario import proposal_steps, set_scene
from catalogue.demonstration.steps import (
    CLIENT,
    Step,
    agency_steps,
    apply_step,
    count_steps_taken,
    extension_steps,
)
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.suppliers.operations import load_products, load_suppliers
from catalogue.systems.models import SystemExternalId
from catalogue.systems.operations import SystemWriter
from catalogue.systems.schemas import SystemCreate

CENTRE = "bch-shared-services"
AGENCIES = (
    "bedfordshire-police",
    "cambridgeshire-police",
    "hertfordshire-police",
    "bedfordshire-fire",
    "cambridgeshire-fire",
    "hertfordshire-fire",
    CENTRE,
)
EXTERNAL_SOURCE = "cmdb"

_LISTS = ("aliases", "capabilities", "tags")
_NUMBERS = (
    "functional_fit",
    "technical_fit",
    "user_count",
    "rto_hours",
    "rpo_hours",
    "legacy_risk",
)


def every_step() -> list[Step]:
    """Return the steps after the first load, in order."""
    return [*agency_steps(), *proposal_steps(), *board_steps(), *extension_steps()]


def is_loaded(session: Session) -> bool:
    """Return whether a database holds the whole demonstration."""
    return _is_begun(session) and _remaining_steps(session) == []


def load_demonstration(context: Context) -> None:
    """Load the parts that are missing: the first load in one change set, then each step in its own.

    This function commits after each change set, so an interrupted load continues with the next step.
    """
    session = context.session
    author = session.info["author"]
    try:
        if not _is_begun(session):
            context.write_as(Author(CLIENT, reason="First load of the demonstration."))
            _begin(context)
            session.commit()
        remaining = _remaining_steps(session)
        systems = _systems_by_register(session)
        for step in remaining:
            apply_step(context, step, systems)
            session.commit()
        if remaining:
            # The first search for overlaps ran before the uses of systems were recorded.
            find_overlaps(session)
            session.commit()
    finally:
        context.write_as(author)


def _is_begun(session: Session) -> bool:
    return session.scalar(sa.select(sa.exists().where(Agency.code == CENTRE))) is True


def _remaining_steps(session: Session) -> list[Step]:
    taken = count_steps_taken(session)
    # A demonstration without change sets is older than the audit log, and stays as it is.
    return every_step()[taken - 1 :] if taken else []


def _begin(context: Context) -> None:
    """Load the reference data and the systems of seven agencies, then set the scene."""
    session = context.session
    for load in (load_agencies, load_capabilities, load_suppliers, load_products):
        load(session)
    load_rows(session, read_rows(PACKAGE, "agencies.csv", folder="data"))
    systems: Systems = {}
    for code in AGENCIES:
        writer = SystemWriter(context, find_agency(session, code).id)
        for row in read_rows(PACKAGE, f"{code}.csv", folder="data/systems"):
            system = writer.create(SystemCreate().load(_fields(row)))
            session.flush()
            systems[code, row["external_id"]] = system.id
    set_scene(context, systems)


def _systems_by_register(session: Session) -> Systems:
    """Return the ids of the loaded systems, by agency and by id in the agency's register."""
    link = SystemExternalId
    statement = (
        sa.select(Agency.code, link.external_id, link.system_id)
        .join(Agency, Agency.id == link.agency_id)
        .where(link.source == EXTERNAL_SOURCE)
    )
    return {
        (code, external_id): identity for code, external_id, identity in session.execute(statement)
    }


def _fields(row: dict[str, str]) -> dict[str, Any]:
    """Return a row of a systems file as a request body."""
    fields: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
    fields["external_ids"] = [{"source": EXTERNAL_SOURCE, "id": fields.pop("external_id")}]
    fields["retention_hold"] = row["retention_hold"] == "true"
    for name in _LISTS:
        fields[name] = [part.strip() for part in row[name].split(";") if part.strip()]
    for name in _NUMBERS:
        if row[name]:
            fields[name] = int(row[name])
    return fields

"""Loading the demonstration, through the same operations as the API's.

What is published and what is made up is told in data/SOURCES.md and by each record's tags.
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
from catalogue.demonstration.board import steered
from catalogue.demonstration.records import PACKAGE, Systems
from catalogue.demonstration.scenario import proposals, tell
from catalogue.demonstration.steps import CLIENT, Chapter, chapters, number_told, tell_chapter
from catalogue.rationalisation.overlaps.runs import find_overlaps
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


def every_chapter() -> list[Chapter]:
    """All that has happened since the first load, in its order."""
    return [*chapters(), *proposals(), *steered()]


def is_loaded(session: Session) -> bool:
    """Whether the demonstration is in this database, up to its last chapter."""
    return _is_begun(session) and _chapters_left(session) == []


def load_demonstration(context: Context) -> None:
    """Load what is not there yet: the first records as a whole or not at all, then the chapters.

    It commits after each, as each is a change of its own in history. One that was interrupted is
    continued.
    """
    session = context.session
    author = session.info["author"]
    try:
        if not _is_begun(session):
            context.write_as(Author(CLIENT, reason="The demonstration begins."))
            _begin(context)
            session.commit()
        left = _chapters_left(session)
        systems = _known(session)
        for chapter in left:
            tell_chapter(context, chapter, systems)
            session.commit()
        if left:
            # Who uses a system was not known when they were looked for first.
            find_overlaps(session)
            session.commit()
    finally:
        context.write_as(author)


def _is_begun(session: Session) -> bool:
    return session.scalar(sa.select(sa.exists().where(Agency.code == CENTRE))) is True


def _chapters_left(session: Session) -> list[Chapter]:
    told = number_told(session)
    # A demonstration that is older than its history stays as it is.
    return every_chapter()[told - 1 :] if told else []


def _begin(context: Context) -> None:
    """Load the reference data, the seven agencies' systems, their overlaps and what follows."""
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
    tell(context, systems)


def _known(session: Session) -> Systems:
    """The systems that are there, by the ids of their agencies' registers."""
    link = SystemExternalId
    asked = (
        sa.select(Agency.code, link.external_id, link.system_id)
        .join(Agency, Agency.id == link.agency_id)
        .where(link.source == EXTERNAL_SOURCE)
    )
    return {(code, named): identity for code, named, identity in session.execute(asked)}


def _fields(row: dict[str, str]) -> dict[str, Any]:
    """A row of the files as the API's body."""
    fields: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
    fields["external_ids"] = [{"source": EXTERNAL_SOURCE, "id": fields.pop("external_id")}]
    fields["retention_hold"] = row["retention_hold"] == "true"
    for name in _LISTS:
        fields[name] = [part.strip() for part in row[name].split(";") if part.strip()]
    for name in _NUMBERS:
        if row[name]:
            fields[name] = int(row[name])
    return fields

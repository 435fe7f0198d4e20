"""Loading the demonstration, through the same operations as the API's.

What is published and what is made up is told in data/SOURCES.md and by each record's tags.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.operations import find_agency, load_agencies, load_rows
from catalogue.capabilities.operations import load_capabilities
from catalogue.core.reference import rows_of
from catalogue.demonstration.story import Systems, tell
from catalogue.suppliers.operations import load_products, load_suppliers
from catalogue.systems.operations import SystemWriter
from catalogue.systems.schemas import SystemCreate

PACKAGE = "catalogue.demonstration"
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


def is_loaded(opened: Session) -> bool:
    """Whether the demonstration is in this database. It is loaded as a whole or not at all."""
    return opened.scalar(sa.select(sa.exists().where(Agency.code == CENTRE))) is True


def load_demonstration(opened: Session) -> None:
    """Load the reference data, the seven agencies' systems, their overlaps and what follows."""
    for load in (load_agencies, load_capabilities, load_suppliers, load_products):
        load(opened)
    load_rows(opened, rows_of(PACKAGE, "agencies.csv", folder="data"))
    systems: Systems = {}
    for code in AGENCIES:
        writer = SystemWriter(opened, find_agency(opened, code).id)
        for row in rows_of(PACKAGE, f"{code}.csv", folder="data/systems"):
            system = writer.create(SystemCreate().load(_fields(row)))
            opened.flush()
            systems[code, row["external_id"]] = system.id
    tell(opened, systems)


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

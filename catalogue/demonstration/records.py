"""Uses, interfaces, contracts, costs and attestations of the demonstration's systems."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.contracts.operations import create_contract, create_cost_line
from catalogue.contracts.schemas import ContractCreate, CostLineCreate
from catalogue.core.context import Context
from catalogue.core.reference_data import read_rows
from catalogue.suppliers.models import Supplier
from catalogue.systems.attestations.operations import attest
from catalogue.systems.interfaces.operations import create_interface
from catalogue.systems.interfaces.schemas import InterfaceCreate
from catalogue.systems.models import System
from catalogue.systems.uses.operations import create_use
from catalogue.systems.uses.schemas import SystemUseCreate
from catalogue.systems.vocabulary import AttestationVerdict

PACKAGE = "catalogue.demonstration"

Systems = dict[tuple[str, str], UUID]
"""Ids of the demonstration's systems, by agency and external id."""

Row = dict[str, str]

_OWNER_COLUMNS = {
    "uses": "agency",
    "interfaces": "recorded_by",
    "contracts": "agency",
    "costs": "agency",
}
"""The data files, each with the column that names the owner of a row."""


def document(name: str) -> Any:
    """Return a JSON document of the demonstration's data."""
    return orjson.loads(files(PACKAGE).joinpath("data", name).read_bytes())


def find_signatory(agency: str) -> dict[str, str]:
    """Return the person who signs for an agency in the demonstration, and the person's role."""
    signatory: dict[str, str] = document("sharing.json")["signatories"][agency]
    return signatory


def register_rows() -> dict[str, dict[str, list[Row]]]:
    """Return the rows of each agency, by the name of the file."""
    registers: dict[str, dict[str, list[Row]]] = {}
    for name, column in _OWNER_COLUMNS.items():
        for row in read_rows(PACKAGE, f"{name}.csv", folder="data"):
            registers.setdefault(row[column], {}).setdefault(name, []).append(row)
    return registers


def fill_registers(context: Context, systems: Systems, *, registers: dict[str, list[Row]]) -> None:
    """Create an agency's uses, interfaces, contracts and cost lines."""
    for name, rows in registers.items():
        for row in rows:
            _RECORDERS[name](context, systems, row)
            context.session.flush()


def _use(context: Context, systems: Systems, row: Row) -> None:
    fields = _filled(row, "user_count", "since", "until") | {"agency": row["used_by"]}
    create_use(
        context.session, _system(context.session, systems, row), SystemUseCreate().load(fields)
    )


def _interface(context: Context, systems: Systems, row: Row) -> None:
    fields = _filled(row, "direction", "standard", "criticality", "fallback", "description")
    fields |= {
        "from_system_id": str(systems[row["from_agency"], row["from_id"]]),
        "to_system_id": str(systems[row["to_agency"], row["to_id"]]),
        "data_categories": _parts(row["data_categories"]),
    }
    create_interface(context, fields=InterfaceCreate().load(fields))


def _contract(context: Context, systems: Systems, row: Row) -> None:
    not_copied = {"agency", "supplier", "systems", "parties"}
    fields = _filled(row, *(name for name in row if name not in not_copied))
    supplier = context.session.scalar(
        sa.select(Supplier.id).where(Supplier.name == row["supplier"])
    )
    named = [tuple(each.split("/")) for each in _parts(row["systems"])]
    fields |= {
        "supplier_id": str(supplier),
        "systems": [str(systems[agency, identity]) for agency, identity in named],
        "parties": _parts(row["parties"]),
    }
    create_contract(context, fields=ContractCreate().load(fields))


def _cost(context: Context, systems: Systems, row: Row) -> None:
    fields = _filled(row, "financial_year", "category", "description", "amount", "note")
    create_cost_line(
        context.session, _system(context.session, systems, row), CostLineCreate().load(fields)
    )


_RECORDERS: dict[str, Callable[[Context, Systems, Row], None]] = {
    "uses": _use,
    "interfaces": _interface,
    "contracts": _contract,
    "costs": _cost,
}


def attest_systems(context: Context, systems: Systems, *, attestation: dict[str, Any]) -> None:
    """Record an agency's attestations: the confirmed systems first, then those with another verdict."""
    confirmed = [
        {"external_id": identity, "verdict": AttestationVerdict.CONFIRMED, "comment": None}
        for identity in attestation["confirmed"]
    ]
    for verdict_data in confirmed + attestation["others"]:
        attest(
            context,
            context.session.get_one(
                System, systems[attestation["agency"], verdict_data["external_id"]]
            ),
            verdict=AttestationVerdict(verdict_data["verdict"]),
            comment=verdict_data["comment"],
        )


def _system(session: Session, systems: Systems, row: Row) -> System:
    return session.get_one(System, systems[row["agency"], row["external_id"]])


def _filled(row: Row, *names: str) -> dict[str, Any]:
    """Return the named cells that are filled, as fields of a request body."""
    numbers = {
        "user_count",
        "notice_period_days",
        "notice_period_months",
        "renewal_period_months",
    }
    return {n: int(row[n]) if n in numbers else row[n] for n in names if row[n]}


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]

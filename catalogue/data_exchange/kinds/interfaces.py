"""Interfaces between systems as a kind of record that a spreadsheet can fill."""

from collections.abc import Hashable, Iterable
from functools import partial
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from catalogue.core.errors import Forbidden, invalid
from catalogue.core.rest.schemas import Text
from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.kinds.named_records import NamedAgencies, NamedSystems
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.record_rows import RecordRows
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.records import Record
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.interfaces.operations import change_interface, create_interface
from catalogue.systems.interfaces.schemas import InterfaceCreate, InterfaceSchema

ENDS = ("from_system", "to_system")
INTERFACE_FIELDS = RecordFields(
    noun="interface",
    fields=(
        ImportField("from_system", Kind.TEXT, (
            "from system name", "from system id", "from", "source", "source system", "sender",
            "sending system", "source application", "origin", "system a", "provider system",
            "from application", "system", "system name", "data source", "producer",
        )),
        ImportField("from_agency", Kind.TEXT, (
            "source agency", "sending agency", "from force", "from organisation", "source force",
        )),
        ImportField("to_system", Kind.TEXT, (
            "to system name", "to system id", "to", "target", "target system", "receiver",
            "receiving system", "destination", "destination system", "system b",
            "target application", "to application", "interfaces with", "interfaces to",
            "connects to", "connected to", "integrates with", "consumer", "linked system",
        )),
        ImportField("to_agency", Kind.TEXT, (
            "target agency", "receiving agency", "to force", "to organisation", "target force",
        )),
        ImportField("direction", Kind.CHOICE, (
            "data flow", "flow", "direction of flow", "data direction", "flow direction",
            "one way or two way",
        )),
        ImportField("standard", Kind.CHOICE, (
            "protocol", "method", "technology", "interface type", "type", "transfer method",
            "integration method", "integration type", "mechanism", "format", "interface method",
            "connection type", "transport", "technique",
        )),
        ImportField("data_categories", Kind.CHOICES, (
            "data", "data exchanged", "data category", "data type", "data types",
            "data transferred", "data shared", "information exchanged",
        )),
        ImportField("criticality", Kind.CHOICE, (
            "business criticality", "critical", "importance", "priority",
        )),
        ImportField("fallback", Kind.TEXT, ("fall back", "workaround", "contingency", "if it fails")),
        ImportField("description", Kind.TEXT, (
            "purpose", "details", "interface description", "summary", "notes", "name",
            "interface name",
        )),
    ),
    needed=("from_system", "to_system", "standard"),
    required=frozenset({"from_agency", "to_agency", "direction"}),
    not_fields={
        **dict.fromkeys(
            ("agency", "agency name"), "The agency that imports the file records every row."
        ),
        **dict.fromkeys(
            ("created at", "updated at", "withheld", "system ids"),
            DERIVED,
        ),
        **LEFT_OUT_OF_EVERY_KIND,
    },
    subjects=("interface", "integration"),
)  # fmt: skip


def _end(description: str, example: str) -> Text:
    return Text(metadata={"description": description, "example": example})


INTERFACE_SCHEMAS = {
    **InterfaceCreate().fields,
    "id": InterfaceSchema().fields["id"],
    "from_system": _end("The system that sends data, by name or id.", "Command and control"),
    "from_agency": _end(
        "The owner of the sending system, if another agency has a system with this name.",
        "bedfordshire-police",
    ),
    "to_system": _end("The system that receives data, by name or id.", "Mobilising"),
    "to_agency": _end(
        "The owner of the receiving system, if another agency has a system with this name.",
        "bedfordshire-fire",
    ),
}


class InterfaceRows(RecordRows):
    """A running import of interfaces that an agency records."""

    fields = INTERFACE_FIELDS
    key_fields = ("from_system", "to_system", "standard")
    written_as = MappingProxyType({f"{end}_id": end for end in ENDS})

    def prepare(self) -> None:
        self.agencies = NamedAgencies(self.session, self.report.front_door)
        self.systems = NamedSystems(self.context, self.run)
        own = Interface.agency_id == self.run.agency.id
        for end in (Interface.from_system_id, Interface.to_system_id):
            self.systems.note_visible(sa.select(end).where(own))

    def load(self) -> Iterable[Interface]:
        statement = (
            sa.select(Interface)
            .where(Interface.agency_id == self.run.agency.id)
            .order_by(Interface.id)
            .with_for_update(of=Interface)
        )
        return self.session.scalars(statement).all()

    def resolve(self, record: Record) -> None:
        for name in ENDS:
            agency_field = name.replace("system", "agency")
            self.replace_name(record, agency_field, self.agencies.find)
            agency_id = record.fields.pop(agency_field, None)
            self.replace_name(record, name, partial(self.systems.find_visible, agency_id=agency_id))

    def key_of(self, record: Interface) -> Hashable:
        return record.from_system_id, record.to_system_id, record.standard

    def key_in(self, values: dict[str, Any]) -> Hashable:
        return values["from_system"], values["to_system"], values["standard"]

    def name_of(self, record: Interface) -> str:
        # The name of a system that the agency can no longer see stays hidden.
        ends = (record.from_system_id, record.to_system_id)
        names = [self.systems.names.get(end, "a system that you cannot see") for end in ends]
        return f"{names[0]} to {names[1]}, {record.standard.value}"

    def create(self, values: dict[str, Any]) -> Interface:
        fields = self._with_ids(dict(values))
        fields.setdefault("direction", InterfaceCreate().fields["direction"].load_default)
        try:
            return create_interface(self.context, fields=fields)
        except Forbidden as refusal:
            raise invalid("/from_system", "unknown", refusal.detail) from None

    def change(self, record: Interface, changes: dict[str, Any]) -> None:
        for end in ENDS:
            if end in changes:
                detail = (
                    "The systems of an interface cannot change. Record a new interface, and delete "
                    "this one."
                )
                raise invalid(f"/{end}", "unchangeable", detail)
        change_interface(record, changes)

    def _with_ids(self, values: dict[str, Any]) -> dict[str, Any]:
        for name in ENDS:
            if name in values:
                values[f"{name}_id"] = values.pop(name)
        return values

    def present(self, record: Interface, name: str) -> Any:
        return getattr(record, f"{name}_id" if name in ENDS else name)


INTERFACES = RecordKind(
    ImportKind.INTERFACES, INTERFACE_FIELDS, INTERFACE_SCHEMAS, InterfaceRows, tables=(Interface,)
)

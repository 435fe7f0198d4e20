"""Suppliers as a kind of record that a spreadsheet can fill."""

import re
from collections.abc import Hashable, Iterable
from types import MappingProxyType
from typing import Any

from catalogue.agencies.schemas import IdentifierSchema
from catalogue.core.text import name_key
from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.kinds.named_records import NamedSuppliers
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.shared_rows import SharedRows
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.problems import quoted
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.values import ValueProblem
from catalogue.suppliers.models import Supplier
from catalogue.suppliers.operations import change_supplier, create_supplier
from catalogue.suppliers.schemas import SupplierCreate, SupplierSchema

COMPANIES_HOUSE = "GB-COH"
"""The code of Companies House in org-id.guide's list of registers."""
_COMPANY_NUMBER_LENGTH = 8
_SHARED = "The register is shared by all agencies."

SUPPLIER_FIELDS = RecordFields(
    noun="supplier",
    fields=(
        ImportField("name", Kind.TEXT, (
            "supplier", "supplier name", "vendor", "vendor name", "company", "company name",
            "name of supplier", "provider", "contractor", "organisation", "organisation name",
            "manufacturer", "publisher", "trading name", "legal name",
        )),
        ImportField("company_number", Kind.EXTERNAL_ID, (
            "company registration number", "companies house number", "registration number",
            "company reg number", "crn", "registered number", "companies house",
            "company registration", "registered company number", "company reg",
        )),
        ImportField("aliases", Kind.LIST, (
            "alias", "also known as", "aka", "other names", "known as", "short name",
            "trading as", "trading names",
        )),
    ),
    needed=("name",),
    not_fields={
        **dict.fromkeys(
            ("system name", "system", "application", "product", "product name"),
            "The column is about systems or products. Import it as that kind of record.",
        ),
        **dict.fromkeys(
            ("identifiers", "former names"),
            "Change these on the supplier itself. An import fills the company number and aliases.",
        ),
        **dict.fromkeys(("recorded by", "agency"), _SHARED),
        **dict.fromkeys(("created at", "updated at"), DERIVED),
        **LEFT_OUT_OF_EVERY_KIND,
    },
    subjects=("supplier", "vendor"),
)  # fmt: skip

SUPPLIER_SCHEMAS = {
    **SupplierCreate().fields,
    "id": SupplierSchema().fields["id"],
    "company_number": IdentifierSchema().fields["id"],
}


class SupplierRows(SharedRows):
    """A running import of suppliers. An agency changes only the suppliers that it recorded."""

    fields = SUPPLIER_FIELDS
    key_fields = ("name",)
    written_as = MappingProxyType({"identifiers": "company_number"})

    def prepare(self) -> None:
        self.suppliers = NamedSuppliers(self.session, self.report.front_door)
        self.numbers: dict[str, Supplier] = {}

    def load(self) -> Iterable[Supplier]:
        suppliers = self.load_all(Supplier)
        for supplier in suppliers:
            if number := _number_of(supplier):
                self.numbers[number] = supplier
        return suppliers

    def resolve(self, record: Record) -> None:
        if "name" in record.fields:
            self.resolve_name(record, "name", self._check_name, record.fields["name"])
        if record.problems:
            return
        number = record.fields.get("company_number")
        if number is not None:
            whole = _whole_number(number)
            if whole != number:
                detail = (
                    f"Company numbers have {_COMPANY_NUMBER_LENGTH} characters, and spreadsheet "
                    f"programs drop leading zeros. {whole} was recorded."
                )
                record.notices.append(
                    self.problem(record, "company_number", "id_without_zeros", detail)
                )
            record.fields["company_number"] = whole
            self._compare_number(record, whole)

    def _check_name(self, _: str, text: str) -> None:
        self.suppliers.find(text)
        if parts := self.suppliers.register.divide(text):
            raise ValueProblem(
                "several_suppliers",
                f"The cell names several suppliers: {', '.join(map(quoted, parts))}. Write each in "
                "a row of its own.",
            )

    def _compare_number(self, record: Record, number: str) -> None:
        holder, name = self.numbers.get(number), record.fields.get("name")
        if holder is None or name is None or self.suppliers.find(name) == holder.id:
            return
        detail = (
            f"The company number belongs to “{quoted(holder.name)}”. Correct the number, or write "
            "that name."
        )
        record.problems.append(self.problem(record, "company_number", "different_name", detail))

    def key_of(self, record: Supplier) -> Hashable:
        return record.name_key

    def key_in(self, values: dict[str, Any]) -> Hashable:
        identity = self.suppliers.find(values["name"])
        return name_key(self.suppliers.names[identity] if identity else values["name"])

    def name_of(self, record: Supplier) -> str:
        return record.name

    def create(self, values: dict[str, Any]) -> Supplier:
        supplier = create_supplier(self.context, self._with_identifiers(values, []))
        self.suppliers.add(supplier)
        if number := _number_of(supplier):
            self.numbers[number] = supplier
        return supplier

    def change(self, record: Supplier, changes: dict[str, Any]) -> None:
        change_supplier(self.session, record, self._with_identifiers(changes, record.identifiers))

    def _with_identifiers(
        self, values: dict[str, Any], present: list[dict[str, Any]]
    ) -> dict[str, Any]:
        number = values.get("company_number")
        values = {name: value for name, value in values.items() if name != "company_number"}
        if number is not None:
            others = [each for each in present if each["scheme"] != COMPANIES_HOUSE]
            values["identifiers"] = [*others, {"scheme": COMPANIES_HOUSE, "id": number}]
        return values

    def present(self, record: Supplier, name: str) -> Any:
        return _number_of(record) if name == "company_number" else getattr(record, name)

    def differs(self, record: Supplier, name: str, value: Any) -> bool:
        if name == "name" and self.suppliers.find(value) == record.id:
            # Another name of the supplier leads to it, and does not rename it.
            return False
        return super().differs(record, name, value)

    def write(self, record: Record) -> None:
        name = record.fields.get("name")
        near = name and not record.problems and self.suppliers.register.suggest(name)
        before = self.report.created
        super().write(record)
        if name and near and self.report.created > before:
            choice = self.report.front_door.choose("name", name, near)
            detail = (
                f"The register has a supplier like this one already: “{quoted(near)}”. If they are "
                f"the same, use {choice}."
            )
            self.report.notice(self.problem(record, "name", "similar_record", detail))

    def finish(self) -> None:
        self.suppliers.notice_uncompared(self.report)


def _number_of(supplier: Supplier) -> str | None:
    numbers = (each["id"] for each in supplier.identifiers if each["scheme"] == COMPANIES_HOUSE)
    return next(numbers, None)


def _whole_number(number: str) -> str:
    bare = re.sub(r"\s", "", number).upper()
    return bare.zfill(_COMPANY_NUMBER_LENGTH) if bare.isdecimal() else bare


SUPPLIERS = RecordKind(
    ImportKind.SUPPLIERS, SUPPLIER_FIELDS, SUPPLIER_SCHEMAS, SupplierRows, tables=(Supplier,)
)

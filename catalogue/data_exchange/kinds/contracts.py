"""Contracts as a kind of record that a spreadsheet can fill."""

from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from catalogue.contracts.messages import TWO_NOTICE_PERIODS
from catalogue.contracts.models import Contract, ContractParty, ContractSystem
from catalogue.contracts.operations import create_contract, update_contract
from catalogue.contracts.schemas import ContractCreate, ContractSchema
from catalogue.core.rest.reader import only_visible
from catalogue.core.rest.schemas import ListOf, Text
from catalogue.core.text import name_key
from catalogue.data_exchange.amounts import Months
from catalogue.data_exchange.field_validation import deserialize
from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.kinds.named_records import NamedAgencies, NamedSystems
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.supplied_rows import SUPPLIER_NAME, SuppliedRows
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.values import ValueProblem
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

LONGEST_REFERENCE = 100
_NOTICE_PERIODS = ("notice_period_days", "notice_period_months")
_NO_FIELD = "The catalogue has no field for this. Keep it in your contract register."

CONTRACT_FIELDS = RecordFields(
    noun="contract",
    fields=(
        ImportField("reference", Kind.TEXT, (
            "ref", "reference number", "ref number", "number", "contract id", "id", "po number",
            "agreement number", "contract code", "procurement reference", "tender reference",
            "unique reference", "bluelight reference",
        )),
        ImportField("title", Kind.TEXT, (
            "name", "contract", "agreement", "contract name", "subject", "contract subject",
            "what is it for", "goods or services", "contract description", "description",
            "service", "services", "procurement title",
        )),
        ImportField("supplier_name", Kind.TEXT, (
            "supplier", "vendor", "vendor name", "provider", "contractor", "company",
            "company name", "awarded to", "contracted supplier", "awarded supplier",
            "supplier details", "name of supplier", "name of the supplier", "contractor name",
        ), words=frozenset({"supplier", "vendor", "provider", "contractor"})),
        ImportField("systems", Kind.LIST, (
            "system", "system name", "application", "application name", "applications",
            "systems covered", "covered systems", "software",
        )),
        ImportField("parties", Kind.LIST, (
            "party", "other agencies", "partner", "partners", "partner agencies", "collaborators",
            "participating forces", "used by",
        )),
        ImportField("annual_value", Kind.AMOUNT, (
            "value per annum", "annual cost", "annual spend", "cost per annum", "yearly value",
            "annual charge", "annual contract value", "value per year", "spend per annum",
            "average annual value", "annual fee", "estimated annual value", "price per annum",
            "approximate annual spend", "annual amount", "cost per year", "value annual",
            "spend annual", "cost annual", "value pa", "cost pa", "spend pa", "annual", "annual price",
        )),
        ImportField("total_value", Kind.AMOUNT, (
            "value", "total contract value", "contract value", "total cost", "total spend",
            "spend total", "spend", "whole life value", "estimated value", "award value",
            "total estimated value", "awarded value", "value of contract", "total", "cost", "price",
            "total price", "contract price", "total amount", "amount", "estimated total value",
        )),
        ImportField("exit_cost", Kind.AMOUNT, (
            "exit fee", "termination cost", "termination fee", "exit costs", "exit charge",
        )),
        ImportField("currency", Kind.TEXT, ("currency code",)),
        ImportField("start_date", Kind.FROM_DATE, (
            "start", "commencement date", "commencement", "from", "begins", "effective date",
            "begin date", "date started", "award start date", "starts", "date from",
        )),
        ImportField("end_date", Kind.UNTIL_DATE, (
            "end", "expiry date", "expiry", "expires", "expiration date", "termination date",
            "to", "renewal date", "date to", "current end date", "ends", "expires on",
            "initial end date", "expiration",
        )),
        ImportField("max_extent_date", Kind.UNTIL_DATE, (
            "maximum end date", "end date with extensions", "end date including extensions",
            "max end date", "extended end date", "final end date", "latest end date",
            "extension end date", "end date if extended", "maximum extension date",
            "expiry date including extensions", "last possible end date",
        )),
        ImportField("renewal", Kind.CHOICE, (
            "renewal type", "auto renewal", "auto renew", "automatic renewal", "auto renews",
            "renews automatically", "tacit renewal", "renewable", "renewal option", "rollover",
            "rolling contract",
        )),
        ImportField("renewal_period_months", Kind.MONTHS, (
            "renewal period", "renewal term", "renewal length", "renewal months",
            "length of renewal", "renews for", "further term",
        )),
        ImportField("notice_period_days", Kind.DAYS, (
            "notice period", "notice", "termination notice", "notice days", "notice to terminate",
            "termination period",
        )),
        ImportField("notice_period_months", Kind.MONTHS, (
            "notice months", "months notice", "months of notice", "notice in months",
        )),
        ImportField("notice_given_on", Kind.DAY, (
            "notice given", "notice served", "notice given date", "notice served on",
            "notice served date", "date notice given", "date notice served",
            "termination notice given",
        )),
        ImportField("procurement_route", Kind.CHOICE, (
            "route", "route to market", "procurement method", "procedure", "procurement procedure",
            "procurement process", "tender type", "award procedure", "how procured",
        )),
        ImportField("regime", Kind.CHOICE, (
            "procurement regime", "regulations", "procurement law", "legislation",
        )),
        ImportField("ocid", Kind.TEXT, ("open contracting id", "oc id")),
        ImportField("disclosure", Kind.CHOICE, ("disclosed to",), unclear=("visibility", "sharing")),
    ),
    needed=("reference", "title"),
    required=frozenset({"supplier_name", "currency", "disclosure"}),
    substitutes={"reference": "title", "title": "reference"},
    not_fields={
        **dict.fromkeys(
            ("agency", "agency name", "force", "organisation", "authority", "contracting authority"),
            "The agency that imports the file owns every row.",
        ),
        "supplier id": "The name of the supplier identifies the supplier in the register.",
        **dict.fromkeys(
            ("duration", "contract duration", "contract length", "contract term", "length", "term"),
            "The start date and the end date give the duration.",
        ),
        **dict.fromkeys(
            (
                "extensions", "contract extensions", "extension", "extension options",
                "contract extension", "options to extend", "extension period",
            ),
            "Record the last day, with every extension, as the maximum extent date.",
        ),
        **dict.fromkeys(
            (
                "review date", "contract review date", "contract manager", "contract owner",
                "cpv", "cpv code", "cpv codes", "category", "procurement category",
                "contract type", "department", "sme", "status", "contract status",
            ),
            _NO_FIELD,
        ),
        **dict.fromkeys(
            (
                "created at", "updated at", "withheld", "last notice date", "next notice date",
                "end of term", "term status",
            ),
            DERIVED,
        ),
        **LEFT_OUT_OF_EVERY_KIND,
    },
    subjects=("contract", "agreement", "award"),
)  # fmt: skip

_written = ContractCreate().fields
CONTRACT_SCHEMAS = {
    **_written,
    "id": ContractSchema().fields["id"],
    "supplier_name": SUPPLIER_NAME,
    "systems": ListOf(
        Text(),
        max=200,
        unique=True,
        metadata={
            "description": "The systems that the contract covers, by name or id.",
            "example": ["Duty management"],
        },
    ),
    "parties": ListOf(
        Text(),
        max=50,
        unique=True,
        metadata={
            "description": "Other agencies that can use the contract, by name or code.",
            "example": ["bedfordshire-fire"],
        },
    ),
}


class ContractRows(SuppliedRows):
    """A running import of contracts of an agency."""

    fields = CONTRACT_FIELDS
    key_fields = ("reference",)

    def prepare(self) -> None:
        super().prepare()
        self.agencies = NamedAgencies(self.session, self.report.front_door)
        self.systems = NamedSystems(self.context, self.run)
        self.visible = self._visible_systems()

    def load(self) -> Iterable[Contract]:
        statement = (
            sa.select(Contract)
            .where(Contract.agency_id == self.run.agency.id)
            .options(selectinload(Contract.party_links), selectinload(Contract.system_links))
            .order_by(Contract.id)
            .with_for_update(of=Contract)
        )
        return self.session.scalars(statement).all()

    def key_of(self, record: Contract) -> Hashable:
        return record.reference_key

    def key_in(self, values: dict[str, Any]) -> Hashable:
        return name_key(values["reference"])

    def name_of(self, record: Contract) -> str:
        return record.title

    def resolve(self, record: Record) -> None:
        values = record.fields
        if "reference" in values and "reference" not in self.columns:
            values["reference"] = values["reference"][:LONGEST_REFERENCE]
        for name, find in (("systems", self._system), ("parties", self._party)):
            if name in values:
                found = [self.resolve_name(record, name, find, text) for text in values[name]]
                values[name] = list(dict.fromkeys(each for each in found if each is not None))
        self._resolve_notice(record)
        self.check_supplier(record)

    def _resolve_notice(self, record: Record) -> None:
        """Record a notice period in months, if the cell of the days has months or years."""
        values = record.fields
        days, months = (values.get(name) for name in _NOTICE_PERIODS)
        if days is not None and months is not None:
            detail = TWO_NOTICE_PERIODS
            record.problems.append(
                self.problem(record, "notice_period_months", "unexpected", detail)
            )
        elif isinstance(days, Months):
            del values["notice_period_days"]
            try:
                schema = CONTRACT_SCHEMAS["notice_period_months"]
                values["notice_period_months"] = deserialize(
                    "notice_period_days", schema, int(days)
                )
            except ValueProblem as problem:
                record.problems.append(
                    self.problem(record, "notice_period_days", problem.code, problem.detail)
                )

    def _system(self, name: str, text: str) -> UUID:
        return self.systems.find_visible(name, text)

    def _party(self, name: str, text: str) -> str | None:
        identity = self.agencies.find(name, text)
        # A list of everyone who uses the contract names its owner too.
        return None if identity == self.run.agency.id else self.agencies.codes[identity]

    def create(self, values: dict[str, Any]) -> Contract:
        return create_contract(self.context, fields=self.with_supplier(values))

    def change(self, record: Contract, changes: dict[str, Any]) -> None:
        update_contract(self.context, record, self.with_supplier(changes))

    def before_change(self, row: Record, record: Contract, changes: dict[str, Any]) -> None:
        """Clear the recorded notice period if the row has it in the other unit."""
        for name, other in (_NOTICE_PERIODS, _NOTICE_PERIODS[::-1]):
            if changes.get(name) is not None and getattr(record, other) is not None:
                changes[other] = None

    def _visible_systems(self) -> set[UUID]:
        """Return the systems of the contracts that the agency can see. It changes only these."""
        covered = (
            sa.select(ContractSystem.system_id)
            .join(Contract, Contract.id == ContractSystem.contract_id)
            .where(Contract.agency_id == self.run.agency.id)
        )
        statement = sa.select(System.id).where(System.id.in_(covered))
        return set(self.session.scalars(only_visible(self.context, SYSTEMS, statement)))

    def shown(self, name: str, value: Any) -> Any:
        if name == "systems":
            return [self.systems.names.get(each, str(each)) for each in value]
        return value

    def present(self, record: Contract, name: str) -> Any:
        match name:
            case "systems":
                ids = (link.system_id for link in record.system_links)
                return [each for each in ids if each in self.visible]
            case "parties":
                return [self.agencies.codes[link.agency_id] for link in record.party_links]
        return super().present(record, name)


CONTRACTS = RecordKind(
    ImportKind.CONTRACTS,
    CONTRACT_FIELDS,
    CONTRACT_SCHEMAS,
    ContractRows,
    tables=(Contract, ContractParty, ContractSystem),
)

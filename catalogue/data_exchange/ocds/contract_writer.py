"""The writer of contracts, which finds the record of each draft and saves the changes."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.agencies.schemas import IdentifierSchema
from catalogue.contracts.models import Contract
from catalogue.contracts.operations import create_contract, update_contract
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable, invalid
from catalogue.core.text import fold, name_key
from catalogue.data_exchange.ocds.releases import Draft, Named
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.report import Change, ImportReport, Touched
from catalogue.suppliers.models import Supplier
from catalogue.suppliers.operations import create_supplier

UNNAMED_SUPPLIER = "Not named in the notice"
"""The supplier of contracts whose notices name none, because a contract needs a supplier."""

_AMBIGUOUS = (
    "Several suppliers are known by this name. Add the supplier's identifier to the release."
)


class ContractWriter:
    """A running import, which matches drafts with the agency's contracts and writes them."""

    def __init__(
        self, context: Context, agency: Agency, report: ImportReport, *, require_supplier: bool
    ) -> None:
        session = self.session = context.session
        self.agency = agency
        self.report = report
        # Contracts are written for the agency, even if an administrator imports them.
        acting = replace(context.actor, agency_id=agency.id, agency=agency.code)
        self.context = context.acting_as(acting)
        self.require_supplier = require_supplier
        existing = session.scalars(
            sa.select(Contract)
            .where(Contract.agency_id == agency.id)
            .order_by(Contract.id)
            .with_for_update(of=Contract)
        ).all()
        self.by_reference = {contract.reference_key: contract for contract in existing}
        self.unseen = {each.id: each.title for each in existing if each.ocid}
        """The contracts with an OCID, all of which a complete file would name."""
        self.seen: set[UUID] = set()
        self.claimed: set[UUID] = set()
        self.awarded = {each.ocid: each for each in existing if each.ocid != each.reference}
        self.suppliers = _Register(self.context)

    def write(self, draft: Draft) -> None:
        """Create, update or reject one contract."""
        contract = self._find(draft)
        if contract is not None:
            self.seen.add(contract.id)
            self.claimed.add(contract.id)
            self.unseen.pop(contract.id, None)
        if contract is None and draft.is_tender and draft.ocid in self.awarded:
            # The catalogue already has the contract that the tender led to.
            self.seen.add(self.awarded[draft.ocid].id)
            self.unseen.pop(self.awarded[draft.ocid].id, None)
            self.report.unchanged += 1
            return
        if draft.supplier is None and self.require_supplier:
            detail = (
                "The release names no supplier. Add one, or import without requiring suppliers."
            )
            draft.problems.append(
                TableProblem("no_supplier", detail, draft.row, field="supplier_id")
            )
        if draft.problems:
            self.report.reject(draft.problems)
            return
        # A contract and its new supplier are saved together or not at all.
        savepoint = self.session.begin_nested()
        try:
            outcome = self._save(draft, contract)
            self.session.flush()
        except Unprocessable as refusal:
            savepoint.rollback()
            self.suppliers.reload()
            self.report.reject([_problem(draft, error) for error in refusal.errors])
            return
        savepoint.commit()
        self._count(draft, *outcome)

    def _find(self, draft: Draft) -> Contract | None:
        """Return the contract with the reference. An award can also mean its tender's contract."""
        references = [draft.fields["reference"], *([] if draft.is_tender else [draft.ocid])]
        contracts = (self.by_reference.get(name_key(each)) for each in references)
        return next((c for c in contracts if c is not None and c.id not in self.claimed), None)

    def _save(
        self, draft: Draft, contract: Contract | None
    ) -> tuple[Contract, tuple[Change, ...] | None]:
        """Return the contract and its changed fields, or None for a new contract."""
        fields = dict(draft.fields)
        if draft.supplier is not None:
            fields["supplier_id"] = self.suppliers.find(draft.supplier).id
        elif contract is None:
            fields["supplier_id"] = self.suppliers.find(Named(UNNAMED_SUPPLIER)).id
        if contract is None:
            return create_contract(self.context, fields=fields), None
        changes = {n: value for n, value in fields.items() if getattr(contract, n) != value}
        before = {name: getattr(contract, name) for name in changes}
        if changes:
            update_contract(self.context, contract, changes)
        listed = (Change.of(name, before[name], changes[name]) for name in sorted(changes))
        return contract, tuple(listed)

    def _count(self, draft: Draft, contract: Contract, changes: tuple[Change, ...] | None) -> None:
        for notice in self._notices(draft, contract):
            self.report.notice(notice)
        if changes is None:
            self.claimed.add(contract.id)
            self.report.add_created(Touched(contract.title, contract.id, draft.row))
        elif changes:
            self.report.add_updated(Touched(contract.title, contract.id, draft.row, changes))
        else:
            self.report.unchanged += 1
        self.by_reference[contract.reference_key] = contract

    def _notices(self, draft: Draft, contract: Contract) -> list[TableProblem]:
        notices = list(draft.notices)
        if draft.buyer and fold(draft.buyer) != fold(self.agency.name):
            detail = f"The release names a buyer other than {self.agency.name}. Check the contract."
            notices.append(
                TableProblem("other_buyer", detail, draft.row, "buyer/name", draft.buyer)
            )
        if draft.supplier is None and contract.supplier_id == self.suppliers.unnamed_id:
            detail = (
                "The release names no supplier. "
                f"The contract has the supplier “{UNNAMED_SUPPLIER}”."
            )
            notices.append(TableProblem("no_supplier", detail, draft.row, field="supplier_id"))
        return notices


def _problem(draft: Draft, error: FieldError) -> TableProblem:
    field = error.pointer.split("/")[1]
    value = draft.supplier.name if draft.supplier and field == "supplier_id" else None
    return TableProblem(error.code, error.detail, draft.row, value=value, field=field)


class _Register:
    """The register of suppliers by name and identifier. Unknown suppliers are added."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.reload()

    def reload(self) -> None:
        """Read the whole register, which a rollback can have changed."""
        self.by_key: dict[str, Supplier] = {}
        self.by_name: dict[str, list[Supplier]] = {}
        self.by_identifier: dict[tuple[str, str], Supplier] = {}
        for supplier in self.context.session.scalars(sa.select(Supplier).order_by(Supplier.id)):
            self._index(supplier)

    @property
    def unnamed_id(self) -> UUID | None:
        """The id of the placeholder supplier, for contracts that name no supplier."""
        supplier = self.by_key.get(name_key(UNNAMED_SUPPLIER))
        return supplier.id if supplier else None

    def _index(self, supplier: Supplier) -> None:
        self.by_key[supplier.name_key] = supplier
        former = [each["name"] for each in supplier.former_names]
        for name in {fold(n) for n in (supplier.name, *supplier.aliases, *former)}:
            self.by_name.setdefault(name, []).append(supplier)
        for identifier in supplier.identifiers:
            key = (identifier["scheme"], identifier["id"])
            self.by_identifier.setdefault(key, supplier)

    def find(self, named: Named) -> Supplier:
        """Return the named supplier. Raises Unprocessable if the name can mean several."""
        for identifier in named.identifiers:
            key = (identifier["scheme"], identifier["id"])
            if known := self.by_identifier.get(key):
                return known
        if exact := self.by_key.get(name_key(named.name)):
            return exact
        candidates = self.by_name.get(fold(named.name), [])
        if len(candidates) > 1:
            raise invalid("/supplier_id", "ambiguous", _AMBIGUOUS)
        return candidates[0] if candidates else self._register(named)

    def _register(self, named: Named) -> Supplier:
        valid = [each for each in named.identifiers if not IdentifierSchema().validate(each)]
        fields: dict[str, Any] = {"name": named.name, "identifiers": valid}
        supplier = create_supplier(self.context, fields)
        self.context.session.flush()
        self._index(supplier)
        return supplier

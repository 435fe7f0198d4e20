"""References from contracts and cost lines to systems and suppliers."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from catalogue.contracts.models import Contract, ContractSystem, CostLine
from catalogue.contracts.resources import CONTRACTS
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, describe_record, fixed, in_use, reference_to
from catalogue.core.rest.reader import only_visible
from catalogue.suppliers.models import Supplier
from catalogue.systems.models import System


@reference_to(System)
class ContractsOfSystem(Reference):
    """Contracts that cover a system. Hidden contracts of other agencies block nothing."""

    columns = ("contract_system.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        visible = only_visible(context, CONTRACTS, _covering(record))
        for contract in context.session.scalars(visible):
            named = describe_record(context, contract, CONTRACTS, Scope.CONTRACTS_READ)
            yield in_use(f"{named} covers the system. Remove the system from the contract.")

    def end(self, context: Context, record: System) -> None:
        for contract in context.session.scalars(_covering(record)):
            contract.system_links = [x for x in contract.system_links if x.system_id != record.id]

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        for contract in context.session.scalars(_covering(duplicate)):
            links = [x for x in contract.system_links if x.system_id != duplicate.id]
            if all(link.system_id != survivor.id for link in links):
                links.append(ContractSystem(system_id=survivor.id))
            contract.system_links = links


def _covering(system: System) -> Any:
    covers = sa.exists().where(
        ContractSystem.contract_id == Contract.id, ContractSystem.system_id == system.id
    )
    return sa.select(Contract).where(covers).order_by(Contract.id)


@reference_to(System)
class CostsOfSystem(Reference):
    """Cost lines of a system, which its owner records."""

    columns = ("cost_line.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for line in _costs(context, record):
            yield in_use(
                f"The system has a cost line for {line.financial_year} "
                f"({line.category.value}). Delete /v1/systems/{record.id}/costs/{line.id} first."
            )

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        kept = {_key(line): line for line in _costs(context, survivor)}
        for line in _costs(context, duplicate):
            same = kept.get(_key(line))
            if same is not None and same.amount != line.amount:
                yield fixed(
                    f"Both systems have a cost line for {line.financial_year} "
                    f"({line.category.value}) with the same description and different amounts. "
                    f"Correct or delete /v1/systems/{duplicate.id}/costs/{line.id} first."
                )

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        kept = {_key(line) for line in _costs(context, survivor)}
        for line in _costs(context, duplicate):
            if _key(line) in kept:
                # The survivor has the same cost, which would count twice.
                context.session.delete(line)
            else:
                line.system = survivor


def _costs(context: Context, system: System) -> list[CostLine]:
    statement = sa.select(CostLine).where(CostLine.system_id == system.id)
    return list(context.session.scalars(statement.order_by(CostLine.id)))


def _key(line: CostLine) -> tuple[Any, ...]:
    return line.financial_year, line.category, line.description_key


@reference_to(Supplier)
class ContractsOfSupplier(Reference):
    """Contracts with a supplier. If the actor can see none of them, the error names no contract."""

    columns = ("contract.supplier_id",)

    def find_uses(self, context: Context, record: Supplier) -> Iterator[FieldError]:
        statement: Any = sa.select(Contract).where(Contract.supplier_id == record.id)
        statement = statement.order_by(Contract.id)
        visible = list(context.session.scalars(only_visible(context, CONTRACTS, statement)))
        for contract in visible:
            named = describe_record(context, contract, CONTRACTS, Scope.CONTRACTS_READ)
            yield in_use(f"{named} has this supplier. Choose another supplier for the contract.")
        if not visible and context.session.scalar(statement.limit(1)) is not None:
            yield in_use("Other records use this supplier. Ask an administrator about them.")

    def move(self, context: Context, duplicate: Supplier, survivor: Supplier) -> None:
        statement = sa.select(Contract).where(Contract.supplier_id == duplicate.id)
        for contract in context.session.scalars(statement):
            contract.supplier_id = survivor.id

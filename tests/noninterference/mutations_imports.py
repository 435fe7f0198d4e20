"""Mutations of the rules for imports of records that name systems."""

from typing import Any

import sqlalchemy as sa

from catalogue.data_exchange.kinds import contracts, named_records
from catalogue.data_exchange.kinds.named_records import NamedSystems
from catalogue.systems.models import System
from tests.noninterference import attempts_imports
from tests.noninterference.mutations import breaks_writing, patched


def _everything(_context: Any, _resource: Any, statement: Any) -> Any:
    return statement


@breaks_writing("imports find hidden systems", attempts_imports.name_hidden_systems_in_imports)
def _named() -> Any:
    return patched(named_records, "only_visible", _everything)


@breaks_writing(
    "imports show the hidden systems of a contract",
    attempts_imports.import_again_for_a_contract_of_a_hidden_system,
)
def _contract() -> Any:
    return patched(contracts, "only_visible", _everything)


@breaks_writing(
    "imports show the hidden ends of an interface",
    attempts_imports.import_other_interfaces_than_that_of_a_hidden_system,
)
def _interface() -> Any:
    def note_all(systems: NamedSystems, ids: Any) -> None:
        found = systems.context.session.scalars(sa.select(System).where(System.id.in_(ids)))
        for system in found:
            systems._note(system)

    return patched(NamedSystems, "note_visible", note_all)

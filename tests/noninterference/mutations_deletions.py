"""Mutations of the rules for deletions and mergers."""

from collections.abc import Iterator
from typing import Any

from catalogue.contracts import references as contracts
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import in_use
from catalogue.core.sharing import Share
from catalogue.data_exchange.reversal import operations as reversal
from catalogue.history.feed import Feed
from catalogue.programmes import references as programmes
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from tests.noninterference import attempts_deletions
from tests.noninterference.broken_rules import changed
from tests.noninterference.mutations import breaks, breaks_writing, patched


@breaks_writing(
    "ids of hidden duplicates lead somewhere", attempts_deletions.read_ids_of_merged_duplicates
)
def _duplicates() -> Any:
    return changed(SYSTEMS, was_visible=lambda *_: True)


@breaks_writing(
    "mergers from before an agreement are shown", attempts_deletions.read_ids_of_merged_duplicates
)
def _mergers_before() -> Any:
    return patched(Share, "began_before", lambda *_: True)


@breaks("deletions from before an agreement are shown", "list_changes")
def _deletions_before() -> Any:
    return patched(Share, "began_before", lambda *_: True)


@breaks("deletions of hidden systems are shown", "list_changes")
def _deletions_hidden() -> Any:
    return patched(Feed, "_saw_end", lambda *_: True)


@breaks_writing(
    "hidden contracts block deletions", attempts_deletions.delete_system_after_its_visible_uses
)
def _contracts() -> Any:
    def find_all(_self: Any, context: Context, record: System) -> Iterator[FieldError]:
        for contract in context.session.scalars(contracts._covering(record)):
            yield in_use(contract.title)

    return patched(contracts.ContractsOfSystem, "find_uses", find_all)


@breaks_writing(
    "hidden migrations block deletions", attempts_deletions.delete_systems_that_hidden_records_name
)
def _migrations() -> Any:
    def find_all(_self: Any, context: Context, record: System) -> Iterator[FieldError]:
        for migration in programmes._all(context, programmes._to(record)):
            yield in_use(str(migration.id))

    return patched(programmes.MigrationsOfSystem, "find_uses", find_all)


@breaks_writing(
    "reversals delete suppliers",
    attempts_deletions.undo_import_of_a_supplier_that_a_hidden_contract_uses,
)
def _suppliers() -> Any:
    return patched(reversal, "_SHARED", {})

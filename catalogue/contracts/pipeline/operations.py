"""Operations that create, change, publish, withdraw and delete pipeline entries."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.contracts.messages import UNKNOWN_CURRENCY
from catalogue.contracts.models import Contract
from catalogue.contracts.operations import find_date_errors
from catalogue.contracts.pipeline.models import PipelineEntry
from catalogue.contracts.pipeline.resources import PUBLIC_FIELDS
from catalogue.contracts.pipeline.vocabulary import STEPS, PipelineKind, PipelineStatus
from catalogue.contracts.vocabulary import CURRENCIES, STERLING
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable, conflict, invalid
from catalogue.core.ids import new_id
from catalogue.core.text import search_text
from catalogue.core.transitions import require_transition
from catalogue.suppliers.models import Supplier

_FROM_CONTRACT = {
    "title": "title",
    "contract_start": "start_date",
    "contract_end": "end_date",
    "max_extent_date": "max_extent_date",
    "procurement_route": "procurement_route",
    "regime": "regime",
    "currency": "currency",
    "ocid": "ocid",
}
"""The fields of an entry, each with the field of the contract that fills it.

Amounts are left out, because they are confidential to the parties.
"""

_TERM = frozenset({"contract_start", "contract_end", "max_extent_date", "ocid"})
"""Fields that a planned procurement does not take from the contract that it will replace."""


def create_entry(context: Context, *, fields: dict[str, Any]) -> PipelineEntry:
    """Create a draft for the actor's agency, and fill it from the contract that it names.

    Raises Unprocessable with every invalid value, and Forbidden if the actor has no agency.
    """
    agency_id = context.require_agency("A pipeline entry belongs to an agency")
    values = dict(fields)
    entry = PipelineEntry(
        agency_id=agency_id,
        contract_id=values.pop("contract_id", None),
        status=PipelineStatus.DRAFT,
        currency=STERLING,
        supplier_shown=False,
    )
    values = _values_of_contract(context.session, entry, values["kind"]) | values
    if "title" not in values:
        raise invalid(
            "/title", "incomplete", "The entry has no title. Send `title` or `contract_id`."
        )
    update_entry(entry, values)
    context.session.add(entry)
    return entry


def _values_of_contract(
    session: Session, entry: PipelineEntry, kind: PipelineKind
) -> dict[str, Any]:
    if entry.contract_id is None:
        return {}
    with session.no_autoflush:
        contract = session.scalar(
            sa.select(Contract).where(
                Contract.id == entry.contract_id, Contract.agency_id == entry.agency_id
            )
        )
        if contract is None:
            raise invalid(
                "/contract_id",
                "unknown",
                "Your agency has no contract with this id. "
                "Choose a contract that your agency owns from `GET /v1/contracts`.",
            )
        supplier = session.get_one(Supplier, contract.supplier_id)
    omitted = _TERM if kind is PipelineKind.PLANNED_PROCUREMENT else frozenset()
    values = {n: getattr(contract, of) for n, of in _FROM_CONTRACT.items() if n not in omitted}
    return values | {"supplier": supplier.name}


def update_entry(entry: PipelineEntry, changes: dict[str, Any]) -> None:
    """Change some fields. Changes to a published entry are public at once.

    Raises Unprocessable with every invalid value, and Conflict if a published entry becomes
    incomplete.
    """
    before = _published_values(entry)
    for name, value in changes.items():
        setattr(entry, name, value)
    errors = [
        *_check_currency(entry),
        *find_date_errors(
            entry.contract_start,
            entry.contract_end,
            entry.max_extent_date,
            end_field="contract_end",
        ),
    ]
    if errors:
        raise Unprocessable(
            "Some values of the pipeline entry are invalid. Correct those that `errors` lists.",
            errors=errors,
        )
    if entry.status is PipelineStatus.PUBLISHED:
        _require_complete(entry)
        if _published_values(entry) != before:
            entry.public_updated_at = clock.now()
    entry.public_search_text = search_text(
        entry.title, entry.description, entry.cpv, _published_supplier(entry)
    )


def publish_entry(entry: PipelineEntry) -> None:
    """Publish an entry. Raises Conflict if it is already published or incomplete."""
    require_transition("pipeline entry", STEPS, entry.status, PipelineStatus.PUBLISHED)
    _require_complete(entry)
    if entry.published_at is None:
        entry.public_id = new_id()
    entry.status = PipelineStatus.PUBLISHED
    entry.published_at = entry.public_updated_at = clock.now()
    entry.withdrawn_at = None


def withdraw_entry(entry: PipelineEntry) -> None:
    """Withdraw an entry from the public pipeline. Raises Conflict if it is not published."""
    require_transition("pipeline entry", STEPS, entry.status, PipelineStatus.WITHDRAWN)
    entry.status = PipelineStatus.WITHDRAWN
    entry.withdrawn_at = clock.now()


def delete_entry(session: Session, entry: PipelineEntry) -> None:
    """Delete a draft. Raises Conflict if it was ever published, as suppliers could have read it."""
    if entry.status is not PipelineStatus.DRAFT:
        raise conflict(
            "/status",
            "published",
            "The pipeline entry has been published, so you cannot delete it. Withdraw it instead.",
        )
    session.delete(entry)


def _published_values(entry: PipelineEntry) -> tuple[Any, ...]:
    return (*(getattr(entry, name) for name in PUBLIC_FIELDS), _published_supplier(entry))


def _published_supplier(entry: PipelineEntry) -> str | None:
    return entry.supplier if entry.supplier_shown else None


def _require_complete(entry: PipelineEntry) -> None:
    if entry.kind is PipelineKind.CONTRACT_ENDING:
        if entry.contract_end is None:
            detail = "A published contract end needs an end date. Set `contract_end`."
            raise conflict("/contract_end", "incomplete", detail)
    elif entry.planned_notice_date is None and entry.contract_start is None:
        detail = (
            "A published procurement needs a date. Set `planned_notice_date` or `contract_start`."
        )
        raise conflict("/planned_notice_date", "incomplete", detail)


def _check_currency(entry: PipelineEntry) -> Iterable[FieldError]:
    if entry.currency not in CURRENCIES:
        yield FieldError("/currency", "unknown", UNKNOWN_CURRENCY)

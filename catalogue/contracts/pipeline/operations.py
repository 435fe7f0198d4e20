"""Drafting entries of the pipeline, publishing them and taking them back."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.contracts.models import Contract
from catalogue.contracts.pipeline.models import PipelineEntry
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
"""What an entry takes from its contract. No amount: those are between the two who agreed."""

_TERM = frozenset({"contract_start", "contract_end", "max_extent_date", "ocid"})
"""Of these, what a procurement that is only planned does not have from the contract before it."""

_PUBLIC = (
    "kind", "title", "description", "category", "cpv", "estimated_value", "currency",
    "contract_start", "contract_end", "max_extent_date", "procurement_route", "regime",
    "planned_notice_date", "contact", "ocid",
)  # fmt: skip


def create_entry(context: Context, *, fields: dict[str, Any]) -> PipelineEntry:
    """Draft an entry of the actor's agency, filled from the contract that it names.

    Unprocessable names every value that does not fit; Forbidden for one who acts for no agency.
    """
    agency_id = context.require_agency("An entry belongs to an agency")
    given = dict(fields)
    entry = PipelineEntry(
        agency_id=agency_id,
        contract_id=given.pop("contract_id", None),
        status=PipelineStatus.DRAFT,
        currency=STERLING,
        supplier_shown=False,
    )
    filled = _from_contract(context.session, entry, given["kind"]) | given
    if "title" not in filled:
        raise invalid("/title", "incomplete", "Give a title, or a contract that has one.")
    update_entry(entry, filled)
    context.session.add(entry)
    return entry


def _from_contract(session: Session, entry: PipelineEntry, kind: PipelineKind) -> dict[str, Any]:
    if entry.contract_id is None:
        return {}
    with session.no_autoflush:
        contract = session.scalar(
            sa.select(Contract).where(
                Contract.id == entry.contract_id, Contract.agency_id == entry.agency_id
            )
        )
        if contract is None:
            raise invalid("/contract_id", "unknown", "Your agency has no such contract.")
        supplier = session.get_one(Supplier, contract.supplier_id)
    left_out = _TERM if kind is PipelineKind.PLANNED_PROCUREMENT else frozenset()
    taken = {n: getattr(contract, of) for n, of in _FROM_CONTRACT.items() if n not in left_out}
    return taken | {"supplier": supplier.name}


def update_entry(entry: PipelineEntry, changes: dict[str, Any]) -> None:
    """Change some fields; of a published entry the public reads them at once.

    Unprocessable names every value that does not fit, Conflict what a published entry must say.
    """
    before = _shown(entry)
    for name, value in changes.items():
        setattr(entry, name, value)
    errors = [*_unknown_currency(entry), *_out_of_order(entry)]
    if errors:
        raise Unprocessable("The entry's values do not fit together.", errors=errors)
    if entry.status is PipelineStatus.PUBLISHED:
        _require_complete(entry)
        if _shown(entry) != before:
            entry.public_updated_at = clock.now()
    shown_supplier = entry.supplier if entry.supplier_shown else None
    entry.public_search_text = search_text(
        entry.title, entry.description, entry.cpv, shown_supplier
    )


def publish_entry(entry: PipelineEntry) -> None:
    """Show it to the public. Conflict if it is published, or says too little to be of use."""
    require_transition(STEPS, entry.status, PipelineStatus.PUBLISHED)
    _require_complete(entry)
    if entry.published_at is None:
        entry.public_id = new_id()
    entry.status = PipelineStatus.PUBLISHED
    entry.published_at = entry.public_updated_at = clock.now()
    entry.withdrawn_at = None


def withdraw_entry(entry: PipelineEntry) -> None:
    """Take it back. Conflict if it is not published."""
    require_transition(STEPS, entry.status, PipelineStatus.WITHDRAWN)
    entry.status = PipelineStatus.WITHDRAWN
    entry.withdrawn_at = clock.now()


def delete_entry(session: Session, entry: PipelineEntry) -> None:
    """Remove a draft. Conflict for what suppliers have read: that is withdrawn, and kept."""
    if entry.status is not PipelineStatus.DRAFT:
        raise conflict("/status", "published", "It has been published. Withdraw it instead.")
    session.delete(entry)


def _shown(entry: PipelineEntry) -> tuple[Any, ...]:
    supplier = entry.supplier if entry.supplier_shown else None
    return (*(getattr(entry, name) for name in _PUBLIC), supplier)


def _require_complete(entry: PipelineEntry) -> None:
    if entry.kind is PipelineKind.CONTRACT_ENDING:
        if entry.contract_end is None:
            detail = "Say on which day the contract ends; suppliers plan by it."
            raise conflict("/contract_end", "incomplete", detail)
    elif entry.planned_notice_date is None and entry.contract_start is None:
        detail = "Say when a notice is planned, or when the contract is to start."
        raise conflict("/planned_notice_date", "incomplete", detail)


def _unknown_currency(entry: PipelineEntry) -> Iterable[FieldError]:
    if entry.currency not in CURRENCIES:
        yield FieldError("/currency", "unknown", "ISO 4217 has no such currency.")


def _out_of_order(entry: PipelineEntry) -> Iterable[FieldError]:
    start, end, extent = entry.contract_start, entry.contract_end, entry.max_extent_date
    if start and end and end < start:
        yield FieldError("/contract_end", "out_of_order", "It may not end before it starts.")
    if extent and (earliest := end or start) and extent < earliest:
        detail = f"It cannot be extended to a day before it {'ends' if end else 'starts'}."
        yield FieldError("/max_extent_date", "out_of_order", detail)

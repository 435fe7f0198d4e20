"""Operations that create and change contracts and cost lines, and read visible costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.contracts.messages import (
    EXTENT_BEFORE_END,
    EXTENT_BEFORE_START,
    NOTICE_BEFORE_START,
    NOTICE_IN_FUTURE,
    PERIOD_WITHOUT_RENEWAL,
    TWO_NOTICE_PERIODS,
    UNKNOWN_CURRENCY,
)
from catalogue.contracts.models import Contract, ContractParty, ContractSystem, CostLine
from catalogue.contracts.notice import TERM_FIELDS, Term
from catalogue.contracts.resources import COSTS, SHARES_COSTS
from catalogue.contracts.vocabulary import CURRENCIES, STERLING, CostCategory, Renewal
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.errors import END_BEFORE_START, FieldError, Forbidden, Unprocessable
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import name_key, search_text
from catalogue.suppliers.models import Supplier
from catalogue.suppliers.operations import UNKNOWN_SUPPLIER
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS


def create_contract(context: Context, *, fields: dict[str, Any]) -> Contract:
    """Create a contract for the actor's agency.

    Raises Unprocessable with every invalid value, and Forbidden if the actor has no agency.
    """
    agency_id = context.require_agency("A contract belongs to an agency")
    contract = Contract(agency_id=agency_id, currency=STERLING, party_links=[], system_links=[])
    update_contract(context, contract, fields)
    context.session.add(contract)
    return contract


def find_holder(context: Context, fields: dict[str, Any], pointer: str) -> UUID | None:
    """Return the id of your agency's contract that has the reference of some fields."""
    if pointer != "/reference":
        return None
    same = Contract.reference_key == name_key(fields.get("reference", ""))
    own = Contract.agency_id == context.actor.agency_id
    return context.session.scalar(sa.select(Contract.id).where(own, same))


def update_contract(context: Context, contract: Contract, changes: dict[str, Any]) -> None:
    """Change some fields of a contract.

    Raises Unprocessable with every invalid value. The caller must then discard the contract, which
    already holds the changes.
    """
    values = dict(changes)
    with context.session.no_autoflush:
        errors = [*_check_supplier(context.session, values), *_check_currency(values)]
        parties_changed = False
        if "parties" in values:
            party_ids, party_errors = _find_parties(
                context.session, contract, values.pop("parties")
            )
            errors += party_errors
            parties_changed = _set_parties(contract, party_ids)
        if "systems" in values:
            system_ids = values.pop("systems")
            visible_ids, system_errors = _find_visible_systems(context, contract, system_ids)
            errors += system_errors
            _set_systems(contract, system_ids, visible_ids)
    for name, value in values.items():
        setattr(contract, name, value)
    errors += find_date_errors(
        contract.start_date, contract.end_date, contract.max_extent_date, end_field="end_date"
    )
    errors += _find_term_errors(contract)
    if errors:
        raise Unprocessable(
            "Some values of the contract are invalid. Correct those that `errors` lists.",
            errors=errors,
        )
    if parties_changed and contract in context.session:
        contract.touch()
    term = Term(**{name: getattr(contract, name) for name in TERM_FIELDS})
    contract.last_notice_date, contract.ends_on = term.first_notice_date, term.ends_on
    contract.reference_key = name_key(contract.reference)
    contract.search_text = search_text(contract.reference, contract.title)
    contract.summary_search_text = search_text(contract.title)


def _find_term_errors(contract: Contract) -> Iterable[FieldError]:
    if None not in (contract.notice_period_days, contract.notice_period_months):
        yield FieldError("/notice_period_months", "unexpected", TWO_NOTICE_PERIODS)
    if contract.renewal is Renewal.NONE and contract.renewal_period_months is not None:
        yield FieldError("/renewal_period_months", "unexpected", PERIOD_WITHOUT_RENEWAL)
    given = contract.notice_given_on
    if given is not None and given > clock.today():
        yield FieldError("/notice_given_on", "in_future", NOTICE_IN_FUTURE)
    if given is not None and contract.start_date is not None and given < contract.start_date:
        yield FieldError("/notice_given_on", "out_of_order", NOTICE_BEFORE_START)


def _check_supplier(session: Session, changes: dict[str, Any]) -> Iterable[FieldError]:
    if "supplier_id" in changes and session.get(Supplier, changes["supplier_id"]) is None:
        yield FieldError("/supplier_id", "unknown", UNKNOWN_SUPPLIER)


def _check_currency(changes: dict[str, Any]) -> Iterable[FieldError]:
    if "currency" in changes and changes["currency"] not in CURRENCIES:
        yield FieldError("/currency", "unknown", UNKNOWN_CURRENCY)


def _find_parties(
    session: Session, contract: Contract, codes: Sequence[str]
) -> tuple[set[UUID], list[FieldError]]:
    known = pairs(session, sa.select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    errors = []
    for i, code in enumerate(codes):
        if code not in known:
            detail = unknown_agency(session, code)
            errors.append(FieldError(f"/parties/{i}", "unknown", detail))
        elif known[code] == contract.agency_id:
            detail = "Your agency owns the contract. Remove your agency from `parties`."
            errors.append(FieldError(f"/parties/{i}", "repeated", detail))
    return set(known.values()), errors


def _find_visible_systems(
    context: Context, contract: Contract, system_ids: Sequence[UUID]
) -> tuple[set[UUID], list[FieldError]]:
    """Return the ids of the contract's present and requested systems that the actor can see.

    Also return an error for each requested system that the actor cannot see.
    """
    candidates = {*system_ids, *(link.system_id for link in contract.system_links)}
    statement = sa.select(System.id).where(System.id.in_(candidates))
    visible_ids = set(context.session.scalars(only_visible(context, SYSTEMS, statement)))
    errors = [
        FieldError(f"/systems/{i}", "unknown", SYSTEMS.explain_unknown())
        for i, system_id in enumerate(system_ids)
        if system_id not in visible_ids
    ]
    return visible_ids, errors


def _set_parties(contract: Contract, wanted: set[UUID]) -> bool:
    present = {link.agency_id for link in contract.party_links}
    if wanted == present:
        return False
    kept = [link for link in contract.party_links if link.agency_id in wanted]
    added = [ContractParty(agency_id=each) for each in sorted(wanted - present)]
    contract.party_links = kept + added
    return True


def _set_systems(contract: Contract, system_ids: Sequence[UUID], visible_ids: set[UUID]) -> None:
    present = {link.system_id for link in contract.system_links}
    # Keep systems that the actor cannot see: they were not in the list that the actor replaces.
    wanted = set(system_ids) | (present - visible_ids)
    if wanted == present:
        return
    kept = [link for link in contract.system_links if link.system_id in wanted]
    added = [ContractSystem(system_id=each) for each in sorted(wanted - present)]
    contract.system_links = kept + added


def find_date_errors(
    start: date | None, end: date | None, extent: date | None, *, end_field: str
) -> Iterable[FieldError]:
    """Yield an error for each date that is out of order.

    `end_field` is the name of the field that holds the end date. The extent is always in
    `max_extent_date`.
    """
    if start and end and end < start:
        yield FieldError(f"/{end_field}", "out_of_order", END_BEFORE_START)
    if extent and (earliest := end or start) and extent < earliest:
        detail = EXTENT_BEFORE_END if end else EXTENT_BEFORE_START
        yield FieldError("/max_extent_date", "out_of_order", detail)


def create_cost_line(session: Session, system: System, fields: dict[str, Any]) -> CostLine:
    """Create a cost line for a system, in pounds."""
    line = CostLine(system=system, currency=STERLING)
    update_cost_line(line, fields)
    session.add(line)
    return line


def update_cost_line(line: CostLine, changes: dict[str, Any]) -> None:
    """Change some fields of a cost line."""
    for name, value in changes.items():
        setattr(line, name, value)
    line.description_key = name_key(line.description or "")


def require_costs_shared(context: Context, system_id: UUID) -> None:
    """Raise Forbidden if a system's costs are not shared with the actor's agency.

    An empty list would mean that the system costs nothing. The answer depends on agreements, grants
    and the system's disclosure, and never on whether the system has costs.
    """
    statement = sa.select(System.id).where(System.id == system_id, SHARES_COSTS)
    if context.session.scalar(only_visible(context, SYSTEMS, statement)) is None:
        raise Forbidden(
            "The agency that owns this system does not share its costs with yours. "
            "Ask that agency for an access grant."
        )


@dataclass(frozen=True)
class VisibleCostLine:
    """A cost line that the actor can see, in pounds, with the agency that owns the system."""

    id: UUID
    system_id: UUID
    agency_id: UUID
    financial_year: str
    category: CostCategory
    amount: Decimal


@dataclass(frozen=True)
class VisibleCosts:
    """The cost lines that an actor can see."""

    lines: tuple[VisibleCostLine, ...]
    withheld: frozenset[UUID]
    """The systems whose costs are withheld, whether or not the systems have costs."""


def get_visible_costs(context: Context, system_ids: Iterable[UUID]) -> VisibleCosts:
    """Return the visible cost lines of systems, in the order of the lines' ids.

    `withheld` holds the systems whose costs are not shared with the actor: all systems if the
    scope `costs:read` is missing. A caller that shows the costs must call `note_costs_read`.
    """
    requested = set(system_ids)
    if not context.actor.has(Scope.COSTS_READ):
        return VisibleCosts((), frozenset(requested))
    shared = only_visible(
        context, SYSTEMS, sa.select(System.id).where(System.id.in_(requested), SHARES_COSTS)
    )
    withheld = requested - set(context.session.scalars(shared))
    statement: Any = (
        sa.select(
            CostLine.id,
            CostLine.system_id,
            System.agency_id,
            CostLine.financial_year,
            CostLine.category,
            CostLine.amount,
        )
        .join(System, System.id == CostLine.system_id)
        .where(CostLine.system_id.in_(requested))
        .order_by(CostLine.id)
    )
    lines = [
        VisibleCostLine(*row)
        for row in context.session.execute(only_visible(context, COSTS, statement))
    ]
    return VisibleCosts(tuple(lines), frozenset(withheld))


def note_costs_read(context: Context, lines: Iterable[VisibleCostLine]) -> None:
    """Note that the response shows these amounts, each alone or in a total.

    The access log then records the amounts of other agencies before the response is sent.
    """
    foreign = [
        (line.id, line.agency_id) for line in lines if line.agency_id != context.actor.agency_id
    ]
    context.note_read(COSTS.name, ("amount",), foreign)

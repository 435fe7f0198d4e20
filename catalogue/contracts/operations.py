"""Recording contracts and costs, and adding costs up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.models import Contract, ContractParty, ContractSystem, CostLine
from catalogue.contracts.resources import COSTS, SHARES_COSTS
from catalogue.contracts.vocabulary import CURRENCIES, STERLING, CostCategory
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import Entity, pairs
from catalogue.core.errors import FieldError, Forbidden, Unprocessable
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import name_key, search_text
from catalogue.suppliers.models import Supplier
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS


def last_notice_date(end_date: date | None, notice_period_days: int | None) -> date | None:
    """The last day on which notice still ends a contract in time; none where either is unknown.

    Counted in calendar days: a notice period of no days may be used up on the last day itself.
    """
    if end_date is None or notice_period_days is None:
        return None
    return end_date - timedelta(days=notice_period_days)


def create_contract(context: Context, *, fields: dict[str, Any]) -> Contract:
    """Record a contract of the actor's agency. Unprocessable names every value that does not fit;
    Forbidden for one who acts for no agency.
    """
    agency_id = context.require_agency("A contract belongs to an agency")
    contract = Contract(agency_id=agency_id, currency=STERLING)
    update_contract(context, contract, fields)
    context.session.add(contract)
    return contract


def update_contract(context: Context, contract: Contract, changes: dict[str, Any]) -> None:
    """Change some fields. Unprocessable names every value that does not fit; the contract is then
    to be discarded.
    """
    plain = dict(changes)
    with context.session.no_autoflush:
        errors = [*_unknown_supplier(context.session, plain), *_unknown_currency(plain)]
        changed = False
        if "parties" in plain:
            found, refused = _parties(context.session, contract, plain.pop("parties"))
            errors += refused
            changed |= _set_parties(contract, found)
        if "systems" in plain:
            seen, refused = _systems(context, contract, asked := plain.pop("systems"))
            errors += refused
            changed |= _set_systems(contract, asked, seen)
    for name, value in plain.items():
        setattr(contract, name, value)
    errors += _out_of_order(contract)
    if errors:
        raise Unprocessable("The contract's values do not fit together.", errors=errors)
    if changed and contract in context.session:
        # Only for who sees all of it: a system that is linked may be one that others do not see.
        Entity.touch(contract)
    contract.last_notice_date = last_notice_date(contract.end_date, contract.notice_period_days)
    contract.reference_key = name_key(contract.reference)
    contract.search_text = search_text(contract.reference, contract.title)
    contract.summary_search_text = search_text(contract.title)


def _unknown_supplier(session: Session, changes: dict[str, Any]) -> Iterable[FieldError]:
    if "supplier_id" in changes and session.get(Supplier, changes["supplier_id"]) is None:
        yield FieldError("/supplier_id", "unknown", "There is no such supplier.")


def _unknown_currency(changes: dict[str, Any]) -> Iterable[FieldError]:
    if "currency" in changes and changes["currency"] not in CURRENCIES:
        yield FieldError("/currency", "unknown", "ISO 4217 has no such currency.")


def _parties(
    session: Session, contract: Contract, codes: Sequence[str]
) -> tuple[set[UUID], list[FieldError]]:
    known = pairs(session, sa.select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    errors = []
    for i, code in enumerate(codes):
        if code not in known:
            errors.append(FieldError(f"/parties/{i}", "unknown", "There is no such agency."))
        elif known[code] == contract.agency_id:
            detail = "The agency made the contract, and is a party to it by that."
            errors.append(FieldError(f"/parties/{i}", "repeated", detail))
    return set(known.values()), errors


def _systems(
    context: Context, contract: Contract, asked: Sequence[UUID]
) -> tuple[set[UUID], list[FieldError]]:
    """Which of the systems asked for, and of those there already, the actor sees."""
    concerned = {*asked, *(link.system_id for link in contract.system_links)}
    statement = sa.select(System.id).where(System.id.in_(concerned))
    seen = set(context.session.scalars(only_visible(context, SYSTEMS, statement)))
    errors = [
        FieldError(f"/systems/{i}", "unknown", "There is no such system.")
        for i, each in enumerate(asked)
        if each not in seen
    ]
    return seen, errors


def _set_parties(contract: Contract, wanted: set[UUID]) -> bool:
    present = {link.agency_id for link in contract.party_links}
    if wanted == present:
        return False
    kept = [link for link in contract.party_links if link.agency_id in wanted]
    added = [ContractParty(agency_id=each) for each in sorted(wanted - present)]
    contract.party_links = kept + added
    return True


def _set_systems(contract: Contract, asked: Sequence[UUID], seen: set[UUID]) -> bool:
    present = {link.system_id for link in contract.system_links}
    # Who replaces a list has not seen what is hidden from it, and so does not mean to take it out.
    wanted = set(asked) | (present - seen)
    if wanted == present:
        return False
    kept = [link for link in contract.system_links if link.system_id in wanted]
    added = [ContractSystem(system_id=each) for each in sorted(wanted - present)]
    contract.system_links = kept + added
    return True


def _out_of_order(contract: Contract) -> Iterable[FieldError]:
    start, end, extent = contract.start_date, contract.end_date, contract.max_extent_date
    if start and end and end < start:
        yield FieldError("/end_date", "out_of_order", "It may not end before it starts.")
    if extent and (earliest := end or start) and extent < earliest:
        detail = f"It cannot be extended to a day before it {'ends' if end else 'starts'}."
        yield FieldError("/max_extent_date", "out_of_order", detail)


def create_cost_line(session: Session, system: System, fields: dict[str, Any]) -> CostLine:
    """Record what something about a system costs."""
    line = CostLine(system=system, currency=STERLING)
    update_cost_line(line, fields)
    session.add(line)
    return line


def update_cost_line(line: CostLine, changes: dict[str, Any]) -> None:
    """Change some fields of a line of cost."""
    for name, value in changes.items():
        setattr(line, name, value)
    line.description_key = name_key(line.description or "")


def require_costs_shared(context: Context, system_id: UUID) -> None:
    """Forbidden, if the actor sees the system and is not shown what it costs.

    That follows from what was agreed or granted, and from the system's disclosure, which it sees;
    never from whether there are costs. An empty list would say that the system costs nothing.
    """
    asked = sa.select(System.id).where(System.id == system_id, SHARES_COSTS)
    if context.session.scalar(only_visible(context, SYSTEMS, asked)) is None:
        raise Forbidden("The agency that owns this system does not share its costs with yours.")


@dataclass(frozen=True)
class VisibleCostLine:
    """A line of cost that somebody may read, in pounds, and the agency that its system is of."""

    id: UUID
    system_id: UUID
    agency_id: UUID
    financial_year: str
    category: CostCategory
    amount: Decimal


@dataclass(frozen=True)
class VisibleCosts:
    """Lines of cost, as far as somebody may know of them."""

    lines: tuple[VisibleCostLine, ...]
    withheld: frozenset[UUID]
    """The systems whose costs are not shown, whether there are any or not."""


def get_visible_costs(context: Context, system_ids: Iterable[UUID]) -> VisibleCosts:
    """The lines of cost of systems, in the order of their ids.

    Costs that the actor may not read are left out, and their systems named: by the row rule, and
    all of them without the scope `costs:read`. Whoever shows them calls `note_costs_read`.
    """
    asked = set(system_ids)
    if not context.actor.has(Scope.COSTS_READ):
        return VisibleCosts((), frozenset(asked))
    shared = only_visible(
        context, SYSTEMS, sa.select(System.id).where(System.id.in_(asked), SHARES_COSTS)
    )
    withheld = asked - set(context.session.scalars(shared))
    lines: Any = (
        sa.select(
            CostLine.id,
            CostLine.system_id,
            System.agency_id,
            CostLine.financial_year,
            CostLine.category,
            CostLine.amount,
        )
        .join(System, System.id == CostLine.system_id)
        .where(CostLine.system_id.in_(asked))
        .order_by(CostLine.id)
    )
    found = [
        VisibleCostLine(*row)
        for row in context.session.execute(only_visible(context, COSTS, lines))
    ]
    return VisibleCosts(tuple(found), frozenset(withheld))


def note_costs_read(context: Context, lines: Iterable[VisibleCostLine]) -> None:
    """Keep in mind that these are shown, in a sum or by themselves: where they are another
    agency's, that is written down before the answer is given."""
    foreign = [
        (line.id, line.agency_id) for line in lines if line.agency_id != context.actor.agency_id
    ]
    context.note_read(COSTS.name, ("amount",), foreign)

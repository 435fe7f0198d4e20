"""The contracts that cover systems, with the visible fields, for reports on many systems."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.contracts.models import Contract, ContractSystem
from catalogue.contracts.notice import TERM_FIELDS, Term
from catalogue.contracts.resources import CONTRACT_PROFILES, CONTRACTS
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile

_FIELDS = (*TERM_FIELDS, "annual_value", "exit_cost", "currency")


@dataclass(frozen=True)
class VisibleContract:
    """A contract with the fields that the actor can see."""

    id: UUID
    title: str
    agency_id: UUID
    agency: str
    term: Term
    annual_value: Decimal | None
    exit_cost: Decimal | None
    currency: str | None
    withheld: tuple[str, ...]
    """The names of fields that are None because the actor cannot see them."""


def get_visible_contracts(
    context: Context, system_ids: Iterable[UUID]
) -> dict[UUID, list[VisibleContract]]:
    """Return the visible contracts that cover each system, in the order of their ids.

    Systems without such a contract are left out. A caller that shows amounts of the contracts must
    call `note_values_read`.
    """
    links: Any = (
        sa.select(ContractSystem.system_id, ContractSystem.contract_id)
        .join(Contract, Contract.id == ContractSystem.contract_id)
        .where(ContractSystem.system_id.in_(set(system_ids)))
        .order_by(ContractSystem.contract_id)
    )
    contract_ids: dict[UUID, list[UUID]] = {}
    for system_id, contract_id in context.session.execute(only_visible(context, CONTRACTS, links)):
        contract_ids.setdefault(system_id, []).append(contract_id)
    contracts = _load_contracts(context, {i for ids in contract_ids.values() for i in ids})
    return {system_id: [contracts[i] for i in ids] for system_id, ids in contract_ids.items()}


def _load_contracts(context: Context, ids: set[UUID]) -> dict[UUID, VisibleContract]:
    if not ids:
        return {}
    shows = (CONTRACT_PROFILES.shows(p).label(p.name) for p in (Profile.STANDARD, Profile.FULL))
    statement: Any = (
        sa.select(
            Contract.id,
            Contract.title,
            Contract.agency_id,
            Agency.code,
            *(CONTRACT_PROFILES.masked(n, getattr(Contract, n)).label(n) for n in _FIELDS),
            *shows,
        )
        .join(Agency, Agency.id == Contract.agency_id)
        .where(Contract.id.in_(ids))
    )
    return {
        row.id: _visible_contract(row)
        for row in context.session.execute(only_visible(context, CONTRACTS, statement))
    }


def _visible_contract(row: Any) -> VisibleContract:
    shown = {Profile.SUMMARY} | {
        p for p in (Profile.STANDARD, Profile.FULL) if row._mapping[p.name]
    }
    return VisibleContract(
        id=row.id,
        title=row.title,
        agency_id=row.agency_id,
        agency=row.code,
        term=Term(**{name: row._mapping[name] for name in TERM_FIELDS}),
        annual_value=row.annual_value,
        exit_cost=row.exit_cost,
        currency=row.currency,
        withheld=tuple(
            name
            for name in (*_FIELDS, "last_notice_date")
            if CONTRACT_PROFILES.profile_of(name) not in shown
        ),
    )


def note_values_read(context: Context, contracts: Iterable[VisibleContract]) -> None:
    """Note that the response shows amounts of these contracts.

    The access log then records the contracts of other agencies before the response is sent.
    """
    values = tuple(sorted(CONTRACT_PROFILES.full & set(_FIELDS)))
    foreign = {
        contract.id: contract.agency_id
        for contract in contracts
        if contract.agency_id != context.actor.agency_id
        and not set(values) & set(contract.withheld)
    }
    context.note_read(CONTRACTS.name, values, foreign.items())

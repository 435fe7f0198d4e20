"""The contracts that systems are bound by, for questions that are made of many records."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.contracts.models import Contract, ContractSystem
from catalogue.contracts.notice import Term
from catalogue.contracts.resources import CONTRACT_PROFILES, CONTRACTS
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile

_FIELDS = (
    "end_date",
    "last_notice_date",
    "max_extent_date",
    "notice_period_days",
    "annual_value",
    "exit_cost",
    "currency",
)


@dataclass(frozen=True)
class VisibleContract:
    """A contract, as far as somebody may read it."""

    id: UUID
    title: str
    agency_id: UUID
    agency: str
    term: Term
    annual_value: Decimal | None
    exit_cost: Decimal | None
    currency: str | None
    withheld: tuple[str, ...]
    """Which of these are not shown."""


def get_visible_contracts(
    context: Context, system_ids: Iterable[UUID]
) -> dict[UUID, list[VisibleContract]]:
    """For each system, the contracts that include it and that the actor may see, by their ids.

    Whoever shows their values calls `note_values_read`.
    """
    links: Any = (
        sa.select(ContractSystem.system_id, ContractSystem.contract_id)
        .join(Contract, Contract.id == ContractSystem.contract_id)
        .where(ContractSystem.system_id.in_(set(system_ids)))
        .order_by(ContractSystem.contract_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for system_id, contract_id in context.session.execute(only_visible(context, CONTRACTS, links)):
        found.setdefault(system_id, []).append(contract_id)
    known = _contracts(context, {each for ids in found.values() for each in ids})
    return {system_id: [known[each] for each in ids] for system_id, ids in found.items()}


def _contracts(context: Context, ids: set[UUID]) -> dict[UUID, VisibleContract]:
    if not ids:
        return {}
    shows = (CONTRACT_PROFILES.shows(p).label(p.name) for p in (Profile.STANDARD, Profile.FULL))
    asked: Any = (
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
        row.id: _seen(row)
        for row in context.session.execute(only_visible(context, CONTRACTS, asked))
    }


def _seen(row: Any) -> VisibleContract:
    shown = {Profile.SUMMARY} | {
        p for p in (Profile.STANDARD, Profile.FULL) if row._mapping[p.name]
    }
    return VisibleContract(
        id=row.id,
        title=row.title,
        agency_id=row.agency_id,
        agency=row.code,
        term=Term(row.end_date, row.last_notice_date, row.max_extent_date, row.notice_period_days),
        annual_value=row.annual_value,
        exit_cost=row.exit_cost,
        currency=row.currency,
        withheld=tuple(n for n in _FIELDS if CONTRACT_PROFILES.profile_of(n) not in shown),
    )


def note_values_read(context: Context, contracts: Iterable[VisibleContract]) -> None:
    """Keep in mind that values of these are shown: where they are another agency's, that is
    written down before the answer is given."""
    values = tuple(sorted(CONTRACT_PROFILES.full & set(_FIELDS)))
    foreign = {
        each.id: each.agency_id
        for each in contracts
        if each.agency_id != context.actor.agency_id and not set(values) & set(each.withheld)
    }
    context.note_read(CONTRACTS.name, values, foreign.items())

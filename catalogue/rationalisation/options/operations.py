"""Working out the options of a group of systems, as far as somebody sees them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.financial_years import financial_year_of
from catalogue.contracts.models import Contract, ContractSystem
from catalogue.contracts.operations import note_costs_read, seen_costs
from catalogue.contracts.resources import CONTRACT_PROFILES, CONTRACTS
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.errors import conflict
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.reader import only_visible
from catalogue.rationalisation.decisions.costs import latest_recurring
from catalogue.rationalisation.decisions.schemas import MOST_MEMBERS
from catalogue.rationalisation.matching.grouping import ENDED
from catalogue.rationalisation.options.reasons import Cover, Member
from catalogue.rationalisation.options.rules import Group, Option, candidates_of, options_of
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.visibility import MEMBER_SEEN
from catalogue.rationalisation.visible_systems import read_visible_systems, sees_more_than_summaries
from catalogue.rationalisation.vocabulary import OverlapKind
from catalogue.suppliers.models import Product
from catalogue.systems.models import System
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.resources import USES

_FIELDS = (
    "id",
    "name",
    "agency_name",
    "lifecycle",
    "product_id",
    "hosting",
    "end_of_support",
    "functional_fit",
    "technical_fit",
    "disposition",
    "retention_hold",
    "user_count",
)


@dataclass(frozen=True)
class Found:
    """The options of an overlap of some kind."""

    kind: OverlapKind
    options: list[Option]
    more: int
    """How many others there are, which come after those in rank."""


def find_options(context: Context, overlap_id: UUID, *, limit: int) -> Found:
    """What could become of the systems of an overlap, made from what the actor sees of them.

    NotFound where it may not see the overlap; Conflict where it sees more systems in it than a
    decision takes. Costs need the scope `costs:read`, contracts `contracts:read`, and all of a
    system but its summary `systems:read`: without them it is as if nothing of it were shared.
    """
    dialect = context.session.get_bind().dialect.name
    asked: Any = sa.select(for_dialect(dialect, OVERLAPS.columns["kind"])).select_from(Overlap)
    kind = context.session.scalar(
        only_visible(context, OVERLAPS, asked.where(Overlap.id == overlap_id))
    )
    if kind is None:
        raise OVERLAPS.absent()
    in_it: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == overlap_id)
    members = tuple(
        _members(context, list(context.session.scalars(only_visible(context, OVERLAPS, in_it))))
    )
    if len(members) > MOST_MEMBERS:
        detail = f"One sees more than {MOST_MEMBERS} systems in it, too many for one decision."
        raise conflict("", "too_many", detail)
    identities = [member.system_id for member in members]
    today = clock.today()
    costs = seen_costs(context, identities)
    lines = latest_recurring(costs.lines, until=financial_year_of(today))
    note_costs_read(context, lines)
    group = Group(kind, members, tuple(lines), costs.withheld)
    more = max(0, len(candidates_of(group)) - limit)
    return Found(kind, options_of(group, today=today, most=limit), more)


def _members(context: Context, wanted: list[UUID]) -> list[Member]:
    still_there = sa.and_(System.id.in_(wanted), System.lifecycle.not_in(ENDED))
    systems = read_visible_systems(context, _FIELDS, where=still_there, limit=MOST_MEMBERS + 1)
    identities = [system["id"] for system in systems]
    support = _support(context.session, {system["product_id"] for system in systems})
    uses = _uses(context, identities)
    contracts = _contracts(context, identities)
    return [
        Member(
            system_id=system["id"],
            users=_users(system["user_count"], uses[system["id"]]),
            used_by=tuple(dict.fromkeys(name for name, _ in uses[system["id"]])),
            end_of_support=_earlier(system["end_of_support"], support.get(system["product_id"])),
            contracts=tuple(contracts[system["id"]]),
            **{
                name: system[name]
                for name in _FIELDS
                if name not in {"id", "user_count", "end_of_support"}
            },
        )
        for system in systems
    ]


def _support(session: Session, products: set[UUID | None]) -> dict[UUID, date | None]:
    known = products - {None}
    asked = sa.select(Product.id, Product.end_of_support).where(Product.id.in_(known))
    return pairs(session, asked) if known else {}


def _uses(context: Context, identities: list[UUID]) -> dict[UUID, list[tuple[str, int | None]]]:
    """Who uses the systems now, and how many of their people do."""
    found: defaultdict[UUID, list[tuple[str, int | None]]] = defaultdict(list)
    if not sees_more_than_summaries(context.actor):
        return found
    asked: Any = (
        sa.select(SystemUse.system_id, Agency.name, SystemUse.user_count)
        .join(Agency, Agency.id == SystemUse.using_agency_id)
        .where(SystemUse.system_id.in_(identities))
        .where(sa.or_(SystemUse.until.is_(None), SystemUse.until >= clock.today()))
        .order_by(Agency.name, SystemUse.id)
    )
    for system_id, agency, users in context.session.execute(only_visible(context, USES, asked)):
        found[system_id].append((agency, users))
    return found


def _contracts(context: Context, identities: list[UUID]) -> dict[UUID, list[Cover]]:
    found: defaultdict[UUID, list[Cover]] = defaultdict(list)
    if not context.actor.has(Scope.CONTRACTS_READ):
        return found
    notice = CONTRACT_PROFILES.masked("last_notice_date", Contract.last_notice_date)
    asked: Any = (
        sa.select(
            ContractSystem.system_id,
            Contract.title,
            Contract.end_date,
            for_dialect(context.session.get_bind().dialect.name, notice),
        )
        .join(Contract, Contract.id == ContractSystem.contract_id)
        .where(ContractSystem.system_id.in_(identities))
        .order_by(Contract.end_date, Contract.id)
    )
    for system_id, *said in context.session.execute(only_visible(context, CONTRACTS, asked)):
        found[system_id].append(Cover(*said))
    return found


def _users(counted: int | None, uses: list[tuple[str, int | None]]) -> int | None:
    """How many people use a system: as its record says, else as its uses do, if all of them do."""
    said = [users for _, users in uses if users is not None]
    if counted is None and said and len(said) == len(uses):
        return sum(said)
    return counted


def _earlier(*days: date | None) -> date | None:
    return min((each for each in days if each is not None), default=None)

"""Options of an overlap, built from the records that the actor can see."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen
from catalogue.contracts.financial_years import financial_year_of
from catalogue.contracts.operations import get_visible_costs, note_costs_read
from catalogue.contracts.visible_contracts import get_visible_contracts
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.errors import conflict
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile
from catalogue.rationalisation.decisions.annual_costs import latest_recurring
from catalogue.rationalisation.decisions.schemas import MOST_MEMBERS
from catalogue.rationalisation.matching.grouping import ENDED
from catalogue.rationalisation.options.ranking import (
    Option,
    SystemGroup,
    find_candidates,
    rank_options,
)
from catalogue.rationalisation.options.reasons import ContractTerms, GroupMember
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.visibility import MEMBER_SEEN
from catalogue.rationalisation.visible_systems import read_visible_systems, sees_more_than_summaries
from catalogue.rationalisation.vocabulary import OverlapKind
from catalogue.suppliers.models import Product
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
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
class RankedOptions:
    """The options of an overlap, up to a limit."""

    kind: OverlapKind
    options: list[Option]
    further_options: int
    """The number of lower-ranked options beyond the limit."""


def find_options(context: Context, overlap_id: UUID, *, limit: int) -> RankedOptions:
    """Build the options of an overlap from the records that the actor can see.

    Raises NotFound if the actor cannot see the overlap. Raises Conflict if the actor sees more
    systems in it than a decision can hold. Costs need the scope `costs:read` and contracts need
    `contracts:read`. Systems show only their summaries without `systems:read`. Without a scope the
    options are the same as if nobody shared those records.
    """
    dialect = context.session.get_bind().dialect.name
    kind_statement: Any = sa.select(for_dialect(dialect, OVERLAPS.columns["kind"])).select_from(
        Overlap
    )
    kind = context.session.scalar(
        only_visible(context, OVERLAPS, kind_statement.where(Overlap.id == overlap_id))
    )
    if kind is None:
        raise OVERLAPS.absent()
    member_ids: Any = sa.select(System.id).where(MEMBER_SEEN, Overlap.id == overlap_id)
    visible_ids = context.session.scalars(only_visible(context, OVERLAPS, member_ids))
    members = tuple(_load_members(context, list(visible_ids)))
    if len(members) > MOST_MEMBERS:
        detail = (
            f"The overlap has more than {MOST_MEMBERS} systems, the most that a decision can hold. "
            "Split the overlap into smaller groups."
        )
        raise conflict("", "too_many", detail)
    system_ids = [member.system_id for member in members]
    today = clock.today()
    costs = get_visible_costs(context, system_ids)
    lines = latest_recurring(costs.lines, until=financial_year_of(today))
    note_costs_read(context, lines)
    group = SystemGroup(kind, members, tuple(lines), costs.withheld)
    further = max(0, len(find_candidates(group)) - limit)
    return RankedOptions(kind, rank_options(group, today=today, most=limit), further)


def _load_members(context: Context, ids: list[UUID]) -> list[GroupMember]:
    not_retired = sa.and_(System.id.in_(ids), System.lifecycle.not_in(ENDED))
    systems = read_visible_systems(context, _FIELDS, where=not_retired, limit=MOST_MEMBERS + 1)
    system_ids = [system["id"] for system in systems]
    support = _load_support_ends(context.session, {system["product_id"] for system in systems})
    uses = _load_uses(context, system_ids)
    shown = _find_shown(context, system_ids)
    contracts = _load_contracts(context, system_ids)
    return [
        GroupMember(
            system_id=system["id"],
            users=_count_users(system["user_count"], uses[system["id"]]),
            users_withheld=system["id"] not in shown,
            used_by=tuple(dict.fromkeys(name for name, _ in uses[system["id"]])),
            end_of_support=_earliest(system["end_of_support"], support.get(system["product_id"])),
            contracts=tuple(contracts[system["id"]]),
            **{
                name: system[name]
                for name in _FIELDS
                if name not in {"id", "user_count", "end_of_support"}
            },
        )
        for system in systems
    ]


def _find_shown(context: Context, system_ids: list[UUID]) -> set[UUID]:
    """Return the systems whose number of users the actor can see, even if none is recorded."""
    if not sees_more_than_summaries(context.actor):
        return set()
    statement = sa.select(System.id).where(
        System.id.in_(system_ids), seen(System, at=Profile.STANDARD)
    )
    return set(context.session.scalars(only_visible(context, SYSTEMS, statement)))


def _load_support_ends(session: Session, products: set[UUID | None]) -> dict[UUID, date | None]:
    known = products - {None}
    statement = sa.select(Product.id, Product.end_of_support).where(Product.id.in_(known))
    return pairs(session, statement) if known else {}


def _load_uses(
    context: Context, system_ids: list[UUID]
) -> dict[UUID, list[tuple[str, int | None]]]:
    """Return the current uses of each system: the agency's name and its number of users."""
    uses: defaultdict[UUID, list[tuple[str, int | None]]] = defaultdict(list)
    if not sees_more_than_summaries(context.actor):
        return uses
    statement: Any = (
        sa.select(SystemUse.system_id, Agency.name, SystemUse.user_count)
        .join(Agency, Agency.id == SystemUse.using_agency_id)
        .where(SystemUse.system_id.in_(system_ids))
        .where(sa.or_(SystemUse.until.is_(None), SystemUse.until >= clock.today()))
        .order_by(Agency.name, SystemUse.id)
    )
    for system_id, agency, users in context.session.execute(only_visible(context, USES, statement)):
        uses[system_id].append((agency, users))
    return uses


def _load_contracts(context: Context, system_ids: list[UUID]) -> dict[UUID, list[ContractTerms]]:
    contracts: defaultdict[UUID, list[ContractTerms]] = defaultdict(list)
    if not context.actor.has(Scope.CONTRACTS_READ):
        return contracts
    today = clock.today()
    for system_id, visible in get_visible_contracts(context, system_ids).items():
        contracts[system_id] = [
            ContractTerms(
                contract.title,
                contract.term.end_of_term(today),
                contract.term.last_notice_date(today),
            )
            for contract in visible
        ]
    return contracts


def _count_users(recorded: int | None, uses: list[tuple[str, int | None]]) -> int | None:
    """Return the users recorded on the system, or else the total of its uses if all are known."""
    known = [users for _, users in uses if users is not None]
    if recorded is None and known and len(known) == len(uses):
        return sum(known)
    return recorded


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)

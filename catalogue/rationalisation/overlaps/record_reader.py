"""Reader of the matcher's records and reference data from the database."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalogue.agencies.models import Agency
from catalogue.capabilities.models import Capability
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile
from catalogue.rationalisation.matching.names import company_name
from catalogue.rationalisation.matching.records import Record, Reference, RegisteredProduct
from catalogue.rationalisation.visible_systems import sees_more_than_summaries
from catalogue.suppliers.models import Supplier
from catalogue.suppliers.operations import ProductNames
from catalogue.systems.models import System, SystemCapability
from catalogue.systems.resources import PROFILES, SYSTEMS
from catalogue.systems.uses.models import SystemUse

_FIELDS = (
    System.id,
    System.agency_id,
    System.name,
    System.lifecycle,
    System.product_id,
    System.product_name,
    System.supplier_name,
)
_BEYOND_SUMMARY = (System.aliases, System.description, System.product_version)
_STANDARD = PROFILES.shows(Profile.STANDARD)


def read_reference(session: Session) -> Reference:
    """Read the shared reference data: the register, capabilities and agencies."""
    names = ProductNames.of(session)
    below = aliased(Capability)
    leaves = sa.select(Capability.code, Capability.name).where(
        ~sa.exists(sa.select(1).where(below.parent_id == Capability.id))
    )
    by_name = {
        name: [RegisteredProduct(p.id, p.name, p.supplier_id) for p in products]
        for name, products in names.products.items()
    }
    suppliers = session.scalars(sa.select(Supplier)).all()
    return Reference(
        products={p.id: p for products in by_name.values() for p in products},
        products_by_name=by_name,
        suppliers={each.id: each.name for each in suppliers},
        suppliers_by_name=dict(names.suppliers),
        renamed={
            company_name(former["name"]): former["until"]
            for each in suppliers
            for former in each.former_names
        },
        capabilities=pairs(session, leaves),
        agencies=pairs(session, sa.select(Agency.id, Agency.name)),
    )


def read_all_records(session: Session) -> list[Record]:
    """Read all records, including those that no other agency can see, sorted by id."""
    statement = sa.select(*_FIELDS, *_BEYOND_SUMMARY).order_by(System.id)
    return _records(session, session.execute(statement))


def read_visible_records(context: Context, system_ids: Iterable[UUID]) -> list[Record]:
    """Read the records of systems with the fields that the actor can see.

    Systems that the actor cannot see are left out. Without the scope `systems:read` the records
    are summaries.
    """
    masked = [sa.case((_STANDARD, field)).label(field.key) for field in _BEYOND_SUMMARY]
    statement: Any = (
        sa.select(*_FIELDS, *masked, _STANDARD)
        .where(System.id.in_(list(system_ids)))
        .order_by(System.id)
    )
    rows = context.session.execute(only_visible(context, SYSTEMS, statement)).all()
    records = _records(
        context.session,
        [row[:-1] for row in rows],
        only=[row.id for row in rows],
        uses=[row.id for row in rows if row[-1]],
    )
    return (
        records if sees_more_than_summaries(context.actor) else [each.summary() for each in records]
    )


def _records(
    session: Session,
    rows: Iterable[Any],
    *,
    only: list[UUID] | None = None,
    uses: list[UUID] | None = None,
) -> list[Record]:
    served: dict[UUID, list[str]] = defaultdict(list)
    links = sa.select(SystemCapability.system_id, Capability.code).join(
        Capability, Capability.id == SystemCapability.capability_id
    )
    if only is not None:
        links = links.where(SystemCapability.system_id.in_(only))
    for system_id, code in session.execute(links.order_by(Capability.code)):
        served[system_id].append(code)
    used: dict[UUID, set[UUID]] = defaultdict(set)
    current = sa.select(SystemUse.system_id, SystemUse.using_agency_id).where(
        sa.or_(SystemUse.until.is_(None), SystemUse.until >= clock.today())
    )
    if uses is not None:
        current = current.where(SystemUse.system_id.in_(uses))
    for system_id, agency_id in session.execute(current):
        used[system_id].add(agency_id)
    return [
        Record(
            system_id=row[0],
            agency_id=row[1],
            name=row[2],
            lifecycle=row[3],
            product_id=row[4],
            product_name=row[5],
            supplier_name=row[6],
            capabilities=tuple(served[row[0]]),
            aliases=tuple(row[7] or ()),
            description=row[8],
            version=row[9],
            used_by=frozenset(used[row[0]] - {row[1]}),
        )
        for row in rows
    ]

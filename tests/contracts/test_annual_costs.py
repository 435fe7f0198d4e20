"""Cost lines that an actor can see, totalled by system and year."""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.operations import VisibleCosts, create_cost_line, get_visible_costs
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.actor import Actor, Author
from catalogue.systems.models import System
from tests.agencies.api_agreements import grant
from tests.api_calls import Fields
from tests.contexts import acting, open_context
from tests.contracts.api_contracts import cost, share
from tests.factories import BEDS, CAMBS, agency, system
from tests.stores import Store
from tests.unsaved import CheckedClient

Totals = tuple[dict[tuple[UUID, str], Decimal], frozenset[UUID]]


def actor(session: Session, code: str, scopes: str = "costs:read") -> Actor:
    record: Agency = agency(session, code)
    return Actor("test", record.id, code, frozenset(scopes.split()))


def total_costs(costs: VisibleCosts) -> Totals:
    """Return the totals by system and financial year, and the systems with withheld costs."""
    totals: defaultdict[tuple[UUID, str], Decimal] = defaultdict(Decimal)
    for line in costs.lines:
        totals[line.system_id, line.financial_year] += line.amount
    return dict(totals), costs.withheld


def read_annual_costs(store: Store, by: Actor, *systems: Fields) -> Totals:
    """Return the totals that an agency reads in its own unit of work, as in a request."""
    with open_context(store.app, by, read_only=True) as context:
        return total_costs(get_visible_costs(context, [id_of(each) for each in systems]))


def id_of(record: Fields) -> UUID:
    return UUID(record["id"])


def test_annual_costs_add_up_by_system_and_year(owner: CheckedClient, session: Session) -> None:
    one, two, three = (system(owner, name) for name in ("One", "Two", "Three"))
    cost(owner, one, "0.10")
    cost(owner, one, "0.20", description="More")
    cost(owner, one, "5.00", financial_year="2027-28")
    cost(owner, two, "999999999999.99")
    cost(owner, two, "0.01", category="exit_cost")
    cost(owner, three, "1.00")
    system_ids = [id_of(one), id_of(two)]
    costs = total_costs(get_visible_costs(acting(session, actor(session, BEDS)), system_ids))
    assert costs == (
        {
            (id_of(one), "2026-27"): Decimal("0.30"),
            (id_of(one), "2027-28"): Decimal("5.00"),
            (id_of(two), "2026-27"): Decimal("1000000000000.00"),
        },
        frozenset(),
    )
    assert get_visible_costs(acting(session, actor(session, BEDS)), []) == VisibleCosts(
        (), frozenset()
    )


@pytest.mark.parametrize("priced", [True, False])
def test_withheld_systems_are_named_whether_or_not_they_have_costs(
    store: Store, owner: CheckedClient, partner: CheckedClient, session: Session, priced: bool
) -> None:
    hidden = system(owner, "Hidden", disclosure="owner_only")
    visible = system(owner, "Shown", disclosure="all_agencies")
    own = system(partner, "Own")
    cost(partner, own, "3.00")
    for each in (hidden, visible):
        if priced:
            cost(owner, each, "2.00")
    by = actor(session, CAMBS)
    known = {(id_of(own), "2026-27"): Decimal("3.00")}
    withheld = {id_of(hidden), id_of(visible)}
    assert read_annual_costs(store, by, hidden, visible, own) == (known, frozenset(withheld))
    share(owner, partner, "full")
    if priced:
        known[id_of(visible), "2026-27"] = Decimal("2.00")
    withheld = {id_of(hidden)}
    assert read_annual_costs(store, by, hidden, visible, own) == (known, frozenset(withheld))
    grant(owner, resource_types=["systems", "costs"], field_profile="full")
    if priced:
        known[id_of(hidden), "2026-27"] = Decimal("2.00")
    assert read_annual_costs(store, by, hidden, visible, own) == (known, frozenset())


def test_annual_costs_are_withheld_without_the_scope(
    owner: CheckedClient, session: Session
) -> None:
    costly = system(owner)
    cost(owner, costly)
    nobody = actor(session, BEDS, "systems:read decisions:read")
    costs = total_costs(get_visible_costs(acting(session, nobody), [id_of(costly)]))
    assert costs == ({}, frozenset({id_of(costly)}))


def test_missing_system_is_withheld_like_a_hidden_one(
    owner: CheckedClient, session: Session
) -> None:
    nothing = uuid4()
    costs = total_costs(get_visible_costs(acting(session, actor(session, BEDS)), [nothing]))
    assert costs == ({}, frozenset({nothing}))


AMOUNTS = st.decimals(0, 10**11, places=2, allow_nan=False, allow_infinity=False)


@settings(max_examples=20)
@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_annual_costs_are_exact_sums(
    store: Store, owner: CheckedClient, amounts: list[Decimal]
) -> None:
    assert owner
    with open_context(store.app) as context:
        session = context.session
        by = actor(session, BEDS)
        session.info["author"] = Author.of(by)
        costly = System(agency_id=by.agency_id, name="S", name_key=str(uuid4()), lifecycle="live")
        costly.search_text = costly.summary_search_text = "s"
        session.add(costly)
        for number, amount in enumerate(amounts):
            line = {"financial_year": "2026-27", "category": CostCategory.EXIT_COST}
            create_cost_line(session, costly, line | {"amount": amount, "description": str(number)})
        session.flush()
        session.expire_all()
        costs = total_costs(get_visible_costs(context.acting_as(by), [costly.id]))
        assert costs == ({(costly.id, "2026-27"): sum(amounts)}, frozenset())
        session.rollback()

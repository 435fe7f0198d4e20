"""Costs added up by system and year, as far as one may know of them."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.operations import AnnualCosts, annual_costs, record_cost
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.actor import Actor, Author
from catalogue.core.database import working
from catalogue.systems.models import System
from tests.agencies.agreeing import grant
from tests.contracts.contracting import cost, share
from tests.identities import agency
from tests.recording import BEDS, CAMBS, Fields, system
from tests.stores import Store
from tests.unsaved import CheckedClient


def actor(session: Session, code: str, scopes: str = "costs:read") -> Actor:
    found: Agency = agency(session, code)
    return Actor("test", found.id, code, frozenset(scopes.split()))


def known_to(store: Store, by: Actor, *systems: Fields) -> AnnualCosts:
    """What somebody is told in a work of its own, as in a request."""
    with working(store.database, read_only=True) as reading:
        return annual_costs(reading, [identity(each) for each in systems], by=by)


def identity(made: Fields) -> UUID:
    return UUID(made["id"])


def test_costs_are_added_up_by_system_and_year(owner: CheckedClient, session: Session) -> None:
    one, two, three = (system(owner, name) for name in ("One", "Two", "Three"))
    cost(owner, one, "0.10")
    cost(owner, one, "0.20", description="More")
    cost(owner, one, "5.00", financial_year="2027-28")
    cost(owner, two, "999999999999.99")
    cost(owner, two, "0.01", category="exit_cost")
    cost(owner, three, "1.00")
    asked = [identity(one), identity(two)]
    found = annual_costs(session, asked, by=actor(session, BEDS))
    assert found == AnnualCosts(
        {
            (identity(one), "2026-27"): Decimal("0.30"),
            (identity(one), "2027-28"): Decimal("5.00"),
            (identity(two), "2026-27"): Decimal("1000000000000.00"),
        },
        frozenset(),
    )
    assert annual_costs(session, [], by=actor(session, BEDS)) == AnnualCosts({}, frozenset())


@pytest.mark.parametrize("priced", [True, False])
def test_what_is_withheld_is_named_whether_or_not_there_is_any(
    store: Store, owner: CheckedClient, partner: CheckedClient, session: Session, priced: bool
) -> None:
    hidden = system(owner, "Hidden", disclosure="owner_only")
    shown = system(owner, "Shown", disclosure="all_agencies")
    own = system(partner, "Own")
    cost(partner, own, "3.00")
    for each in (hidden, shown):
        if priced:
            cost(owner, each, "2.00")
    by = actor(session, CAMBS)
    known = {(identity(own), "2026-27"): Decimal("3.00")}
    withheld = {identity(hidden), identity(shown)}
    assert known_to(store, by, hidden, shown, own) == AnnualCosts(known, frozenset(withheld))
    share(owner, partner, "full")
    if priced:
        known[identity(shown), "2026-27"] = Decimal("2.00")
    withheld = {identity(hidden)}
    assert known_to(store, by, hidden, shown, own) == AnnualCosts(known, frozenset(withheld))
    grant(owner, resource_types=["systems", "costs"], field_profile="full")
    if priced:
        known[identity(hidden), "2026-27"] = Decimal("2.00")
    assert known_to(store, by, hidden, shown, own) == AnnualCosts(known, frozenset())


def test_without_the_scope_everything_is_withheld(owner: CheckedClient, session: Session) -> None:
    made = system(owner)
    cost(owner, made)
    nobody = actor(session, BEDS, "systems:read decisions:read")
    found = annual_costs(session, [identity(made)], by=nobody)
    assert found == AnnualCosts({}, frozenset({identity(made)}))


def test_a_system_that_is_not_there_is_like_one_that_is_hidden(
    owner: CheckedClient, session: Session
) -> None:
    nothing = uuid4()
    found = annual_costs(session, [nothing], by=actor(session, BEDS))
    assert found == AnnualCosts({}, frozenset({nothing}))


AMOUNTS = st.decimals(0, 10**11, places=2, allow_nan=False, allow_infinity=False)


@settings(max_examples=20)
@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_sums_are_exact(store: Store, owner: CheckedClient, amounts: list[Decimal]) -> None:
    assert owner
    with store.app.app_context(), working(store.database, read_only=False) as session:
        by = actor(session, BEDS)
        session.info["author"] = Author.of(by)
        costly = System(agency_id=by.agency_id, name="S", name_key=str(uuid4()), lifecycle="live")
        costly.search_text = costly.summary_search_text = "s"
        session.add(costly)
        for number, amount in enumerate(amounts):
            line = {"financial_year": "2026-27", "category": CostCategory.EXIT_COST}
            record_cost(session, costly, line | {"amount": amount, "description": str(number)})
        session.flush()
        session.expire_all()
        found = annual_costs(session, [costly.id], by=by)
        assert found.totals == {(costly.id, "2026-27"): sum(amounts)}
        session.rollback()

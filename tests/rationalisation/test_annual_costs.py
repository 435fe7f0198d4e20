"""Annual costs of systems before and after some retire, from the visible cost lines."""

from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.contracts.operations import VisibleCostLine
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.sums import Sum
from catalogue.rationalisation.decisions.annual_costs import (
    RECURRING,
    AnnualCosts,
    compare_annual_costs,
    latest_recurring,
    total_costs,
)
from tests.agencies.api_agreements import SignIn
from tests.api_calls import Fields
from tests.contexts import acting, open_context
from tests.contracts.api_contracts import SCOPES, cost, share
from tests.factories import BEDS, CAMBS, build_actor, system
from tests.stores import Store
from tests.unsaved import CheckedClient

pytestmark = pytest.mark.usefixtures("today")

THIS_YEAR, LAST_YEAR = "2026-27", "2025-26"


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    return sign_in(CAMBS, SCOPES)


def ids(*systems: Fields) -> set[UUID]:
    return {UUID(each["id"]) for each in systems}


def test_annual_costs_fall_by_the_costs_of_retiring_systems(
    owner: CheckedClient, session: Session
) -> None:
    stays, goes, bare = (system(owner, name) for name in ("Stays", "Goes", "Bare"))
    cost(owner, stays, "0.10")
    cost(owner, stays, "0.20", description="Support")
    cost(owner, stays, "7.00", category="one_off_revenue")
    cost(owner, goes, "100.00", category="exit_cost")
    cost(owner, goes, "40.05")
    cost(owner, goes, "9.00", financial_year="2025-26")
    by = build_actor(session, BEDS)
    costs = compare_annual_costs(acting(session, by), staying=ids(stays, bare), going=ids(goes))
    assert costs.financial_year == THIS_YEAR
    assert costs.before == Sum(Decimal("40.35"), parts=2, unknown=1)
    assert costs.after == Sum(Decimal("0.30"), parts=1, unknown=1)
    assert costs.saved == Sum(Decimal("40.05"), parts=1)
    assert costs.systems == {
        UUID(stays["id"]): Decimal("0.30"),
        UUID(goes["id"]): Decimal("40.05"),
    }
    assert (costs.withheld, costs.unknown, costs.complete) == (
        frozenset(),
        frozenset(ids(bare)),
        False,
    )
    assert compare_annual_costs(acting(session, by), staying=ids(stays), going=set()).complete


def test_annual_costs_ignore_future_years(owner: CheckedClient, session: Session) -> None:
    costed = system(owner)
    cost(owner, costed, "9.00", financial_year="2099-00")
    by = build_actor(session, BEDS)
    unknown = Sum(unknown=1)
    nothing = AnnualCosts(None, unknown, unknown, Sum(), {}, frozenset(), frozenset(ids(costed)))
    assert compare_annual_costs(acting(session, by), staying=ids(costed), going=set()) == nothing
    cost(owner, costed, "3.00", financial_year="2024-25")
    cost(owner, costed, "2.00", financial_year=LAST_YEAR)
    costs = compare_annual_costs(acting(session, by), staying=set(), going=ids(costed))
    assert costs.before.value == Decimal(2)


@pytest.mark.parametrize("has_costs", [True, False], ids=["has_costs", "no_costs"])
def test_withheld_costs_affect_neither_totals_nor_year(
    store: Store, owner: CheckedClient, partner: CheckedClient, session: Session, has_costs: bool
) -> None:
    hidden, own = system(owner, disclosure="all_agencies"), system(partner, "Own")
    cost(partner, own, "3.00", financial_year=LAST_YEAR)
    if has_costs:
        cost(owner, hidden, "2.00")
    by = build_actor(session, CAMBS)
    session.commit()
    with open_context(store.app, by, read_only=True) as context:
        costs = compare_annual_costs(context, staying=ids(own), going=ids(hidden))
        assert not context.work.sensitive_reads
    assert costs == AnnualCosts(
        LAST_YEAR,
        Sum(Decimal(3), parts=1, withheld=1),
        Sum(Decimal(3), parts=1),
        Sum(withheld=1),
        {UUID(own["id"]): Decimal(3)},
        frozenset(ids(hidden)),
        frozenset(),
    )


def test_reading_shared_costs_is_recorded(
    store: Store, owner: CheckedClient, partner: CheckedClient, session: Session
) -> None:
    shared, own = system(owner, disclosure="agreement"), system(partner, "Own")
    cost(owner, shared, "3.00", financial_year=LAST_YEAR)
    line = cost(owner, shared, "2.00")
    cost(partner, own, "1.00")
    share(owner, partner, "full")
    by, giver = build_actor(session, CAMBS), build_actor(session, BEDS)
    session.commit()
    with open_context(store.app, by, read_only=True) as context:
        costs = compare_annual_costs(context, staying=ids(own), going=ids(shared))
        assert context.work.sensitive_reads == [
            ("cost", ("amount",), [(UUID(line["id"]), giver.agency_id)])
        ]
    assert (costs.before.value, costs.after.value) == (Decimal(3), Decimal(1))


AMOUNTS = st.decimals(0, 10**11, places=2, allow_nan=False, allow_infinity=False)
SYSTEMS = [uuid4() for _ in range(4)]
YEARS = ["1999-00", "2000-01", "2025-26", "2026-27", "2027-28"]
LINES = st.lists(
    st.builds(
        VisibleCostLine,
        st.uuids(),
        st.sampled_from(SYSTEMS),
        st.uuids(),
        st.sampled_from(YEARS),
        st.sampled_from(CostCategory),
        AMOUNTS,
    ),
    max_size=12,
)


@given(LINES, st.sets(st.sampled_from(SYSTEMS)), st.randoms(use_true_random=False))
def test_costs_before_and_after_differ_by_the_retiring_systems(
    lines: list[VisibleCostLine], going: set[UUID], random: Random
) -> None:
    staying = set(SYSTEMS) - going
    chosen = latest_recurring(lines, until="2026-27")
    costs = total_costs(chosen, staying=staying, going=going, withheld=frozenset())
    assert all(line.category in RECURRING for line in chosen)
    assert {line.financial_year for line in chosen} <= {costs.financial_year}
    assert set(costs.systems) | costs.unknown == set(SYSTEMS)
    assert costs.before.known == sum(line.amount for line in chosen)
    assert costs.before == costs.after + costs.saved
    assert costs.before.unknown == len(costs.unknown)
    random.shuffle(lines)
    again = latest_recurring(lines, until="2026-27")
    assert total_costs(again, staying=staying, going=going, withheld=frozenset()) == costs

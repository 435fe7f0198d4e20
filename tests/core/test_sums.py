"""Sums state what they leave out, whatever their parts are."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.sums import Sum
from catalogue.programmes.progress.totals import Move, count_progress
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.savings.benefits.figures import COSTS, FIGURES, MOVING_COSTS, SAVED, Figures

AMOUNTS = st.decimals("0", "999999.99", places=2)
VALUES = st.lists(st.none() | AMOUNTS, max_size=8)
WITHHELD = st.integers(0, 3)


def require_honest(total: dict[str, Any], *, unknown: int, withheld: int, known: int) -> None:
    """Require that a sum states its missing parts, and is no number if no part is known."""
    assert (total["unknown"], total["withheld"]) == (unknown, withheld)
    if not known and (unknown or withheld):
        assert total["value"] is None


@given(VALUES, WITHHELD)
def test_no_sum_is_a_plain_number_when_a_part_is_unknown_or_withheld(
    values: list[Decimal | None], withheld: int
) -> None:
    total = Sum.of(values, withheld=withheld)
    known = [value for value in values if value is not None]
    missing = len(values) - len(known)
    for written in (total.in_pounds(), total.in_numbers()):
        require_honest(written, unknown=missing, withheld=withheld, known=len(known))
    assert total.complete == (not missing and not withheld)
    if known or total.complete:
        assert Decimal(total.in_pounds()["value"]) == sum(known)


@given(st.lists(st.tuples(VALUES, WITHHELD), max_size=4))
def test_a_sum_of_sums_keeps_every_missing_part(
    groups: list[tuple[list[Decimal | None], int]],
) -> None:
    sums = [Sum.of(values, withheld=withheld) for values, withheld in groups]
    together = [value for values, _ in groups for value in values]
    withheld = sum(number for _, number in groups)
    assert sum(sums, Sum()) == Sum.of(together, withheld=withheld)
    assert sum(reversed(sums), Sum()) == Sum.of(together, withheld=withheld)


@given(VALUES, WITHHELD, VALUES, WITHHELD)
def test_a_difference_is_no_number_unless_both_sides_have_known_parts(
    gains: list[Decimal | None], hidden: int, losses: list[Decimal | None], lost: int
) -> None:
    first, second = Sum.of(gains, withheld=hidden), Sum.of(losses, withheld=lost)
    difference = first - second
    assert difference.unknown == first.unknown + second.unknown
    assert difference.withheld == first.withheld + second.withheld
    assert (difference.value is None) == (first.value is None or second.value is None)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(MigrationStage),
        st.none() | st.integers(0, 99),
        st.booleans(),
        st.none() | st.integers(0, 9999),
        st.booleans(),
    ),
    max_size=6,
)


@given(MOVES, WITHHELD)
def test_the_progress_of_any_migrations_states_what_it_leaves_out(
    drawn: list[tuple[MigrationStage, int | None, bool, int | None, bool]], hidden: int
) -> None:
    moves, pence = [], {}
    for place, (stage, users, users_shown, cost, costs_shown) in enumerate(drawn):
        identity = str(place)
        about = (identity, identity, "System", "beds", None, str(stage), "on_time")
        dates = (False, False, False, None, None, None, None, None)
        moves.append(Move(*about, *dates, users if users_shown else None, users_shown, costs_shown))
        if costs_shown and cost is not None:
            pence[identity] = cost
    total = count_progress(moves, pence, {}).total.to_dict(hidden=hidden)
    live = [move for move in moves if not move.cancelled]
    for suffix, group in (("", live), ("_moved", [move for move in live if move.moved])):
        # If nothing has moved, each migration is known to add nothing to the part that has moved.
        systems = len(group) or len(live)
        users = [move.users for move in group if move.users_shown]
        costs = [pence.get(move.id) for move in group if move.costs_shown]
        for name, shown in (("users", users), ("cost", costs)):
            unknown, secret = shown.count(None), len(group) - len(shown)
            require_honest(
                total[name + suffix],
                unknown=unknown,
                withheld=secret + hidden,
                known=systems - unknown - secret,
            )
    require_honest(total["migrations"], unknown=0, withheld=hidden, known=len(live))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["beds", "cambs"]),
            st.sampled_from(["2026-27", "2027-28"]),
            st.sampled_from(FIGURES),
            AMOUNTS,
        ),
        max_size=6,
    ),
    st.dictionaries(st.sampled_from(FIGURES), st.integers(1, 3)),
)
def test_the_benefits_of_any_records_state_what_they_leave_out(
    cells: list[tuple[str, str, str, Decimal]], withheld: dict[str, int]
) -> None:
    figures = Figures()
    figures.baseline_years = frozenset({"2026-27", "2027-28"})
    for cell in cells:
        figures.add(*cell)
    for figure, number in withheld.items():
        figures.leave_out(figure, number)
    agencies = [each for code in figures.agencies for each in (figures.total(agency=code),)]
    for row in (figures.total(), *agencies, *figures.by_year()):
        for figure in FIGURES:
            assert row[figure]["withheld"] == withheld.get(figure, 0)
        for saved in SAVED:
            if withheld.get(saved, 0) or withheld.get(MOVING_COSTS[0], 0):
                assert row[f"net_{saved}"]["withheld"] > 0
    known = {figure for _, _, figure, _ in cells}
    for figure in (*SAVED, *COSTS):
        assert (figures.total()[figure]["value"] is None) == (
            figure in withheld and figure not in known
        )

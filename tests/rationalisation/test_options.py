"""The options for a group of systems, by plain rules over its visible records."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from catalogue.contracts.operations import VisibleCostLine
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core.sums import Sum
from catalogue.rationalisation.options.ranking import RANKING, Option, SystemGroup, rank_options
from catalogue.rationalisation.options.reasons import COULD_STAY, ContractTerms, GroupMember
from catalogue.rationalisation.vocabulary import MigrationStrategy, OverlapKind
from catalogue.systems.vocabulary import Disposition, Hosting, Lifecycle

TODAY = date(2026, 11, 22)
IDS = [UUID(int=n) for n in range(1, 7)]
PRODUCT = UUID(int=99)
STAYS = {Disposition.TOLERATE, Disposition.INVEST}
GOING = set(Disposition) - STAYS

ONE = GroupMember(IDS[0], "One", "Bedfordshire Police", Lifecycle.LIVE)
TWO = GroupMember(IDS[1], "Two", "Cambridgeshire Police", Lifecycle.LIVE)


def options(*members: GroupMember, kind: OverlapKind = OverlapKind.SAME_FUNCTION) -> list[Option]:
    return rank_options(SystemGroup(kind, members), today=TODAY)


def best(*members: GroupMember) -> str:
    stays = options(*members)[0].retained
    assert stays is not None
    return stays.name


def outcomes(option: Option) -> list[tuple[str, str]]:
    return [(outcome.disposition.value, outcome.strategy.value) for outcome in option.outcomes]


def line(system: GroupMember, amount: str) -> VisibleCostLine:
    recurring = CostCategory.RECURRING_REVENUE
    return VisibleCostLine(IDS[5], system.system_id, IDS[5], "2026-27", recurring, Decimal(amount))


def test_each_system_can_stay_and_so_can_all() -> None:
    first, second, unchanged = options(ONE, TWO)
    assert [first.rank, second.rank, unchanged.rank] == [1, 2, None]
    assert (first.retained, second.retained, unchanged.retained) == (ONE, TWO, None)
    assert outcomes(first) == [("invest", "retain"), ("migrate", "repurchase")]
    assert [outcome.successor_id for outcome in first.outcomes] == [None, IDS[0]]
    assert outcomes(unchanged) == [("tolerate", "retain")] * 2
    assert unchanged.reasons == ("Nobody has to move.",)


def test_a_system_being_retired_cannot_stay() -> None:
    ending = [
        replace(TWO, system_id=IDS[2], lifecycle=Lifecycle.SUNSETTING),
        replace(TWO, system_id=IDS[3], lifecycle=Lifecycle.READ_ONLY_ARCHIVE),
    ]
    ranked = options(ONE, *ending)
    assert [option.retained for option in ranked] == [ONE, None]
    assert outcomes(ranked[0])[1:] == [("migrate", "repurchase"), ("eliminate", "retire")]
    assert [option.retained for option in options(*ending)] == [None]
    assert [option.retained for option in options(ONE)] == [None]
    assert options() == []


def test_the_outcome_of_a_retiring_system_follows_from_its_record() -> None:
    same: dict[str, Any] = {"product_id": PRODUCT, "users": 5}
    stays = replace(ONE, **same)
    cases: tuple[tuple[dict[str, Any], tuple[str, str]], ...] = (
        (same, ("migrate", "relocate")),
        (same | {"users": 0}, ("eliminate", "retire")),
        ({"lifecycle": Lifecycle.IMPLEMENTING}, ("eliminate", "retire")),
        ({"hosting": Hosting.NATIONAL_SYSTEM}, ("tolerate", "retain")),
        ({"users": None}, ("migrate", "repurchase")),
    )
    for changes, expected in cases:
        option = next(o for o in options(stays, replace(TWO, **changes)) if o.retained is stays)
        assert outcomes(option)[1] == expected
    twice = options(stays, replace(TWO, **same), kind=OverlapKind.SAME_INSTANCE)[0]
    assert (outcomes(twice)[1], twice.users_to_move) == (("eliminate", "retire"), Sum())


def test_users_to_move_counts_only_known_users() -> None:
    three = replace(TWO, system_id=IDS[2], name="Three", users=7)
    ranked = options(ONE, replace(TWO, users=None), three)[0]
    assert ranked.users_to_move == Sum(7, 1, unknown=1)
    assert '"Two" of Cambridgeshire Police' in ranked.cautions[-1]
    ranked = options(ONE, TWO)[0]
    assert ranked.users_to_move == Sum(unknown=1)
    ranked = options(ONE, replace(TWO, users_withheld=True))[0]
    assert ranked.users_to_move == Sum(withheld=1)


def test_options_are_ranked_by_the_questions_in_order() -> None:
    assert best(ONE, TWO) == "One"
    one = replace(ONE, functional_fit=2, technical_fit=2)
    better = replace(TWO, functional_fit=4, technical_fit=4)
    assert best(one, better) == "Two"
    assert best(one, replace(better, end_of_support=date(2029, 11, 20))) == "One"
    assert best(one, replace(better, end_of_support=date(2029, 11, 21))) == "Two"
    assert best(one, replace(better, disposition=Disposition.ELIMINATE)) == "One"
    assert best(one, replace(better, lifecycle=Lifecycle.PLANNED)) == "One"
    assert best(replace(one, disposition=Disposition.TOLERATE), better) == "One"
    assert best(one, replace(TWO, functional_fit=4)) == "One"
    assert best(ONE, replace(TWO, used_by=("Kent Police",))) == "Two"
    assert best(replace(ONE, users=5), replace(TWO, users=6)) == "Two"
    assert best(ONE, replace(TWO, users=6)) == "One"


def test_a_system_that_nobody_assessed_ranks_last_and_its_option_says_so() -> None:
    for poor in (
        {"functional_fit": 0},
        {"technical_fit": 1, "end_of_support": date(2027, 1, 1)},
        {"disposition": Disposition.ELIMINATE},
    ):
        known: dict[str, Any] = poor
        supported = replace(ONE, end_of_support=date(2035, 1, 1))
        assert best(supported, replace(TWO, **known)) == "Two"
    empty = options(ONE, replace(TWO, functional_fit=0))[1]
    assert empty.retained == ONE
    assert empty.answers[:4] == ("No.", "Not known.", "Not known.", "Not known.")
    assert empty.cautions[:3] == (
        "The owner's plan for this system is not known.",
        "The functional and the technical fit of this system are not known.",
        "The end of support for this system is not known.",
    )


def test_costs_rank_options_only_when_all_are_known() -> None:
    lines = (line(ONE, "100.00"), line(TWO, "60.50"))
    with_costs = SystemGroup(OverlapKind.SAME_PRODUCT, (ONE, TWO), lines)
    ranked = rank_options(with_costs, today=TODAY)
    assert [o.retained for o in ranked] == [TWO, ONE, None]
    assert [o.costs.after.value for o in ranked] == [
        Decimal("60.50"),
        Decimal(100),
        Decimal("160.50"),
    ]
    assert "Annual costs fall by £100.00." in ranked[0].reasons
    assert ranked[0].answers[4] == "£60.50."
    assert ranked[2].cautions == ("The systems continue to cost £160.50 a year.",)
    withheld = replace(with_costs, lines=lines[1:], withheld=frozenset({IDS[0]}))
    ranked = rank_options(withheld, today=TODAY)
    assert [o.retained for o in ranked] == [ONE, TWO, None]
    assert ranked[0].answers[4] == "Not known for all systems."
    assert "Annual costs fall by £60.50." in ranked[0].reasons
    assert "You cannot see the costs of 1 system." in ranked[0].cautions
    unchanged = "The systems continue to cost £60.50 a year, counting only the known costs."
    assert ranked[2].cautions == (unchanged,)
    three = replace(TWO, system_id=IDS[2], name="Three")
    partly = SystemGroup(OverlapKind.SAME_PRODUCT, (ONE, TWO, three), lines)
    reasons = [reason for option in rank_options(partly, today=TODAY) for reason in option.reasons]
    assert "Annual costs fall by £60.50, counting only the known costs." in reasons


def test_an_option_lists_reasons_cautions_and_answers_for_the_staying_system() -> None:
    stays = replace(
        ONE,
        functional_fit=3,
        technical_fit=2,
        hosting=Hosting.SHARED_SERVICE,
        end_of_support=date(2031, 3, 31),
        disposition=Disposition.INVEST,
        product_id=PRODUCT,
        users=1250,
        used_by=tuple(f"Force {n}" for n in range(5)),
        contracts=(
            ContractTerms("Support", date(2026, 3, 31), None),
            ContractTerms("No end", None, None),
        ),
    )
    ranked = options(stays, replace(TWO, product_id=PRODUCT, users=1))[0]
    assert ranked.reasons == (
        "Bedfordshire Police, Force 0, Force 1, Force 2 and 2 other agencies already use this system.",
        "This system is hosted as a shared service.",
        "The functional fit is 3 of 4.",
        "This system is supported until 31 March 2031.",
        "The owner plans to invest in this system.",
        "1 other system already runs the same product.",
        "Most people already use this system: 1,250 of 1,251.",
    )
    assert ranked.cautions == (
        "The technical fit is only 2 of 4.",
        'The contract "Support" ended on 31 March 2026.',
        "No costs are recorded for 2 systems.",
    )
    assert ranked.answers == (
        "Yes.",
        "Yes.",
        "No. Support ends on 31 March 2031.",
        "5 of 8.",
        "Not known for all systems.",
        "1.",
        "6.",
    )


def test_an_option_lists_cautions_for_the_leaving_system() -> None:
    contracts = (
        ContractTerms("Late", date(2027, 1, 31), date(2026, 11, 1)),
        ContractTerms("Soon", date(2028, 1, 31), date(2026, 12, 1)),
    )
    leaving = replace(TWO, users=3, contracts=contracts, retention_hold=True)
    named = '"Two" of Cambridgeshire Police'
    assert options(ONE, leaving)[0].cautions[4:] == (
        (
            f'The contract "Late" for {named} ends on 31 January 2027. '
            "The last day to give notice was 1 November 2026."
        ),
        (
            f'The contract "Soon" for {named} ends on 31 January 2028. '
            "Give notice by 1 December 2026."
        ),
        f"{named} is under a retention hold, and cannot be decommissioned while the hold lasts.",
    )


MEMBERS = st.lists(
    st.builds(
        GroupMember,
        st.sampled_from(IDS),
        st.sampled_from(["One", "Two", "one"]),
        st.sampled_from(["Kent Police", "Essex Police"]),
        st.sampled_from([*COULD_STAY, Lifecycle.SUNSETTING, Lifecycle.READ_ONLY_ARCHIVE]),
        st.sampled_from([None, PRODUCT]),
        st.none() | st.sampled_from(Hosting),
        st.none() | st.dates(date(2020, 1, 1), date(2035, 1, 1)),
        st.none() | st.integers(1, 4),
        st.none() | st.integers(1, 4),
        st.none() | st.sampled_from(Disposition),
        st.none() | st.booleans(),
        st.none() | st.integers(0, 9),
        st.sampled_from([(), ("Suffolk Police",), ("Kent Police", "Suffolk Police")]),
    ),
    unique_by=lambda member: member.system_id,
    max_size=6,
)


@given(MEMBERS, st.sampled_from(OverlapKind), st.permutations(range(6)))
def test_every_option_is_a_valid_decision(
    members: list[GroupMember], kind: OverlapKind, order: list[int]
) -> None:
    ranked = options(*members, kind=kind)
    for option in ranked:
        assert [outcome.system_id for outcome in option.outcomes] == [m.system_id for m in members]
        staying = {f.system_id for f in option.outcomes if f.disposition in STAYS}
        assert staying
        for outcome in option.outcomes:
            goes = outcome.disposition in GOING
            assert goes == (outcome.strategy is not MigrationStrategy.RETAIN)
            assert outcome.successor_id in staying if goes else outcome.successor_id is None
        assert len(option.answers) == (0 if option.retained is None else len(RANKING))
    assert [option.rank for option in ranked] == [*range(1, len(ranked)), None][: len(ranked)]
    if len(members) > 1:
        could = {m.system_id for m in members if m.lifecycle in COULD_STAY}
        assert {option.retained.system_id for option in ranked if option.retained} == could
    shuffled = [members[place] for place in order if place < len(members)]
    again = options(*shuffled, kind=kind)
    assert [o.retained for o in again] == [o.retained for o in ranked]

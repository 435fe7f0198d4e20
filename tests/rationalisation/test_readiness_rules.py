"""The rules for blockers of retirement, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.contracts.notice import Term
from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.core.sums import Sum
from catalogue.core.text import format_date
from catalogue.rationalisation.readiness.blockers import (
    Readiness,
    assess,
    find_earliest_date,
)
from catalogue.rationalisation.readiness.facts import (
    AgreedOutcome,
    ReadinessFacts,
    Successor,
    SystemFacts,
    Use,
)
from catalogue.rationalisation.readiness.groups import GroupReadiness, total_cost_of_missing
from catalogue.rationalisation.vocabulary import BlockerKind
from catalogue.systems.dependencies import Dependant, dependency_pairs
from catalogue.systems.vocabulary import (
    DpiaStatus,
    Hosting,
    InterfaceDirection,
    InterfaceStandard,
    Lifecycle,
    PersonalData,
)

TODAY = date(2026, 11, 23)
BEDS, CENTRE = "bedfordshire-police", "bch-shared-services"
K = BlockerKind
SYSTEM = SystemFacts(
    id=UUID(int=1),
    name="Roster",
    agency=BEDS,
    lifecycle=Lifecycle.SUNSETTING,
    standard_visible=True,
    hosting=Hosting.ON_PREMISE,
    user_count=0,
    personal_data=PersonalData.PERSONAL,
    dpia_status=DpiaStatus.APPROVED,
    retention_hold=False,
)
LIVE = Successor(UUID(int=2), "Shared roster", CENTRE, Lifecycle.LIVE)
AGREED = AgreedOutcome(UUID(int=3), datetime(2026, 9, 18, tzinfo=UTC), True, LIVE, False)
CLEAR = ReadinessFacts(SYSTEM, AGREED, True, (), True, (), True, (), False)
"""The facts of a system without blockers."""


def contract(
    end: str | None = "2027-03-31",
    notice: int | None = 120,
    *,
    extent: str | None = None,
    value: str | None = "188000.00",
    **fields: Any,
) -> VisibleContract:
    day = date.fromisoformat(end) if end else None
    term = Term(
        end_date=day,
        max_extent_date=date.fromisoformat(extent) if extent else None,
        notice_period_days=notice,
    )
    values: dict[str, Any] = {
        "id": uuid4(),
        "title": "Support",
        "agency_id": UUID(int=9),
        "agency": BEDS,
        "term": term,
        "annual_value": Decimal(value) if value else None,
        "exit_cost": None,
        "currency": "GBP",
        "withheld": (),
    }
    return VisibleContract(**values | fields)


def about(**fields: Any) -> ReadinessFacts:
    return replace(CLEAR, system=replace(SYSTEM, **fields))


def kinds(readiness: Readiness) -> list[BlockerKind]:
    return [each.kind for each in readiness.blockers]


def use(number: int | None, until: date | None = None) -> Use:
    return Use(UUID(int=5), CENTRE, "Shared services", number, until)


def test_an_unblocked_system_is_ready_today() -> None:
    readiness = assess(CLEAR, TODAY)
    assert (readiness.ready, readiness.blockers, readiness.withheld) == (True, (), ())
    assert (readiness.earliest_date, readiness.not_before) == (TODAY, None)


@pytest.mark.parametrize("lifecycle", ["planned", "in_procurement", "implementing", "cancelled"])
def test_a_system_that_does_not_run_needs_no_retirement(lifecycle: str) -> None:
    facts = replace(about(lifecycle=Lifecycle(lifecycle), retention_hold=True), agreed=None)
    readiness = assess(facts, TODAY)
    assert not readiness.in_use
    assert (readiness.ready, readiness.blockers, readiness.earliest_date) == (None, (), None)


@pytest.mark.parametrize(
    ("facts", "kind", "owner"),
    [
        pytest.param(replace(CLEAR, agreed=None), K.NO_AGREED_DECISION, BEDS, id="no_decision"),
        pytest.param(
            replace(CLEAR, agreed=replace(AGREED, retires=False)),
            K.NO_AGREED_DECISION,
            BEDS,
            id="decided_to_stay",
        ),
        pytest.param(
            replace(
                CLEAR,
                agreed=replace(AGREED, successor=replace(LIVE, lifecycle=Lifecycle.SUNSETTING)),
            ),
            K.SUCCESSOR_NOT_LIVE,
            CENTRE,
            id="successor_sunsetting",
        ),
        pytest.param(
            replace(
                CLEAR,
                dependants=(
                    Dependant(UUID(int=4), InterfaceStandard.SFTP, UUID(int=6), "Payroll", CENTRE),
                ),
            ),
            K.LIVE_DEPENDANT,
            CENTRE,
            id="dependant",
        ),
        pytest.param(about(user_count=12), K.USERS_NOT_MOVED, BEDS, id="users"),
        pytest.param(about(user_count=None), K.USERS_NOT_MOVED, BEDS, id="users_unknown"),
        pytest.param(
            replace(CLEAR, uses=(use(3),), ever_used=True), K.USERS_NOT_MOVED, CENTRE, id="use"
        ),
        pytest.param(
            replace(CLEAR, uses=(use(None),), ever_used=True),
            K.USERS_NOT_MOVED,
            CENTRE,
            id="use_by_unknown_number",
        ),
        pytest.param(
            replace(CLEAR, contracts=(contract(),)), K.CONTRACT_RUNNING, BEDS, id="contract"
        ),
        pytest.param(about(retention_hold=True), K.RETENTION_HOLD, BEDS, id="retention_hold"),
        pytest.param(
            about(personal_data=None, dpia_status=None),
            K.DPIA_UNANSWERED,
            BEDS,
            id="personal_data_unknown",
        ),
        *[
            pytest.param(about(dpia_status=status), K.DPIA_UNANSWERED, BEDS, id=f"dpia_{status}")
            for status in (None, *DpiaStatus)
            if status is not DpiaStatus.APPROVED
        ],
        pytest.param(
            about(hosting=Hosting.NATIONAL_SYSTEM),
            K.NATIONAL_SYSTEM,
            "national_body",
            id="national_system",
        ),
    ],
)
def test_each_blocker_has_a_kind_a_responsible_agency_and_whole_sentences(
    facts: ReadinessFacts, kind: BlockerKind, owner: str
) -> None:
    readiness = assess(facts, TODAY)
    [blocker] = readiness.blockers
    assert (blocker.kind, blocker.owner) == (kind, owner)
    assert readiness.ready is False
    for sentence in (blocker.detail, blocker.resolution):
        assert not sentence[0].islower()
        assert sentence.endswith(".")
        assert "None" not in sentence


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(
            about(personal_data=PersonalData.NONE, dpia_status=None), id="no_personal_data"
        ),
        pytest.param(about(personal_data=None), id="dpia_approved"),
        pytest.param(
            replace(about(user_count=400), uses=(use(0),), ever_used=True), id="use_by_nobody"
        ),
        pytest.param(replace(about(user_count=400), ever_used=True), id="uses_ended"),
        pytest.param(
            replace(CLEAR, contracts=(contract("2026-11-23", 0),)), id="contract_ends_today"
        ),
        pytest.param(
            replace(CLEAR, agreed=replace(AGREED, successor=None)), id="no_successor_needed"
        ),
    ],
)
def test_an_answered_question_does_not_block(facts: ReadinessFacts) -> None:
    assert assess(facts, TODAY).ready is True


def test_hidden_facts_are_withheld() -> None:
    hidden = SystemFacts(SYSTEM.id, "Roster", BEDS, Lifecycle.LIVE, standard_visible=False)
    readiness = assess(ReadinessFacts(hidden, None, False, (), False, (), False, (), False), TODAY)
    assert (readiness.ready, readiness.blockers) == (None, ())
    assert set(readiness.withheld) == set(K)


def test_a_visible_decision_counts_even_if_others_may_be_hidden() -> None:
    readiness = assess(replace(CLEAR, decisions_known=False), TODAY)
    assert readiness.withheld == ()
    hidden = replace(AGREED, successor=None, successor_withheld=True)
    assert assess(replace(CLEAR, agreed=hidden), TODAY).withheld == (K.SUCCESSOR_NOT_LIVE,)


def test_a_hidden_dependant_blocks_without_its_name() -> None:
    hidden = Dependant(UUID(int=4), InterfaceStandard.REST, None, None, None)
    [blocker] = assess(replace(CLEAR, dependants=(hidden,)), TODAY).blockers
    assert blocker.detail.startswith("A system that your agency")
    assert (blocker.owner, blocker.dependant_id) == (None, None)


def test_a_receiver_relies_on_the_sender() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert list(dependency_pairs(one, other, InterfaceDirection.FROM_TO)) == [(one, other)]
    both = list(dependency_pairs(one, other, InterfaceDirection.BOTH))
    assert both == [(one, other), (other, one)]


def test_the_earliest_date_needs_a_date_for_every_blocker() -> None:
    running = replace(CLEAR, contracts=(contract("2027-03-31"), contract("2026-12-31", 28)))
    readiness = assess(running, TODAY)
    assert readiness.earliest_date == readiness.not_before == date(2027, 3, 31)
    assert [each.due_date for each in readiness.blockers] == [date(2026, 12, 1), date(2026, 12, 3)]
    held = assess(replace(running, system=replace(SYSTEM, retention_hold=True)), TODAY)
    assert (held.earliest_date, held.not_before) == (None, date(2027, 3, 31))


def test_an_ending_use_is_over_on_the_next_day() -> None:
    facts = replace(CLEAR, uses=(use(3, date(2026, 12, 31)),), ever_used=True)
    assert assess(facts, TODAY).earliest_date == date(2027, 1, 1)


def test_a_missed_notice_is_described_and_not_due() -> None:
    [blocker] = assess(replace(CLEAR, contracts=(contract(notice=180),)), TODAY).blockers
    assert (blocker.due_date, blocker.clear_date) == (None, date(2028, 3, 31))
    assert "The last day for notice was 2 October 2026" in blocker.detail
    assert "31 March 2028" in blocker.detail


def test_a_contract_without_an_end_clears_after_its_notice_period() -> None:
    [known] = assess(replace(CLEAR, contracts=(contract(None, 30),)), TODAY).blockers
    assert "no recorded end" in known.detail
    assert known.resolution.startswith("Give 30 days' notice")
    assert known.clear_date == date(2026, 12, 23)
    unknown = assess(replace(CLEAR, contracts=(contract(None, None),)), TODAY)
    assert (unknown.earliest_date, unknown.ready) == (None, False)


@given(st.lists(st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2100, 1, 1)))))
def test_the_earliest_date_is_the_latest_known_date(dates: list[date | None]) -> None:
    earliest = find_earliest_date(dates, TODAY)
    if None in dates:
        assert earliest is None
        return
    assert earliest is not None
    assert earliest >= TODAY
    assert all(day is None or day <= earliest for day in dates)
    assert earliest in {TODAY, *dates}


@given(st.lists(st.dates(date(2026, 1, 1), date(2100, 1, 1)), max_size=4), st.integers(0, 1000))
def test_a_system_is_ready_on_its_earliest_date_and_not_before(
    ends: list[date], notice: int
) -> None:
    bound = tuple(contract(str(end), notice, extent=str(end)) for end in ends)
    facts = replace(CLEAR, contracts=bound)
    readiness = assess(facts, TODAY)
    assert readiness.earliest_date is not None
    assert assess(facts, readiness.earliest_date).ready is True
    if readiness.earliest_date > TODAY:
        assert assess(facts, readiness.earliest_date - timedelta(days=1)).ready is False


def group(*facts: ReadinessFacts) -> GroupReadiness:
    return GroupReadiness((), tuple(assess(each, TODAY) for each in facts), TODAY)


def test_a_group_is_ready_when_its_last_system_is() -> None:
    readiness = group(CLEAR, replace(CLEAR, contracts=(contract(),)))
    assert (readiness.ready, readiness.earliest_date) == (False, date(2027, 3, 31))
    assert group(CLEAR, CLEAR).ready is True
    assert group(CLEAR, CLEAR).earliest_date == TODAY
    assert group(CLEAR, about(retention_hold=True)).earliest_date is None
    assert group(CLEAR, replace(CLEAR, contracts_known=False)).ready is None
    assert group(CLEAR, replace(CLEAR, contracts_known=False)).withheld == [K.CONTRACT_RUNNING]


def test_a_group_without_systems_in_use_has_no_readiness() -> None:
    gone = about(lifecycle=Lifecycle.DECOMMISSIONED)
    assert (group(gone).ready, group(gone).earliest_date) == (None, None)
    assert (group(gone, CLEAR).ready, group(gone, CLEAR).earliest_date) == (True, TODAY)


def test_the_next_notices_are_the_first_not_yet_missed() -> None:
    missed, soon, later = contract(notice=180), contract(), contract("2027-08-31", 90)
    again = contract(value="1000.00")
    readiness = group(
        replace(CLEAR, contracts=(later, soon, missed)), replace(CLEAR, contracts=(again, later))
    )
    assert [each.missed for each in readiness.notices] == [True, False, False, False]
    assert {each.contract.id for each in readiness.next_notices} == {soon.id, again.id}
    assert total_cost_of_missing(readiness.next_notices) == (Sum(Decimal("189000.00"), 2), "GBP")
    assert readiness.notices[0].earliest_end_date == date(2028, 3, 31)
    assert len(readiness.notices[-1].system_ids) == 2


def test_the_cost_of_missing_a_notice_needs_known_values_in_one_currency() -> None:
    hidden = contract(value=None, withheld=("annual_value", "exit_cost"))
    ended = contract(extent="2027-03-31")
    for bound, expected in (
        (hidden, Sum(withheld=1)),
        (contract(value=None), Sum(unknown=1)),
        (ended, Sum(Decimal(0), 1)),
    ):
        readiness = group(replace(CLEAR, contracts=(bound,)))
        assert total_cost_of_missing(readiness.next_notices) == (expected, bound.currency)
    dear = replace(CLEAR, contracts=(contract(), contract(currency="EUR")))
    assert total_cost_of_missing(group(dear).next_notices) == (Sum(unknown=2), None)


def test_dates_are_written_in_words() -> None:
    assert format_date(date(2027, 3, 1)) == "1 March 2027"

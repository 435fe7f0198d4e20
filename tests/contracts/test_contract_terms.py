"""The terms of contracts through the API, on days before and after their first end."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import SignIn
from tests.api_calls import Fields, answer, change, read, refusals
from tests.contracts.api_contracts import CONTRACTS, SCOPES, contract, path_of, titles
from tests.factories import BEDS
from tests.unsaved import CheckedClient

On = Callable[[str], CheckedClient]
ROLLING = {
    "start_date": "2022-11-01",
    "end_date": "2026-10-31",
    "notice_period_days": 60,
    "max_extent_date": "2029-10-31",
}


@pytest.fixture
def on(sign_in: SignIn) -> Iterator[On]:
    """Return a function that moves the clock to a day, and signs in on that day."""
    contexts: list[Any] = []

    def move(day: str) -> CheckedClient:
        while contexts:
            contexts.pop().__exit__(None, None, None)
        moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        contexts.append(clock.freeze(moment.replace(hour=12)))
        contexts[-1].__enter__()
        return sign_in(BEDS, SCOPES)

    yield move
    while contexts:
        contexts.pop().__exit__(None, None, None)


def term(api: CheckedClient, made: Fields) -> tuple[str, str | None, str | None, str | None]:
    """Read the state of a contract's term, its end, and its last and next days for notice."""
    found = read(api, path_of(made))
    names = ("term_status", "end_of_term", "last_notice_date", "next_notice_date")
    status, *days = (found[name] for name in names)
    return status, *days  # type: ignore[return-value]


def test_notice_date_moves_on_with_each_term(on: On) -> None:
    made = contract(on("2026-08-01"), **ROLLING)
    for day, expected in (
        ("2026-09-01", ("notice_due", "2026-10-31", "2026-09-01", "2026-09-01")),
        ("2026-09-02", ("overdue", "2026-10-31", "2026-09-01", "2027-09-01")),
        ("2026-11-29", ("notice_due", "2027-10-31", "2027-09-01", "2027-09-01")),
        ("2029-09-02", ("ending", "2029-10-31", "2029-09-01", None)),
        ("2029-11-01", ("ended", "2029-10-31", "2029-09-01", None)),
    ):
        assert term(on(day), made) == expected, day


def test_renewal_and_notice_in_months_are_recorded(on: On) -> None:
    fields = {
        "end_date": "2024-02-29",
        "renewal": "automatic",
        "renewal_period_months": 6,
        "notice_period_months": 3,
    }
    api = on("2026-11-29")
    made = contract(api, **fields)
    assert fields.items() <= made.items()
    assert term(api, made) == ("overdue", "2027-02-28", "2026-11-28", "2027-05-31")
    both = change(api, path_of(made), notice_period_days=30)
    assert refusals(both, 422) == {("/notice_period_months", "unexpected")}
    change(api, path_of(made), notice_period_days=30, notice_period_months=None)
    assert term(api, made)[2] == "2027-01-29"


def test_notice_given_in_time_ends_the_contract_with_its_term(on: On) -> None:
    api = on("2026-11-29")
    made = contract(api, **ROLLING, renewal="automatic")
    change(api, path_of(made), notice_given_on="2026-11-29")
    assert term(api, made) == ("notice_given", "2027-10-31", None, None)
    assert term(on("2027-10-31"), made)[0] == "notice_given"
    assert term(on("2027-11-01"), made)[0] == "ended"


def test_lists_filter_and_sort_by_the_present_term(on: On) -> None:
    api = on("2026-11-29")
    contract(api, title="Rolling", **ROLLING)
    monthly = {"end_date": "2020-01-31", "renewal": "automatic", "renewal_period_months": 1}
    contract(api, title="Monthly", **monthly, notice_period_months=1)
    contract(api, title="First", end_date="2027-01-31", notice_period_days=31)
    contract(api, title="None", end_date="2027-01-31", renewal="none", notice_period_days=31)
    ordered = ["Monthly", "First", "Rolling", "None"]
    assert titles(api, sort="last_notice_date") == ordered
    assert titles(api, last_notice_date__gte="2027-01-01", sort="title") == ["Rolling"]
    assert titles(api, last_notice_date__lte="2026-12-31", sort="title") == ["First", "Monthly"]
    assert titles(api, next_notice_date="2026-11-30") == ["Monthly"]
    assert titles(api, end_of_term="2026-11-30") == ["Monthly"]
    assert titles(api, term_status__in="notice_due,overdue", sort="title") == [
        "First",
        "Monthly",
        "Rolling",
    ]
    assert titles(api, sort="-end_of_term")[:2] == ["Rolling", "None"]
    found, parameters = [], {"sort": "last_notice_date", "limit": "1"}
    while parameters.get("cursor", "") is not None:
        body = answer(api.get(CONTRACTS, query_string=parameters))
        found += [item["title"] for item in body["items"]]
        parameters["cursor"] = body["page"]["next_cursor"]
    assert found == ordered


def test_end_date_is_not_moved_by_a_renewal(on: On) -> None:
    api = on("2026-11-29")
    made = contract(api, **ROLLING)
    assert read(api, path_of(made))["end_date"] == "2026-10-31"
    changes = read(api, f"{path_of(made)}/history")["items"]
    assert len(changes) == 1

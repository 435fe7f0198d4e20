"""Former names of suppliers, and the years when they ended."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, READ_WRITE, record
from tests.unsaved import CheckedClient

SUPPLIERS = "/v1/suppliers"
COMPANY = "NEC Software Solutions UK"
FORMER = [{"name": "Northgate Public Services", "until": 2021}]


@pytest.fixture
def beds(sign_in: Callable[[str | None, str], CheckedClient]) -> CheckedClient:
    return sign_in(BEDS, READ_WRITE)


def test_former_names_are_returned_and_changed(beds: CheckedClient) -> None:
    created = record(beds, SUPPLIERS, name=COMPANY, former_names=FORMER)
    path = f"{SUPPLIERS}/{created['id']}"
    assert created["former_names"] == read(beds, path)["former_names"] == FORMER
    more = [*FORMER, {"name": "Northgate Information Solutions", "until": 2012}]
    assert answer(change(beds, path, former_names=more))["former_names"] == more
    assert answer(change(beds, path, former_names=[]))["former_names"] == []
    assert record(beds, SUPPLIERS, name="Civica")["former_names"] == []


def test_suppliers_are_found_by_former_names(beds: CheckedClient) -> None:
    record(beds, SUPPLIERS, name=COMPANY, former_names=FORMER)
    record(beds, SUPPLIERS, name="Civica")
    assert listed(beds, SUPPLIERS, q="northgate") == [COMPANY]


@pytest.mark.parametrize(
    ("former", "pointer"),
    [
        pytest.param([{"name": "Northgate"}], "/former_names/0/until", id="no_year"),
        pytest.param([{"until": 2021}], "/former_names/0/name", id="no_name"),
        pytest.param([{"name": " ", "until": 2021}], "/former_names/0/name", id="blank_name"),
        pytest.param(
            [{"name": "Northgate", "until": 1799}], "/former_names/0/until", id="year_too_early"
        ),
        pytest.param(
            [{"name": "Northgate", "until": 2201}], "/former_names/0/until", id="year_too_late"
        ),
        pytest.param(
            [{"name": "Northgate", "until": "2021-01"}],
            "/former_names/0/until",
            id="month_for_year",
        ),
        pytest.param(
            [{"name": "Northgate", "until": 2021, "why": "x"}],
            "/former_names/0/why",
            id="unknown_field",
        ),
        pytest.param(["Northgate"], "/former_names/0", id="text_for_object"),
        pytest.param(FORMER * 21, "/former_names", id="too_many"),
    ],
)
def test_invalid_former_names_are_refused(
    beds: CheckedClient, former: list[Any], pointer: str
) -> None:
    refused = beds.post(SUPPLIERS, json={"name": COMPANY, "former_names": former})
    assert pointer in {each for each, _ in refusals(refused)}

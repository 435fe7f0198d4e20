"""Names that suppliers gave up, and in which year."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.recording import BEDS, READ_WRITE, answer, change, listed, read, record, refusals
from tests.unsaved import CheckedClient

SUPPLIERS = "/v1/suppliers"
COMPANY = "NEC Software Solutions UK"
FORMER = [{"name": "Northgate Public Services", "until": 2021}]


@pytest.fixture
def beds(sign_in: Callable[[str | None, str], CheckedClient]) -> CheckedClient:
    return sign_in(BEDS, READ_WRITE)


def test_they_come_back_and_may_be_changed(beds: CheckedClient) -> None:
    made = record(beds, SUPPLIERS, name=COMPANY, former_names=FORMER)
    path = f"{SUPPLIERS}/{made['id']}"
    assert made["former_names"] == read(beds, path)["former_names"] == FORMER
    more = [*FORMER, {"name": "Northgate Information Solutions", "until": 2012}]
    assert answer(change(beds, path, former_names=more))["former_names"] == more
    assert answer(change(beds, path, former_names=[]))["former_names"] == []
    assert record(beds, SUPPLIERS, name="Civica")["former_names"] == []


def test_suppliers_are_found_by_them(beds: CheckedClient) -> None:
    record(beds, SUPPLIERS, name=COMPANY, former_names=FORMER)
    record(beds, SUPPLIERS, name="Civica")
    assert listed(beds, SUPPLIERS, q="northgate") == [COMPANY]


@pytest.mark.parametrize(
    ("former", "pointer"),
    [
        ([{"name": "Northgate"}], "/former_names/0/until"),
        ([{"until": 2021}], "/former_names/0/name"),
        ([{"name": " ", "until": 2021}], "/former_names/0/name"),
        ([{"name": "Northgate", "until": 1799}], "/former_names/0/until"),
        ([{"name": "Northgate", "until": 2201}], "/former_names/0/until"),
        ([{"name": "Northgate", "until": "2021-01"}], "/former_names/0/until"),
        ([{"name": "Northgate", "until": 2021, "why": "x"}], "/former_names/0/why"),
        (["Northgate"], "/former_names/0"),
        (FORMER * 21, "/former_names"),
    ],
)
def test_what_does_not_fit_is_refused(beds: CheckedClient, former: list[Any], pointer: str) -> None:
    refused = beds.post(SUPPLIERS, json={"name": COMPANY, "former_names": former})
    assert pointer in {each for each, _ in refusals(refused)}

"""Names are sorted and found as people expect, alike on both stores."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.database import Base
from catalogue.core.rest.columns import sort_key as order_of
from catalogue.core.sort_keys import refresh_keys, sort_key, sort_keys_of
from tests.api_calls import answer, change, listed
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, system
from tests.stores import NAMES
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]
KEYED_TABLES = [table for table in Base.metadata.sorted_tables if sort_keys_of(table)]
IN_ORDER = ["alpha 1", "Alpha 2", "Alpha 10", "Łódź", "Lund", "Østfold", "Zebra"]
SCOPES = "systems:read systems:write contracts:read contracts:write"


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A client that records systems and contracts."""
    return sign_in(BEDS, SCOPES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("vm2", "vm10"),
        ("Alpha 2", "alpha 10"),
        ("v1.9", "v1.10"),
        ("Łódź", "Lund"),
        ("Ørsted", "Oslo Z"),
        ("Đakovo", "Dover"),
        ("Straße 2", "strasse 10"),
        ("Æther", "Afar"),
        ("9" * 120, "a"),
    ],
)
def test_sort_keys_stand_in_the_order_that_people_expect(before: str, after: str) -> None:
    assert sort_key(before) < sort_key(after)


def test_sort_key_ignores_case_accents_and_leading_zeros() -> None:
    assert sort_key("Café 007") == sort_key("CAFE  7")


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("table", KEYED_TABLES, ids=str)
def test_lists_sort_by_the_stored_key_itself_so_that_an_index_gives_the_order(
    table: sa.Table, dialect: str
) -> None:
    for name, _ in sort_keys_of(table):
        assert order_of(dialect, table.c[name]) is table.c[name]


def test_list_of_systems_sorts_letters_and_numbers_page_by_page(api: CheckedClient) -> None:
    for name in reversed(IN_ORDER):
        system(api, name)
    assert listed(api, "/v1/systems", sort="name") == IN_ORDER
    assert listed(api, "/v1/systems", sort="-name") == IN_ORDER[::-1]
    names: list[str] = []
    query: dict[str, Any] = {"sort": "name", "limit": 2}
    while True:
        page = answer(api.get("/v1/systems", query_string=query))
        names += [item["name"] for item in page["items"]]
        if not page["page"]["has_more"]:
            break
        query["cursor"] = page["page"]["next_cursor"]
    assert names == IN_ORDER


def test_renamed_system_moves_in_the_list(api: CheckedClient) -> None:
    made = system(api, "Zebra 2")
    system(api, "Zebra 10")
    assert change(api, f"/v1/systems/{made['id']}", name="Zebra 20").status_code == 200
    assert listed(api, "/v1/systems", sort="name") == ["Zebra 10", "Zebra 20"]


def test_titles_sort_like_names(api: CheckedClient) -> None:
    for title in ("Zone", "Lot 10", "lot 2", "Łódź"):
        contract(api, reference=title, title=title)
    for field in ("title", "reference"):
        items = answer(api.get("/v1/contracts", query_string={"sort": field}))["items"]
        assert [each[field] for each in items] == ["Łódź", "lot 2", "Lot 10", "Zone"]


@pytest.mark.parametrize(
    ("searched", "name"),
    [("lodz", "Łódź"), ("łódź", "Łódź"), ("ostfold", "Østfold"), ("aether", "Æther")],
)
def test_search_finds_names_by_plain_letters(api: CheckedClient, searched: str, name: str) -> None:
    system(api, name)
    system(api, "Other")
    for parameter in ("q", "name__contains"):
        assert listed(api, "/v1/systems", **{parameter: searched}) == [name]


def test_names_that_differ_in_a_letter_remain_different(api: CheckedClient) -> None:
    system(api, "Łódź")
    system(api, "Lodz")
    assert sorted(listed(api, "/v1/systems", q="lodz")) == ["Lodz", "Łódź"]


def test_upgrade_makes_the_keys_that_an_older_release_left_out(
    api: CheckedClient, session: Session
) -> None:
    system(api, "vm 10")
    system(api, "vm 2")
    connection = session.get_bind()
    assert isinstance(connection, sa.Engine)
    with connection.begin() as writing:
        writing.execute(sa.text("UPDATE system SET name_sort = ''"))
    with connection.begin() as writing:
        refresh_keys(writing)
    assert listed(api, "/v1/systems", sort="name") == ["vm 2", "vm 10"]

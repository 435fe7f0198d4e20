"""Counts of systems by fields: each is the total of the list with the group's values as filters."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.systems.resources import SYSTEMS
from tests.agencies.api_agreements import SCOPES, grant
from tests.api_calls import refusals
from tests.chance import chance
from tests.factories import BEDS, CAMBS, READ_WRITE, add_capability, record
from tests.unsaved import CheckedClient

PATH = "/v1/systems/counts"
ALL = f"{READ_WRITE} {SCOPES}"
CHOICES: dict[str, list[Any]] = {
    "lifecycle": ["live", "planned", "sunsetting"],
    "hosting": ["on_premise", "saas", None],
    "disposition": ["tolerate", "migrate", None],
    "functional_fit": [1, 4, None],
    "legacy_risk": [3, 20, None],
    "capabilities": [[], ["E04"], ["E04", "E05"]],
    "disclosure": ["owner_only", "agreement", "all_agencies"],
    "tags": [[], ["a"], ["a", "b"]],
}


@pytest.fixture
def clients(sign_in: Callable[..., CheckedClient], session: Session) -> list[CheckedClient]:
    """Clients of two agencies, of which one shares its systems with the other in part."""
    for code in ("E04", "E05"):
        add_capability(session, code, f"Work {code}")
    session.commit()
    beds, cambs = sign_in(BEDS, ALL), sign_in(CAMBS, ALL)
    draws = chance("counts")
    for api in (beds, cambs):
        for number in range(12):
            fields = {name: draws.choice(values) for name, values in CHOICES.items()}
            record(api, "/v1/systems", name=f"System {number}", **fields)
    grant(cambs, grantee=BEDS, field_profile="summary")
    return [beds, cambs]


def groups(api: CheckedClient, *by: str, **filters: str) -> list[dict[str, Any]]:
    """Return the groups of counts."""
    response = api.get(PATH, query_string=[("by", name) for name in by] + list(filters.items()))
    assert response.status_code == 200, response.text
    assert response.json is not None
    return list(response.json["items"])


def listed(api: CheckedClient, **filters: str) -> list[dict[str, Any]]:
    """Return the systems of the list with these filters."""
    response = api.get("/v1/systems", query_string=filters | {"limit": "200"})
    assert response.json is not None
    return list(response.json["items"])


def values_of(row: dict[str, Any], name: str) -> list[tuple[str | None, bool]]:
    """Return the values of a field by which a system counts, and whether each is withheld."""
    if name == "capabilities":
        return [(code, False) for code in row[name]] or [(None, False)]
    value = row[name]
    return [(None if value is None else str(value), name in row["withheld"])]


def expected(rows: list[dict[str, Any]], by: tuple[str, ...]) -> dict[Any, int]:
    """Count rows of the list by some fields."""
    counts: dict[Any, int] = {}
    for row in rows:
        keys: list[tuple[Any, ...]] = [()]
        for name in by:
            keys = [(*key, value) for key in keys for value in values_of(row, name)]
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    return counts


@pytest.mark.parametrize(
    "filters",
    [{}, {"lifecycle": "live"}, {"q": "system 1"}, {"tags": "a"}, {"legacy_risk__gte": "10"}],
    ids=str,
)
def test_counts_are_those_of_the_list(
    clients: list[CheckedClient], filters: dict[str, str]
) -> None:
    names = list(SYSTEMS.group_by)
    for api in clients:
        rows = listed(api, **filters)
        for by in [(), *[(name,) for name in names], *pairwise(names)]:
            found = {
                tuple(
                    (value, name in group["withheld"]) for name, value in group["values"].items()
                ): group["count"]
                for group in groups(api, *by, **filters)
            }
            assert found == expected(rows, by), by


def test_value_of_a_group_is_a_filter_of_the_list(clients: list[CheckedClient]) -> None:
    beds = clients[0]
    for group in groups(beds, "agency", "lifecycle"):
        assert len(listed(beds, **group["values"])) == group["count"]
    empty = [
        g["count"]
        for g in groups(beds, "hosting")
        if not any([*g["values"].values(), *g["withheld"]])
    ]
    assert empty == [len(listed(beds, hosting__isnull="true"))]


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("by=name", ("?by", "invalid")),
        ("by=legacy_risk", ("?by", "invalid")),
        ("by=agency&by=agency", ("?by", "repeated")),
        ("by=agency&by=hosting&by=lifecycle", ("?by", "too_many")),
        ("limit=1", ("?limit", "unknown_parameter")),
        ("as_of=2026-01-01", ("?as_of", "unknown_parameter")),
        ("lifecycle=nonsense", ("?lifecycle", "invalid")),
        ("agency=nonsense", ("?agency", "unknown")),
    ],
)
def test_invalid_parameter_is_refused(
    sign_in: Callable[..., CheckedClient], query: str, refused: tuple[str, str]
) -> None:
    assert refusals(sign_in(BEDS, READ_WRITE).get(f"{PATH}?{query}"), 400) == {refused}

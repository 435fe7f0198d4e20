"""Uses: a system of one owner can serve many agencies."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from tests.agencies.api_agreements import SCOPES, agree, agreement, grant
from tests.api_calls import answer, change, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.stores import Store
from tests.unsaved import CheckedClient

PATH = "/v1/systems"
KENT = "kent-police"
OWN = {"disclosure": "owner_only"}

Fields = dict[str, Any]


@pytest.fixture
def shared(api: CheckedClient, stranger: CheckedClient, make_agency: Callable[..., Any]) -> Fields:
    """A system that every agency can see."""
    assert stranger
    make_agency(KENT)
    return system(api, name="Shared crime records", disclosure="all_agencies")


def use(api: CheckedClient, system: Fields, agency: str = CAMBS, **fields: Any) -> Fields:
    """Record a use of the system by an agency."""
    body = {"agency": agency} | fields
    response = api.post(f"{PATH}/{system['id']}/uses", json=body)
    assert response.status_code == 201, response.text
    return answer(response)


def users(api: CheckedClient, system: Fields, **parameters: Any) -> list[str]:
    """List the agencies that use the system."""
    response = api.get(f"{PATH}/{system['id']}/uses", query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["agency"] for item in answer(response)["items"]]


def test_created_use_is_read_back(api: CheckedClient, shared: Fields) -> None:
    path = f"{PATH}/{shared['id']}/uses"
    body = {"agency": CAMBS, "user_count": 900, "since": "2021-04-01", "until": None}
    response = api.post(path, json=body)
    created = answer(response)
    assert response.headers["Location"] == f"{path}/{created['id']}"
    assert created | body == created
    assert (created["system_id"], created["agency_name"]) == (shared["id"], "Cambridgeshire Police")
    assert read(api, f"{path}/{created['id']}") == created
    assert read(api, path)["items"] == [created]


def test_uses_of_many_agencies_are_listed(api: CheckedClient, shared: Fields) -> None:
    for agency in (KENT, BEDS, CAMBS):
        use(api, shared, agency, user_count=10)
    assert users(api, shared) == [BEDS, CAMBS, KENT]
    assert users(api, shared, agency=KENT) == [KENT]
    assert users(api, shared, sort="-agency", limit=1) == [KENT]


def test_list_does_not_filter_by_the_id_that_its_path_gives(
    api: CheckedClient, shared: Fields
) -> None:
    path = f"{PATH}/{shared['id']}/uses"
    for name in ("system_id", "system_id__in"):
        response = api.get(path, query_string={name: shared["id"]})
        assert refusals(response, 400) == {(f"?{name}", "unknown_parameter")}


def test_overlapping_use_by_the_same_agency_is_rejected(api: CheckedClient, shared: Fields) -> None:
    first = use(api, shared, since="2019-04-01")
    path = f"{PATH}/{shared['id']}/uses"
    assert refusals(api.post(path, json={"agency": CAMBS}), 409) == {("/agency", "taken")}
    ended = {"agency": CAMBS, "since": "2010-01-01", "until": "2012-01-01"}
    for _ in range(2):
        assert api.post(path, json=ended).status_code == 201
    assert answer(change(api, f"{path}/{first['id']}", until="2024-03-31"))["until"] == "2024-03-31"
    again = use(api, shared, since="2025-01-01")
    assert refusals(change(api, f"{path}/{first['id']}", until=None), 409) == {("/agency", "taken")}
    other = use(api, shared, KENT)
    moved = change(api, f"{path}/{other['id']}", agency=CAMBS)
    assert refusals(moved, 409) == {("/agency", "taken")}
    assert users(api, shared, until__isnull="true") == [CAMBS, KENT]
    assert again["until"] is None


def test_use_that_ends_before_it_begins_is_rejected(api: CheckedClient, shared: Fields) -> None:
    path = f"{PATH}/{shared['id']}/uses"
    body = {"agency": CAMBS, "since": "2024-04-01", "until": "2024-03-31"}
    assert refusals(api.post(path, json=body)) == {("/until", "out_of_order")}
    created = use(api, shared, since="2024-04-01", until="2024-04-01")
    for changes in ({"until": "2024-03-31"}, {"since": "2024-04-02"}):
        refused = change(api, f"{path}/{created['id']}", **changes)
        assert refusals(refused) == {("/until", "out_of_order")}
    assert read(api, f"{path}/{created['id']}") == created


def test_use_by_unknown_agency_is_rejected(api: CheckedClient, shared: Fields) -> None:
    path = f"{PATH}/{shared['id']}/uses"
    assert refusals(api.post(path, json={"agency": "nobody"})) == {("/agency", "unknown")}
    assert refusals(api.post(path, json={})) == {("/agency", "required")}
    created = use(api, shared)
    refused = change(api, f"{path}/{created['id']}", agency="nobody")
    assert refusals(refused) == {("/agency", "unknown")}


def test_use_can_be_deleted(api: CheckedClient, shared: Fields) -> None:
    created = use(api, shared)
    path = f"{PATH}/{shared['id']}/uses/{created['id']}"
    assert refusals(api.delete(path), 428) == set()
    assert refusals(api.delete(path, headers={"If-Match": '"stale"'}), 412) == set()
    tag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": tag}).status_code == 204
    assert refusals(api.get(path), 404) == set()
    assert users(api, shared) == []


def test_use_is_not_found_under_another_system(api: CheckedClient, shared: Fields) -> None:
    created, other = use(api, shared), system(api, name="Other")
    path = f"{PATH}/{other['id']}/uses/{created['id']}"
    tag = api.get(f"{PATH}/{shared['id']}/uses/{created['id']}").headers["ETag"]
    assert refusals(api.get(path), 404) == set()
    headers = {"If-Match": tag}
    assert refusals(api.patch(path, json={"user_count": 1}, headers=headers), 404) == set()
    assert refusals(api.delete(path, headers=headers), 404) == set()
    assert users(api, other) == []
    assert users(api, shared) == [CAMBS]


def test_only_owner_of_the_system_writes_uses(
    api: CheckedClient, stranger: CheckedClient, shared: Fields
) -> None:
    created = use(api, shared)
    path = f"{PATH}/{shared['id']}/uses"
    assert refusals(stranger.post(path, json={"agency": CAMBS}), 403) == set()
    one = f"{path}/{created['id']}"
    assert refusals(change(stranger, one, user_count=1), 403) == set()
    headers = {"If-Match": stranger.get(one).headers["ETag"]}
    assert refusals(stranger.delete(one, headers=headers), 403) == set()
    assert read(stranger, one) == read(api, one) == created


def test_uses_of_hidden_system_return_404(
    api: CheckedClient, stranger: CheckedClient, shared: Fields
) -> None:
    hidden = system(api, name="Covert", disclosure="owner_only")
    # Even the using agency cannot see it, because the owner decides who can see the system.
    created = use(api, hidden)
    for identity in (hidden["id"], str(uuid4())):
        path = f"{PATH}/{identity}/uses"
        one = f"{path}/{created['id']}"
        body, headers = {"agency": CAMBS}, {"If-Match": "*"}
        for response in (
            stranger.get(path),
            stranger.post(path, json=body),
            stranger.get(one),
            stranger.patch(one, json={"user_count": 1}, headers=headers),
            stranger.delete(one, headers=headers),
        ):
            assert refusals(response, 404) == set()
    assert users(api, hidden) == [CAMBS]
    assert users(stranger, shared) == []


def test_agency_with_summary_sees_its_own_use_only(
    api: CheckedClient,
    stranger: CheckedClient,
    make_agency: Callable[..., Any],
    sign_in: Callable[..., CheckedClient],
) -> None:
    make_agency(KENT)
    hidden = system(api, name="Covert", disclosure="owner_only")
    own, others = use(api, hidden), use(api, hidden, KENT)
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    assert users(stranger, hidden) == [CAMBS]
    path = f"{PATH}/{hidden['id']}/uses"
    assert read(stranger, f"{path}?total=true")["page"]["total"] == 1
    assert read(stranger, f"{path}/{own['id']}") == own
    assert refusals(stranger.get(f"{path}/{others['id']}"), 404) == set()
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert users(stranger, hidden) == [CAMBS, KENT]


@pytest.mark.parametrize(
    ("profile", "seen"),
    [
        pytest.param("summary", [CAMBS], id="summary"),
        pytest.param("standard", [CAMBS, KENT], id="standard"),
    ],
)
def test_partners_see_uses_within_the_agreed_profile(
    sign_in: Callable[..., CheckedClient],
    make_agency: Callable[..., Any],
    profile: str,
    seen: list[str],
) -> None:
    make_agency(KENT)
    api, partner = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
    agreed, covert = system(api, disclosure="agreement"), system(api, name="Covert", **OWN)
    for each in (agreed, covert):
        use(api, each, KENT)
        use(api, each)
    agree(agreement(api, CAMBS, field_profile=profile), api, partner)
    assert users(partner, agreed) == seen
    assert refusals(partner.get(f"{PATH}/{covert['id']}/uses"), 404) == set()
    assert (
        refusals(partner.post(f"{PATH}/{agreed['id']}/uses", json={"agency": CAMBS}), 403) == set()
    )


def test_feed_shows_uses_of_visible_systems_only(
    sign_in: Callable[..., CheckedClient],
) -> None:
    api, other = (sign_in(code, f"{READ_WRITE} audit:read") for code in (BEDS, CAMBS))
    visible, hidden = system(api, disclosure="all_agencies"), system(api, name="Covert", **OWN)
    for each in (visible, hidden):
        use(api, each, user_count=5)
    feeds = [read(each, "/v1/changes?resource=system_use")["items"] for each in (api, other)]
    assert [len(events) for events in feeds] == [2, 1]
    values = {name: change["after"] for name, change in feeds[1][0]["changes"].items()}
    assert (values["agency"], values["user_count"], values["system_id"]) == (
        CAMBS,
        5,
        visible["id"],
    )


@pytest.mark.only_on("sqlite")
def test_use_list_takes_the_same_number_of_queries_at_any_length(
    api: CheckedClient, shared: Fields, store: Store, make_agency: Callable[..., Any]
) -> None:
    statements: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    counts = []
    users(api, shared)  # fill the caches first
    for number in range(3):
        use(api, shared, make_agency(f"force-{number}").code)
        statements.clear()
        users(api, shared)
        counts.append(len(statements))
    assert len(set(counts)) == 1

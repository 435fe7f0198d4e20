"""Sharing: the systems that agreements and grants open, and the times when they do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.agencies.sharing import find_shares
from catalogue.core import clock
from catalogue.core.sharing import Basis, Profile, ResourceType, Share
from tests.agencies.api_agreements import (
    GRANTS,
    HERTS,
    SCOPES,
    SignIn,
    accept,
    agree,
    agreement,
    format_time,
    grant,
    list_system_names,
    path_of,
    revoke,
    terminate,
    withdraw,
)
from tests.api_calls import change, read, refusals
from tests.factories import BEDS, CAMBS, agency, system
from tests.stores import Store
from tests.unsaved import CheckedClient

THREE = (BEDS, CAMBS, HERTS)
EVENING = datetime(2026, 7, 1, 22, 55, tzinfo=UTC)
"""Five minutes to midnight in the United Kingdom, which is an hour ahead of UTC in summer."""
MIDNIGHT = datetime(2026, 7, 1, 23, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def partners(beds: CheckedClient, cambs: CheckedClient) -> tuple[CheckedClient, CheckedClient]:
    """Two agencies, each with one system for every disclosure."""
    for api, name in ((beds, "Beds"), (cambs, "Cambs")):
        for disclosure in ("owner_only", "agreement", "all_agencies"):
            system(api, f"{name} {disclosure}", disclosure=disclosure, user_count=9, legacy_risk=20)
    return beds, cambs


OWN = ["Beds agreement", "Beds all_agencies", "Beds owner_only"]
OPEN = [*OWN, "Cambs all_agencies"]
SHARED = [*OWN, "Cambs agreement", "Cambs all_agencies"]
GRANTED = [*SHARED, "Cambs owner_only"]


def read_system(api: CheckedClient, name: str) -> dict[str, Any]:
    response = api.get("/v1/systems", query_string={"name": name})
    (result,) = response.json["items"]  # type: ignore[index]
    return dict(result)


# ---- Agreements


def test_agreement_shares_nothing_before_all_accept(
    partners: tuple[CheckedClient, CheckedClient], kent: CheckedClient
) -> None:
    beds, cambs = partners
    created = agreement(beds)
    assert list_system_names(beds) == OPEN
    agree(created, beds)
    assert list_system_names(beds) == OPEN
    agree(created, cambs)
    assert list_system_names(beds) == SHARED
    assert "Beds agreement" in list_system_names(cambs)
    assert list_system_names(kent) == ["Beds all_agencies", "Cambs all_agencies"]


@pytest.mark.parametrize(
    ("profile", "withheld"),
    [
        pytest.param("summary", {"user_count", "legacy_risk"}, id="summary"),
        pytest.param("standard", {"legacy_risk"}, id="standard"),
        pytest.param("full", set(), id="full"),
    ],
)
def test_agreement_shows_fields_of_its_profile(
    partners: tuple[CheckedClient, CheckedClient], profile: str, withheld: set[str]
) -> None:
    beds, cambs = partners
    agree(agreement(beds, field_profile=profile), beds, cambs)
    shown = read_system(beds, "Cambs agreement")
    assert {"user_count", "legacy_risk"} & set(shown["withheld"]) == withheld
    assert {n for n in ("user_count", "legacy_risk") if shown[n] is None} == withheld


@pytest.mark.parametrize("how", ["edit", "withdrawal", "termination", "party"])
def test_ended_agreement_hides_systems_on_next_request(
    partners: tuple[CheckedClient, CheckedClient], herts: CheckedClient, how: str
) -> None:
    assert herts
    beds, cambs = partners
    created = agreement(beds)
    agree(created, beds, cambs)
    assert list_system_names(beds) == SHARED
    hidden = read_system(beds, "Cambs agreement")["id"]
    match how:
        case "edit":
            done = change(beds, path_of(created), title="Another")
        case "withdrawal":
            done = withdraw(cambs, created)
        case "termination":
            done = terminate(beds, created)
        case _:
            done = change(beds, path_of(created), parties=[CAMBS, HERTS])
    assert done.status_code == 200
    assert list_system_names(beds) == OPEN
    assert beds.get(f"/v1/systems/{hidden}").status_code == 404
    assert "Beds agreement" not in list_system_names(cambs)


def test_accepted_edit_shares_systems_again(partners: tuple[CheckedClient, CheckedClient]) -> None:
    beds, cambs = partners
    created = agreement(beds)
    agree(created, beds, cambs)
    assert change(beds, path_of(created), field_profile="full").status_code == 200
    agree(created, beds)
    assert list_system_names(beds) == OPEN
    agree(created, cambs)
    assert read_system(beds, "Cambs agreement")["legacy_risk"] == 20


def test_three_parties_see_each_others_systems(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient, kent: CheckedClient
) -> None:
    apis = (beds, cambs, herts)
    for api, name in zip(apis, "ABC", strict=True):
        system(api, name, disclosure="agreement")
    created = agreement(beds, CAMBS, HERTS)
    agree(created, beds, cambs)
    for api, name in zip(apis, "ABC", strict=True):
        assert list_system_names(api) == [name]
    agree(created, herts)
    for api in apis:
        assert list_system_names(api) == ["A", "B", "C"]
    assert list_system_names(kent) == []


def test_widest_of_two_agreements_applies(partners: tuple[CheckedClient, CheckedClient]) -> None:
    beds, cambs = partners
    first, second = agreement(beds, field_profile="full"), agreement(cambs, BEDS)
    for created in (first, second):
        agree(created, beds, cambs)
    assert read_system(beds, "Cambs agreement")["legacy_risk"] == 20
    terminate(beds, first)
    assert read_system(beds, "Cambs agreement")["legacy_risk"] is None
    assert list_system_names(beds) == SHARED
    terminate(cambs, second)
    assert list_system_names(beds) == OPEN


@pytest.mark.parametrize(
    ("fields", "before", "after"),
    [
        pytest.param({"start_date": "2026-07-02"}, [], ["Shared"], id="starts_tomorrow"),
        pytest.param(
            {"start_date": "2026-07-02", "end_date": "2026-07-02"},
            [],
            ["Shared"],
            id="lasts_tomorrow",
        ),
        pytest.param(
            {"start_date": "2026-07-01", "end_date": "2026-07-01"}, ["Shared"], [], id="ends_today"
        ),
        pytest.param(
            {"start_date": "2026-07-01", "end_date": "2026-07-02"},
            ["Shared"],
            ["Shared"],
            id="lasts_both_days",
        ),
        pytest.param(
            {"start_date": "2026-06-01", "end_date": "2026-06-30"}, [], [], id="already_ended"
        ),
    ],
)
def test_agreement_begins_and_ends_at_uk_midnight(
    sign_in: SignIn, fields: dict[str, str], before: list[str], after: list[str]
) -> None:
    with clock.freeze(EVENING):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        system(cambs, "Shared", disclosure="agreement")
        created = agreement(beds, **fields)
        for api in (beds, cambs):
            accept(api, created)
        assert list_system_names(beds) == before
    # The same token, with the caches of the last request.
    for moment, expected in ((MIDNIGHT - MOMENT, before), (MIDNIGHT, after)):
        with clock.freeze(moment):
            assert list_system_names(beds) == expected, moment


def test_days_begin_at_uk_midnight_in_summer_and_winter() -> None:
    assert clock.start_of(date(2026, 7, 2)) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert clock.start_of(date(2026, 12, 2)) == datetime(2026, 12, 2, tzinfo=UTC)
    # Summer time begins or ends during these days.
    assert clock.start_of(date(2026, 3, 29)) == datetime(2026, 3, 29, tzinfo=UTC)
    assert clock.start_of(date(2026, 10, 25)) == datetime(2026, 10, 24, 23, tzinfo=UTC)


# ---- Grants


def test_grant_opens_systems_disclosed_to_owner_only(
    partners: tuple[CheckedClient, CheckedClient], kent: CheckedClient
) -> None:
    beds, cambs = partners
    created = grant(cambs, BEDS)
    assert list_system_names(beds) == GRANTED
    assert "Beds owner_only" not in list_system_names(cambs)
    assert list_system_names(kent) == ["Beds all_agencies", "Cambs all_agencies"]
    assert read_system(beds, "Cambs owner_only")["legacy_risk"] is None
    assert change(cambs, f"{GRANTS}/{created['id']}", field_profile="full").status_code == 200
    assert read_system(beds, "Cambs owner_only")["legacy_risk"] == 20
    foreign = f"/v1/systems/{read_system(beds, 'Cambs owner_only')['id']}"
    assert refusals(change(beds, foreign, name="Ours"), 403) == set()
    assert change(cambs, f"{GRANTS}/{created['id']}", resource_types=["costs"]).status_code == 200
    assert list_system_names(beds) == OPEN


def test_grant_of_other_types_opens_no_systems(
    partners: tuple[CheckedClient, CheckedClient],
) -> None:
    beds, cambs = partners
    grant(cambs, BEDS, resource_types=["contracts", "costs"], field_profile="full")
    assert list_system_names(beds) == OPEN


def test_grant_hides_systems_at_its_exact_expiry(sign_in: SignIn) -> None:
    with clock.freeze(EVENING):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        system(cambs, "Covert", disclosure="owner_only")
        created = grant(cambs, BEDS, expires_at=format_time(MIDNIGHT))
        assert list_system_names(beds) == ["Covert"]
    with clock.freeze(MIDNIGHT - MOMENT):
        assert list_system_names(beds) == ["Covert"]
    with clock.freeze(MIDNIGHT):
        assert list_system_names(beds) == []
        assert beds.get(f"{GRANTS}/{created['id']}").status_code == 200


# ---- Another process on the same database


@pytest.fixture
def neighbour(store: Store, beds: CheckedClient) -> CheckedClient:
    """The client of Bedfordshire Police with the same token on another process."""
    api = CheckedClient(store.app_with(), use_cookies=False)
    api.environ_base.update(beds.environ_base)
    return api


def test_every_process_applies_sharing_changes_at_once(
    partners: tuple[CheckedClient, CheckedClient], neighbour: CheckedClient
) -> None:
    beds, cambs = partners
    assert list_system_names(neighbour) == OPEN
    granted = grant(cambs, BEDS)
    assert list_system_names(neighbour) == list_system_names(beds) == GRANTED
    assert revoke(cambs, granted).status_code == 200
    assert list_system_names(neighbour) == list_system_names(beds) == OPEN
    created = agreement(beds)
    agree(created, beds, cambs)
    assert list_system_names(neighbour) == list_system_names(beds) == SHARED
    assert withdraw(cambs, created).status_code == 200
    assert list_system_names(neighbour) == list_system_names(beds) == OPEN
    assert change(beds, path_of(created), title="Improved").status_code == 200
    agree(created, beds, cambs)
    assert list_system_names(neighbour) == list_system_names(beds) == SHARED
    assert terminate(beds, created).status_code == 200
    assert list_system_names(neighbour) == list_system_names(beds) == OPEN


# ---- Parameters of the row rules


def list_shares(session: Session, code: str) -> list[Share]:
    session.commit()
    result = find_shares(session, agency(session, code).id)
    found = sorted(result, key=lambda share: (share.basis, str(share.owner_id)))
    return [replace(share, source_id=None) for share in found]


def test_shares_include_future_agreements(
    session: Session, beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    today = clock.today()
    soon, later = today + timedelta(days=1), today + timedelta(days=2)
    dates = {"start_date": str(soon), "end_date": str(later)}
    agree(agreement(beds, CAMBS, HERTS, **dates, field_profile="summary"), beds, cambs, herts)
    expiry = (clock.now() + timedelta(days=1)).replace(microsecond=0)
    grant(cambs, BEDS, resource_types=["costs"], expires_at=format_time(expiry))
    revoke(cambs, grant(cambs, BEDS))
    terminate(beds, agree(agreement(beds), beds, cambs))
    agreement(cambs, BEDS)

    def by_agreement(code: str) -> Share:
        return Share(
            owner_id=agency(session, code).id,
            basis=Basis.AGREEMENT,
            resource_types=frozenset(ResourceType),
            profile=Profile.SUMMARY,
            since=clock.start_of(soon),
            until=clock.start_of(later + timedelta(days=1)),
        )

    granted = Share(
        owner_id=agency(session, CAMBS).id,
        basis=Basis.GRANT,
        resource_types=frozenset({ResourceType.COSTS}),
        profile=Profile.STANDARD,
        until=expiry,
    )
    partners = sorted((by_agreement(c) for c in (CAMBS, HERTS)), key=lambda s: str(s.owner_id))
    assert [replace(s, recorded_at=None) for s in list_shares(session, BEDS)] == [
        *partners,
        granted,
    ]
    assert {share.owner_id for share in list_shares(session, CAMBS)} == {
        agency(session, code).id for code in (BEDS, HERTS)
    }
    assert list_shares(session, "kent-police") == []


# ---- Against a simple model

DAYS = st.integers(-2, 2)


@settings(max_examples=30)
@given(
    start=DAYS,
    length=st.none() | st.integers(0, 3),
    looked=DAYS,
    hour=st.sampled_from([0, 1, 22, 23]),
    accepted=st.tuples(st.permutations(THREE), st.sampled_from([3, 3, 3, 3, 2, 1, 0])).map(
        lambda drawn: drawn[0][: drawn[1]]
    ),
    then=st.sampled_from(
        ["", "", "", "edit", "same", "withdrawal", "termination", "edit and acceptance"]
    ),
)
def test_agreements_share_as_the_model_predicts(
    store: Store,
    sign_in: SignIn,
    start: int,
    length: int | None,
    looked: int,
    hour: int,
    accepted: list[str],
    then: str,
) -> None:
    store.clean()  # of the example before
    first = date(2026, 7, 10) + timedelta(days=start)
    last = None if length is None else first + timedelta(days=length)
    moment = datetime(2026, 7, 10, hour, 30, tzinfo=UTC) + timedelta(days=looked)
    day_there = (moment + timedelta(hours=1)).date()  # it is summer
    with clock.freeze(datetime(2026, 7, 1, tzinfo=UTC)):
        apis = {code: sign_in(code, SCOPES) for code in THREE}
        for code, api in apis.items():
            system(api, code, disclosure="agreement")
        dates = {"start_date": str(first), "end_date": last and str(last)}
        created = agreement(apis[BEDS], CAMBS, HERTS, **dates)
        for code in accepted:
            assert accept(apis[code], created).status_code == 201
        expected = len(accepted) == len(THREE)
        match then:
            case "same":
                change(apis[BEDS], path_of(created), title=created["title"])
            case "edit":
                change(apis[BEDS], path_of(created), title="Another")
                expected = False
            case "withdrawal":
                withdraw(apis[HERTS], created)
                expected = False
            case "termination":
                terminate(apis[BEDS], created)
                expected = False
            case "edit and acceptance":
                change(apis[BEDS], path_of(created), title="Another")
                agree(created, *apis.values())
                expected = True
    expected = expected and first <= day_there and (last is None or day_there <= last)
    with clock.freeze(moment):
        later = {code: sign_in(code, SCOPES) for code in THREE}
        for code, api in later.items():
            assert list_system_names(api) == (sorted(THREE) if expected else [code])
        status = read(later[BEDS], path_of(created))["status"]
        assert (status == "in_force") == expected

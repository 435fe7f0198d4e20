"""What another agency sees of a system, as the system's owner reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.agencies.visibility import Disclosure, FieldProfile
from catalogue.core import clock
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
    revoke,
    terminate,
    withdraw,
)
from tests.api_calls import answer, read, refusals
from tests.factories import BEDS, CAMBS, system
from tests.stores import Store
from tests.unsaved import CheckedClient

MOMENT = datetime(2026, 7, 1, 12, tzinfo=UTC)
RANKS = [None, *FieldProfile]


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    """A client of the owner."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def cambs(sign_in: SignIn) -> CheckedClient:
    """A client of another agency."""
    return sign_in(CAMBS, SCOPES)


def seen_by(api: CheckedClient, made: dict[str, Any], agency: str = CAMBS) -> dict[str, Any]:
    """Return what an agency sees of a system."""
    return answer(api.get(f"/v1/systems/{made['id']}/visibility?agency={agency}"))


def ground(basis: str, profile: str, **source: str) -> dict[str, Any]:
    """Return a ground as the API shows it."""
    return {
        "basis": basis,
        "field_profile": profile,
        "agreement_id": None,
        "access_grant_id": None,
    } | source


def test_owner_reads_each_ground_and_the_largest_profile_counts(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = system(beds, disclosure="all_agencies", user_count=9, legacy_risk=20)
    agreed = agree(agreement(beds, field_profile="summary"), beds, cambs)
    granted = grant(beds, field_profile="full")
    grant(beds, resource_types=["costs"], field_profile="full")
    found = seen_by(beds, made)
    assert found["field_profile"] == "full"
    assert found["grounds"] == [
        ground("grant", "full", access_grant_id=granted["id"]),
        ground("disclosure", "standard"),
        ground("agreement", "summary", agreement_id=agreed["id"]),
    ]
    assert found["seen"] == read(cambs, f"/v1/systems/{made['id']}")
    assert found["seen"]["legacy_risk"] == 20
    revoke(beds, granted)
    assert seen_by(beds, made)["field_profile"] == "standard"
    assert seen_by(beds, made)["seen"]["legacy_risk"] is None


def test_hidden_system_has_no_ground_and_an_own_one_has_its_owner(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = system(beds, disclosure="owner_only")
    agree(agreement(beds, field_profile="full"), beds, cambs)
    hidden = seen_by(beds, made)
    assert (hidden["field_profile"], hidden["grounds"], hidden["seen"]) == (None, [], None)
    own = seen_by(beds, made, BEDS)
    assert own["grounds"] == [ground("owner", "full")]
    assert own["seen"] == read(beds, f"/v1/systems/{made['id']}")


def test_view_has_no_more_scopes_than_the_owners_token(
    sign_in: SignIn, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = system(beds, disclosure="agreement", legacy_risk=20)
    grant(beds, field_profile="full")
    found = seen_by(sign_in(BEDS, "systems:read"), made)
    assert found["field_profile"] == "full"
    assert found["seen"] == read(sign_in(CAMBS, "systems:read"), f"/v1/systems/{made['id']}")
    assert found["seen"]["legacy_risk"] is None


def test_reading_as_another_agency_is_no_access_by_it(
    sign_in: SignIn, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = system(beds, legacy_risk=20)
    grant(beds, field_profile="full")
    assert seen_by(beds, made)["seen"]["legacy_risk"] == 20
    history = f"/v1/systems/{made['id']}/history"
    kinds = [e["kind"] for e in read(sign_in(BEDS, "systems:read audit:read"), history)["items"]]
    assert kinds == ["system.created"]


def test_only_the_owner_reads_it(
    sign_in: SignIn, beds: CheckedClient, cambs: CheckedClient
) -> None:
    shared, hidden = system(beds, "A", disclosure="all_agencies"), system(beds, "B")
    administrator = sign_in(None, "admin systems:read")
    for api in (cambs, administrator):
        for agency in (BEDS, CAMBS):
            path = f"/v1/systems/{shared['id']}/visibility?agency={agency}"
            assert refusals(api.get(path), 403) == set()
        path = f"/v1/systems/{hidden['id']}/visibility?agency={CAMBS}"
        assert refusals(api.get(path), 404) == set()
    refused = administrator.get(f"/v1/systems/visibility?agency={CAMBS}")
    assert refusals(refused, 403) == set()
    without = sign_in(BEDS, "agencies:read")
    for path in (f"/v1/systems/{shared['id']}/visibility", "/v1/systems/visibility"):
        assert without.get(f"{path}?agency={CAMBS}").status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "required"),
        ("?agency=no-agency", "unknown"),
        (f"?agency={CAMBS}&q=a", "unknown_parameter"),
    ],
)
def test_wrong_agency_is_refused(beds: CheckedClient, query: str, expected: str) -> None:
    made = system(beds)
    for path in (f"/v1/systems/{made['id']}/visibility", "/v1/systems/visibility"):
        response = beds.get(path + query)
        assert response.status_code == 400
        assert [e["code"] for e in response.json["errors"]] == [expected]  # type: ignore[index]


def test_systems_are_counted_by_disclosure_with_what_the_agency_sees(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    for name, disclosure in (("A", "agreement"), ("B", "agreement"), ("C", "owner_only")):
        system(beds, name, disclosure=disclosure)
    system(cambs, "Theirs", disclosure="all_agencies")
    agreed = agree(agreement(beds), beds, cambs)
    by_agreement = ground("agreement", "standard", agreement_id=agreed["id"])
    assert answer(beds.get(f"/v1/systems/visibility?agency={CAMBS}")) == {
        "agency": CAMBS,
        "items": [
            {"disclosure": "owner_only", "count": 1, "field_profile": None, "grounds": []},
            {
                "disclosure": "agreement",
                "count": 2,
                "field_profile": "standard",
                "grounds": [by_agreement],
            },
            {
                "disclosure": "all_agencies",
                "count": 0,
                "field_profile": "standard",
                "grounds": [by_agreement, ground("disclosure", "standard")],
            },
        ],
    }


# ---- Any world: the owner reads what a token of the other agency reads

PROFILES = st.sampled_from([each.value for each in FieldProfile])
DAYS = st.integers(-1, 1)
AGREED = st.tuples(
    PROFILES,
    DAYS,
    st.none() | st.integers(0, 1),
    st.sampled_from([(BEDS, CAMBS, HERTS)] * 3 + [(BEDS, CAMBS)]),
    st.sampled_from(["", "", "", "withdrawal", "termination"]),
)
GRANTED = st.tuples(
    st.sampled_from([CAMBS, CAMBS, HERTS]),
    PROFILES,
    st.sets(st.sampled_from(["systems", "contracts", "costs"]), min_size=1),
    st.sampled_from([timedelta(hours=1), timedelta(days=9)]),
    st.booleans(),
)


@settings(max_examples=8)
@given(
    disclosures=st.lists(st.sampled_from(list(Disclosure)), min_size=1, max_size=3),
    agreed=st.lists(AGREED, max_size=2),
    granted=st.lists(GRANTED, max_size=2),
    scopes=st.sampled_from([SCOPES, "systems:read"]),
)
def test_owner_reads_what_a_token_of_the_agency_reads(
    store: Store,
    sign_in: SignIn,
    disclosures: list[Disclosure],
    agreed: list[Any],
    granted: list[Any],
    scopes: str,
) -> None:
    store.clean()  # of the example before
    with clock.freeze(MOMENT - timedelta(days=1)):
        apis = {code: sign_in(code, SCOPES) for code in (BEDS, CAMBS, HERTS)}
        made = [
            system(apis[BEDS], f"System {i}", disclosure=each.value, user_count=9, legacy_risk=20)
            for i, each in enumerate(disclosures)
        ]
        for profile, start, length, accepted, then in agreed:
            first = MOMENT.date() + timedelta(days=start)
            last = None if length is None else str(first + timedelta(days=length))
            shared = agreement(
                apis[BEDS],
                CAMBS,
                HERTS,
                field_profile=profile,
                start_date=str(first),
                end_date=last,
            )
            for code in accepted:
                accept(apis[code], shared)
            if then == "withdrawal":
                withdraw(apis[HERTS], shared)
            elif then == "termination":
                terminate(apis[BEDS], shared)
        for grantee, profile, types, left, is_revoked in granted:
            given_to = grant(
                apis[BEDS],
                grantee,
                field_profile=profile,
                resource_types=sorted(types),
                expires_at=format_time(clock.now() + left),
            )
            if is_revoked:
                revoke(apis[BEDS], given_to)
    with clock.freeze(MOMENT):
        owner = sign_in(BEDS, scopes)
        for code in (CAMBS, HERTS):
            viewer = sign_in(code, scopes)
            counted = answer(owner.get(f"/v1/systems/visibility?agency={code}"))
            expected = {each["disclosure"]: each for each in counted["items"]}
            for each in made:
                found = seen_by(owner, each, code)
                response = viewer.get(f"/v1/systems/{each['id']}")
                assert found["seen"] == (response.json if response.status_code == 200 else None)
                withheld = (found["seen"] or {}).get("withheld")
                full_hidden = {"legacy_risk"} & set(withheld or ())
                match found["field_profile"]:
                    case None:
                        assert withheld is None
                    case "summary":
                        assert "user_count" in withheld
                    case "standard":
                        assert withheld
                        assert "user_count" not in withheld
                    case _:
                        assert bool(full_hidden) == ("risks:read" not in scopes)
                grounds = found["grounds"]
                largest = max((RANKS.index(g["field_profile"]) for g in grounds), default=0)
                assert found["field_profile"] == RANKS[largest]
                same = expected[each["disclosure"]]
                assert same["field_profile"] == found["field_profile"]
                assert same["grounds"] == grounds
                for opened in grounds:
                    source = opened["agreement_id"] or opened["access_grant_id"]
                    if source:
                        paths = {"agreement": "/v1/agreements", "grant": GRANTS}
                        shown = read(apis[code], f"{paths[opened['basis']]}/{source}")
                        assert shown["status"] in {"in_force", "live"}

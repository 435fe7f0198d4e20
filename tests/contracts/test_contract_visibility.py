"""Visibility of contracts by profile. Filters, sorts and search reveal nothing withheld."""

from typing import Any
from uuid import uuid4

import pytest

from catalogue.contracts.resources import CONTRACT_PROFILES
from catalogue.contracts.resources import CONTRACTS as RESOURCE
from catalogue.core.sharing import Profile
from tests.agencies.api_agreements import grant, revoke
from tests.api_calls import Fields, answer, change, read, refusals
from tests.contracts.api_contracts import (
    AMOUNTS,
    CONTRACTS,
    FEED,
    FULL,
    HERTS,
    contract,
    list_changes,
    page,
    path_of,
    share,
    supplier,
    titles,
)
from tests.factories import BEDS, CAMBS, system
from tests.unsaved import CheckedClient

FILTERS = {
    name: value for name, value in FULL.items() if name not in {"title", "end_date", "disclosure"}
} | {"last_notice_date": "2028-10-02", "disclosure": "agreement", "parties": HERTS}
"""Filters that find the contract by fields beyond the summary profile."""


def list_withheld(profile: str) -> list[str]:
    """Return the fields that a profile withholds."""
    level = Profile[profile.upper()]
    return [name for name in RESOURCE.names if CONTRACT_PROFILES.profile_of(name) > level]


@pytest.fixture
def created(owner: CheckedClient, party: CheckedClient) -> Fields:
    """A contract of Bedfordshire, disclosed by agreement, with Hertfordshire as a party."""
    assert party
    covered = [system(owner, "Duties", disclosure="agreement")["id"]]
    return contract(owner, **FULL, parties=[HERTS], systems=covered)


def mask(created: Fields, profile: str, **others: Any) -> Fields:
    """Return a contract as a profile shows it."""
    hidden = list_withheld(profile)
    masked = {name: None if name in hidden else value for name, value in created.items()}
    return masked | {"withheld": hidden} | others


def test_summary_profile_shows_subject_and_end_date() -> None:
    summary = set(RESOURCE.names) - set(list_withheld("summary")) - {"withheld"}
    assert summary == {
        "id",
        "agency",
        "agency_name",
        "title",
        "supplier_id",
        "supplier_name",
        "systems",
        "end_date",
    }
    assert list_withheld("standard") == AMOUNTS
    assert list_withheld("full") == []


@pytest.mark.parametrize("profile", ["summary", "standard", "full"])
def test_partner_sees_fields_of_agreed_profile(
    owner: CheckedClient, partner: CheckedClient, created: Fields, profile: str
) -> None:
    assert partner.get(path_of(created)).status_code == 404
    share(owner, partner, profile)
    assert read(partner, path_of(created)) == mask(created, profile)
    assert page(partner) == [mask(created, profile)]


@pytest.mark.parametrize("disclosure", ["owner_only", "agreement"])
@pytest.mark.parametrize("profile", ["summary", "standard", "full"])
def test_grant_opens_contracts_of_any_disclosure(
    owner: CheckedClient, partner: CheckedClient, profile: str, disclosure: str
) -> None:
    created = contract(owner, **FULL | {"disclosure": disclosure})
    grant(owner, resource_types=["systems", "costs"], field_profile="full")
    assert partner.get(path_of(created)).status_code == 404
    given = grant(owner, resource_types=["contracts"], field_profile=profile)
    assert read(partner, path_of(created)) == mask(created, profile)
    assert revoke(owner, given).status_code == 200
    assert partner.get(path_of(created)).status_code == 404


def test_all_agencies_see_standard_profile(owner: CheckedClient, stranger: CheckedClient) -> None:
    created = contract(owner, **FULL | {"disclosure": "all_agencies"})
    assert read(stranger, path_of(created)) == mask(created, "standard")


@pytest.mark.parametrize("disclosure", ["owner_only", "agreement"])
def test_stranger_gets_404_for_hidden_and_missing_contracts(
    owner: CheckedClient, stranger: CheckedClient, disclosure: str
) -> None:
    created = contract(owner, **FULL | {"disclosure": disclosure})
    nowhere = f"{CONTRACTS}/{uuid4()}"
    for path in (path_of(created), nowhere):
        for send in (stranger.get, stranger.delete):
            answered = send(path, headers={"If-Match": "*"})
            assert answered.status_code == 404
            assert answer(answered)["detail"] == (
                "There is no such contract, or your agency cannot see it. Check its id."
            )
        sent = stranger.patch(path, json={"title": "T"}, headers={"If-Match": "*"})
        assert refusals(sent, 404) == set()
    counted = answer(stranger.get(CONTRACTS, query_string={"total": "true"}))
    assert (counted["items"], counted["page"]["total"]) == ([], 0)
    for name, value in FULL.items():
        assert titles(stranger, **{name: value}) == []
    assert titles(stranger, q="duty") == []
    assert list_changes(stranger, "contract") == []


def test_owner_only_contract_is_hidden_from_partners(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    share(owner, partner, "full")
    contract(owner, disclosure="owner_only")
    assert page(partner) == []


@pytest.mark.parametrize("disclosure", ["owner_only", "agreement", "all_agencies"])
def test_party_sees_all_terms_but_cannot_write(
    owner: CheckedClient, party: CheckedClient, disclosure: str
) -> None:
    covered = system(owner, disclosure="owner_only")["id"]
    fields = FULL | {"disclosure": disclosure, "parties": [HERTS], "systems": [covered]}
    created = contract(owner, **fields)
    # A system that the party cannot see stays hidden.
    assert read(party, path_of(created)) == created | {"systems": []}
    for name, value in FILTERS.items() - {("disclosure", "agreement")}:
        assert len(page(party, **{name: value})) == 1, name
    assert titles(party, q="bch/17") == [created["title"]]
    assert titles(party, systems=covered) == []
    # The party can read the contract, but not change it.
    assert change(party, path_of(created), title="Mine").status_code == 403
    assert party.delete(path_of(created), headers={"If-Match": "*"}).status_code == 403
    assert change(owner, path_of(created), parties=[]).status_code == 200
    seen = party.get(path_of(created))
    if disclosure == "all_agencies":
        assert answer(seen)["withheld"] == AMOUNTS
    else:
        assert seen.status_code == 404


def test_party_keeps_full_view_beside_summary_agreement(
    owner: CheckedClient, party: CheckedClient, created: Fields
) -> None:
    share(owner, party, "summary", HERTS)
    assert read(party, path_of(created)) == created


@pytest.mark.parametrize("profile", ["summary", "standard"])
def test_withheld_fields_cannot_be_filtered(
    owner: CheckedClient, partner: CheckedClient, created: Fields, profile: str
) -> None:
    share(owner, partner, profile)
    for name, value in FILTERS.items():
        operators = RESOURCE.list_parameters.filters[name].operators
        for operator in ("", *(f"__{o}" for o in operators - {"isnull", "ne"})):
            hidden = name in list_withheld(profile)
            query = {f"{name}{operator}": value}
            assert titles(owner, **query) == [created["title"]], query
            assert titles(partner, **query) == ([] if hidden else [created["title"]]), query
    assert titles(owner, renewal__ne="automatic") == [created["title"]]
    assert titles(partner, renewal__ne="automatic") == (
        [] if "renewal" in list_withheld(profile) else [created["title"]]
    )
    for name in AMOUNTS:
        assert titles(partner, **{f"{name}__isnull": "true"}) == []
        assert titles(partner, **{f"{name}__isnull": "false"}) == []


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        *(("standard", name) for name in AMOUNTS),
        ("summary", "annual_value"),
        ("summary", "reference"),
        ("summary", "last_notice_date"),
        ("summary", "start_date"),
        ("summary", "updated_at"),
    ],
)
def test_withheld_fields_cannot_be_sorted_by(
    owner: CheckedClient, partner: CheckedClient, profile: str, name: str
) -> None:
    share(owner, partner, profile)
    for number, day in enumerate((3, 1, 4, 2)):
        fields: Fields = dict.fromkeys(AMOUNTS, f"{day}.00")
        fields |= {"reference": str(day), "start_date": f"2020-01-0{day}"}
        fields |= {"end_date": "2026-03-31", "notice_period_days": 10 - day}
        contract(owner, title=f"Contract {number}", **fields)
    by_age = [f"Contract {number}" for number in range(4)]
    if name != "updated_at":
        assert titles(owner, sort=name) == [by_age[i] for i in (1, 3, 0, 2)]
    assert titles(partner, sort=name) == by_age
    assert titles(partner, sort=f"-{name}") == by_age[::-1]


def test_search_finds_only_words_the_profile_shows(
    owner: CheckedClient, partner: CheckedClient, created: Fields
) -> None:
    share(owner, partner, "summary")
    for words in ("duty", "acme", "support acme"):
        assert titles(partner, q=words) == [created["title"]], words
    assert titles(owner, q="bch/17") == [created["title"]]
    assert titles(partner, q="bch/17") == []
    grant(owner, resource_types=["contracts"], field_profile="standard")
    assert titles(partner, q="bch/17 duty") == [created["title"]]


def test_change_of_withheld_field_is_invisible_to_partner(
    owner: CheckedClient, partner: CheckedClient, created: Fields
) -> None:
    share(owner, partner, "standard")
    before = partner.get(path_of(created))
    changed = answer(change(owner, path_of(created), annual_value="1.00"))
    assert changed["updated_at"] > created["updated_at"]
    after = partner.get(path_of(created))
    assert after.headers["ETag"] == before.headers["ETag"]
    assert page(partner, updated_at__gte=changed["updated_at"]) == []
    assert change(owner, path_of(created), title="Another").status_code == 200
    assert read(partner, path_of(created))["updated_at"] > created["updated_at"]


def test_contract_lists_only_systems_the_reader_sees(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    ids = {
        disclosure: system(owner, disclosure, disclosure=disclosure)["id"]
        for disclosure in ("owner_only", "agreement", "all_agencies")
    }
    created = contract(owner, systems=list(ids.values()))
    assert created["systems"] == sorted(ids.values())
    share(owner, partner, "summary")
    seen = sorted([ids["agreement"], ids["all_agencies"]])
    assert read(partner, path_of(created))["systems"] == seen
    for identity in ids.values():
        assert bool(titles(partner, systems=identity)) == (identity in seen)


@pytest.mark.parametrize("profile", ["summary", "standard", "full"])
def test_change_of_hidden_systems_is_invisible_to_partner(
    owner: CheckedClient, partner: CheckedClient, profile: str
) -> None:
    hidden = [system(owner, name, disclosure="owner_only")["id"] for name in ("One", "Two")]
    shown = system(owner, "Shown", disclosure="all_agencies")["id"]
    created = contract(owner, systems=hidden)
    share(owner, partner, profile)
    before = partner.get(path_of(created))
    assert answer(change(owner, path_of(created), systems=hidden[1:]))["systems"] == hidden[1:]
    merged = owner.post(f"/v1/systems/{hidden[0]}/merge", json={"duplicate_id": hidden[1]})
    assert merged.status_code == 200, merged.text
    assert read(owner, path_of(created))["systems"] == hidden[:1]
    after = partner.get(path_of(created))
    assert answer(after) == answer(before)
    assert after.headers["ETag"] == before.headers["ETag"]
    moved = answer(change(owner, path_of(created), systems=[shown], title="Renamed"))
    assert moved["updated_at"] > created["updated_at"]
    assert partner.get(path_of(created)).headers["ETag"] != before.headers["ETag"]


def test_change_of_parties_moves_the_date_that_partner_sees(
    owner: CheckedClient, party: CheckedClient, partner: CheckedClient
) -> None:
    assert party
    created = contract(owner)
    share(owner, partner, "standard")
    assert change(owner, path_of(created), parties=[HERTS]).status_code == 200
    assert read(partner, path_of(created))["updated_at"] > created["updated_at"]


def test_contract_may_name_only_visible_systems_of_others(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    hidden = system(partner, "Hidden", disclosure="owner_only")["id"]
    visible = system(partner, "Shown", disclosure="all_agencies")
    body = {"reference": "R", "title": "T", "supplier_id": supplier(owner)}
    sent = owner.post(CONTRACTS, json=body | {"systems": [visible["id"], hidden]})
    assert refusals(sent) == {("/systems/1", "unknown")}
    created = contract(owner, systems=[visible["id"]])
    assert created["systems"] == [visible["id"]]
    # A change of the list keeps a system that has become hidden, and does not name it.
    assert (
        change(partner, f"/v1/systems/{visible['id']}", disclosure="owner_only").status_code == 200
    )
    assert read(owner, path_of(created))["systems"] == []
    own = system(owner)["id"]
    assert answer(change(owner, path_of(created), systems=[own]))["systems"] == [own]
    assert (
        change(partner, f"/v1/systems/{visible['id']}", disclosure="agreement").status_code == 200
    )
    assert read(owner, path_of(created))["systems"] == [own]
    share(owner, partner, "summary")
    assert read(owner, path_of(created))["systems"] == sorted([own, visible["id"]])


def test_partner_cannot_write_a_contract_it_sees(
    owner: CheckedClient, partner: CheckedClient, created: Fields
) -> None:
    share(owner, partner, "full")
    assert change(partner, path_of(created), title="Mine").status_code == 403
    assert partner.delete(path_of(created), headers={"If-Match": "*"}).status_code == 403
    assert read(owner, path_of(created)) == created


def test_feed_shows_owner_who_read_its_amounts(
    owner: CheckedClient, partner: CheckedClient, created: Fields
) -> None:
    share(owner, partner, "full")
    assert page(partner, fields="title")
    assert [kind for kind, _ in list_changes(owner, "contract")] == ["contract.created"]
    assert page(partner, fields="annual_value")
    assert [kind for kind, _ in list_changes(owner, "contract")] == [
        "contract.created",
        "contract.read",
    ]


def test_feed_shows_party_only_what_it_may_read(
    owner: CheckedClient, party: CheckedClient, stranger: CheckedClient
) -> None:
    hidden = system(owner, "Hidden", disclosure="owner_only")["id"]
    visible = system(owner, "Shown", disclosure="all_agencies")["id"]
    created = contract(owner, disclosure="owner_only", annual_value="7123941.00")
    assert change(owner, path_of(created), annual_value="2.00").status_code == 200
    assert list_changes(party, "contract") == []
    changes: Fields = {"parties": [HERTS], "systems": sorted([hidden, visible])}
    assert change(owner, path_of(created), **changes).status_code == 200
    assert change(owner, path_of(created), annual_value="3.00").status_code == 200
    assert list_changes(owner, "contract")[-2:] == [
        ("contract.updated", changes),
        ("contract.updated", {"annual_value": "3.00"}),
    ]
    seen = list_changes(party, "contract")
    # The state before Hertfordshire became a party stays hidden.
    assert seen[-1] == ("contract.updated", {"annual_value": "3.00"})
    assert [fields.get("parties") for _, fields in seen] == [[HERTS], None]
    assert seen[0][1]["systems"] == [visible]
    assert "7123941.00" not in str(page(party, FEED))
    assert list_changes(stranger, "contract") == []


def test_feed_shows_deletion_to_a_party_without_content(
    owner: CheckedClient, party: CheckedClient, created: Fields
) -> None:
    etag = owner.get(path_of(created)).headers["ETag"]
    assert owner.delete(path_of(created), headers={"If-Match": etag}).status_code == 204
    assert [kind for kind, _ in list_changes(owner, "contract")] == [
        "contract.created",
        "contract.deleted",
    ]
    assert list_changes(party, "contract") == [("contract.deleted", {})]


def test_contracts_need_contract_scopes(
    owner: CheckedClient, created: Fields, sign_in: Any
) -> None:
    for scopes, methods in (
        ("systems:read costs:read contracts:write", ["get"]),
        ("systems:read contracts:read", ["post", "patch", "delete"]),
    ):
        api = sign_in(BEDS, scopes)
        for method in methods:
            path = CONTRACTS if method == "post" else path_of(created)
            assert api.open(path, method=method).status_code == 403, (method, scopes)
    assert read(sign_in(BEDS, "contracts:read"), path_of(created)) == created
    assert sign_in(CAMBS, "admin contracts:read").get(path_of(created)).status_code == 404

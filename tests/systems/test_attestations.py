"""Attestations: who can record them, what they change, and when the next is due."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from tests.agencies.api_agreements import SCOPES, grant
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, system
from tests.history.recorded_events import count_change_sets
from tests.systems.attestation_dates import set_attested_at
from tests.unsaved import CheckedClient

PATH = "/v1/systems"

Fields = dict[str, Any]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """Freeze the clock, because attestations become due at midnight."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def record(api: CheckedClient) -> Fields:
    return system(api, disclosure="all_agencies")


def attest(api: CheckedClient, record: Fields, **attestation: Any) -> Fields:
    """Attest a record."""
    body = {"verdict": "confirmed"} | attestation
    response = api.post(f"{PATH}/{record['id']}/attestations", json=body)
    assert response.status_code == 201, response.text
    return answer(response)


def list_attestations(api: CheckedClient, record: Fields) -> list[Fields]:
    attestations: list[Fields] = read(api, f"{PATH}/{record['id']}/attestations")["items"]
    return attestations


def test_attestation_sets_date_and_verdict_of_the_system(
    api: CheckedClient, record: Fields
) -> None:
    assert (record["attested_at"], record["attestation_verdict"]) == (None, None)
    assert record["attestation_due"] is True
    path = f"{PATH}/{record['id']}/attestations"
    response = api.post(path, json={"verdict": "confirmed"})
    attestation = answer(response)
    assert response.headers["Location"] == f"{path}/{attestation['id']}"
    assert read(api, f"{path}/{attestation['id']}") == attestation
    after = read(api, f"{PATH}/{record['id']}")
    assert (after["attested_at"], after["attestation_verdict"]) == (
        attestation["attested_at"],
        "confirmed",
    )
    assert after["attestation_due"] is False
    assert (attestation["attested_by"], attestation["withheld"]) == ("Test client", [])


@pytest.mark.parametrize("verdict", ["not_ours", "no_longer_used"])
def test_other_verdict_requires_comment_and_leaves_system_due(
    api: CheckedClient, record: Fields, verdict: str
) -> None:
    for comment in ({}, {"comment": None}):
        refused = api.post(
            f"{PATH}/{record['id']}/attestations", json={"verdict": verdict} | comment
        )
        assert refusals(refused) == {("/comment", "unexplained")}
    attest(api, record, verdict=verdict, comment="Gone to the centre.")
    after = read(api, f"{PATH}/{record['id']}")
    same = record | {"attestation_verdict": verdict, "updated_at": after["updated_at"]}
    assert after == same
    assert after["attestation_due"] is True
    assert listed(api, PATH, attestation_verdict=verdict) == [record["name"]]
    attest(api, record)
    assert read(api, f"{PATH}/{record['id']}")["attestation_verdict"] == "confirmed"


def test_later_verdict_keeps_the_confirmation_date(api: CheckedClient, record: Fields) -> None:
    attestation = attest(api, record)
    attest(api, record, verdict="not_ours", comment="Sold.")
    after = read(api, f"{PATH}/{record['id']}")
    assert (after["attested_at"], after["attestation_verdict"]) == (
        attestation["attested_at"],
        "not_ours",
    )


def test_attestations_are_kept_and_listed_latest_first(api: CheckedClient, record: Fields) -> None:
    attestation = [attest(api, record), attest(api, record, verdict="not_ours", comment="No.")]
    other = system(api, name="Other")
    elsewhere = attest(api, other)
    assert list_attestations(api, record) == attestation[::-1]
    path = f"{PATH}/{record['id']}/attestations"
    assert refusals(api.get(f"{path}/{elsewhere['id']}"), 404) == set()
    for method in (api.patch, api.put, api.delete):
        assert method(f"{path}/{attestation[0]['id']}", json={}).status_code == 405
    assert len(read(api, path)["items"]) == 2


def test_attestation_with_stale_etag_is_rejected(api: CheckedClient, record: Fields) -> None:
    path = f"{PATH}/{record['id']}"
    tag = api.get(path).headers["ETag"]
    change(api, path, user_count=7)
    body = {"verdict": "confirmed"}
    stale = api.post(f"{path}/attestations", json=body, headers={"If-Match": tag})
    assert refusals(stale, 412) == set()
    assert list_attestations(api, record) == []
    fresh = {"If-Match": api.get(path).headers["ETag"]}
    assert api.post(f"{path}/attestations", json=body, headers=fresh).status_code == 201


def test_attestation_rejects_other_fields(api: CheckedClient, record: Fields) -> None:
    for name in ("attested_at", "attested_by", "system_id", "name"):
        body = {"verdict": "confirmed", name: record["name"]}
        refused = api.post(f"{PATH}/{record['id']}/attestations", json=body)
        assert refusals(refused) == {(f"/{name}", "unknown_field")}
    refused = api.post(f"{PATH}/{record['id']}/attestations", json={"verdict": "perhaps"})
    assert refusals(refused) == {("/verdict", "invalid")}


def test_only_owner_can_attest(api: CheckedClient, stranger: CheckedClient, record: Fields) -> None:
    hidden = system(api, name="Covert", disclosure="owner_only")
    body = {"verdict": "confirmed"}
    refused = stranger.post(f"{PATH}/{record['id']}/attestations", json=body)
    assert refusals(refused, 403) == set()
    for identity in (hidden["id"], str(uuid4())):
        refused = stranger.post(f"{PATH}/{identity}/attestations", json=body)
        assert refusals(refused, 404) == set()
    assert list_attestations(api, record) == list_attestations(api, hidden) == []


def test_attestation_is_shown_to_others_without_the_clients_name(
    api: CheckedClient, stranger: CheckedClient, record: Fields
) -> None:
    attestation = attest(api, record, comment="Checked.")
    masked = attestation | {"attested_by": None, "withheld": ["attested_by"]}
    assert list_attestations(stranger, record) == [masked]
    path = f"{PATH}/{record['id']}/attestations"
    assert read(stranger, f"{path}/{attestation['id']}") == masked
    assert read(stranger, f"{path}?attested_by=Test client")["items"] == []
    assert read(api, f"{path}?attested_by=Test client")["items"] == [attestation]
    change(api, f"{PATH}/{record['id']}", disclosure="owner_only")
    for hidden in (path, f"{path}/{attestation['id']}"):
        assert refusals(stranger.get(hidden), 404) == set()


def test_summary_profile_withholds_attestations(
    api: CheckedClient, stranger: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    covert = system(api, name="Covert", disclosure="owner_only")
    attestation = attest(api, covert)
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    seen = read(stranger, f"{PATH}/{covert['id']}")
    names = ("attested_at", "attestation_verdict", "attestation_due", "missing", "completeness")
    assert [seen[name] for name in names] == [None] * len(names)
    assert set(names) <= set(seen["withheld"])
    assert list_attestations(stranger, covert) == []
    assert (
        stranger.get(f"{PATH}/{covert['id']}/attestations/{attestation['id']}").status_code == 404
    )
    for name, value in (("attestation_due", "false"), ("attestation_verdict", "confirmed")):
        assert listed(api, PATH, **{name: value}) == ["Covert"]
        assert listed(stranger, PATH, **{name: value}) == []
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert len(list_attestations(stranger, covert)) == 1


@pytest.mark.parametrize(
    ("earlier", "due"),
    [
        pytest.param(timedelta(days=-364), False, id="364-days-later"),
        pytest.param(timedelta(hours=-1), False, id="an-hour-later"),
        pytest.param(timedelta(), False, id="a-year-ago"),
        pytest.param(timedelta(microseconds=1), True, id="a-microsecond-earlier"),
        pytest.param(timedelta(days=4000), True, id="4000-days-earlier"),
    ],
)
def test_attestation_is_due_again_after_a_year(
    api: CheckedClient, record: Fields, session: Session, earlier: timedelta, due: bool
) -> None:
    set_attested_at(session, record["id"], clock.a_year_ago() - earlier)
    assert read(api, f"{PATH}/{record['id']}")["attestation_due"] is due
    assert listed(api, PATH, attestation_due="true") == ([record["name"]] if due else [])


def test_year_ago_is_counted_by_calendar_in_united_kingdom_time() -> None:
    with clock.freeze(datetime(2028, 2, 29, 12, tzinfo=UTC)):
        assert clock.a_year_ago() == datetime(2027, 2, 28, tzinfo=UTC)
    with clock.freeze(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)):
        # In London it is already the second of July, in summer time.
        assert clock.a_year_ago() == datetime(2025, 7, 1, 23, tzinfo=UTC)


def test_attestation_is_due_only_for_systems_in_use(api: CheckedClient) -> None:
    for lifecycle in ("planned", "in_procurement", "implementing", "decommissioned", "cancelled"):
        assert system(api, name=lifecycle, lifecycle=lifecycle)["attestation_due"] is False
    for lifecycle in ("live", "sunsetting", "read_only_archive"):
        assert system(api, name=lifecycle, lifecycle=lifecycle)["attestation_due"] is True


BULK = f"{PATH}/attestations"


@pytest.fixture
def two(api: CheckedClient) -> list[Fields]:
    """Two systems, as items of a bulk confirmation with their entity tags."""
    made = [system(api, name=name)["id"] for name in ("Alpha", "Bravo")]
    return [
        {
            "system_id": identity,
            "etag": api.get(f"{PATH}/{identity}").headers["ETag"],
            "verdict": "confirmed",
        }
        for identity in made
    ]


def due(api: CheckedClient) -> list[str]:
    """Name the systems of the agency whose confirmation is due."""
    return listed(api, PATH, agency=BEDS, attestation_due="true")


def test_bulk_attestation_confirms_every_system_in_one_change_set(
    session: Session, api: CheckedClient, two: list[Fields]
) -> None:
    before = count_change_sets(session)
    del two[1]["etag"]
    two[1] |= {"verdict": "not_ours", "comment": "Sold."}
    found = answer(api.post(BULK, json={"items": two}))
    assert (found["succeeded"], found["failed"], found["dry_run"]) == (2, 0, False)
    for item, sent in zip(found["items"], two, strict=True):
        path = f"{PATH}/{sent['system_id']}/attestations/{item['id']}"
        response = api.get(path)
        assert response.headers["ETag"] == item["etag"]
        assert answer(response)["verdict"] == sent["verdict"]
        assert item["status"] == 201
    assert due(api) == ["Bravo"]
    assert count_change_sets(session) == before + 1


def test_bulk_attestation_names_each_invalid_item_and_records_nothing(
    api: CheckedClient, stranger: CheckedClient, two: list[Fields]
) -> None:
    foreign = system(stranger, name="Foreign", disclosure="all_agencies")
    hidden = system(stranger, name="Covert", disclosure="owner_only")
    confirmed = {"verdict": "confirmed"}
    wrong = [
        two[0] | {"etag": '"stale"'},
        {"system_id": two[1]["system_id"], "verdict": "not_ours"},
        confirmed | {"system_id": foreign["id"]},
        confirmed | {"system_id": hidden["id"]},
        confirmed | {"system_id": str(uuid4())},
        confirmed,
        two[1] | {"id": two[1]["system_id"]},
    ]
    assert refusals(api.post(BULK, json={"items": [*two, *wrong]})) == {
        ("/items/2/etag", "stale"),
        ("/items/3/comment", "unexplained"),
        ("/items/4", "forbidden"),
        ("/items/5", "not_found"),
        ("/items/6", "not_found"),
        ("/items/7/system_id", "required"),
        ("/items/8/id", "unknown_field"),
    }
    assert due(api) == ["Alpha", "Bravo"]
    partly = answer(api.post(f"{BULK}?mode=partial", json={"items": [wrong[2], *two]}))
    assert [item["status"] for item in partly["items"]] == [403, 201, 201]
    assert due(api) == []


def test_second_attestation_with_the_same_etag_is_stale(
    api: CheckedClient, two: list[Fields]
) -> None:
    twice = answer(api.post(f"{BULK}?mode=partial", json={"items": [two[0], two[0]]}))
    assert [item["status"] for item in twice["items"]] == [201, 412]


def test_dry_run_of_a_bulk_attestation_records_nothing(
    api: CheckedClient, two: list[Fields]
) -> None:
    tried = answer(api.post(f"{BULK}?dry_run=true", json={"items": two}))
    assert tried["succeeded"] == 2
    assert all(item["id"] is item["etag"] is None for item in tried["items"])
    assert due(api) == ["Alpha", "Bravo"]


def test_bulk_attestation_is_recorded_once_for_each_idempotency_key(
    api: CheckedClient, two: list[Fields]
) -> None:
    sent = [
        api.post(BULK, json={"items": two}, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert sent[0].json == sent[1].json
    for item in two:
        assert len(read(api, f"{PATH}/{item['system_id']}/attestations")["items"]) == 1

"""The owner's word on its records: who gives it, what it changes, and when it is due again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from tests.agencies.agreeing import SCOPES, grant
from tests.recording import BEDS, answer, change, listed, read, refusals, system
from tests.systems.confirming import confirmed_at
from tests.unsaved import CheckedClient

PATH = "/v1/systems"

Fields = dict[str, Any]


@pytest.fixture
def record(api: CheckedClient) -> Fields:
    return system(api, disclosure="all_agencies")


def word(api: CheckedClient, record: Fields, **said: Any) -> Fields:
    """What the owner says of a record."""
    body = {"verdict": "confirmed"} | said
    response = api.post(f"{PATH}/{record['id']}/attestations", json=body)
    assert response.status_code == 201, response.text
    return answer(response)


def words(api: CheckedClient, record: Fields) -> list[Fields]:
    found: list[Fields] = read(api, f"{PATH}/{record['id']}/attestations")["items"]
    return found


def test_a_confirmed_record_says_when(api: CheckedClient, record: Fields) -> None:
    assert (record["attested_at"], record["attestation_verdict"]) == (None, None)
    assert record["attestation_due"] is True
    path = f"{PATH}/{record['id']}/attestations"
    response = api.post(path, json={"verdict": "confirmed"})
    said = answer(response)
    assert response.headers["Location"] == f"{path}/{said['id']}"
    assert read(api, f"{path}/{said['id']}") == said
    after = read(api, f"{PATH}/{record['id']}")
    assert (after["attested_at"], after["attestation_verdict"]) == (
        said["attested_at"],
        "confirmed",
    )
    assert after["attestation_due"] is False
    assert (said["attested_by"], said["withheld"]) == ("Test client", [])


@pytest.mark.parametrize("verdict", ["not_ours", "no_longer_used"])
def test_what_is_not_confirmed_is_marked_and_stays(
    api: CheckedClient, record: Fields, verdict: str
) -> None:
    for comment in ({}, {"comment": None}):
        refused = api.post(
            f"{PATH}/{record['id']}/attestations", json={"verdict": verdict} | comment
        )
        assert refusals(refused) == {("/comment", "unexplained")}
    word(api, record, verdict=verdict, comment="Gone to the centre.")
    after = read(api, f"{PATH}/{record['id']}")
    same = record | {"attestation_verdict": verdict, "updated_at": after["updated_at"]}
    assert after == same
    assert after["attestation_due"] is True
    assert listed(api, PATH, attestation_verdict=verdict) == [record["name"]]
    word(api, record)
    assert read(api, f"{PATH}/{record['id']}")["attestation_verdict"] == "confirmed"


def test_a_later_word_does_not_take_back_that_it_was_confirmed(
    api: CheckedClient, record: Fields
) -> None:
    said = word(api, record)
    word(api, record, verdict="not_ours", comment="Sold.")
    after = read(api, f"{PATH}/{record['id']}")
    assert (after["attested_at"], after["attestation_verdict"]) == (
        said["attested_at"],
        "not_ours",
    )


def test_all_words_are_kept_the_latest_first(api: CheckedClient, record: Fields) -> None:
    said = [word(api, record), word(api, record, verdict="not_ours", comment="No.")]
    other = system(api, name="Other")
    elsewhere = word(api, other)
    assert words(api, record) == said[::-1]
    path = f"{PATH}/{record['id']}/attestations"
    assert refusals(api.get(f"{path}/{elsewhere['id']}"), 404) == set()
    for method in (api.patch, api.put, api.delete):
        assert method(f"{path}/{said[0]['id']}", json={}).status_code == 405
    # A filter on another system narrows what the path says, and cannot widen it.
    assert read(api, f"{path}?system_id={other['id']}")["items"] == []
    assert len(read(api, f"{path}?system_id={record['id']}")["items"]) == 2


def test_what_was_read_is_what_is_confirmed(api: CheckedClient, record: Fields) -> None:
    path = f"{PATH}/{record['id']}"
    tag = api.get(path).headers["ETag"]
    change(api, path, user_count=7)
    body = {"verdict": "confirmed"}
    stale = api.post(f"{path}/attestations", json=body, headers={"If-Match": tag})
    assert refusals(stale, 412) == set()
    assert words(api, record) == []
    fresh = {"If-Match": api.get(path).headers["ETag"]}
    assert api.post(f"{path}/attestations", json=body, headers=fresh).status_code == 201


def test_only_the_verdict_and_the_comment_are_said(api: CheckedClient, record: Fields) -> None:
    for name in ("attested_at", "attested_by", "system_id", "name"):
        body = {"verdict": "confirmed", name: record["name"]}
        refused = api.post(f"{PATH}/{record['id']}/attestations", json=body)
        assert refusals(refused) == {(f"/{name}", "unknown_field")}
    refused = api.post(f"{PATH}/{record['id']}/attestations", json={"verdict": "perhaps"})
    assert refusals(refused) == {("/verdict", "invalid")}


def test_only_the_owner_says_it(
    api: CheckedClient, stranger: CheckedClient, record: Fields
) -> None:
    hidden = system(api, name="Covert", disclosure="owner_only")
    body = {"verdict": "confirmed"}
    refused = stranger.post(f"{PATH}/{record['id']}/attestations", json=body)
    assert refusals(refused, 403) == set()
    for identity in (hidden["id"], str(uuid4())):
        refused = stranger.post(f"{PATH}/{identity}/attestations", json=body)
        assert refusals(refused, 404) == set()
    assert words(api, record) == words(api, hidden) == []


def test_others_read_it_without_the_clients_name(
    api: CheckedClient, stranger: CheckedClient, record: Fields
) -> None:
    said = word(api, record, comment="Checked.")
    masked = said | {"attested_by": None, "withheld": ["attested_by"]}
    assert words(stranger, record) == [masked]
    path = f"{PATH}/{record['id']}/attestations"
    assert read(stranger, f"{path}/{said['id']}") == masked
    assert read(stranger, f"{path}?attested_by=Test client")["items"] == []
    assert read(api, f"{path}?attested_by=Test client")["items"] == [said]
    change(api, f"{PATH}/{record['id']}", disclosure="owner_only")
    for hidden in (path, f"{path}/{said['id']}"):
        assert refusals(stranger.get(hidden), 404) == set()


def test_a_summary_does_not_tell_of_it(
    api: CheckedClient, stranger: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    made = system(api, name="Covert", disclosure="owner_only")
    said = word(api, made)
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    seen = read(stranger, f"{PATH}/{made['id']}")
    told = ("attested_at", "attestation_verdict", "attestation_due", "missing", "completeness")
    assert [seen[name] for name in told] == [None] * len(told)
    assert set(told) <= set(seen["withheld"])
    assert words(stranger, made) == []
    assert stranger.get(f"{PATH}/{made['id']}/attestations/{said['id']}").status_code == 404
    for name, value in (("attestation_due", "false"), ("attestation_verdict", "confirmed")):
        assert listed(api, PATH, **{name: value}) == ["Covert"]
        assert listed(stranger, PATH, **{name: value}) == []
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert len(words(stranger, made)) == 1


@pytest.mark.parametrize(
    ("earlier", "due"),
    [
        (timedelta(days=-364), False),
        (timedelta(hours=-1), False),
        (timedelta(), False),
        (timedelta(microseconds=1), True),
        (timedelta(days=4000), True),
    ],
)
def test_it_is_due_again_after_a_year(
    api: CheckedClient, record: Fields, session: Session, earlier: timedelta, due: bool
) -> None:
    confirmed_at(session, record["id"], clock.a_year_ago() - earlier)
    assert read(api, f"{PATH}/{record['id']}")["attestation_due"] is due
    assert listed(api, PATH, attestation_due="true") == ([record["name"]] if due else [])


def test_a_leap_day_has_an_anniversary() -> None:
    with clock.freeze(datetime(2028, 2, 29, 12, tzinfo=UTC)):
        assert clock.a_year_ago() == datetime(2027, 2, 28, tzinfo=UTC)
    with clock.freeze(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)):
        # In London it is the second of July already, and summer.
        assert clock.a_year_ago() == datetime(2025, 7, 1, 23, tzinfo=UTC)


def test_what_is_not_in_use_is_not_asked_for(api: CheckedClient) -> None:
    for lifecycle in ("planned", "in_procurement", "implementing", "decommissioned", "cancelled"):
        assert system(api, name=lifecycle, lifecycle=lifecycle)["attestation_due"] is False
    for lifecycle in ("live", "sunsetting", "read_only_archive"):
        assert system(api, name=lifecycle, lifecycle=lifecycle)["attestation_due"] is True

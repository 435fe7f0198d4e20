"""Agreements: who proposes, accepts, changes and ends them, and who sees them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies import agreements
from catalogue.agencies.models import Agency
from catalogue.core import clock
from tests.agencies.api_agreements import (
    AGREEMENTS,
    HERTS,
    SCOPES,
    SignIn,
    accept,
    agree,
    agreement,
    list_statuses,
    path_of,
    terminate,
    withdraw,
)
from tests.api_calls import answer, change, read, refusals
from tests.factories import BEDS, CAMBS
from tests.threads import PATIENCE_SECONDS, Held
from tests.unsaved import CheckedClient

WHOLE = {
    "title": "Joint ICT of Beds and Cambs",
    "instrument": "policing_and_crime_act_2017_s1",
    "parties": [CAMBS],
    "start_date": "2026-04-01",
    "end_date": "2099-03-31",
    "decision_notice_url": "https://www.example.org/decisions/2026-014?x=1#a",
    "field_profile": "full",
}


WRONG_URL = ("/decision_notice_url", "pattern")


def list_acceptances(created: dict[str, Any]) -> list[str]:
    return [each["agency"] for each in created["accepted_by"]]


def test_created_agreement_returns_every_field(beds: CheckedClient, cambs: CheckedClient) -> None:
    response = beds.post(AGREEMENTS, json=WHOLE)
    created = answer(response)
    assert response.status_code == 201
    assert response.headers["Location"] == path_of(created)
    assert created | WHOLE | {"parties": [BEDS, CAMBS]} == created
    assert created["lead_agency"] == BEDS
    assert created["status"] == "awaiting_acceptance"
    assert (created["accepted_by"], created["withdrawn_by"]) == ([], [])
    assert created["terminated_at"] is None
    for api in (beds, cambs):
        assert read(api, path_of(created)) == created
        assert answer(api.get(AGREEMENTS))["items"] == [created]


def test_lead_named_among_parties_is_listed_once(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = agreement(beds, CAMBS, BEDS)
    assert created["parties"] == [BEDS, CAMBS]
    assert created["content_hash"] == agreement(beds, CAMBS)["content_hash"]
    assert created["content_hash"] != agreement(cambs, BEDS)["content_hash"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"parties": []}, ("/parties", "too_few"), id="no_parties"),
        pytest.param({"parties": [BEDS]}, ("/parties", "too_few"), id="lead_alone"),
        pytest.param({"parties": [CAMBS, "nobody"]}, ("/parties/1", "unknown"), id="unknown_party"),
        pytest.param({"parties": [CAMBS, CAMBS]}, ("/parties/1", "repeated"), id="repeated_party"),
        pytest.param(
            {"parties": [CAMBS.upper()]}, ("/parties/0", "pattern"), id="party_in_capitals"
        ),
        pytest.param({"parties": None}, ("/parties", "null"), id="null_parties"),
        pytest.param({"parties": ["old-police"]}, ("/parties/0", "ended"), id="ended_party"),
        pytest.param(
            {"start_date": "2026-04-02", "end_date": "2026-04-01"},
            ("/end_date", "out_of_order"),
            id="ends_before_start",
        ),
        pytest.param({"start_date": None}, ("/start_date", "null"), id="null_start"),
        pytest.param({"decision_notice_url": "http://example.org/"}, WRONG_URL, id="http_url"),
        pytest.param({"decision_notice_url": "https://"}, WRONG_URL, id="url_without_host"),
        pytest.param({"decision_notice_url": "https://a@b/"}, WRONG_URL, id="url_with_user"),
        pytest.param({"decision_notice_url": "javascript:1"}, WRONG_URL, id="javascript_url"),
        pytest.param({"decision_notice_url": 'https://b/"x y'}, WRONG_URL, id="url_with_quote"),
        pytest.param(
            {"instrument": "handshake"}, ("/instrument", "invalid"), id="unknown_instrument"
        ),
        pytest.param(
            {"field_profile": "everything"}, ("/field_profile", "invalid"), id="unknown_profile"
        ),
        pytest.param({"lead_agency": CAMBS}, ("/lead_agency", "unknown_field"), id="lead_given"),
        pytest.param({"status": "in_force"}, ("/status", "unknown_field"), id="status_given"),
    ],
)
@pytest.mark.usefixtures("stopped_clock")
def test_invalid_agreement_is_refused_on_create_and_change(
    beds: CheckedClient,
    cambs: CheckedClient,
    make_agency: Callable[..., Agency],
    fields: dict[str, Any],
    error: tuple[str, str],
) -> None:
    make_agency("old-police", valid_to=clock.today() - timedelta(days=1))
    make_agency("last-day-police", valid_to=clock.today())
    assert refusals(beds.post(AGREEMENTS, json=WHOLE | fields)) == {error}
    assert answer(beds.get(AGREEMENTS))["items"] == []
    created = agreement(beds, "last-day-police", CAMBS, end_date=str(clock.today()))
    if "lead_agency" not in fields and "status" not in fields:
        assert refusals(change(beds, path_of(created), **fields)) == {error}
        assert read(beds, path_of(created)) == created


def test_only_parties_see_an_agreement_and_only_its_lead_writes(
    beds: CheckedClient, cambs: CheckedClient, kent: CheckedClient, sign_in: SignIn
) -> None:
    created = agreement(beds)
    path = path_of(created)
    assert refusals(change(cambs, path, title="Ours"), 403) == set()
    assert refusals(terminate(cambs, created), 403) == set()
    etag = beds.get(path).headers["ETag"]
    for response in (
        kent.get(path),
        kent.patch(path, json={"title": "Ours"}, headers={"If-Match": etag}),
        accept(kent, created, created["content_hash"]),
        withdraw(kent, created),
        terminate(kent, created),
    ):
        assert response.status_code == 404
    assert answer(kent.get(f"{AGREEMENTS}?total=true"))["page"]["total"] == 0
    assert answer(kent.get(AGREEMENTS, query_string={"parties": BEDS}))["items"] == []
    admin = sign_in(None, f"{SCOPES} admin")
    assert admin.post(AGREEMENTS, json=WHOLE).status_code == 403
    assert admin.get(path).status_code == 404
    reader = sign_in(BEDS, "agencies:read")
    assert reader.get(path).status_code == 200
    assert reader.post(AGREEMENTS, json=WHOLE).status_code == 403
    assert accept(reader, created).status_code == 403
    assert read(beds, path) == created


def test_agreement_is_in_force_once_every_party_accepts(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    created = agreement(beds, CAMBS, HERTS)
    for api, status in ((cambs, "awaiting_acceptance"), (herts, "awaiting_acceptance")):
        assert agree(created, api)["status"] == status
    response = accept(beds, created)
    assert response.status_code == 201
    agreed = answer(response)
    assert agreed["status"] == "in_force"
    assert list_acceptances(agreed) == [BEDS, CAMBS, HERTS]
    assert {each["content_hash"] for each in agreed["accepted_by"]} == {created["content_hash"]}
    assert agreed["updated_at"] > created["updated_at"]
    assert response.headers["ETag"] == cambs.get(path_of(created)).headers["ETag"]


def test_stale_or_repeated_acceptance_is_refused(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = agreement(beds)
    assert refusals(accept(cambs, created, "0" * 64), 409) == {("/content_hash", "stale")}
    assert refusals(accept(cambs, created, "X" * 64)) == {("/content_hash", "pattern")}
    agree(created, cambs)
    assert refusals(accept(cambs, created), 409) == {("", "taken")}
    assert list_acceptances(read(beds, path_of(created))) == [CAMBS]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"title": "Another"}, id="title"),
        pytest.param({"instrument": "other"}, id="instrument"),
        pytest.param({"start_date": "2026-01-01"}, id="start_date"),
        pytest.param({"end_date": "2098-12-31"}, id="end_date"),
        pytest.param({"end_date": None}, id="no_end_date"),
        pytest.param({"decision_notice_url": None}, id="no_decision_notice"),
        pytest.param({"field_profile": "summary"}, id="field_profile"),
        pytest.param({"parties": [CAMBS, HERTS]}, id="parties"),
    ],
)
def test_any_change_voids_every_acceptance(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient, changes: dict[str, Any]
) -> None:
    assert herts
    created = answer(beds.post(AGREEMENTS, json=WHOLE))
    assert agree(created, beds, cambs)["status"] == "in_force"
    response = change(beds, path_of(created), **changes)
    changed = answer(response)
    assert response.status_code == 200, response.text
    assert changed["content_hash"] != created["content_hash"]
    assert (changed["status"], changed["accepted_by"]) == ("awaiting_acceptance", [])
    assert refusals(accept(cambs, created, created["content_hash"]), 409) == {
        ("/content_hash", "stale")
    }
    # Changing the terms back does not restore the acceptances.
    back = {name: value for name, value in WHOLE.items() if name in changes}
    again = answer(change(beds, path_of(created), **back))
    assert again["content_hash"] == created["content_hash"]
    assert again["accepted_by"] == []


def test_change_of_nothing_keeps_acceptances(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = answer(beds.post(AGREEMENTS, json=WHOLE))
    agreed = agree(created, beds, cambs)
    assert answer(change(beds, path_of(created), **WHOLE)) == agreed
    assert answer(change(beds, path_of(created), parties=[BEDS, CAMBS])) == agreed
    assert answer(change(beds, path_of(created))) == agreed


def test_removed_party_gets_404(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    created = agreement(beds, CAMBS, HERTS)
    agree(created, beds, cambs, herts)
    assert change(beds, path_of(created), parties=[HERTS]).status_code == 200
    assert cambs.get(path_of(created)).status_code == 404
    assert accept(cambs, created, created["content_hash"]).status_code == 404
    assert agree(created, beds, herts)["status"] == "in_force"


def test_withdrawal_lasts_until_the_lead_changes_the_agreement(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    created = agreement(beds, CAMBS, HERTS)
    agree(created, beds, cambs, herts)
    left = answer(withdraw(cambs, created))
    assert left["status"] == "withdrawn"
    assert list_acceptances(left) == [BEDS, HERTS]
    (withdrawn,) = left["withdrawn_by"]
    assert (withdrawn["agency"], withdrawn["reason"]) == (CAMBS, "We leave.")
    assert refusals(accept(cambs, created), 409) == {("", "withdrawn")}
    assert refusals(withdraw(cambs, created), 409) == {("", "taken")}
    changed = answer(change(beds, path_of(created), title="Improved"))
    assert (changed["withdrawn_by"], changed["accepted_by"]) == ([], [])
    assert agree(created, beds, cambs, herts)["status"] == "in_force"


def test_party_withdraws_without_having_accepted(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = agreement(beds)
    assert withdraw(cambs, created).status_code == 200
    assert agree(created, beds)["status"] == "withdrawn"
    no_reason = cambs.post(f"{path_of(created)}/withdrawal", json={})
    assert refusals(no_reason) == {("/reason", "required")}


def test_terminated_agreement_cannot_change(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = agreement(beds)
    agree(created, beds)
    ended = answer(terminate(beds, created))
    assert ended["status"] == "terminated"
    assert ended["terminated_at"] is not None
    over = {("", "terminated")}
    assert refusals(terminate(beds, created), 409) == over
    assert refusals(accept(cambs, created), 409) == over
    assert refusals(withdraw(cambs, created), 409) == over
    assert refusals(change(beds, path_of(created), title="Again"), 409) == over
    assert read(cambs, path_of(created)) == ended


SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_agreement_status_follows_its_dates(sign_in: SignIn) -> None:
    with clock.freeze(SUMMER):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        created = agreement(beds, start_date="2026-07-02", end_date="2026-07-03")
        assert agree(created, beds, cambs)["status"] == "agreed"
        agreement(beds, start_date="2026-06-01", end_date="2026-06-30", title="Too late")
    for moment, status in (
        (datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), "agreed"),
        (datetime(2026, 7, 1, 23, tzinfo=UTC), "in_force"),
        (datetime(2026, 7, 3, 22, 59, 59, tzinfo=UTC), "in_force"),
        (datetime(2026, 7, 3, 23, tzinfo=UTC), "ended"),
    ):
        with clock.freeze(moment):
            beds = sign_in(BEDS, SCOPES)
            assert list_statuses(beds, f"{AGREEMENTS}?sort=-start_date") == [status, "ended"], (
                moment
            )
            result = answer(beds.get(AGREEMENTS, query_string={"status": status}))["items"]
            assert created["id"] in [item["id"] for item in result]
    with clock.freeze(datetime(2026, 7, 4, tzinfo=UTC)):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        assert refusals(accept(cambs, created), 409) == {("", "ended")}
        later = answer(change(beds, path_of(created), end_date="2026-07-04"))
        assert later["status"] == "awaiting_acceptance"
        assert agree(created, beds, cambs)["status"] == "in_force"


def test_agreements_are_filtered_and_searched(
    beds: CheckedClient, cambs: CheckedClient, make_agency: Callable[..., Agency]
) -> None:
    make_agency(HERTS)
    created = agreement(beds, title="Joint ICT of Bédford")
    agreement(cambs, BEDS, title="Other", instrument="other", end_date="2099-01-01")
    for query in (
        {"q": "bedford"},
        {"lead_agency": BEDS},
        {"instrument": "police_act_1996_s22a"},
        {"end_date__isnull": "true"},
    ):
        items = answer(cambs.get(AGREEMENTS, query_string=query))["items"]
        assert [item["id"] for item in items] == [created["id"]], query
    for code, number in ((BEDS, 2), (CAMBS, 2), (HERTS, 0)):
        result = answer(beds.get(AGREEMENTS, query_string={"parties": code, "total": "true"}))
        assert result["page"]["total"] == number


def test_simultaneous_acceptances_both_count(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created = agreement(beds)
    session.close()
    held = Held(agreements.accept_agreement)
    monkeypatch.setattr(agreements, "accept_agreement", held.wrapper())
    answers: list[int] = []

    def send(api: CheckedClient) -> None:
        answers.append(accept(api, created, created["content_hash"]).status_code)

    threads = [Thread(target=send, args=(api,)) for api in (beds, cambs)]
    threads[0].start()
    held.wait_until_entered()
    threads[1].start()
    held.let_go()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert answers == [201, 201]
    assert read(beds, path_of(created))["status"] == "in_force"


def test_acceptance_during_edit_is_refused_as_stale(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created = agreement(beds)
    agree(created, beds)
    session.close()
    held = Held(agreements.change_agreement)
    monkeypatch.setattr(agreements, "change_agreement", held.wrapper())
    edit = Thread(target=lambda: change(beds, path_of(created), field_profile="full"))
    refused: list[set[tuple[str, str]]] = []
    late = Thread(
        target=lambda: refused.append(
            refusals(accept(cambs, created, created["content_hash"]), 409)
        )
    )
    edit.start()
    held.wait_until_entered()
    late.start()
    held.let_go()
    for thread in (edit, late):
        thread.join(PATIENCE_SECONDS)
    assert refused == [{("/content_hash", "stale")}]
    assert read(beds, path_of(created))["accepted_by"] == []


def test_edit_during_acceptance_is_refused_as_stale(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created = agreement(beds)
    tag = beds.get(path_of(created)).headers["ETag"]
    session.close()
    held = Held(agreements.accept_agreement)
    monkeypatch.setattr(agreements, "accept_agreement", held.wrapper())
    first = Thread(target=lambda: accept(cambs, created, created["content_hash"]))
    first.start()
    held.wait_until_entered()
    statuses_: list[int] = []

    def edit() -> None:
        answered = beds.patch(path_of(created), json={"title": "x"}, headers={"If-Match": tag})
        statuses_.append(answered.status_code)

    second = Thread(target=edit)
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(PATIENCE_SECONDS)
    assert statuses_ == [412]
    assert list_acceptances(read(beds, path_of(created))) == [CAMBS]

"""Collaboration agreements: who makes, accepts, changes and ends them, and who reads of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies import views
from catalogue.agencies.models import Agency
from catalogue.core import clock
from tests.agencies.agreeing import (
    AGREEMENTS,
    HERTS,
    SCOPES,
    SignIn,
    accept,
    agree,
    agreement,
    path_of,
    statuses,
    terminate,
    withdraw,
)
from tests.recording import BEDS, CAMBS, answer, change, read, refusals
from tests.threads import Held
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


def accepting(made: dict[str, Any]) -> list[str]:
    return [each["agency"] for each in made["accepted_by"]]


def test_everything_about_an_agreement_comes_back(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    response = beds.post(AGREEMENTS, json=WHOLE)
    made = answer(response)
    assert response.status_code == 201
    assert response.headers["Location"] == path_of(made)
    assert made | WHOLE | {"parties": [BEDS, CAMBS]} == made
    assert made["lead_agency"] == BEDS
    assert made["status"] == "awaiting_acceptance"
    assert (made["accepted_by"], made["withdrawn_by"]) == ([], [])
    assert made["terminated_at"] is None
    for api in (beds, cambs):
        assert read(api, path_of(made)) == made
        assert answer(api.get(AGREEMENTS))["items"] == [made]


def test_the_lead_may_name_itself_and_be_named_once(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds, CAMBS, BEDS)
    assert made["parties"] == [BEDS, CAMBS]
    assert made["content_hash"] == agreement(beds, CAMBS)["content_hash"]
    assert made["content_hash"] != agreement(cambs, BEDS)["content_hash"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"parties": []}, ("/parties", "too_few")),
        ({"parties": [BEDS]}, ("/parties", "too_few")),
        ({"parties": [CAMBS, "nobody"]}, ("/parties/1", "unknown")),
        ({"parties": [CAMBS, CAMBS]}, ("/parties/1", "repeated")),
        ({"parties": [CAMBS.upper()]}, ("/parties/0", "pattern")),
        ({"parties": None}, ("/parties", "null")),
        ({"parties": ["old-police"]}, ("/parties/0", "ended")),
        ({"start_date": "2026-04-02", "end_date": "2026-04-01"}, ("/end_date", "out_of_order")),
        ({"start_date": None}, ("/start_date", "null")),
        ({"decision_notice_url": "http://example.org/"}, ("/decision_notice_url", "pattern")),
        ({"decision_notice_url": "https://"}, ("/decision_notice_url", "pattern")),
        ({"decision_notice_url": "https://a@b/"}, ("/decision_notice_url", "pattern")),
        ({"decision_notice_url": "javascript:1"}, ("/decision_notice_url", "pattern")),
        ({"decision_notice_url": 'https://b/"x y'}, ("/decision_notice_url", "pattern")),
        ({"instrument": "handshake"}, ("/instrument", "invalid")),
        ({"field_profile": "everything"}, ("/field_profile", "invalid")),
        ({"lead_agency": CAMBS}, ("/lead_agency", "unknown_field")),
        ({"status": "in_force"}, ("/status", "unknown_field")),
    ],
)
def test_an_agreement_that_cannot_be(
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
    made = agreement(beds, "last-day-police", CAMBS, end_date=str(clock.today()))
    if "lead_agency" not in fields and "status" not in fields:
        assert refusals(change(beds, path_of(made), **fields)) == {error}
        assert read(beds, path_of(made)) == made


def test_who_may_do_what(
    beds: CheckedClient, cambs: CheckedClient, kent: CheckedClient, sign_in: SignIn
) -> None:
    made = agreement(beds)
    path = path_of(made)
    assert refusals(change(cambs, path, title="Ours"), 403) == set()
    assert refusals(terminate(cambs, made), 403) == set()
    etag = beds.get(path).headers["ETag"]
    for response in (
        kent.get(path),
        kent.patch(path, json={"title": "Ours"}, headers={"If-Match": etag}),
        accept(kent, made, made["content_hash"]),
        withdraw(kent, made),
        terminate(kent, made),
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
    assert accept(reader, made).status_code == 403
    assert read(beds, path) == made


def test_every_party_accepts_the_lead_included(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    made = agreement(beds, CAMBS, HERTS)
    for api, status in ((cambs, "awaiting_acceptance"), (herts, "awaiting_acceptance")):
        assert agree(made, api)["status"] == status
    response = accept(beds, made)
    assert response.status_code == 201
    agreed = answer(response)
    assert agreed["status"] == "in_force"
    assert accepting(agreed) == [BEDS, CAMBS, HERTS]
    assert {each["content_hash"] for each in agreed["accepted_by"]} == {made["content_hash"]}
    assert agreed["updated_at"] > made["updated_at"]
    assert response.headers["ETag"] == cambs.get(path_of(made)).headers["ETag"]


def test_an_acceptance_is_of_what_was_read_and_once(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    assert refusals(accept(cambs, made, "0" * 64), 409) == {("/content_hash", "stale")}
    assert refusals(accept(cambs, made, "X" * 64)) == {("/content_hash", "pattern")}
    agree(made, cambs)
    assert refusals(accept(cambs, made), 409) == {("", "taken")}
    assert accepting(read(beds, path_of(made))) == [CAMBS]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another"},
        {"instrument": "other"},
        {"start_date": "2026-01-01"},
        {"end_date": "2098-12-31"},
        {"end_date": None},
        {"decision_notice_url": None},
        {"field_profile": "summary"},
        {"parties": [CAMBS, HERTS]},
    ],
)
def test_any_change_voids_every_acceptance(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient, changes: dict[str, Any]
) -> None:
    assert herts
    made = answer(beds.post(AGREEMENTS, json=WHOLE))
    assert agree(made, beds, cambs)["status"] == "in_force"
    response = change(beds, path_of(made), **changes)
    changed = answer(response)
    assert response.status_code == 200, response.text
    assert changed["content_hash"] != made["content_hash"]
    assert (changed["status"], changed["accepted_by"]) == ("awaiting_acceptance", [])
    assert refusals(accept(cambs, made, made["content_hash"]), 409) == {("/content_hash", "stale")}
    # To change it back does not bring back what was said of it.
    back = {name: value for name, value in WHOLE.items() if name in changes}
    again = answer(change(beds, path_of(made), **back))
    assert again["content_hash"] == made["content_hash"]
    assert again["accepted_by"] == []


def test_what_changes_nothing_voids_nothing(beds: CheckedClient, cambs: CheckedClient) -> None:
    made = answer(beds.post(AGREEMENTS, json=WHOLE))
    agreed = agree(made, beds, cambs)
    assert answer(change(beds, path_of(made), **WHOLE)) == agreed
    assert answer(change(beds, path_of(made), parties=[BEDS, CAMBS])) == agreed
    assert answer(change(beds, path_of(made))) == agreed


def test_a_party_that_is_taken_out_knows_of_it_no_more(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    made = agreement(beds, CAMBS, HERTS)
    agree(made, beds, cambs, herts)
    assert change(beds, path_of(made), parties=[HERTS]).status_code == 200
    assert cambs.get(path_of(made)).status_code == 404
    assert accept(cambs, made, made["content_hash"]).status_code == 404
    assert agree(made, beds, herts)["status"] == "in_force"


def test_a_party_withdraws_until_the_lead_changes_it(
    beds: CheckedClient, cambs: CheckedClient, herts: CheckedClient
) -> None:
    made = agreement(beds, CAMBS, HERTS)
    agree(made, beds, cambs, herts)
    left = answer(withdraw(cambs, made))
    assert left["status"] == "withdrawn"
    assert accepting(left) == [BEDS, HERTS]
    (withdrawn,) = left["withdrawn_by"]
    assert (withdrawn["agency"], withdrawn["reason"]) == (CAMBS, "We leave.")
    assert refusals(accept(cambs, made), 409) == {("", "withdrawn")}
    assert refusals(withdraw(cambs, made), 409) == {("", "taken")}
    changed = answer(change(beds, path_of(made), title="Improved"))
    assert (changed["withdrawn_by"], changed["accepted_by"]) == ([], [])
    assert agree(made, beds, cambs, herts)["status"] == "in_force"


def test_a_party_may_refuse_without_having_accepted(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    assert withdraw(cambs, made).status_code == 200
    assert agree(made, beds)["status"] == "withdrawn"
    no_reason = cambs.post(f"{path_of(made)}/withdrawal", json={})
    assert refusals(no_reason) == {("/reason", "required")}


def test_termination_is_final(beds: CheckedClient, cambs: CheckedClient) -> None:
    made = agreement(beds)
    agree(made, beds)
    ended = answer(terminate(beds, made))
    assert ended["status"] == "terminated"
    assert ended["terminated_at"] is not None
    over = {("", "terminated")}
    assert refusals(terminate(beds, made), 409) == over
    assert refusals(accept(cambs, made), 409) == over
    assert refusals(withdraw(cambs, made), 409) == over
    assert refusals(change(beds, path_of(made), title="Again"), 409) == over
    assert read(cambs, path_of(made)) == ended


SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_its_status_is_that_of_the_day(sign_in: SignIn) -> None:
    with clock.freeze(SUMMER):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        made = agreement(beds, start_date="2026-07-02", end_date="2026-07-03")
        assert agree(made, beds, cambs)["status"] == "agreed"
        agreement(beds, start_date="2026-06-01", end_date="2026-06-30", title="Too late")
    for moment, status in (
        (datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), "agreed"),
        (datetime(2026, 7, 1, 23, tzinfo=UTC), "in_force"),
        (datetime(2026, 7, 3, 22, 59, 59, tzinfo=UTC), "in_force"),
        (datetime(2026, 7, 3, 23, tzinfo=UTC), "ended"),
    ):
        with clock.freeze(moment):
            beds = sign_in(BEDS, SCOPES)
            assert statuses(beds, f"{AGREEMENTS}?sort=-start_date") == [status, "ended"], moment
            found = answer(beds.get(AGREEMENTS, query_string={"status": status}))["items"]
            assert made["id"] in [item["id"] for item in found]
    with clock.freeze(datetime(2026, 7, 4, tzinfo=UTC)):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        assert refusals(accept(cambs, made), 409) == {("", "ended")}
        later = answer(change(beds, path_of(made), end_date="2026-07-04"))
        assert later["status"] == "awaiting_acceptance"
        assert agree(made, beds, cambs)["status"] == "in_force"


def test_agreements_are_found(beds: CheckedClient, cambs: CheckedClient) -> None:
    made = agreement(beds, title="Joint ICT of Bédford")
    agreement(cambs, BEDS, title="Other", instrument="other", end_date="2099-01-01")
    for query in (
        {"q": "bedford"},
        {"lead_agency": BEDS},
        {"instrument": "police_act_1996_s22a"},
        {"end_date__isnull": "true"},
    ):
        items = answer(cambs.get(AGREEMENTS, query_string=query))["items"]
        assert [item["id"] for item in items] == [made["id"]], query
    for code, number in ((BEDS, 2), (CAMBS, 2), (HERTS, 0)):
        found = answer(beds.get(AGREEMENTS, query_string={"parties": code, "total": "true"}))
        assert found["page"]["total"] == number


def test_two_acceptances_at_once_both_count(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = agreement(beds)
    session.close()
    held = Held(views.accept_agreement)
    monkeypatch.setattr(views, "accept_agreement", held.wrapper())
    answers: list[int] = []

    def send(api: CheckedClient) -> None:
        answers.append(accept(api, made, made["content_hash"]).status_code)

    threads = [Thread(target=send, args=(api,)) for api in (beds, cambs)]
    threads[0].start()
    held.wait_until_entered()
    threads[1].start()
    held.let_go()
    for thread in threads:
        thread.join(timeout=20)
    assert answers == [201, 201]
    assert read(beds, path_of(made))["status"] == "in_force"


def test_an_edit_under_way_leaves_an_acceptance_stale(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = agreement(beds)
    agree(made, beds)
    session.close()
    held = Held(views.change_agreement)
    monkeypatch.setattr(views, "change_agreement", held.wrapper())
    edit = Thread(target=lambda: change(beds, path_of(made), field_profile="full"))
    refused: list[set[tuple[str, str]]] = []
    late = Thread(
        target=lambda: refused.append(refusals(accept(cambs, made, made["content_hash"]), 409))
    )
    edit.start()
    held.wait_until_entered()
    late.start()
    held.let_go()
    for thread in (edit, late):
        thread.join(timeout=20)
    assert refused == [{("/content_hash", "stale")}]
    assert read(beds, path_of(made))["accepted_by"] == []


def test_an_acceptance_under_way_leaves_an_edit_stale(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = agreement(beds)
    tag = beds.get(path_of(made)).headers["ETag"]
    session.close()
    held = Held(views.accept_agreement)
    monkeypatch.setattr(views, "accept_agreement", held.wrapper())
    first = Thread(target=lambda: accept(cambs, made, made["content_hash"]))
    first.start()
    held.wait_until_entered()
    statuses_: list[int] = []

    def edit() -> None:
        answered = beds.patch(path_of(made), json={"title": "x"}, headers={"If-Match": tag})
        statuses_.append(answered.status_code)

    second = Thread(target=edit)
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(timeout=20)
    assert statuses_ == [412]
    assert accepting(read(beds, path_of(made))) == [CAMBS]

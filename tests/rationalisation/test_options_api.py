"""Options of an overlap over HTTP: built from visible records, and ready to be drafted."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.options import operations
from catalogue.rationalisation.overlaps.models import Overlap
from tests.agencies.api_agreements import SignIn
from tests.api_calls import Fields, answer
from tests.contracts.api_contracts import SCOPES, contract, cost, share
from tests.factories import (
    BEDS,
    CAMBS,
    HERTS,
    add_product,
    add_rosters,
    add_system,
    find_overlap,
    record,
)
from tests.stores import Store
from tests.sums import sum_of
from tests.unsaved import CheckedClient

READS = f"{SCOPES} overlaps:read overlaps:write decisions:read decisions:propose"


def options_of(api: CheckedClient, overlap: Overlap) -> Fields:
    response = api.get(f"/v1/overlaps/{overlap.id}/options")
    assert response.status_code == 200, response.text
    return answer(response)


def of(ranked: Fields, code: str) -> Fields:
    """Return the option that retains the roster of an agency."""
    (option,) = [o for o in ranked["options"] if o["retained_system_name"] == f"Roster {code}"]
    return dict(option)


def test_each_option_can_be_drafted_as_a_decision(sign_in: SignIn, session: Session) -> None:
    seen = add_rosters(session, BEDS, CAMBS, HERTS)
    overlap = find_overlap(session, *seen)
    api = sign_in(BEDS, READS)
    url = f"/v1/overlaps/{overlap.id}"
    confirmed = {"status": "confirmed", "reason": "One does."}
    etag = api.get(url).headers["ETag"]
    assert api.patch(url, json=confirmed, headers={"If-Match": etag}).status_code == 200
    options = options_of(api, overlap)["options"]
    assert [each["rank"] for each in options] == [1, 2, 3, None]
    least = answer(api.get(f"{url}/options?limit=1"))
    assert (least["options"], least["further_options"]) == ([options[0], options[-1]], 2)
    for option in options:
        body = {"overlap_id": str(overlap.id), "title": "One for all", "rationale": "Enough."}
        drafted = record(api, "/v1/decisions", **body, members=option["members"])
        written = ("system_id", "disposition", "strategy", "successor_id")
        sent = [{name: member[name] for name in written} for member in drafted["members"]]
        assert sent == option["members"]
        withdrawal = f"/v1/decisions/{drafted['id']}/withdrawal"
        assert api.post(withdrawal, json={"reason": "No."}).status_code == 200


@pytest.mark.usefixtures("today")
def test_options_show_reasons_cautions_and_costs(sign_in: SignIn, session: Session) -> None:
    maker = add_product(session, "Dutyplan", "Acme")
    maker.end_of_support = date(2027, 3, 31)
    fields: dict[str, Any] = {"product_id": maker.id, "user_count": 40}
    fits = {"functional_fit": 4, "technical_fit": 4}
    ours = add_system(session, BEDS, "Roster beds", **fields)
    theirs = add_system(session, CAMBS, "Roster cambs", **fields | fits)
    overlap = find_overlap(session, ours, theirs)
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    sign_in(HERTS, READS)
    record(cambs, f"/v1/systems/{theirs.id}/uses", agency=HERTS)
    terms = {"end_date": "2099-03-31", "notice_period_days": 30, "disclosure": "all_agencies"}
    contract(cambs, title="Roster support", systems=[str(theirs.id)], **terms)
    cost(beds, {"id": ours.id}, "30.00")
    cost(cambs, {"id": theirs.id}, "70.00")
    options = options_of(beds, overlap)
    best, other, unchanged = options["options"]
    assert (best["retained_system_name"], other["retained_system_name"]) == (
        "Roster cambs",
        "Roster beds",
    )
    assert "The functional fit is 4 of 4." in best["reasons"]
    named = "Cambridgeshire Police and Hertfordshire Police already use this system."
    assert named in best["reasons"]
    assert "Support for this system ends on 31 March 2027." in best["cautions"]
    assert best["answers"][2] == "Yes. Support ends on 31 March 2027."
    assert len(best["answers"]) == len(options["ranking"])
    assert best["users_to_move"] == sum_of(40)
    assert [m["strategy"] for m in best["members"]] == ["relocate", "retain"]
    notice = "ends on 31 March 2099. Give notice by 1 March 2099."
    assert any(caution.endswith(notice) for caution in other["cautions"])
    assert best["costs"] == {
        "financial_year": "2026-27",
        "before": sum_of("30.00", withheld=1),
        "after": sum_of(None, withheld=1),
    }
    assert unchanged["all_stay"]
    assert unchanged["costs"]["after"] == sum_of("30.00", withheld=1)
    share(cambs, beds, "full", BEDS)
    session.expire_all()
    theirs.disclosure = Disclosure.AGREEMENT
    session.commit()
    assert options_of(beds, overlap)["options"][0]["costs"] == {
        "financial_year": "2026-27",
        "before": sum_of("100.00"),
        "after": sum_of("70.00"),
    }
    read = [each["kind"] for each in answer(cambs.get("/v1/changes?resource=cost"))["items"]]
    assert read[-1] == "cost.read"


def test_an_empty_new_record_never_ranks_first_and_its_option_says_why(
    sign_in: SignIn, session: Session
) -> None:
    maker = add_product(session, "Dutyplan", "Acme")
    maker.end_of_support = date(2035, 3, 31)
    empty = add_system(session, BEDS, "Roster beds", product_id=maker.id)
    assessed = add_system(session, CAMBS, "Roster cambs", functional_fit=1, technical_fit=1)
    overlap = find_overlap(session, empty, assessed)
    ranked = options_of(sign_in(BEDS, READS), overlap)
    first, last, _ = ranked["options"]
    assert (first["retained_system_name"], last["retained_system_name"]) == (
        "Roster cambs",
        "Roster beds",
    )
    assert ranked["ranking"][0].startswith("Has the owner assessed the retained system")
    assert (first["answers"][0], last["answers"][0]) == ("Yes.", "No.")
    assert "The owner's plan for this system is not known." in last["cautions"]
    unknown = "The functional and the technical fit of this system are not known."
    assert unknown in last["cautions"]


def test_options_use_only_what_the_token_scopes_cover(sign_in: SignIn, session: Session) -> None:
    seen = add_rosters(session, BEDS, CAMBS, technical_fit=4, user_count=7)
    overlap = find_overlap(session, *seen)
    owner = sign_in(BEDS, READS)
    contract(owner, title="Support", systems=[str(seen[0].id)], end_date="2099-03-31")
    cost(owner, {"id": seen[0].id}, "30.00")
    whole = of(options_of(owner, overlap), BEDS)
    assert whole["reasons"][0] == "The technical fit is 4 of 4."
    assert 'The contract "Support" ends on 31 March 2099.' in whole["cautions"]
    assert whole["costs"]["before"] == sum_of("30.00", withheld=1)
    assert whole["users_to_move"] == sum_of(7)
    least = of(options_of(sign_in(BEDS, "overlaps:read"), overlap), BEDS)
    assert least["reasons"] == []
    assert least["costs"]["before"] == sum_of(None, withheld=2)
    assert least["users_to_move"] == sum_of(None, withheld=1)
    assert sign_in(BEDS, READS.replace("overlaps:read", "")).get(
        f"/v1/overlaps/{overlap.id}/options"
    ).status_code == 403  # fmt: skip


def test_hidden_systems_do_not_affect_options(sign_in: SignIn, session: Session) -> None:
    seen = add_rosters(session, BEDS, CAMBS)
    (hidden,) = add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY, user_count=3)
    overlap = find_overlap(session, *seen, hidden)
    api, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    url = f"/v1/overlaps/{overlap.id}/options"
    before = api.get(url)
    assert len(answer(before)["options"]) == 3
    assert len(options_of(herts, overlap)["options"]) == 4
    cost(herts, {"id": hidden.id}, "30.00")
    session.refresh(hidden)
    hidden.functional_fit = 4
    session.commit()
    after = api.get(url)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert api.get(url.replace(str(overlap.id), str(hidden.id))).status_code == 404
    for gone in seen[:1]:
        session.refresh(gone)
        gone.disclosure = Disclosure.OWNER_ONLY
    session.commit()
    stranger = sign_in("kent-police", READS)
    assert stranger.get(url).status_code == 404


def test_options_reject_an_overlap_with_too_many_members(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlap = find_overlap(session, *add_rosters(session, BEDS, CAMBS, HERTS))
    monkeypatch.setattr(operations, "MOST_MEMBERS", 2)
    response = sign_in(BEDS, READS).get(f"/v1/overlaps/{overlap.id}/options")
    assert response.status_code == 409
    assert [each["code"] for each in answer(response)["errors"]] == ["too_many"]


@pytest.mark.parametrize("agencies", [2, 12])
def test_options_take_a_fixed_number_of_queries(
    sign_in: SignIn, session: Session, store: Store, agencies: int
) -> None:
    seen = add_rosters(session, *(f"force-{n}" for n in range(agencies)))
    overlap = find_overlap(session, *seen)
    api = sign_in("force-0", READS)
    options_of(api, overlap)
    statements: list[str] = []
    engine = store.database.reading_engine

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        options_of(api, overlap)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert 6 <= len(statements) <= 12, statements

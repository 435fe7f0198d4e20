"""Sign-offs and acceptances name a person by id, so that erasing the name reaches them."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.history.models import Event
from tests.agencies.api_agreements import SCOPES, accept, agreement, path_of
from tests.api_calls import read
from tests.factories import BEDS, CAMBS, SIGNATORY, add_rosters
from tests.history.feed import SignIn
from tests.history.recorded_events import run_audit
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    confirm_overlap,
    propose_decision,
    sign_decision,
)

NAME, ROLE = SIGNATORY["person"], SIGNATORY["role"]


@pytest.mark.parametrize("missing", ["person", "role"])
def test_acceptance_without_person_or_role_is_refused(sign_in: SignIn, missing: str) -> None:
    beds, _ = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
    made = agreement(beds)
    body: dict[str, Any] = SIGNATORY | {"content_hash": made["content_hash"], missing: "  "}
    refused = beds.post(f"{path_of(made)}/acceptances", json=body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [f"/{missing}"]


def test_erased_name_disappears_from_sign_offs_and_acceptances(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    beds, cambs = (
        sign_in(code, f"{SCOPES} {DECISION_SCOPES} audit:read") for code in (BEDS, CAMBS)
    )
    made = agreement(beds)
    accept(beds, made)
    stays, goes = add_rosters(session, BEDS, CAMBS)
    decision = propose_decision(beds, confirm_overlap(session, [stays, goes]), stays, goes)
    sign_decision(beds, decision)

    def signatories() -> list[tuple[str, str]]:
        step = read(cambs, "/v1/changes?resource=agreement")["items"][-1]
        found = [
            *read(cambs, path_of(made))["accepted_by"],
            *read(cambs, f"/v1/decisions/{decision['id']}")["sign_offs"],
            *read(cambs, f"/v1/decisions/{decision['id']}/briefing")["decision"]["sign_offs"],
            *step["changes"]["accepted_by"]["after"],
        ]
        assert not any("person_id" in each for each in found)
        return [(each["person"], each["role"]) for each in found]

    assert signatories() == [(NAME, ROLE)] * 4
    result = run_audit(app, "pseudonymise", NAME)
    assert result.exit_code == 0, result.output
    ((pseudonym, role),) = set(signatories())
    assert (pseudonym[:7], role) == ("person-", ROLE)
    for event in session.query(Event):
        assert NAME not in str((event.before, event.state))
    session.commit()
    assert run_audit(app, "verify").exit_code == 0

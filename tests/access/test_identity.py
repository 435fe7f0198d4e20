"""The identity of a client: who the service takes the sender of a request for."""

from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.operations import find_agency
from tests.access.forged_tokens import Forger
from tests.factories import BEDS, client_with, signed_in


def test_client_sees_its_agency_and_scopes(app: Flask, session: Session) -> None:
    client = signed_in(app, session, BEDS, "systems:read agencies:read")
    response = client.get("/v1/me")
    assert response.status_code == 200
    assert response.json is not None
    agency = find_agency(session, BEDS)
    assert response.json == {
        "client_id": response.json["client_id"],
        "person": None,
        "agency": {"id": str(agency.id), "code": BEDS, "name": agency.name},
        "scopes": ["agencies:read", "systems:read"],
    }
    assert response.json["client_id"]


def test_person_of_a_token_is_named(app: Flask, forger: Forger) -> None:
    client = client_with(app, forger.token(sub="jo.smith"))
    answer = client.get("/v1/me").json
    assert answer is not None
    assert (answer["client_id"], answer["person"]) == (forger.client.client_id, "jo.smith")


def test_administrator_has_no_agency(app: Flask, session: Session) -> None:
    response = signed_in(app, session, None, "admin").get("/v1/me")
    assert response.json is not None
    assert (response.json["agency"], response.json["scopes"]) == (None, ["admin"])

"""Client secrets: random, stored as digests, compared in constant time."""

import re

import pytest
import sqlalchemy as sa
from authlib.oauth2 import OAuth2Error
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue.access import credentials
from catalogue.access.models import ClientSecret
from catalogue.access.scopes import UnknownScope, known_scopes, parse_scopes, scope_string
from catalogue.core.actor import Scope
from catalogue.core.application import database
from tests.access.conftest import Register


def test_secret_has_256_random_bits() -> None:
    made = {credentials.new_secret() for _ in range(50)}
    assert len(made) == 50
    for secret in made:
        assert re.fullmatch(r"itsc_[A-Za-z0-9_-]{43}", secret)


def test_client_id_begins_with_agency_code() -> None:
    made = credentials.new_client_id("bedfordshire-police")
    assert re.fullmatch(r"bedfordshire-police-[a-z2-7]{8}", made)
    assert len(credentials.new_client_id("x" * 200)) <= 64


def test_credentials_repr_hides_secret() -> None:
    assert "hidden" not in repr(credentials.Credentials("x", "hidden"))


def test_secret_is_stored_only_as_digest(register: Register, session: Session) -> None:
    _, secret = register()
    (stored,) = session.scalars(sa.select(ClientSecret.digest))
    assert stored == credentials.digest(secret)
    assert secret not in stored
    session.rollback()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_secret_check_makes_two_comparisons_whatever_is_stored(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def compare(presented: str, stored: str) -> bool:
        compared.append(stored)
        return presented == stored

    monkeypatch.setattr(credentials.hmac, "compare_digest", compare)
    digests = [credentials.digest(f"secret-{number}") for number in range(count)]
    assert credentials.matching_digest("wrong", digests) is None
    assert len(compared) == 2
    for number in range(count):
        assert credentials.matching_digest(f"secret-{number}", digests) == digests[number]


def test_unknown_client_runs_same_statements_as_wrong_secret(
    app: Flask, api: FlaskClient, register: Register
) -> None:
    client, secret = register()
    steps: list[str] = []
    engine = database(app).engine
    event.listen(engine, "before_cursor_execute", lambda *a: steps.append(a[2]))

    def list_statements(client_id: str) -> list[str]:
        steps.clear()
        form = {"grant_type": "client_credentials"}
        answer = api.post("/oauth/token", data=form, auth=(client_id, secret + "x"))
        assert answer.status_code == 401
        return [step for step in steps if "token_attempt" not in step]

    known = list_statements(client.client_id)
    assert known
    assert list_statements("nobody") == list_statements("not a client id") == known


@given(
    authorization=st.none() | st.text(max_size=60) | st.text(max_size=60).map("Basic ".__add__),
    form=st.dictionaries(st.sampled_from(["client_id", "client_secret"]), st.text(max_size=30)),
)
def test_any_credentials_are_read_or_refused(
    authorization: str | None, form: dict[str, str]
) -> None:
    try:
        read = credentials.read_credentials(authorization, form)
    except OAuth2Error as refusal:
        assert refusal.error in {"invalid_client", "invalid_request"}  # noqa: PT017 - or none
    else:
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", read.client_id)


def test_scopes_are_written_in_alphabetical_order() -> None:
    assert scope_string([Scope.SYSTEMS_READ, Scope.ADMIN]) == "admin systems:read"


def test_scope_text_is_parsed_without_repeats_and_spaces() -> None:
    assert parse_scopes(" systems:read  admin systems:read ") == {Scope.ADMIN, Scope.SYSTEMS_READ}
    assert parse_scopes("") == frozenset()


def test_unknown_scope_is_refused_by_name() -> None:
    with pytest.raises(UnknownScope) as raised:
        parse_scopes("systems:read Systems:Read")
    assert raised.value.scope == "Systems:Read"


def test_foreign_scopes_are_ignored() -> None:
    assert known_scopes("openid admin") == {"admin"}
    assert known_scopes(["admin", None]) == {"admin"}
    assert known_scopes(None) == frozenset()

"""Authentication: each claim of a token wrong in turn, and the message of each refusal."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.access import operations
from catalogue.access.keys import private_half
from catalogue.access.models import OAuthClient
from catalogue.core import clock
from catalogue.core.application import database
from catalogue.core.permissions_version import VERSION_QUERY
from tests.access.conftest import AGENCY, Register, bearer
from tests.access.forged_tokens import (
    Forger,
    encode,
    make_unknown_key,
    unix_time,
    write_unsigned_token,
)
from tests.stores import Store

Issue = Callable[..., str]


def is_refused(answer: TestResponse, reason: str) -> bool:
    assert answer.status_code == 401, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == 401
    assert reason in answer.json["detail"]
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="invalid_token", error_description="')
    assert challenge.endswith(
        'resource_metadata="http://catalogue.test/.well-known/oauth-protected-resource/v1"'
    )
    return True


def test_correct_forged_token_is_accepted(api: FlaskClient, forger: Forger) -> None:
    """The forged token is valid, so each refusal below has only the reason of its test."""
    answer = api.get("/v1/probe", headers=bearer(forger.token()))
    assert answer.status_code == 200, answer.text


def test_request_without_token_gets_challenge_without_error(
    api: FlaskClient, store: object
) -> None:
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Basic eDp5"}):
        answer = api.get("/v1/probe", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == (
            'Bearer resource_metadata="http://catalogue.test'
            '/.well-known/oauth-protected-resource/v1"'
        )


def test_bearer_scheme_is_accepted_in_any_letter_case(api: FlaskClient, forger: Forger) -> None:
    token = forger.token()
    for scheme in ("bearer", "BEARER", "Bearer "):
        answer = api.get("/v1/probe", headers={"Authorization": f"{scheme} {token}"})
        assert answer.status_code == 200


def test_token_outside_authorization_header_is_ignored(api: FlaskClient, forger: Forger) -> None:
    token = forger.token()
    assert api.get(f"/v1/probe?access_token={token}").status_code == 401
    assert api.post("/v1/probe", data={"access_token": token}).status_code == 401
    api.set_cookie("access_token", token)
    assert api.get("/v1/probe").status_code == 401


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param({"iss": "https://elsewhere.example"}, "another issuer", id="other_issuer"),
        pytest.param({"iss": "http://catalogue.test/"}, "another issuer", id="issuer_with_slash"),
        pytest.param({"iss": ["http://catalogue.test"]}, "names no issuer", id="issuer_list"),
        pytest.param({"iss": None}, "names no issuer", id="no_issuer"),
        pytest.param(
            {"aud": "http://catalogue.test"}, "another audience", id="audience_without_path"
        ),
        pytest.param({"aud": ["http://other.test/v1"]}, "another audience", id="other_audience"),
        pytest.param({"aud": []}, "another audience", id="no_audiences"),
        pytest.param(
            {"aud": {"http://catalogue.test/v1": 1}}, "another audience", id="audience_object"
        ),
        pytest.param({"aud": None}, "another audience", id="no_audience"),
        pytest.param({"exp": None}, "lacks the claim `exp`", id="no_expiry"),
        pytest.param(
            {"exp": "never"}, "claim `exp` of the access token is not a time", id="expiry_text"
        ),
        pytest.param(
            {"exp": True}, "claim `exp` of the access token is not a time", id="expiry_boolean"
        ),
        pytest.param(
            {"iat": [1]}, "claim `iat` of the access token is not a time", id="issued_at_list"
        ),
        pytest.param({"iat": None}, "lacks the claim `iat`", id="no_issued_at"),
        pytest.param({"jti": None}, "lacks the claim `jti`", id="no_token_id"),
        pytest.param({"jti": ""}, "lacks the claim `jti`", id="empty_token_id"),
        pytest.param({"sub": None}, "lacks the claim `sub`", id="no_subject"),
        pytest.param({"client_id": None}, "lacks the claim `client_id`", id="no_client"),
        pytest.param(
            {"client_id": "nobody"}, "client of the access token was revoked", id="unknown_client"
        ),
        pytest.param({"client_id": "no\x00body"}, "invalid claims", id="client_with_nul"),
        pytest.param({"agency": None}, "names no agency", id="no_agency"),
        pytest.param({"agency": "atlantis-police"}, "names an unknown agency", id="unknown_agency"),
        pytest.param(
            {"agency": ["bedfordshire-police"]}, "names an unknown agency", id="agency_list"
        ),
        pytest.param(
            {"agency": "bedfordshire-police\x00"}, "names an unknown agency", id="agency_with_nul"
        ),
        pytest.param({"agency": ""}, "names an unknown agency", id="empty_agency"),
    ],
)
def test_token_with_wrong_claim_is_refused(
    api: FlaskClient, forger: Forger, claims: dict[str, Any], reason: str
) -> None:
    assert is_refused(api.get("/v1/probe", headers=bearer(forger.token(**claims))), reason)


@pytest.mark.parametrize(
    ("claim", "seconds", "reason"),
    [("exp", -31, "expired"), ("nbf", 32, "not valid yet"), ("iat", 32, "not valid yet")],
)
def test_token_outside_its_lifetime_is_refused_beyond_the_leeway(
    api: FlaskClient, forger: Forger, claim: str, seconds: int, reason: str
) -> None:
    with clock.freeze(clock.now()):
        assert is_refused(
            api.get("/v1/probe", headers=bearer(forger.token(**{claim: unix_time(seconds)}))),
            reason,
        )
        forgiven = seconds + (3 if seconds < 0 else -3)
        token = forger.token(**{claim: unix_time(forgiven)})
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


def test_token_with_several_audiences_is_accepted(api: FlaskClient, forger: Forger) -> None:
    token = forger.token(aud=["https://other.example", "http://catalogue.test/v1"])
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", "at+jwt2", "", "id_token", "dpop+jwt"])
def test_jwt_of_another_type_is_refused(api: FlaskClient, forger: Forger, kind: str | None) -> None:
    token = forger.token(header={"typ": kind})
    assert is_refused(api.get("/v1/probe", headers=bearer(token)), "not an access token")


@pytest.mark.parametrize("kind", ["AT+JWT", "application/at+jwt"])
def test_token_type_is_accepted_as_media_type(api: FlaskClient, forger: Forger, kind: str) -> None:
    token = forger.token(header={"typ": kind})
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


def test_token_signed_by_unknown_key_is_refused(api: FlaskClient, forger: Forger) -> None:
    key = make_unknown_key()
    for kid in (forger.signing_key().kid, key.thumbprint(), None, "", "x\x00", "x" * 300):
        token = forger.token(key=key, header={"kid": kid})
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 401


def test_key_inside_token_header_is_not_trusted(api: FlaskClient, forger: Forger) -> None:
    key = make_unknown_key()
    for header in (
        {"jwk": key.as_dict(private=False)},
        {"jwk": key.as_dict(private=False), "kid": None},
        {"jku": "http://attacker.example/jwks.json"},
        {"x5u": "http://attacker.example/cert.pem"},
    ):
        token = forger.token(key=key, header=header)
        assert is_refused(
            api.get("/v1/probe", headers=bearer(token)), "key" if "kid" in header else ""
        )


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_unsigned_token_is_refused(api: FlaskClient, forger: Forger, algorithm: str) -> None:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": forger.signing_key().kid}
    bare = write_unsigned_token(forger.claims(), **header)
    for token in (bare, bare + encode(b"signature"), bare + encode(b"\x00" * 64)):
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 401


def test_token_signed_with_public_key_as_secret_is_refused(
    api: FlaskClient, forger: Forger
) -> None:
    own = forger.signing_key()
    public = private_half(own)
    for secret in (
        public.as_pem(private=False),
        public.as_pem(private=False).strip(),
        public.as_bytes(encoding="DER", private=False),
    ):
        # Written by hand, because the library refuses to create such a token.
        header = {"alg": "HS256", "kid": own.kid, "typ": "at+jwt"}
        unsigned = write_unsigned_token(forger.claims(), **header).removesuffix(".")
        token = f"{unsigned}.{encode(hmac.digest(secret, unsigned.encode(), 'sha256'))}"
        assert is_refused(api.get("/v1/probe", headers=bearer(token)), "does not match its key")


def test_token_with_algorithm_of_another_key_type_is_refused(
    api: FlaskClient, forger: Forger
) -> None:
    key = RSAKey.generate_key(2048)
    token = forger.token(key=key, header={"alg": "RS256"})
    assert is_refused(api.get("/v1/probe", headers=bearer(token)), "does not match its key")


def test_altered_token_is_refused(api: FlaskClient, forger: Forger) -> None:
    header, claims, signature = forger.token().split(".")
    _, more, _ = forger.token(scope="admin systems:read").split(".")
    last = "A" if signature[-1] != "A" else "Q"
    for token in (
        f"{header}.{more}.{signature}",
        f"{header}.{claims}.{signature[:-1]}{last}",
        f"{header}.{claims}.{signature}=",
        f"{header}.{claims}.{signature}A",
        f"{header}.{claims}=.{signature}",
        f"{header}.{claims}.",
        f"{header}..{signature}",
        f"{header}.{claims}",
        f"{header}.{claims}.{signature}.{signature}",
        f"{header}.{claims}.{signature}.x.y",
        f"{header}.{claims}.{'A' * len(signature)}",
    ):
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 401


def test_token_with_unknown_critical_extension_is_refused(api: FlaskClient, forger: Forger) -> None:
    own = forger.signing_key()
    header = {"alg": "ES256", "kid": own.kid, "typ": "at+jwt", "crit": ["exp"], "exp": 1}
    token = f"{encode(repr(header).replace(chr(39), chr(34)).encode())}.e30.AAAA"
    assert is_refused(api.get("/v1/probe", headers=bearer(token)), "extension")


def test_token_over_length_limit_is_refused(api: FlaskClient, forger: Forger) -> None:
    assert is_refused(api.get("/v1/probe", headers=bearer("x" * 9000)), "longer than 8 KiB")
    long = forger.token(padding="x" * 8192)
    assert is_refused(api.get("/v1/probe", headers=bearer(long)), "longer than 8 KiB")


def test_unknown_scopes_grant_nothing(api: FlaskClient, forger: Forger) -> None:
    token = forger.token(scope="openid systems:read offline_access")
    assert api.get("/v1/probe", headers=bearer(token)).json["scopes"] == ["systems:read"]
    listed = forger.token(scope=["systems:read", 7, {}])
    assert api.get("/v1/probe", headers=bearer(listed)).json["scopes"] == ["systems:read"]
    for none in ("", None, 7, {"systems:read": 1}):
        answer = api.get("/v1/probe", headers=bearer(forger.token(scope=none)))
        assert answer.status_code == 403


def test_administrator_token_needs_no_agency(api: FlaskClient, forger: Forger) -> None:
    token = forger.token(agency=None, scope="admin systems:read")
    answer = api.get("/v1/probe", headers=bearer(token))
    assert answer.status_code == 200
    assert answer.json["agency"] is None


def test_actor_carries_id_and_code_of_its_agency(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    answer = api.get("/v1/probe", headers=bearer(issue(client)))
    assert UUID(answer.json["agency_id"]) == client.agency_id
    assert answer.json["agency"] == AGENCY
    assert answer.json["subject"] == client.client_id


def test_cached_token_still_expires(api: FlaskClient, register: Register, issue: Issue) -> None:
    client, _ = register()
    start = clock.now()
    with clock.freeze(start):
        token = issue(client, lifetime=timedelta(minutes=1))
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    with clock.freeze(start + timedelta(seconds=85)):
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    with clock.freeze(start + timedelta(seconds=91)):
        assert is_refused(api.get("/v1/probe", headers=bearer(token)), "expired")


def test_token_lifetime_must_be_between_zero_and_one_day(register: Register, issue: Issue) -> None:
    client, _ = register()
    with pytest.raises(operations.ClientError):
        issue(client, lifetime=timedelta(hours=25))
    with pytest.raises(operations.ClientError):
        issue(client, lifetime=timedelta(seconds=-1))


def test_cached_token_needs_one_query(
    app: Flask, api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    headers = bearer(issue(client))
    statements: list[str] = []
    engine = database(app).reading_engine
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    api.get("/v1/probe", headers=headers)
    first = len(statements)
    statements.clear()
    api.get("/v1/probe", headers=headers)
    assert first == 3
    # On SQLite the counter is read on the driver's own cursor, which this listener does not see.
    assert statements == ([] if database(app).dialect == "sqlite" else [VERSION_QUERY])


def test_authentication_works_while_another_request_writes(
    api: FlaskClient, app: Flask, forger: Forger, session: Session
) -> None:
    token = forger.token(exp=unix_time(-60))
    good = forger.token()
    api.get("/v1/probe", headers=bearer(good))
    with database(app).engine.connect() as writing:
        writing.execute(sa.update(OAuthClient).values(name="busy"))
        assert api.post("/v1/probe", headers=bearer(token)).status_code == 401
        assert api.get("/v1/probe", headers=bearer(good)).status_code == 200
        writing.rollback()


@pytest.mark.only_on("postgresql")
def test_first_request_after_database_restart_gets_503_and_next_succeeds(
    app: Flask, api: FlaskClient, forger: Forger, session: Session, store: Store
) -> None:
    """The driver runs the first statement by itself, and must notice the broken connection."""
    headers = bearer(forger.token())
    assert api.get("/v1/probe", headers=headers).status_code == 200
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    session.execute(
        sa.text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
    )
    session.commit()
    store.database.engine.dispose()  # whose idle connections have ended as well
    broken = api.get("/v1/probe", headers=headers)
    assert (broken.status_code, broken.headers["Retry-After"]) == (503, "1")
    assert api.get("/v1/probe", headers=headers).status_code == 200

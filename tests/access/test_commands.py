"""`catalogue clients` and `catalogue keys`, as operators and scripts use them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.access.commands import clients, key_commands
from catalogue.access.models import SigningKey
from catalogue.access.roles import ROLES
from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.clock import now
from tests.access.conftest import AGENCY, bearer

GRANT = {"grant_type": "client_credentials"}

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(app: Flask, make_agency: Callable[..., object]) -> Invoke:
    """Return a function that runs a command on an app with one agency."""
    make_agency(AGENCY)

    def invoke_command(group: Any, *arguments: str) -> Result:
        with app.app_context():
            return CliRunner().invoke(group, arguments)

    return invoke_command


@pytest.fixture
def created(invoke: Invoke) -> dict[str, Any]:
    """The JSON that `clients create` printed."""
    result = invoke(clients, "create", "--agency", AGENCY, "--scope", "systems:read", "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = orjson.loads(result.stdout)
    return document


def request_token(api: FlaskClient, client_id: str, secret: str) -> str | None:
    answer = api.post("/oauth/token", data=GRANT, auth=(client_id, secret))
    return answer.json.get("access_token")


def test_create_client_prints_json_object(created: dict[str, Any], api: FlaskClient) -> None:
    assert set(created) == {"client_id", "client_secret", "agency", "scopes"}
    assert created["agency"] == AGENCY
    assert created["scopes"] == ["systems:read"]
    assert created["client_id"].startswith(f"{AGENCY}-")
    token = request_token(api, created["client_id"], created["client_secret"])
    assert token
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


def test_create_client_prints_readable_lines(invoke: Invoke) -> None:
    result = invoke(clients, "create", "--agency", AGENCY, "--scope", "systems:write systems:read")
    assert result.exit_code == 0
    lines = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert lines["scopes"] == "systems:read systems:write"
    assert lines["client_secret"].startswith("itsc_")
    assert "cannot be shown again" in result.stderr


def test_create_client_without_agency_makes_administrator(invoke: Invoke) -> None:
    result = invoke(clients, "create", "--scope", "admin", "--json")
    assert result.exit_code == 0
    document = orjson.loads(result.stdout)
    assert document["agency"] is None
    assert document["client_id"].startswith("admin-")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--agency", "atlantis-police", "--scope", "systems:read"],
            "no agency with the code `atlantis-police`",
            id="unknown_agency",
        ),
        pytest.param(
            ["--agency", AGENCY, "--scope", "systems:destroy"],
            "no scope 'systems:destroy'",
            id="unknown_scope",
        ),
        pytest.param(
            ["--agency", AGENCY, "--scope", "systems:read admn"],
            "no scope 'admn'",
            id="one_unknown_of_two_scopes",
        ),
        pytest.param(["--agency", AGENCY, "--scope", " "], "has no scopes", id="blank_scope"),
        pytest.param(["--agency", AGENCY], "--scope", id="no_scope"),
        pytest.param(["--scope", "systems:read"], "needs an agency", id="no_agency"),
    ],
)
def test_create_client_refuses_wrong_arguments(
    invoke: Invoke, arguments: list[str], message: str
) -> None:
    result = invoke(clients, "create", *arguments, "--json")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not result.stdout
    assert "Traceback" not in result.stderr
    listed = orjson.loads(invoke(clients, "list", "--json").stdout)
    assert listed == []


def test_create_client_suggests_agency_code(invoke: Invoke) -> None:
    printed = invoke(clients, "create", "--agency", AGENCY[:-1], "--role", "reader").stderr
    assert f"no agency with the code `{AGENCY[:-1]}`. Did you mean `{AGENCY}`?" in printed


def test_create_client_with_unknown_scope_names_list_of_scopes(invoke: Invoke) -> None:
    printed = invoke(clients, "create", "--agency", AGENCY, "--scope", "x").stderr
    assert "There is no scope 'x'. `catalogue clients scopes` lists the scopes." in printed


def test_list_scopes_shows_every_scope_with_its_meaning(invoke: Invoke) -> None:
    printed = invoke(clients, "scopes").stdout
    listed = orjson.loads(invoke(clients, "scopes", "--json").stdout)
    assert set(listed) == {scope.value for scope in Scope}
    for scope, meaning in listed.items():
        assert scope in printed
        assert meaning in printed


@pytest.mark.parametrize("role", ROLES)
def test_create_client_with_role_gives_its_scopes(invoke: Invoke, role: str) -> None:
    result = invoke(clients, "create", "--agency", AGENCY, "--role", role, "--json")
    assert result.exit_code == 0, result.output
    expected = {scope.value for scope in ROLES[role].scopes}
    assert set(orjson.loads(result.stdout)["scopes"]) == expected
    listed = orjson.loads(invoke(clients, "roles", "--json").stdout)
    assert set(listed[role]["scopes"]) == expected
    assert f"{role}: {ROLES[role].description}" in invoke(clients, "roles").stdout


def test_create_client_with_role_and_scope_gives_both(invoke: Invoke) -> None:
    result = invoke(
        clients,
        "create",
        "--agency",
        AGENCY,
        "--role",
        "reader",
        "--scope",
        "systems:write",
        "--json",
    )
    scopes = orjson.loads(result.stdout)["scopes"]
    assert set(scopes) == {"systems:write", *(scope.value for scope in ROLES["reader"].scopes)}


def test_create_client_with_unknown_role_lists_roles(invoke: Invoke) -> None:
    result = invoke(clients, "create", "--agency", AGENCY, "--role", "king")
    assert result.exit_code == 2
    for role in ROLES:
        assert role in result.stderr


def test_list_clients_shows_everything_but_secrets(
    invoke: Invoke, created: dict[str, Any], api: FlaskClient
) -> None:
    (listed,) = orjson.loads(invoke(clients, "list", "--json").stdout)
    assert listed["client_id"] == created["client_id"]
    assert listed["agency"] == AGENCY
    assert listed["scopes"] == "systems:read"
    assert listed["last_used_at"] is None
    assert listed["revoked_at"] is None
    request_token(api, created["client_id"], created["client_secret"])
    (listed,) = orjson.loads(invoke(clients, "list", "--json").stdout)
    assert listed["last_used_at"]
    printed_list = invoke(clients, "list").stdout
    assert re.search(rf"{created['client_id']} +{AGENCY} +systems:read +\d", printed_list)
    for text in (printed_list, str(listed)):
        assert "itsc_" not in text
        assert "digest" not in text


def test_rotate_secret_ends_old_secret(
    invoke: Invoke, created: dict[str, Any], api: FlaskClient
) -> None:
    client_id, old = created["client_id"], created["client_secret"]
    result = invoke(clients, "rotate", client_id, "--json")
    assert result.exit_code == 0
    new = orjson.loads(result.stdout)["client_secret"]
    assert new != old
    assert request_token(api, client_id, new)
    assert request_token(api, client_id, old) is None


def test_rotate_secret_with_grace_keeps_old_secret_until_grace_ends(
    invoke: Invoke, created: dict[str, Any], api: FlaskClient
) -> None:
    client_id, old = created["client_id"], created["client_secret"]
    start = now()
    with clock.freeze(start):
        result = invoke(clients, "rotate", client_id, "--grace", "24h", "--json")
        new = orjson.loads(result.stdout)["client_secret"]
        assert request_token(api, client_id, old)
        assert request_token(api, client_id, new)
    with clock.freeze(start + timedelta(hours=25)):
        assert request_token(api, client_id, old) is None
        assert request_token(api, client_id, new)


def test_rotate_secret_repeatedly_keeps_two_newest_secrets(
    invoke: Invoke, created: dict[str, Any], api: FlaskClient
) -> None:
    client_id = created["client_id"]
    secrets = [created["client_secret"]]
    for _ in range(3):
        result = invoke(clients, "rotate", client_id, "--grace", "7d", "--json")
        secrets.append(orjson.loads(result.stdout)["client_secret"])
    works = [request_token(api, client_id, secret) is not None for secret in secrets]
    assert works == [False, False, True, True]


@pytest.mark.parametrize("grace", ["1", "h", "-1h", "1.5h", "31d", "999999d", "1h "])
def test_rotate_secret_refuses_wrong_grace_period(
    invoke: Invoke, created: dict[str, Any], grace: str
) -> None:
    result = invoke(clients, "rotate", created["client_id"], f"--grace={grace}")
    assert result.exit_code == 2


def test_revoke_client_ends_its_tokens_and_secret(
    invoke: Invoke, created: dict[str, Any], api: FlaskClient
) -> None:
    client_id, secret = created["client_id"], created["client_secret"]
    token = request_token(api, client_id, secret)
    assert token
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    assert invoke(clients, "revoke", client_id).exit_code == 0
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 401
    assert request_token(api, client_id, secret) is None
    assert invoke(clients, "revoke", client_id).exit_code == 0
    (listed,) = orjson.loads(invoke(clients, "list", "--json").stdout)
    assert listed["revoked_at"]
    assert "revoked" in invoke(clients, "list").stdout
    again = invoke(clients, "rotate", client_id)
    assert again.exit_code == 2
    assert "was revoked" in again.stderr


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_rotate_and_revoke_refuse_unknown_client(invoke: Invoke, command: str) -> None:
    result = invoke(clients, command, "nobody")
    assert result.exit_code == 2
    assert "no client 'nobody'" in result.stderr


def test_key_commands_list_rotate_and_withdraw_keys(
    invoke: Invoke, created: dict[str, Any], api: FlaskClient
) -> None:
    assert orjson.loads(invoke(key_commands, "list", "--json").stdout) == []
    token = request_token(api, created["client_id"], created["client_secret"])
    assert token
    (first,) = orjson.loads(invoke(key_commands, "list", "--json").stdout)
    assert first["algorithm"] == "ES256"
    assert first["signing"] is True
    assert invoke(key_commands, "rotate", "--algorithm", "RS256").exit_code == 0
    second, old = orjson.loads(invoke(key_commands, "list", "--json").stdout)
    assert (second["algorithm"], second["signing"]) == ("RS256", True)
    assert (old["kid"], old["signing"]) == (first["kid"], False)
    assert old["verifies_until"]
    printed_list = invoke(key_commands, "list").stdout
    assert "signs" in printed_list
    assert "verifies until" in printed_list
    assert "PRIVATE" not in printed_list
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    assert invoke(key_commands, "withdraw", first["kid"]).exit_code == 0
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 401
    assert invoke(key_commands, "withdraw", first["kid"]).exit_code == 2
    assert invoke(key_commands, "rotate", "--algorithm", "none").exit_code == 2


@pytest.mark.parametrize("kid", ["-CaakLIJf9IiECtG", "--aakLIJf9IiECtG", "-"])
def test_withdraw_key_accepts_thumbprint_that_looks_like_an_option(
    invoke: Invoke, session: Session, kid: str
) -> None:
    unknown = invoke(key_commands, "withdraw", kid)
    assert (unknown.exit_code, f"There is no key {kid!r}." in unknown.output) == (2, True)
    invoke(key_commands, "rotate")
    session.execute(sa.update(SigningKey).values(kid=kid))
    session.commit()
    assert invoke(key_commands, "withdraw", kid).exit_code == 0
    assert orjson.loads(invoke(key_commands, "list", "--json").stdout) == []

"""Tokens of common identity providers are accepted with the right agency, scopes and person."""

from typing import Any

import pytest

from tests.access.conftest import bearer
from tests.access.identity_providers.conftest import AGENCY, Connect, ask
from tests.access.identity_providers.issuer import Issuer
from tests.access.identity_providers.token_shapes import KEY, MANAGER, MANAGER_ROLE, SHAPES, Shape

shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
PERSON = SHAPES["rfc_9068_person"]


@pytest.fixture(autouse=True)
def published(issuer: Issuer) -> None:
    issuer.publish(KEY)


@shapes
def test_token_of_common_provider_is_accepted(
    connect: Connect, issuer: Issuer, shape: Shape
) -> None:
    api = connect(**shape.provider)
    answer = ask(api, shape.token(issuer))
    assert answer.status_code == 200, answer.text
    assert answer.json["agency"] == AGENCY
    assert answer.json["scopes"] == shape.scopes
    client = f"beds:{shape.client}"
    person = f"beds:{shape.person}" if shape.person else client
    assert (answer.json["client_id"], answer.json["subject"]) == (client, person)


@pytest.mark.parametrize(
    ("shape", "person"),
    [
        pytest.param(SHAPES["entra_v2_person"], "beds:jo.smith@beds.police.uk", id="person"),
        pytest.param(SHAPES["keycloak_program"], None, id="program"),
    ],
)
def test_audit_log_names_person_and_client_with_the_provider(
    connect: Connect, issuer: Issuer, shape: Shape, person: str | None
) -> None:
    api = connect(**shape.provider | {"roles": [MANAGER_ROLE]})
    headers = bearer(shape.token(issuer))
    made = api.post("/v1/systems", json={"name": "Duty", "lifecycle": "live"}, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json["agency"] == AGENCY
    (event,) = api.get(f"/v1/systems/{made.json['id']}/history", headers=headers).json["items"]
    assert (event["client_id"], event["person"]) == (f"beds:{shape.client}", person)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"sub": "portal"}, id="subject_like_client"),
        pytest.param({"sub": "x", "preferred_username": "portal"}, id="name_like_client"),
        pytest.param({"preferred_username": "service-account-portal"}, id="name_like_program"),
    ],
)
def test_person_who_is_named_like_a_client_is_still_a_person(
    connect: Connect, issuer: Issuer, claims: dict[str, Any]
) -> None:
    shape = SHAPES["keycloak_person"]
    answer = ask(connect(**shape.provider), shape.token(issuer, **claims))
    assert answer.status_code == 200, answer.text
    assert answer.json["subject"] != answer.json["client_id"]


def test_no_name_equals_that_of_a_person_named_like_the_client(
    connect: Connect, issuer: Issuer
) -> None:
    shape = SHAPES["keycloak_person"]
    api = connect(**shape.provider)
    names = ["portal", "person:portal", "person:person:portal", "Portal", "x"]
    subjects = {
        ask(api, shape.token(issuer, preferred_username=name)).json["subject"] for name in names
    }
    assert len(subjects) == len(names)
    assert "beds:portal" not in subjects


@pytest.mark.parametrize(
    "value",
    [
        "bedfordshire-police",
        ["Bedfordshire-Police"],
        " BEDS ",
        ["beds", "BEDS", "bedfordshire-police"],
        None,
        "",
        [],
    ],
    ids=str,
)
def test_agency_is_read_in_any_case_and_from_a_list_of_one(
    connect: Connect, issuer: Issuer, value: object
) -> None:
    api = connect(**PERSON.provider, agency_values=[{"value": "Beds", "agency": AGENCY}])
    answer = ask(api, PERSON.token(issuer, agency=value))
    assert answer.status_code == 200, answer.text
    assert answer.json["agency"] == AGENCY


def test_scopes_of_the_client_and_roles_of_the_person_limit_each_other(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect(roles=[{"value": "Manager", "grants": ["it-manager"]}])

    def scopes(scope: str | None, roles: object) -> list[str]:
        answer = ask(api, PERSON.token(issuer, scope=scope, roles=roles))
        assert answer.status_code == 200, answer.text
        return list(answer.json["scopes"])

    assert scopes("systems:read savings:read decisions:propose", ["Manager"]) == [
        "savings:read",
        "systems:read",
    ]
    assert scopes("openid", ["Manager"]) == MANAGER
    assert scopes(None, ["systems:read", "admin"]) == ["systems:read"]


def test_claim_of_scopes_never_grants_administration(connect: Connect, issuer: Issuer) -> None:
    answer = ask(connect(), PERSON.token(issuer, scope="systems:read admin", roles=None))
    assert answer.json["scopes"] == ["systems:read"]


def test_role_of_the_provider_can_grant_administration(connect: Connect, issuer: Issuer) -> None:
    api = connect(agencies=[], roles=[{"value": "Owner", "grants": ["admin", "systems:read"]}])
    answer = ask(api, PERSON.token(issuer, scope=None, roles=["Owner"]))
    assert answer.status_code == 200, answer.text
    assert (answer.json["agency"], answer.json["scopes"]) == (None, ["admin", "systems:read"])


def test_token_of_a_provider_without_agencies_is_refused_for_that_reason(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect(agencies=[])
    for agency in (None, AGENCY):
        answer = ask(api, PERSON.token(issuer, agency=agency))
        assert answer.status_code == 401
        assert "is bound to no agency" in answer.json["detail"]


def test_response_explains_why_roles_grant_no_scope(connect: Connect, issuer: Issuer) -> None:
    api = connect(roles=[{"value": "Programmer", "grants": ["savings:read"]}])

    def detail(**claims: Any) -> str:
        answer = ask(api, PERSON.token(issuer, **claims))
        assert answer.status_code == 403, answer.text
        return str(answer.json["detail"])

    assert "None of the token's roles is mapped" in detail(scope="openid", roles=["Unmapped"])
    assert "none in common" in detail(scope="costs:read", roles=["Programmer"])
    assert "request a new token" in detail(scope="costs:read", roles=None)


def test_tokens_of_two_providers_and_of_the_service_work_side_by_side(
    connect: Connect, issuer: Issuer, make_agency: Any, sign_in: Any
) -> None:
    make_agency("kent-police")
    api = connect(**PERSON.provider)
    with Issuer().running() as other:
        connect(key="kent", issuer=other.url, agencies=["kent-police"])
        agencies = [
            ask(api, token).json["agency"]
            for token in (PERSON.token(issuer), other.token(agency=None))
        ]
        assert agencies == [AGENCY, "kent-police"]
        assert ask(api, other.token()).status_code == 401, "an agency of another provider"
        forged = issuer.token(iss=other.url, agency="kent-police")
        assert ask(api, forged).status_code == 401, "signed by another provider"
        listed = api.get("/.well-known/oauth-protected-resource").json["authorization_servers"]
        assert listed == ["http://catalogue.test", *sorted([issuer.url, other.url])]
    assert sign_in(AGENCY, "systems:read").get("/v1/systems").status_code == 200

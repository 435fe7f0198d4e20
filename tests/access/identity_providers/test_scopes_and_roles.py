"""Scopes of the client and roles of the person limit each other in every combination."""

from typing import Any

import pytest

from catalogue.core.actor import Scope
from tests.access.conftest import bearer
from tests.access.identity_providers.conftest import Connect, ask
from tests.access.identity_providers.issuer import Issuer
from tests.access.identity_providers.test_operations import PATH, patch
from tests.unsaved import CheckedClient

READ, WRITE = Scope.SYSTEMS_READ.value, Scope.SYSTEMS_WRITE.value
BOTH = f"{READ} {WRITE}"
READER = {"value": "Reader", "grants": [READ]}
WRITER = {"value": "Writer", "grants": [READ, WRITE]}
PERSON = {"sub": "u-1", "preferred_username": "jo.smith", "azp": "portal"}
PROGRAM = {"sub": "portal", "azp": "portal"}
MAPPED, UNMAPPED = "mapped", "unmapped"
ROLES: dict[str, list[dict[str, Any]]] = {MAPPED: [READER, WRITER], UNMAPPED: []}
NO_SCOPES = ""


@pytest.mark.parametrize("holder", [PERSON, PROGRAM], ids=["person", "program"])
@pytest.mark.parametrize(
    ("mapping", "scope", "roles", "granted"),
    [
        (MAPPED, BOTH, ["Reader"], READ),
        (MAPPED, BOTH, ["Reader", "Writer"], BOTH),
        (MAPPED, BOTH, ["Cleaner", "Reader"], READ),
        (MAPPED, BOTH, ["Cleaner"], NO_SCOPES),
        (MAPPED, BOTH, ["reader"], NO_SCOPES),
        (MAPPED, BOTH, [], NO_SCOPES),
        (MAPPED, BOTH, "", NO_SCOPES),
        (MAPPED, BOTH, {"Reader": True}, NO_SCOPES),
        (MAPPED, BOTH, [READ], READ),
        (MAPPED, READ, ["Writer"], READ),
        (MAPPED, "systems:write", ["Reader"], NO_SCOPES),
        (MAPPED, "openid", ["Reader"], READ),
        (MAPPED, "openid", ["Cleaner"], NO_SCOPES),
        (MAPPED, None, ["Reader"], READ),
        (MAPPED, None, ["Cleaner"], NO_SCOPES),
        (MAPPED, None, None, NO_SCOPES),
        (UNMAPPED, BOTH, None, BOTH),
        (UNMAPPED, BOTH, [READ], READ),
        (UNMAPPED, BOTH, ["Reader"], NO_SCOPES),
        (UNMAPPED, BOTH, [], NO_SCOPES),
        (UNMAPPED, None, [READ], READ),
        (UNMAPPED, None, None, NO_SCOPES),
    ],
    ids=str,
)
def test_roles_limit_every_token_that_has_them(
    connect: Connect,
    issuer: Issuer,
    holder: dict[str, Any],
    mapping: str,
    scope: str | None,
    roles: object,
    granted: str,
) -> None:
    api = connect(roles=ROLES[mapping])
    assert _scopes(api, issuer.token(**holder, scope=scope, roles=roles)) == granted


def test_person_without_roles_has_no_scopes_where_the_provider_maps_roles(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect(roles=ROLES[MAPPED])
    assert _scopes(api, issuer.token(**PERSON, scope=BOTH)) == NO_SCOPES


def test_program_without_roles_keeps_its_scopes(connect: Connect, issuer: Issuer) -> None:
    api = connect(roles=ROLES[MAPPED])
    assert _scopes(api, issuer.token(**PROGRAM, scope=BOTH)) == BOTH


def test_roles_limit_nothing_if_the_provider_reads_no_claim_of_roles(
    connect: Connect, issuer: Issuer
) -> None:
    api = connect(roles=ROLES[MAPPED], role_claims=[])
    assert _scopes(api, issuer.token(**PERSON, scope=BOTH, roles=["Reader"])) == BOTH
    assert _scopes(api, issuer.token(**PERSON, scope="Reader")) == READ


def test_each_claim_of_roles_can_limit(connect: Connect, issuer: Issuer) -> None:
    api = connect(roles=ROLES[MAPPED], role_claims=["roles", "realm_access.roles"])
    nested = {"realm_access": {"roles": ["Cleaner"]}}
    assert _scopes(api, issuer.token(**PROGRAM, scope=BOTH, **nested)) == NO_SCOPES
    assert _scopes(api, issuer.token(**PERSON, scope=BOTH, **nested, roles=["Reader"])) == READ


def test_removing_roles_from_the_provider_never_adds_a_scope(
    connect: Connect, issuer: Issuer, administrator: CheckedClient
) -> None:
    api = connect(roles=ROLES[MAPPED])
    (provider,) = administrator.get(PATH).json["items"]
    token = issuer.token(**PERSON, scope=BOTH, roles=["Reader"])
    assert _scopes(api, token) == READ
    for mapping in ([WRITER], []):
        patch(administrator, provider["id"], {"roles": mapping})
        assert _scopes(api, token) == NO_SCOPES


def _scopes(api: Any, token: str) -> str:
    """Return the scopes of a token among the two, separated by a space."""
    write = api.post("/v1/probe", headers=bearer(token)).status_code
    read = ask(api, token)
    assert {write, read.status_code} <= {200, 403}, read.text
    if read.status_code == 200:
        assert (write == 200) == (WRITE in read.json["scopes"])
        return " ".join(read.json["scopes"])
    return NO_SCOPES if write == 403 else WRITE

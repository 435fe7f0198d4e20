"""Who may not: every operation, without a token, without its scope, and on another's records."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from catalogue.core.actor import Scope
from catalogue.core.rest.blueprint import ANY_TOKEN, PUBLIC, Blueprint
from tests.api.surface import (
    APP,
    DOCUMENT,
    GUARDED,
    JSON,
    LISTS,
    METHODS,
    OPERATIONS,
    PROBLEM,
    SCOPED,
    WITH_JSON,
    Op,
    each,
)
from tests.api.world import SHARED, STRANGER, Sent, World

PUBLIC_OPERATIONS = {
    "get_openapi_document",
    "get_liveness",
    "get_readiness",
    "list_pipeline",
    "get_pipeline_releases",
}

# They show what the token's own scopes and agency allow, and nothing if these allow nothing.
ANY_TOKEN_OPERATIONS = {"get_identity", "get_waiting_work"}

# What is served without the kernel: OAuth's own endpoints and documents, and the viewer's files.
PLAIN_ROUTES = {
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/<path:suffix>",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/<path:suffix>",
    "/docs/",
    "/docs/<path:path>",
    "/docs/dist/<path:path>",
    "/static/<path:name>",
    "/sign-in/<key>/back-channel-logout",
}

PRIVATE = tuple(
    op
    for op in GUARDED
    # What only administrators read is alike for all of them.
    if set(op.parameter_names("path")) - SHARED and op.kernel.scope is not Scope.ADMIN
)
# The address of a shared thing, but of one agency's view of it.
ABSENT_TO_OTHERS = {"upsert_system"}


def test_public_operations_are_exactly_those_listed() -> None:
    assert {op.name for op in OPERATIONS if op.public} == PUBLIC_OPERATIONS


def test_operations_without_a_scope_are_exactly_those_listed() -> None:
    assert {op.name for op in GUARDED if op not in SCOPED} == ANY_TOKEN_OPERATIONS
    # A write always needs a scope.
    assert {op.method for op in GUARDED if op not in SCOPED} == {"GET"}


def test_no_other_route_bypasses_the_kernel() -> None:
    plain = {
        rule.rule
        for rule in APP.url_map.iter_rules()
        if not hasattr(APP.view_functions[rule.endpoint], "operation")
        # Pages call operations, and a test of the pages holds them to that.
        and not hasattr(APP.view_functions[rule.endpoint], "page")
    }
    assert plain <= PLAIN_ROUTES
    assert not [rule for rule in plain if rule.startswith("/v1")]


def test_document_shows_every_operation() -> None:
    shown = {
        node["operationId"]
        for path, nodes in DOCUMENT["paths"].items()
        for method, node in nodes.items()
        if method in METHODS and path not in PLAIN_ROUTES
    }
    assert shown == {op.name for op in OPERATIONS}


@pytest.mark.parametrize("scope", [None, "systems:read", "", 7])
def test_operation_without_a_scope_cannot_be_declared(scope: Any) -> None:
    blueprint = Blueprint("probe", __name__, url_prefix="/v1/probes")
    for method in METHODS:
        with pytest.raises(TypeError):
            getattr(blueprint, method)("", scope=scope)
        with pytest.raises(TypeError):
            getattr(blueprint, method)("")
    assert blueprint.get("", scope=PUBLIC)
    assert blueprint.get("", scope=ANY_TOKEN)


def test_request_without_a_token_returns_401(client: FlaskClient) -> None:
    wrong = {}
    for op in GUARDED:
        # Neither the parameters nor the body are looked at before.
        answer = client.open(
            op.nowhere(),
            method=op.method,
            query_string={"nonsense": 1},
            data=b"{",
            content_type=JSON,
        )
        challenge = answer.headers.get("WWW-Authenticate", "")
        if (answer.status_code, answer.mimetype) != (401, PROBLEM) or "Bearer" not in challenge:
            wrong[op.name] = (answer.status_code, challenge)
    assert wrong == {}


def test_text_that_is_no_token_returns_401(client: FlaskClient) -> None:
    for credentials in ("Bearer ", "Bearer nonsense", "Basic dTpw", "bearer a.b.c", "\u00e9"):
        wrong = {}
        for op in GUARDED:
            headers = {"Authorization": credentials}
            answer = client.open(op.nowhere(), method=op.method, headers=headers)
            if answer.status_code != 401 or "Bearer" not in answer.headers["WWW-Authenticate"]:
                wrong[op.name] = answer.status_code
        assert wrong == {}, credentials


def test_token_without_the_needed_scope_returns_403(world: World) -> None:
    needed = {op.scope for op in SCOPED}
    clients = {
        scope: world.signed_in(STRANGER, " ".join(s for s in Scope if s != scope))
        for scope in needed
    }
    wrong = {}
    for op in SCOPED:
        answer = clients[op.scope].open(
            op.nowhere(), method=op.method, data=b"{", content_type=JSON
        )
        challenge = answer.headers.get("WWW-Authenticate", "")
        if answer.status_code != 403 or f'scope="{op.scope}"' not in challenge:
            wrong[op.name] = (answer.status_code, challenge)
    assert wrong == {}


@each(PRIVATE)
def test_hidden_record_returns_404(op: Op, world: World, sent: Sent) -> None:
    answer = sent.by(world.stranger)
    assert answer.status_code == 404, answer.text
    missing = sent.but(url=op.nowhere()).by(world.stranger)
    assert missing.status_code == 404
    # Nothing tells what is hidden from what is not there.
    assert without_address(answer.json) == without_address(missing.json)
    assert sent.by(world.owner).status_code in op.successes


@each(tuple(op for op in GUARDED if op not in PRIVATE and op.parameter_names("path")))
def test_shared_record_is_written_by_its_keeper_only(op: Op, world: World, sent: Sent) -> None:
    stranger = world.signed_in(STRANGER, " ".join(s for s in Scope if s != Scope.ADMIN))
    answer = sent.by(stranger)
    if op.method == "GET":
        assert answer.status_code == (403 if op.kernel.scope is Scope.ADMIN else 200)
    else:
        assert answer.status_code == (404 if op.name in ABSENT_TO_OTHERS else 403), answer.text
        assert sent.by(world.owner).status_code in op.successes


def one_of(op: Op) -> Op | None:
    """The operation that reads one of what a list shows."""
    found = [o for o in OPERATIONS if o.method == "GET" and o.path.startswith(op.path + "/{")]
    return min(found, key=lambda o: len(o.path), default=None)


# A list under a record is not there for who does not see the record, as is tested above.
@each(tuple(op for op in LISTS if one_of(op) in PRIVATE and op not in PRIVATE))
def test_list_neither_shows_nor_counts_hidden_records(op: Op, world: World) -> None:
    (parameter,) = one_of(op).parameter_names("path")  # type: ignore[union-attr]
    identity = world.record(parameter)
    ways = [{}, {"id": identity}, {"id__in": f"{identity},{uuid4()}"}]
    for query in ways:
        seen = world.owner.get(op.path, query_string=query | {"total": "true"}).json
        assert identity in [item["id"] for item in seen["items"]], query  # type: ignore[index]
        hidden = world.stranger.get(op.path, query_string=query | {"total": "true"}).json
        assert hidden["items"] == [], query  # type: ignore[index]
        assert hidden["page"] == {"next_cursor": None, "has_more": False, "total": 0}  # type: ignore[index]


def ids_in(value: Any, pointer: str = "") -> list[str]:
    """Pointers to the ids within a body."""
    if isinstance(value, dict):
        return [p for name, inner in value.items() for p in ids_in(inner, f"{pointer}/{name}")]
    if isinstance(value, list):
        return [p for i, inner in enumerate(value) for p in ids_in(inner, f"{pointer}/{i}")]
    is_id = isinstance(value, str) and len(value) == 36 and value.count("-") == 4
    return [pointer] if is_id else []


def put(body: Any, pointer: str, value: Any) -> Any:
    """A copy of a body with another value at a pointer."""
    step, _, rest = pointer.removeprefix("/").partition("/")
    copied = list(body) if isinstance(body, list) else dict(body)
    key: Any = int(step) if isinstance(body, list) else step
    copied[key] = put(copied[key], f"/{rest}", value) if rest else value
    return copied


@each(WITH_JSON)
def test_hidden_id_in_a_body_is_refused_like_an_unknown_one(
    op: Op, world: World, sent: Sent
) -> None:
    hidden = {name: made.json["id"] for name, made in foreign_records(world).items()}
    for pointer in ids_in(sent.json):
        unknown = sent.but(json=put(sent.json, pointer, str(uuid4()))).by(world.owner)
        for name, identity in hidden.items():
            answer = sent.but(json=put(sent.json, pointer, identity)).by(world.owner)
            assert 400 <= answer.status_code < 500, (pointer, name, answer.text)
            assert without_address(answer.json) == without_address(unknown.json), (pointer, name)


def foreign_records(world: World) -> dict[str, Any]:
    """Records that the owner may not see."""
    hidden = {"name": "Hidden", "lifecycle": "live", "disclosure": "owner_only"}
    return {
        "system": world.stranger.post("/v1/systems", json=hidden),
        "programme": world.stranger.post("/v1/programmes", json={"title": "Hidden"}),
        "job": world.stranger.post("/v1/overlaps/runs"),
    }


def without_address(problem: Any) -> Any:
    """A problem, but for the path that was asked."""
    return {name: said for name, said in problem.items() if name != "instance"}

"""Capabilities: a tree that only administrators change."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.capabilities.models import Capability
from catalogue.capabilities.operations import load_capabilities
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, READ_WRITE, record
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]

PATH = "/v1/capabilities"


@pytest.fixture
def admin(sign_in: SignIn) -> CheckedClient:
    return sign_in(None, f"admin {READ_WRITE}")


def capability(admin: CheckedClient, code: str, **fields: Any) -> dict[str, Any]:
    return record(admin, PATH, **{"code": code, "name": f"{code} things", "tier": "core"} | fields)


def test_created_capability_returns_every_field(admin: CheckedClient) -> None:
    capability(admin, "E")
    fields = {
        "code": "E04",
        "name": "Duty management & rostering",
        "tier": "enabling",
        "parent": "E",
        "description": "Who works when.",
    }
    created = capability(admin, **fields)
    assert created | fields == created
    assert read(admin, f"{PATH}/E04") == read(admin, f"{PATH}/{created['id']}") == created
    same = {name: value for name, value in fields.items() if name != "code"}
    assert answer(change(admin, f"{PATH}/E04", **same)) == created
    for reference in ("E99", "e04", "%00"):
        assert admin.get(f"{PATH}/{reference}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"code": "e04"}, ("/code", "pattern"), id="code_in_small_letters"),
        pytest.param({"code": "04"}, ("/code", "pattern"), id="code_without_letter"),
        pytest.param({"code": "E" * 21}, ("/code", "too_long"), id="code_too_long"),
        pytest.param({"tier": "outer"}, ("/tier", "invalid"), id="unknown_tier"),
        pytest.param({"parent": "X"}, ("/parent", "unknown"), id="unknown_parent"),
        pytest.param({"parent": "E04"}, ("/parent", "unknown"), id="parent_is_itself"),
        pytest.param(
            {"parent": "00000000-0000-7000-8000-000000000000"},
            ("/parent", "too_long"),
            id="parent_by_id",
        ),
    ],
)
def test_invalid_capability_is_refused(
    admin: CheckedClient, fields: dict[str, Any], error: tuple[str, str]
) -> None:
    body = {"code": "E04", "name": "Rostering", "tier": "enabling"} | fields
    assert refusals(admin.post(PATH, json=body)) == {error}
    assert listed(admin, PATH) == []


def test_capability_code_is_unique_and_cannot_change(admin: CheckedClient) -> None:
    capability(admin, "E")
    body = {"code": "E", "name": "Other", "tier": "core"}
    assert refusals(admin.post(PATH, json=body), 409) == {("/code", "taken")}
    assert refusals(change(admin, f"{PATH}/E", code="F")) == {("/code", "unknown_field")}


def test_capability_cannot_be_below_itself(admin: CheckedClient) -> None:
    capability(admin, "E")
    capability(admin, "E04", parent="E")
    capability(admin, "E04.1", parent="E04")
    for code, parent in (("E", "E"), ("E", "E04"), ("E", "E04.1"), ("E04", "E04.1")):
        response = change(admin, f"{PATH}/{code}", parent=parent)
        assert refusals(response) == {("/parent", "circular")}, (code, parent)
    assert [read(admin, f"{PATH}/{code}")["parent"] for code in ("E", "E04")] == [None, "E"]
    assert answer(change(admin, f"{PATH}/E04.1", parent="E"))["parent"] == "E"
    assert answer(change(admin, f"{PATH}/E04.1", parent=None))["parent"] is None
    assert answer(change(admin, f"{PATH}/E04", parent="E04.1"))["parent"] == "E04.1"


def test_everyone_reads_but_only_administrators_write(
    admin: CheckedClient, sign_in: SignIn
) -> None:
    capability(admin, "E")
    member = sign_in(BEDS, READ_WRITE)
    assert read(member, f"{PATH}/E")["name"] == "E things"
    body = {"code": "F", "name": "Ours", "tier": "core"}
    assert member.post(PATH, json=body).status_code == 403
    assert change(member, f"{PATH}/E", name="Ours").status_code == 403
    assert listed(member, PATH) == ["E things"]


def test_capabilities_are_filtered_by_parent_tier_and_words(admin: CheckedClient) -> None:
    capability(admin, "E", tier="enabling")
    capability(admin, "E04", parent="E", tier="enabling", description="Who works when")
    capability(admin, "C07")
    assert listed(admin, PATH) == ["C07 things", "E things", "E04 things"]
    assert listed(admin, PATH, parent="E") == ["E04 things"]
    assert listed(admin, PATH, parent__isnull="true", sort="-code") == ["E things", "C07 things"]
    assert listed(admin, PATH, tier="enabling", q="who works") == ["E04 things"]


def reload(session: Session) -> tuple[int, int]:
    session.expire_all()
    counts = load_capabilities(session)
    session.commit()
    return counts


def test_reloading_capabilities_restores_changed_ones(
    admin: CheckedClient, session: Session
) -> None:
    new, changed = reload(session)
    assert (new, changed) == (session.scalar(sa.select(sa.func.count(Capability.id))), 0)
    before = admin.get(f"{PATH}?limit=200").data
    assert reload(session) == (0, 0)
    assert admin.get(f"{PATH}?limit=200").data == before

    rostering = read(admin, f"{PATH}/E04")
    assert rostering["parent"] == "E"
    capability(admin, "X01", parent="E04")
    change(admin, f"{PATH}/E04", name="Wrong", parent="C", description=None)
    change(admin, f"{PATH}/E05", parent=None)
    assert reload(session) == (0, 2)
    assert read(admin, f"{PATH}/E04") | {"updated_at": ""} == rostering | {"updated_at": ""}
    assert read(admin, f"{PATH}/E05")["parent"] == "E"
    assert read(admin, f"{PATH}/X01")["parent"] == "E04"

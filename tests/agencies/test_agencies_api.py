"""Agencies: who can change them, their successions, and the national list."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.agencies.models import Agency
from catalogue.agencies.operations import load_agencies
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, CAMBS, record
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]

PATH = "/v1/agencies"
HERTS = "hertfordshire-police"


@pytest.fixture
def admin(sign_in: SignIn) -> CheckedClient:
    return sign_in(None, "admin agencies:read agencies:write")


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    return sign_in(BEDS, "agencies:read agencies:write")


def agency(admin: CheckedClient, code: str, **fields: Any) -> dict[str, Any]:
    names = {"code": code, "name": code.replace("-", " ").title(), "kind": "police"}
    return record(admin, PATH, **names | fields)


def test_created_agency_returns_every_field(admin: CheckedClient) -> None:
    agency(admin, "beds-pcc", kind="pcc")
    agency(admin, "old-beds")
    fields = {
        "code": BEDS,
        "name": "Bedfordshire Police",
        "kind": "police",
        "nation": "England",
        "identifiers": [{"scheme": "GSS", "id": "E23000026"}],
        "governed_by": "beds-pcc",
        "valid_from": "1966-04-01",
        "valid_to": "2027-03-31",
        "predecessors": ["old-beds"],
    }
    response = admin.post(PATH, json=fields)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{PATH}/{answer(response)['id']}"
    result = read(admin, f"{PATH}/{BEDS}")
    assert result == answer(response)
    assert result | fields == result
    assert result["successors"] == []
    assert read(admin, f"{PATH}/old-beds")["successors"] == [BEDS]
    unchanged = change(admin, f"{PATH}/{BEDS}", **{k: v for k, v in fields.items() if k != "code"})
    assert answer(unchanged) == result


def test_agency_is_read_by_code_and_by_id(admin: CheckedClient) -> None:
    created = agency(admin, BEDS)
    assert read(admin, f"{PATH}/{BEDS}") == read(admin, f"{PATH}/{created['id']}") == created
    other = created["id"][::-1].replace("-", "")[:32]
    for reference in ("nobody", other, BEDS.upper(), "%00", BEDS + "%00"):
        assert admin.get(f"{PATH}/{reference}").status_code == 404, reference


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"code": "Beds"}, ("/code", "pattern"), id="code_in_capitals"),
        pytest.param({"code": "beds--police"}, ("/code", "pattern"), id="code_with_two_hyphens"),
        pytest.param({"code": "béds"}, ("/code", "pattern"), id="code_with_accent"),
        pytest.param({"kind": "navy"}, ("/kind", "invalid"), id="unknown_kind"),
        pytest.param(
            {"identifiers": [{"scheme": "GSS"}]},
            ("/identifiers/0/id", "required"),
            id="identifier_without_id",
        ),
        pytest.param(
            {"identifiers": [{"scheme": "a", "id": "b", "c": 1}]},
            ("/identifiers/0/c", "unknown_field"),
            id="identifier_with_unknown_field",
        ),
        pytest.param({"governed_by": "nobody"}, ("/governed_by", "unknown"), id="unknown_governor"),
        pytest.param(
            {"governed_by": "new-police"}, ("/governed_by", "unknown"), id="governs_itself"
        ),
        pytest.param(
            {"predecessors": ["nobody"]}, ("/predecessors/0", "unknown"), id="unknown_predecessor"
        ),
        pytest.param(
            {"predecessors": [CAMBS, CAMBS]},
            ("/predecessors/1", "repeated"),
            id="repeated_predecessor",
        ),
        pytest.param(
            {"valid_from": "2026-04-01", "valid_to": "2026-03-31"},
            ("/valid_to", "out_of_order"),
            id="ends_before_start",
        ),
        pytest.param({"successors": []}, ("/successors", "unknown_field"), id="successors_given"),
    ],
)
def test_invalid_agency_is_refused(
    admin: CheckedClient, fields: dict[str, Any], error: tuple[str, str]
) -> None:
    agency(admin, CAMBS)
    body = {"code": "new-police", "name": "New", "kind": "police"} | fields
    assert refusals(admin.post(PATH, json=body)) == {error}
    assert listed(admin, PATH) == ["Cambridgeshire Police"]


def test_agency_code_is_unique_and_cannot_change(admin: CheckedClient) -> None:
    agency(admin, BEDS)
    body = {"code": BEDS, "name": "Another", "kind": "fire"}
    assert refusals(admin.post(PATH, json=body), 409) == {("/code", "taken")}
    assert refusals(change(admin, f"{PATH}/{BEDS}", code="new")) == {("/code", "unknown_field")}


def test_agency_may_be_valid_for_one_day(admin: CheckedClient) -> None:
    created = agency(admin, BEDS, valid_from="2026-04-01", valid_to="2026-04-01")
    later = change(admin, f"{PATH}/{BEDS}", valid_from="2026-04-02")
    assert refusals(later) == {("/valid_to", "out_of_order")}
    assert read(admin, f"{PATH}/{BEDS}") == created
    assert (
        change(admin, f"{PATH}/{BEDS}", valid_from="2026-04-02", valid_to=None).status_code == 200
    )


def test_agency_changes_only_itself_and_administrator_any(
    admin: CheckedClient, beds: CheckedClient, sign_in: SignIn, session: Session
) -> None:
    agency(admin, CAMBS)
    assert answer(change(beds, f"{PATH}/{BEDS}", name="Beds"))["name"] == "Beds"
    assert refusals(change(beds, f"{PATH}/{CAMBS}", name="Ours"), 403) == set()
    assert beds.post(PATH, json={"code": "x", "name": "X", "kind": "other"}).status_code == 403
    assert answer(change(admin, f"{PATH}/{CAMBS}", name="Cambs"))["name"] == "Cambs"
    reader = sign_in(BEDS, "agencies:read")
    assert change(reader, f"{PATH}/{BEDS}", name="No").status_code == 403
    assert listed(reader, PATH) == ["Beds", "Cambs"]


def test_agency_cannot_govern_itself_directly_or_indirectly(admin: CheckedClient) -> None:
    for code in ("mayor", "pcc", BEDS):
        agency(admin, code, kind="other")
    assert change(admin, f"{PATH}/{BEDS}", governed_by="pcc").status_code == 200
    assert change(admin, f"{PATH}/pcc", governed_by="mayor").status_code == 200
    for code, governor in ((BEDS, BEDS), ("pcc", BEDS), ("mayor", BEDS)):
        response = change(admin, f"{PATH}/{code}", governed_by=governor)
        assert refusals(response) == {("/governed_by", "circular")}, code
    assert read(admin, f"{PATH}/mayor")["governed_by"] is None
    assert answer(change(admin, f"{PATH}/{BEDS}", governed_by=None))["governed_by"] is None


def list_successors(admin: CheckedClient, code: str) -> list[str]:
    result: list[str] = read(admin, f"{PATH}/{code}")["successors"]
    return result


def test_agency_has_many_predecessors_and_successors(admin: CheckedClient) -> None:
    for code in (BEDS, CAMBS, HERTS):
        agency(admin, code)
    agency(admin, "east-police", predecessors=[HERTS, BEDS, CAMBS])
    agency(admin, "north-police", predecessors=[BEDS])
    assert read(admin, f"{PATH}/east-police")["predecessors"] == [BEDS, CAMBS, HERTS]
    assert list_successors(admin, BEDS) == ["east-police", "north-police"]
    before = read(admin, f"{PATH}/{HERTS}")
    change(admin, f"{PATH}/east-police", predecessors=[BEDS, CAMBS])
    assert list_successors(admin, HERTS) == []
    assert read(admin, f"{PATH}/{HERTS}")["updated_at"] > before["updated_at"]


def test_change_of_predecessors_sets_updated_at(admin: CheckedClient) -> None:
    agency(admin, BEDS)
    before = agency(admin, CAMBS)
    after = answer(change(admin, f"{PATH}/{CAMBS}", predecessors=[BEDS]))
    assert after["updated_at"] > before["updated_at"]
    again = change(admin, f"{PATH}/{CAMBS}", predecessors=[BEDS])
    assert answer(again) == after


def test_circular_predecessors_are_refused(admin: CheckedClient) -> None:
    agency(admin, "one")
    agency(admin, "two", predecessors=["one"])
    agency(admin, "three", predecessors=["two"])
    for code, before in (("one", "one"), ("one", "two"), ("one", "three")):
        response: TestResponse = change(admin, f"{PATH}/{code}", predecessors=[before])
        assert refusals(response) == {("/predecessors", "circular")}, before
    assert read(admin, f"{PATH}/one")["predecessors"] == []


def test_agencies_are_filtered_by_each_field(admin: CheckedClient) -> None:
    agency(admin, BEDS, identifiers=[{"scheme": "GSS", "id": "E23000026"}], nation="England")
    agency(admin, "gwent-fire", kind="fire", nation="Wales", governed_by=BEDS)
    beds, gwent = "Bedfordshire Police", "Gwent Fire"
    assert listed(admin, PATH, q="e23000026") == [beds]
    assert listed(admin, PATH, kind="fire") == [gwent]
    assert listed(admin, PATH, nation__in="England,Wales") == [beds, gwent]
    assert listed(admin, PATH, governed_by=BEDS) == [gwent]
    assert listed(admin, PATH, governed_by__isnull="true") == [beds]
    assert listed(admin, PATH, code=BEDS) == [beds]


@pytest.fixture
def loaded(session: Session) -> tuple[int, int]:
    result = load_agencies(session)
    session.commit()
    return result


def reload(session: Session) -> tuple[int, int]:
    session.expire_all()
    result = load_agencies(session)
    session.commit()
    return result


def test_loading_national_list_twice_adds_nothing(
    loaded: tuple[int, int], session: Session, admin: CheckedClient
) -> None:
    new, changed = loaded
    total = session.scalar(sa.select(sa.func.count()).select_from(Agency))
    assert (new, changed) == (total, 0)
    before = admin.get(f"{PATH}?limit=200&sort=code").data
    assert reload(session) == (0, 0)
    assert admin.get(f"{PATH}?limit=200&sort=code").data == before


def test_national_list_links_predecessors_and_governors(
    loaded: tuple[int, int], admin: CheckedClient
) -> None:
    dorset = read(admin, f"{PATH}/dorset-and-wiltshire-fire")
    assert len(dorset["predecessors"]) == 2
    for code in dorset["predecessors"]:
        former = read(admin, f"{PATH}/{code}")
        assert former["successors"] == ["dorset-and-wiltshire-fire"]
        assert former["valid_to"] == "2016-03-31"
    assert read(admin, f"{PATH}/{BEDS}")["governed_by"] == "bedfordshire-pcc"
    assert {each["scheme"] for each in read(admin, f"{PATH}/{BEDS}")["identifiers"]} >= {"GSS"}


def test_reloading_national_list_restores_changed_agencies(
    loaded: tuple[int, int], session: Session, admin: CheckedClient
) -> None:
    before = read(admin, f"{PATH}/{BEDS}")
    agency(admin, "new-centre", kind="shared_service", governed_by=BEDS, predecessors=[CAMBS])
    wrong = {"name": "Wrong", "nation": None, "identifiers": [], "governed_by": None}
    assert change(admin, f"{PATH}/{BEDS}", **wrong, valid_to="2026-01-01").status_code == 200
    own = read(admin, f"{PATH}/new-centre")
    assert reload(session) == (0, 1)
    after = read(admin, f"{PATH}/{BEDS}")
    assert after | {"updated_at": ""} == before | {"updated_at": ""}
    assert listed(admin, PATH, q="e23000026") == ["Bedfordshire Police"]
    assert listed(admin, PATH, q="wrong") == []
    assert read(admin, f"{PATH}/new-centre") == own

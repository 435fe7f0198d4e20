"""Every change to a record is in the audit log once and correctly, whatever made it."""

import io
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalogue.access.commands import clients
from catalogue.access.models import OAuthClient
from catalogue.commands import load_reference
from catalogue.core.actor import Author
from catalogue.core.application import unit_of_work
from catalogue.core.canonical import canonical
from catalogue.suppliers.models import Supplier
from catalogue.suppliers.operations import create_supplier
from catalogue.systems.models import System, SystemCapability
from tests.api_calls import change, read
from tests.contexts import acting
from tests.factories import (
    AGREED,
    BEDS,
    CAMBS,
    READ_WRITE,
    add_capability,
    add_rosters,
    find_overlap,
    record,
    system,
)
from tests.history.feed import SignIn
from tests.history.recorded_events import count_change_sets, read_events, read_seal
from tests.unsaved import CheckedClient

PATH = "/v1/systems"


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    return sign_in(BEDS, READ_WRITE)


def test_history_records_creation_changes_and_deletion(
    session: Session, api: CheckedClient
) -> None:
    add_capability(session)
    made = system(
        api,
        capabilities=["E04"],
        external_ids=[{"source": "cmdb", "id": "7"}],
        attributes={"cost": 1e3},
    )
    path = f"{PATH}/{made['id']}"
    (created,) = read_events(session, "system")
    assert (created.kind, created.before) == ("system.created", None)
    assert created.state["name"] == "Duty management"
    assert created.state["capabilities"] == ["E04"]
    assert created.state["external_ids"] == [{"source": "cmdb", "id": "7"}]
    assert created.state["attributes"] == {"cost": 1000}
    assert set(created.state) > set(System.__table__.columns.keys())
    assert change(api, path, user_count=5, capabilities=[]).status_code == 200
    assert change(api, path, external_ids=[{"source": "cmdb", "id": "8"}]).status_code == 200
    assert change(api, path, user_count=5).status_code == 200
    session.delete(session.get_one(System, UUID(made["id"])))
    session.commit()
    found = read_events(session, "system")
    assert [(each.kind, each.before) for each in found[1:3]] == [
        ("system.updated", {"user_count": None, "capabilities": ["E04"]}),
        ("system.updated", {"external_ids": [{"source": "cmdb", "id": "7"}]}),
    ]
    assert found[1].state["user_count"] == 5
    gone = found[3]
    assert (gone.kind, gone.event.state) == ("system.deleted", None)
    assert gone.before is not None
    assert gone.before["external_ids"] == [{"source": "cmdb", "id": "8"}]
    assert len(found) == 4
    read_seal(api.application)


def test_history_records_client_agency_and_reason(session: Session, api: CheckedClient) -> None:
    reason = "Überprüft – by the user group"
    headers = {"Change-Reason": reason.encode().decode("latin-1")}
    made = api.post(PATH, json={"name": "Rota", "lifecycle": "live"}, headers=headers)
    assert made.status_code == 201, made.text
    (told,) = read_events(session, "system")
    client = session.scalars(
        sa.select(OAuthClient).where(OAuthClient.client_id == told.change.client_id)
    ).one()
    assert told.change.agency_id == client.agency_id == told.event.agency_id
    assert told.change.reason == reason
    assert told.change.person_id is None
    assert told.event.disclosure == "agreement"
    assert made.json is not None
    assert told.change.at.isoformat() >= made.json["created_at"][:19]


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("x" * 501, id="501-characters"),
        pytest.param("a\tb", id="tab"),
        pytest.param("a\x7fb", id="delete-character"),
    ],
)
def test_malformed_change_reason_is_rejected(
    session: Session, api: CheckedClient, reason: str
) -> None:
    answer = api.post(
        PATH, json={"name": "Rota", "lifecycle": "live"}, headers={"Change-Reason": reason}
    )
    assert answer.status_code == 400
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == ["Change-Reason"]
    assert read_events(session, "system") == []


def test_bulk_creation_is_one_change_set(session: Session, api: CheckedClient) -> None:
    items = [
        {"name": "A", "lifecycle": "live"},
        {"name": "A", "lifecycle": "live"},
        {"name": "B", "lifecycle": "no such"},
        {"name": "C", "lifecycle": "live"},
    ]
    before = count_change_sets(session)
    assert api.post(f"{PATH}/bulk?dry_run=true", json={"items": items[:1]}).status_code == 200
    assert api.post(f"{PATH}/bulk", json={"items": items}).status_code == 422
    assert count_change_sets(session) == before
    assert api.post(f"{PATH}/bulk?mode=partial", json={"items": items}).status_code == 200
    found = read_events(session, "system")
    assert [(each.event.ordinal, each.state["name"]) for each in found] == [(1, "A"), (2, "C")]
    assert len({each.change.number for each in found}) == 1
    read_seal(api.application)


def test_upsert_records_creation_and_real_changes(session: Session, api: CheckedClient) -> None:
    path = f"/v1/agencies/{BEDS}/systems/cmdb/7"
    for name in ("Rota", "Rota", "Roster"):
        answer = api.put(path, json={"name": name, "lifecycle": "live"})
        assert answer.status_code in {200, 201}, answer.text
    found = read_events(session, "system")
    assert [(each.kind, each.before) for each in found] == [
        ("system.created", None),
        ("system.updated", {"name": "Rota"}),
    ]


def test_import_records_one_event_per_changed_system(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], None], app: Flask
) -> None:
    api = sign_in(BEDS, f"{READ_WRITE} imports:write")

    def imported(rows: str, reason: str, **fields: str) -> UUID:
        file = (io.BytesIO(f"Ref,Name,Users\n{rows}".encode()), "systems.csv")
        answer = api.post(
            "/v1/imports",
            data={"file": file, "source": "cmdb", **fields},
            content_type="multipart/form-data",
            headers={"Change-Reason": reason},
        )
        assert answer.status_code == 202, answer.text
        run_jobs()
        assert api.get(f"/v1/imports/{answer.json['id']}").json["reason"] == reason
        return UUID(answer.json["id"])

    imported("1,Rota,5\n2,Fleet,6\n", "Trial.", dry_run="true")
    imported("1,Rota,5\n2,Fleet,many\n", "Trial.")
    assert read_events(session, "system") == []
    first = imported("1,Rota,5\n2,Fleet,6\n", "First load.")
    second = imported("1,Rota,5\n2,Fleet,7\n3,Custody,8\n2,Bad,1\n", "March.", mode="partial")
    found = read_events(session, "system")
    assert [(each.kind, each.state["name"], each.before) for each in found] == [
        ("system.created", "Rota", None),
        ("system.created", "Fleet", None),
        ("system.created", "Custody", None),
        ("system.updated", "Fleet", {"user_count": 6}),
    ]
    reasons = [(each.change.reason, each.change.import_id) for each in found]
    assert reasons == [("First load.", first)] * 2 + [("March.", second)] * 2
    assert {each.change.client_id for each in found} == {_client_of(session, api)}
    read_seal(app)


def _client_of(session: Session, api: CheckedClient) -> str:
    found = session.scalars(
        sa.select(OAuthClient.client_id).where(OAuthClient.agency_id.is_not(None))
    ).one()
    assert api.environ_base["HTTP_AUTHORIZATION"]
    return found


def test_decision_and_sign_offs_are_recorded(session: Session, sign_in: SignIn, app: Flask) -> None:
    kept, retired = add_rosters(session, BEDS, CAMBS)
    overlap = find_overlap(session, kept, retired)
    scopes = (
        f"{READ_WRITE} overlaps:read overlaps:write decisions:read decisions:propose decisions:sign"
    )
    api = sign_in(BEDS, scopes)
    reviewed = {"status": "confirmed", "reason": "The same."}
    assert change(api, f"/v1/overlaps/{overlap.id}", **reviewed).status_code == 200
    members = [
        {"system_id": str(kept.id), "disposition": "tolerate", "strategy": "retain"},
        {
            "system_id": str(retired.id),
            "disposition": "eliminate",
            "strategy": "retire",
            "successor_id": str(kept.id),
        },
    ]
    made = record(
        api,
        "/v1/decisions",
        overlap_id=str(overlap.id),
        title="One roster",
        rationale="One is enough.",
        members=members,
    )
    path = f"/v1/decisions/{made['id']}"
    assert api.post(f"{path}/proposal").status_code == 200
    assert api.post(f"{path}/sign-offs", json=AGREED | hash_of(api, path)).status_code == 201
    found = read_events(session, "overlap_review", "decision", "sign_off")
    assert [each.kind for each in found][:3] == [
        "overlap_review.created",
        "decision.created",
        "decision.updated",
    ]
    told = {member["system_id"]: member for member in found[1].state["members"]}
    assert told == {m["system_id"]: {"successor_id": None} | m for m in members}
    assert found[2].before is not None
    assert found[2].before["status"] == "draft"
    assert "sign_off.created" in [each.kind for each in found]
    read_seal(app)


def hash_of(api: CheckedClient, path: str) -> dict[str, str]:
    """Return the content hash that a sign-off must send."""
    return {"content_hash": read(api, path)["content_hash"]}


def test_client_changes_are_recorded_with_the_columns_of_the_client(
    session: Session, app: Flask, sign_in: SignIn
) -> None:
    sign_in(BEDS, READ_WRITE)
    with app.app_context():
        made = CliRunner().invoke(
            clients, ["create", "--agency", BEDS, "--scope", "systems:read", "--json"]
        )
        identity = made.stdout.partition('"client_id":"')[2].partition('"')[0]
        for command in ("rotate", "revoke"):
            assert CliRunner().invoke(clients, [command, identity]).exit_code == 0
    found = [e for e in read_events(session, "client") if e.event.state["client_id"] == identity]
    assert [each.kind for each in found] == [
        "client.created",
        "client.secret_rotated",
        "client.revoked",
    ]
    assert set(found[0].state) == set(OAuthClient.__table__.columns.keys())
    assert {each.change.client_id for each in found} == {"catalogue"}
    read_seal(app)


def test_reference_data_is_recorded_once(session: Session, app: Flask) -> None:
    with app.app_context():
        assert CliRunner().invoke(load_reference).exit_code == 0
        number = count_change_sets(session)
        assert number == 1
        assert CliRunner().invoke(load_reference).exit_code == 0
    assert count_change_sets(session) == number
    assert {each.change.client_id for each in read_events(session, "agency")} == {"catalogue"}
    read_seal(app)


def test_rolled_back_savepoint_leaves_no_events(session: Session, app: Flask) -> None:
    create_supplier(acting(session), {"name": "A"})
    for name, kept in (("B", False), ("C", True), ("D", False)):
        outer = session.begin_nested()
        create_supplier(acting(session), {"name": name})
        inner = session.begin_nested()
        create_supplier(acting(session), {"name": name * 2})
        session.flush()
        inner.rollback() if kept else inner.commit()
        outer.commit() if kept else outer.rollback()
    create_supplier(acting(session), {"name": "E"})
    session.commit()
    found = read_events(session)
    assert [(e.event.ordinal, e.state["name"]) for e in found] == [(1, "A"), (2, "C"), (3, "E")]
    read_seal(app)
    create_supplier(acting(session), {"name": "F"})
    session.flush()
    session.rollback()
    session.commit()
    assert len(read_events(session)) == 3


def test_change_without_author_is_refused(session: Session) -> None:
    session.info["author"] = None
    create_supplier(acting(session), {"name": "A"})
    with pytest.raises(RuntimeError, match="without an author"):
        session.flush()
    session.rollback()
    session.info["author"] = Author("test")
    assert read_events(session) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(sa.update(System).values(name="x"), id="update-model"),
        pytest.param(sa.delete(SystemCapability), id="delete-model"),
        pytest.param(sa.insert(Supplier).values(name="x"), id="insert-model"),
        pytest.param(sa.insert(Supplier.__table__).values(name="x"), id="insert-table"),
        pytest.param(sa.text("UPDATE system SET name = 'x'"), id="update-text"),
        pytest.param(sa.text("DELETE FROM agency_succession"), id="delete-text"),
    ],
)
def test_statement_that_bypasses_history_is_refused(session: Session, statement: Any) -> None:
    with pytest.raises(RuntimeError, match="bypasses the audit log"):
        session.execute(statement)


def test_bulk_write_that_bypasses_history_is_refused(session: Session) -> None:
    fields = {"name": "x", "name_key": "x", "search_text": "x"}
    with pytest.raises(RuntimeError, match="bypasses the audit log"):
        session.bulk_save_objects([Supplier(**fields)])
    session.rollback()
    with pytest.raises(RuntimeError, match="bypasses the audit log"):
        session.bulk_insert_mappings(sa.inspect(Supplier), [fields])
    session.rollback()
    with pytest.raises(RuntimeError, match="bypasses the audit log"):
        session.connection().execute(sa.delete(Supplier.__table__))


def test_unloaded_values_are_recorded(session: Session, app: Flask) -> None:
    supplier = create_supplier(acting(session), {"name": "A"})
    session.commit()
    session.expire_all()
    supplier.name = "B"
    session.commit()
    assert [each.before for each in read_events(session)] == [None, {"name": "A"}]
    identity = supplier.id
    session.commit()
    with unit_of_work(app) as context:
        other = context.session
        found = other.get_one(Supplier, identity)
        other.delete(found)
    last = read_events(session)[-1]
    assert (last.kind, last.change.client_id) == ("supplier.deleted", "catalogue")


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "user_count": st.none() | st.integers(0, 9),
        "tags": st.lists(st.sampled_from(["a", "b", "1"]), max_size=2, unique=True),
        "attributes": st.dictionaries(
            st.sampled_from(["x", "y"]), st.none() | st.booleans() | st.floats(0, 1e20), max_size=2
        ),
        "capabilities": st.sets(st.sampled_from(["E", "E04"])).map(sorted),
        "external_ids": st.dictionaries(
            st.sampled_from(["cmdb", "finance"]), st.sampled_from(["1", "2"])
        ).map(lambda ids: [{"source": s, "id": i} for s, i in ids.items()]),
        "disclosure": st.sampled_from(["owner_only", "agreement"]),
    },
)


@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(changes=st.lists(CHANGES, min_size=1, max_size=6))
def test_before_values_match_the_previous_state(
    session: Session, api: CheckedClient, changes: list[dict[str, Any]]
) -> None:
    add_capability(session)
    made = system(api, f"System {count_change_sets(session)}")
    path = f"{PATH}/{made['id']}"
    for fields in changes:
        for each in fields.get("external_ids", ()):
            each["id"] = f"{made['id']} {each['id']}"
        assert change(api, path, **fields).status_code == 200
    found = [e for e in read_events(session, "system") if str(e.event.resource_id) == made["id"]]
    derived = {"updated_at", "revision", "search_text", "summary_search_text", "shared_updated_at"}
    derived |= {"completeness", "missing"}
    for earlier, later in pairwise(found):
        assert later.before
        changed = {
            name for name in later.state if not _same(later.state[name], earlier.state[name])
        }
        assert set(later.before) == changed - derived
        assert all(_same(value, earlier.state[name]) for name, value in later.before.items())
    read_seal(api.application)


def _same(one: Any, other: Any) -> bool:
    return canonical(one) == canonical(other)

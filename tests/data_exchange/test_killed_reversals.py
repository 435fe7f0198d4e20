"""A process that is killed while it undoes an import or merges systems leaves all or nothing."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from tests.api_calls import answer, read
from tests.data_exchange.conftest import sheet
from tests.data_exchange.test_killed_imports import kill_halfway
from tests.factories import record, system
from tests.history.recorded_events import read_seal
from tests.stores import Store
from tests.unsaved import CheckedClient

PROGRAM = """
import sys, time
from uuid import UUID
from catalogue.app import create_app
from catalogue.core import references
from catalogue.core.actor import Actor, Scope
from catalogue.core.application import unit_of_work
from catalogue.core.config import Settings
from catalogue.data_exchange.models import Import
from catalogue.data_exchange.reversal import operations
from catalogue.systems.models import System

def halfway(*_arguments):
    print("half", flush=True)
    time.sleep(60)

app = create_app(Settings(database_url=sys.argv[1]))
task, *ids = sys.stdin.read().split()
with unit_of_work(app) as context:
    if task == "undo":
        operations.refuse = halfway
        requested = context.session.get_one(Import, UUID(ids[0]))
        scopes = frozenset(scope.value for scope in Scope)
        context = context.acting_as(Actor("test", requested.agency_id, "x", scopes))
        operations.undo_import(context, requested)
    else:
        references._redirect = halfway
        survivor, duplicate = (context.session.get_one(System, UUID(each)) for each in ids)
        references.merge_records(context, duplicate, survivor, noun="system")
"""
SCOPES = "imports:write systems:read systems:write contracts:read contracts:write risks:read"


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


def systems(api: CheckedClient) -> list[Any]:
    found: list[Any] = answer(api.get("/v1/systems"))["items"]
    return found


def test_killed_reversal_changes_nothing_and_can_be_repeated(
    api: CheckedClient, store: Store, session: Session, run_jobs: Callable[[], None], app: Flask
) -> None:
    system(api, "Rota", user_count=1)
    before = systems(api)
    data = sheet(["Name", "Users"], ["Rota", 5], ["Fleet", 6])
    form = {"file": (io.BytesIO(data), "list.csv")}
    sent = api.post("/v1/imports", data=form, content_type="multipart/form-data")
    run_jobs()
    imported = systems(api)
    assert len(imported) == 2
    session.commit()
    kill_halfway(PROGRAM, store, f"undo {sent.json['id']}".encode())
    assert systems(api) == imported
    assert read(api, sent.headers["Location"])["undone_at"] is None
    assert api.post(f"{sent.headers['Location']}/undo").status_code == 200
    (rota,) = systems(api)
    assert rota | {"updated_at": None} == before[0] | {"updated_at": None}
    assert read_seal(app)


def test_killed_merger_changes_nothing_and_can_be_repeated(
    api: CheckedClient, store: Store, session: Session, app: Flask
) -> None:
    kept, left = (
        system(api, name, external_ids=[{"source": name, "id": "1"}]) for name in ("Kept", "Left")
    )
    supplier = record(api, "/v1/suppliers", name="Acme")["id"]
    body = {"reference": "R1", "title": "Support", "supplier_id": supplier}
    contract = record(api, "/v1/contracts", **body, systems=[left["id"]])
    session.commit()
    kill_halfway(PROGRAM, store, f"merge {kept['id']} {left['id']}".encode())
    assert systems(api) == [kept, left]
    assert read(api, f"/v1/contracts/{contract['id']}") == contract
    path = f"/v1/systems/{kept['id']}/merge"
    assert api.post(path, json={"duplicate_id": left["id"]}).status_code == 200
    assert read(api, f"/v1/contracts/{contract['id']}")["systems"] == [kept["id"]]
    assert read_seal(app)

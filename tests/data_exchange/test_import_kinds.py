"""The promises that an import of every kind of record keeps, over HTTP."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.history.models import ChangeSet, Event
from tests.api_calls import Fields, answer, change, read, refusals
from tests.data_exchange.conftest import outcome, sheet
from tests.factories import CAMBS, record, system
from tests.unsaved import CheckedClient

SCOPES = (
    "imports:write systems:read systems:write contracts:read contracts:write costs:read audit:read"
)
Run = Callable[..., Fields]


@dataclass(frozen=True)
class Example:
    """A file of one kind with one record, which a second file changes."""

    kind: str
    headings: list[str]
    row: list[str]
    changed: tuple[str, str, str]
    """A column of the file, with its new cell and the field that it changes."""
    path: str
    """The list that has the record."""
    event: str
    values: str = "{}"

    def file(self, *, again: bool = False) -> bytes:
        row = dict(zip(self.headings, self.row, strict=True))
        if again:
            row[self.changed[0]] = self.changed[1]
        return sheet(self.headings, list(row.values()))


EXAMPLES = (
    Example("contracts", ["Reference", "Supplier", "Systems", "Value", "Fee"],
            ["C-1", "Acme", "Rota", "£8,400", "x"], ("Value", "9k", "total_value"),
            "/v1/contracts", "contract"),
    Example("costs", ["System", "2025/26"], ["Rota", "£8,400"], ("2025/26", "9k", "amount"),
            "/v1/systems/{rota}/costs", "cost", '{"category": {"": "licence"}}'),
    Example("interfaces", ["From system", "To system", "Method", "Fallback"],
            ["Rota", "Fleet", "SFTP", "Paper"], ("Fallback", "Telephone", "fallback"),
            "/v1/interfaces", "interface"),
    Example("uses", ["System", "Agency", "Users"], ["Rota", CAMBS, "5"],
            ("Users", "7", "user_count"), "/v1/systems/{rota}/uses", "system_use"),
    Example("suppliers", ["Supplier", "Company number"], ["Bell", "01234567"],
            ("Company number", "SC123456", "company_number"), "/v1/suppliers", "supplier"),
    Example("products", ["Product", "Supplier", "EOL"], ["Roster", "Acme", "2029-03-31"],
            ("EOL", "2030-03-31", "end_of_support"), "/v1/products", "product"),
)  # fmt: skip
each_kind = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    sign_in(CAMBS, SCOPES)
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def rota(api: CheckedClient) -> str:
    """The id of the system that rows name, beside a second system."""
    system(api, "Fleet")
    identity: str = system(api, "Rota")["id"]
    return identity


@pytest.fixture
def run_import(api: CheckedClient, run_jobs: Callable[[], None]) -> Run:
    """`run_import(example, again=True)`: the report, or the refusal of the request."""

    def run(example: Example, *, again: bool = False, **fields: str) -> Fields:
        form = {"kind": example.kind, "values": example.values, **fields}
        file = io.BytesIO(example.file(again=again)), "list.csv"
        sent = api.post(
            "/v1/imports", data=form | {"file": file}, content_type="multipart/form-data"
        )
        if sent.status_code != 202:
            return answer(sent)
        run_jobs()
        return read(api, sent.headers["Location"])

    return run


def items(api: CheckedClient, example: Example, rota: str) -> list[Fields]:
    found: list[Fields] = read(api, example.path.format(rota=rota))["items"]
    return [{n: v for n, v in each.items() if n != "updated_at"} for each in found]


@each_kind
def test_import_is_taken_back_whole(
    api: CheckedClient, rota: str, run_import: Run, example: Example
) -> None:
    first = run_import(example)
    assert (first["kind"], outcome(first)) == (example.kind, (1, 0, 0, 0))
    before = items(api, example, rota)
    assert len(before) == 1
    second = run_import(example, again=True)
    assert outcome(second) == (0, 1, 0, 0)
    assert [each["field"] for each in second["updated_records"][0]["changes"]] == [
        example.changed[2]
    ]
    assert items(api, example, rota) != before
    undone = api.post(f"/v1/imports/{second['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert items(api, example, rota) == before
    undone = api.post(f"/v1/imports/{first['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert items(api, example, rota) == []
    kept = {"contracts": ["Acme"], "products": ["Acme"]}.get(example.kind, [])
    assert [each["name"] for each in read(api, "/v1/suppliers")["items"]] == kept
    assert len(read(api, "/v1/systems")["items"]) == 2
    assert outcome(run_import(example)) == (1, 0, 0, 0)


@each_kind
def test_history_names_the_import(
    session: Session, rota: str, run_import: Run, example: Example
) -> None:
    assert rota
    reports = [run_import(example), run_import(example, again=True)]
    kinds = [f"{example.event}.created", f"{example.event}.updated"]
    for report, kind in zip(reports, kinds, strict=True):
        named = sa.select(Event.kind).join(ChangeSet, ChangeSet.id == Event.change_set_id)
        named = named.where(ChangeSet.import_id == UUID(report["id"]))
        assert kind in session.scalars(named).all()


@each_kind
def test_dry_run_is_loaded_as_its_kind(
    api: CheckedClient, rota: str, run_import: Run, run_jobs: Any, example: Example
) -> None:
    tried = run_import(example, dry_run="true")
    assert (tried["kind"], tried["created"]) == (example.kind, 1)
    assert items(api, example, rota) == []
    sent = api.post(f"/v1/imports/{tried['id']}/load")
    assert sent.status_code == 202, sent.text
    run_jobs()
    loaded = read(api, sent.headers["Location"])
    assert (loaded["status"], loaded["kind"], loaded["created"]) == ("succeeded", example.kind, 1)
    assert len(items(api, example, rota)) == 1


@each_kind
def test_saved_mapping_is_of_the_kind(
    api: CheckedClient, rota: str, run_import: Run, example: Example
) -> None:
    assert rota
    values = orjson.loads(example.values)
    saved = {"name": "Monthly", "values": values, "kind": example.kind}
    record(api, "/v1/import-mappings", **saved)
    used = run_import(example, mapping_name="Monthly", values="{}")
    assert outcome(used) == (1, 0, 0, 0)
    others = [each.kind for each in EXAMPLES if each.kind != example.kind]
    for kind in ("systems", *others):
        refused = run_import(example, mapping_name="Monthly", kind=kind, values="{}")
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [
            ("/mapping_name", "other_kind")
        ]
        assert example.kind.replace("_", " ") in refused["errors"][0]["detail"]


@each_kind
def test_fields_of_another_kind_are_refused(
    api: CheckedClient, rota: str, run_import: Run, example: Example
) -> None:
    assert rota
    for fields, pointer in (
        ({"values": '{"lifecycle": {"Live": "live"}}'}, "/mapping"),
        ({"mapping": '{"lifecycle": null}'}, "/mapping"),
        ({"mapping": '{"attributes.cost_centre": null}'}, "/mapping"),
    ):
        refused = run_import(example, **fields)
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [
            (pointer, "unknown_field")
        ]
    saved = {"name": "M", "kind": example.kind, "columns": {"lifecycle": "Status"}}
    assert refusals(api.post("/v1/import-mappings", json=saved)) == {
        ("/columns/lifecycle", "unknown_field")
    }


@each_kind
def test_client_without_an_agency_cannot_import(
    agency: Agency, sign_in: Any, example: Example
) -> None:
    assert agency
    admin = sign_in(None, "admin imports:write")
    form = {"kind": example.kind, "file": (io.BytesIO(example.file()), "list.csv")}
    refused = admin.post("/v1/imports", data=form, content_type="multipart/form-data")
    assert refused.status_code == 403, refused.text


def test_unknown_kind_is_refused(run_import: Run) -> None:
    refused = run_import(EXAMPLES[0], kind="people")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/kind", "invalid")]


@each_kind
def test_later_change_stands_in_the_way_of_an_undo(
    api: CheckedClient, rota: str, run_import: Run, example: Example
) -> None:
    report = run_import(example)
    (found,) = items(api, example, rota)
    path = f"{example.path.format(rota=rota)}/{found['id']}"
    changes = {
        "contracts": {"title": "Later"},
        "costs": {"note": "Later"},
        "interfaces": {"description": "Later"},
        "uses": {"user_count": 77},
        "suppliers": {"aliases": ["Later"]},
        "products": {"aliases": ["Later"]},
    }
    later = change(api, path, **changes[example.kind])
    assert later.status_code == 200, later.text
    refused = api.post(f"/v1/imports/{report['id']}/undo")
    assert refused.status_code == 409, refused.text
    assert len(items(api, example, rota)) == 1


def test_undo_names_the_use_of_a_supplier(
    api: CheckedClient, rota: str, run_import: Run, sign_in: Any
) -> None:
    assert rota
    example = next(each for each in EXAMPLES if each.kind == "suppliers")
    report = run_import(example)
    (supplier,) = read(api, "/v1/suppliers")["items"]
    partner = sign_in(CAMBS, SCOPES)
    product = record(partner, "/v1/products", name="Roster", supplier_id=supplier["id"])
    refused = api.post(f"/v1/imports/{report['id']}/undo")
    assert refusals(refused, 409) == {("", "in_use")}
    assert product["id"] in refused.text

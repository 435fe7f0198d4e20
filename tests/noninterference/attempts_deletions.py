"""Attempts to delete and merge records that hidden records refer to."""

from collections.abc import Mapping
from io import BytesIO
from itertools import permutations
from typing import Any

import orjson

from tests.noninterference.attempts import attempt
from tests.noninterference.examples import Examples
from tests.noninterference.records import HIDDEN
from tests.noninterference.worlds import at

OWN = (
    "Own roster",
    "Own pay",
    "Own fleet",
    "Own stores",
    "Own notes",
    "Own torch",
    "Own beacon",
    "Own lantern",
    "Own passing",
)


def delete(examples: Examples, url: str) -> Any:
    """Delete a record in its current state."""
    etag = examples.owner.get(url).headers.get("ETag", '"none"')
    return examples.owner.open(url, method="DELETE", headers={"If-Match": etag})


@attempt
def delete_systems_that_hidden_records_name(examples: Examples, ids: Mapping[str, str]) -> None:
    deleted = {name for name in OWN if delete(examples, f"/v1/systems/{ids[name]}").ok}
    assert "Own passing" in deleted
    examples.owner.post("/v1/overlaps/runs")


@attempt
def delete_system_after_its_visible_uses(examples: Examples, ids: Mapping[str, str]) -> None:
    # Only hidden records still name the system, and they must not block its deletion.
    made = examples.owner.post("/v1/systems", json={"name": "Own new", "lifecycle": "live"})
    delete(examples, f"/v1/systems/{made.json['id']}")
    for kind in ("interfaces", "contracts"):
        for record in examples.owner.get(f"/v1/{kind}?limit=200").json["items"]:
            named = record.get("systems") or record.get("system_ids") or []
            if ids["Own torch"] in named:
                delete(examples, f"/v1/{kind}/{record['id']}")
    delete(examples, f"/v1/systems/{ids['Own torch']}")


@attempt
def merge_systems_that_hidden_records_name(examples: Examples, ids: Mapping[str, str]) -> None:
    merged = []
    for survivor, duplicate in permutations(OWN, 2):
        body = {"duplicate_id": ids[duplicate]}
        merged.append(examples.owner.post(f"/v1/systems/{ids[survivor]}/merge", json=body).ok)
    assert any(merged)
    for name in OWN:
        examples.owner.get(f"/v1/systems/{ids[name]}")


@attempt
def merge_new_systems_with_those_that_hidden_records_name(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    for name in OWN:
        body = {"name": f"New {name}", "lifecycle": "live", "disclosure": "all_agencies"}
        made = examples.owner.post("/v1/systems", json=body).json
        url = f"/v1/systems/{made['id']}"
        examples.owner.post(f"{url}/merge", json={"duplicate_id": ids[name]})
        examples.owner.get(f"/v1/systems/{ids[name]}")
        examples.owner.get(f"/v1/systems/{ids[name]}/history")


@attempt
def merge_suppliers_and_products_of_hidden_records(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    named = {"name": "Zebra works"}
    supplier = examples.owner.post("/v1/suppliers", json=named).json
    product = examples.owner.post(
        "/v1/products", json={"name": "Zebra", "supplier_id": supplier["id"]}
    ).json
    # Only an administrator merges them, and everybody's hidden records follow.
    for other in ("Dutyplan", "Paymaster", "Ledger", "Wheels"):
        body = {"duplicate_id": ids[other]}
        url = f"/v1/products/{product['id']}/merge"
        merged = examples.administrator.post(url, json=body)
        assert merged.ok, merged.text
        delete(examples, f"/v1/products/{ids[other]}")
    delete(examples, f"/v1/products/{product['id']}")
    # A product of the same name merges with the suppliers.
    wheels = {"name": "Zebra", "supplier_id": ids["Northgate"]}
    assert examples.owner.post("/v1/products", json=wheels).ok
    body = {"duplicate_id": ids["Northgate"]}
    url = f"/v1/suppliers/{supplier['id']}/merge"
    assert examples.administrator.post(url, json=body).ok
    delete(examples, f"/v1/suppliers/{supplier['id']}")


@attempt
def undo_imports_of_records_that_hidden_records_name(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    data = b"Name,Users\nOwn pay,7\nOwn torch,8\nImported 0,9\nImported 1,1\n"
    sent = examples.owner.post(
        "/v1/imports",
        data={"file": (BytesIO(data), "list.csv"), "mode": "partial"},
        content_type="multipart/form-data",
    )
    examples.run_jobs()
    url = f"/v1/imports/{sent.json['id']}"
    # Overlaps form with hidden systems, and must not block the reversal.
    examples.owner.post("/v1/overlaps/runs")
    examples.run_jobs()
    assert examples.owner.post(f"{url}/undo").ok
    examples.owner.post(f"{url}/undo")
    for name in ("Own pay", "Own torch"):
        examples.owner.get(f"/v1/systems/{ids[name]}/history")


@attempt
def undo_import_of_a_supplier_that_a_hidden_contract_uses(
    examples: Examples, _ids: Mapping[str, str]
) -> None:
    award = {"id": "A1", "title": "Masts", "suppliers": [{"name": "Zebra masts"}]}
    release = {"ocid": "ocds-b5fd17-77", "id": "1", "date": "2026-01-01T00:00:00Z"}
    sent = examples.owner.post(
        "/v1/imports/ocds",
        data={"file": (BytesIO(orjson.dumps([release | {"awards": [award]}])), "masts.json")},
        content_type="multipart/form-data",
    )
    examples.run_jobs()
    (supplier,) = examples.owner.get("/v1/suppliers?name=Zebra masts").json["items"]
    body = {"reference": "Z77", "title": "Masts", "supplier_id": supplier["id"]}
    pair = examples.pair
    with at(*pair.now()):
        pair.having.send(HIDDEN, "POST", "/v1/contracts", body | {"disclosure": "owner_only"})
    assert examples.owner.post(f"/v1/imports/{sent.json['id']}/undo").ok
    examples.owner.get(f"/v1/suppliers/{supplier['id']}/history")


@attempt
def load_a_dry_run_beside_hidden_records(examples: Examples, _ids: Mapping[str, str]) -> None:
    data = b"Name,Users\nOwn pay,7\nImported 0,9\nKent roster,1\n"
    sent = examples.owner.post(
        "/v1/imports",
        data={"file": (BytesIO(data), "list.csv"), "mode": "partial", "dry_run": "true"},
        content_type="multipart/form-data",
    )
    examples.run_jobs()
    loaded = examples.owner.post(f"/v1/imports/{sent.json['id']}/load")
    examples.run_jobs()
    report = examples.owner.get(f"/v1/imports/{loaded.json['id']}")
    assert report.json["written"]
    examples.owner.post(f"/v1/imports/{loaded.json['id']}/undo")


@attempt
def read_ids_of_merged_duplicates(examples: Examples, ids: Mapping[str, str]) -> None:
    named = {**examples.pair.having.ids, **ids}
    merged = {name: i for name, i in named.items() if name.endswith("twin")}
    assert len(merged) > 3, "the scenario has no hidden merger"
    for identity in merged.values():
        for path in ("", "/history", "/uses"):
            examples.owner.get(f"/v1/systems/{identity}{path}")

"""Attempts to learn of hidden systems from imports of records that name systems."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from tests.noninterference.attempts import attempt
from tests.noninterference.examples import Examples, PairClient
from tests.noninterference.records import DARK, HIDDEN, OPEN
from tests.noninterference.worlds import at

NAMES = (
    "Aardvark zebra", "Imported 0", "Kent roster", "Renamed", "Aaa secret", "Open secret",
    "Open roster", "Own pay",
)  # fmt: skip
"""Names that hidden systems have in one world or in both, and names of visible systems."""
FILES = {
    "contracts": ("Reference,Supplier,Systems", "{n},Northgate,{name}"),
    "costs": ("System,Financial year,Category,Amount", "{name},2025-26,licence,{n}"),
    "interfaces": ("From system,To system,To agency,Standard", "Own pay,{name},{agency},sftp"),
    "uses": ("System,Agency,Users", f"{{name}},{HIDDEN},{{n}}"),
}


def load(examples: Examples, kind: str, *rows: str, **fields: str) -> Any:
    """Import a file, and return the response to a read of its report."""
    sent = examples.owner.post(
        "/v1/imports",
        data={"file": (BytesIO("\n".join(rows).encode()), "list.csv"), "kind": kind} | fields,
        content_type="multipart/form-data",
    )
    assert sent.ok, sent.text
    examples.run_jobs()
    return examples.owner.get(f"/v1/imports/{sent.json['id']}")


@attempt
def name_hidden_systems_in_imports(examples: Examples, ids: Mapping[str, str]) -> None:
    names = [*NAMES, *(ids[name] for name in ("Kent roster", "Open secret"))]
    for kind, (headings, row) in FILES.items():
        agencies = ("", HIDDEN, DARK, OPEN) if kind == "interfaces" else ("",)
        rows = [
            row.format(name=name, agency=agency, n=n)
            for n, name in enumerate(names)
            for agency in agencies
        ]
        for dry_run in ("true", "false"):
            report = load(examples, kind, headings, *rows, mode="partial", dry_run=dry_run).json
        assert report["created"], report
        assert report["rejected"], report


def _record_of_a_passing_system(examples: Examples, kind: str) -> Any:
    """Import a record of another agency's system, which that agency then hides in both worlds."""
    owner = PairClient(examples.pair, OPEN)
    body = {"name": "Passing", "lifecycle": "live", "disclosure": "all_agencies"}
    passing = owner.post("/v1/systems", json=body).json
    headings, row = FILES[kind]
    report = load(examples, kind, headings, row.format(name="Passing", agency=OPEN, n="P/1"))
    assert report.json["created"] == 1, report.text
    url = f"/v1/systems/{passing['id']}"
    etag = owner.get(url).headers["ETag"]
    owner.patch(url, json={"disclosure": "owner_only"}, headers={"If-Match": etag})
    # A write in one world alone follows a read, whose ids no record has.
    owner.get(url)
    return url


@attempt
def import_again_for_a_contract_of_a_hidden_system(
    examples: Examples, _ids: Mapping[str, str]
) -> None:
    url = _record_of_a_passing_system(examples, "contracts")
    pair = examples.pair
    with at(*pair.now()):
        pair.having.send(OPEN, "DELETE", url)
    for name in ("Own pay", "Passing", "Open roster"):
        load(examples, "contracts", FILES["contracts"][0], f"P/1,Northgate,{name}", mode="partial")


@attempt
def import_other_interfaces_than_that_of_a_hidden_system(
    examples: Examples, _ids: Mapping[str, str]
) -> None:
    url = _record_of_a_passing_system(examples, "interfaces")
    pair = examples.pair
    with at(*pair.now()):
        pair.having.send(OPEN, "PATCH", url, {"name": "Zebra passing"})
    headings = FILES["interfaces"][0]
    rows = "Own pay,Open roster,,sftp", "Own pay,Passing,,sftp", "Own pay,Zebra passing,,sftp"
    report = load(examples, "interfaces", headings, *rows, mode="partial").json
    assert [each["name"] for each in report["not_seen_records"]]

"""Files of OCDS releases are read in every form, or refused with their own reason and place."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.ocds import documents
from catalogue.data_exchange.ocds.commands import import_ocds
from catalogue.data_exchange.ocds.files import read_releases
from catalogue.data_exchange.problems import TableProblem
from catalogue.suppliers.models import Supplier

Fields = dict[str, Any]
Run = Callable[..., Fields]


@pytest.fixture
def run_import(app: Flask, agency: Agency, session: Session, tmp_path: Path) -> Run:
    """`run_import(content, "--buyer", "Kent")`: the report of the command on that content."""
    code = agency.code

    def run(content: bytes | list[Any], *options: str) -> Fields:
        data = content if isinstance(content, bytes) else orjson.dumps(content)
        path = tmp_path / "releases.json"
        path.write_bytes(data)
        arguments = [str(path), "--agency", code, "--mode", "partial", "--json", *options]
        session.commit()
        with app.app_context():
            result = CliRunner().invoke(import_ocds, arguments)
        session.expire_all()
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        report: Fields = orjson.loads(result.stdout)
        return report

    return run


def counts(report: Fields) -> tuple[int, ...]:
    names = ("rows", "created", "updated", "unchanged", "rejected")
    return tuple(report[name] for name in names)


def release(ocid: str = "ocds-b5fd17-001", **award: Any) -> Fields:
    fields = {"id": "A1", "title": "Rostering", "suppliers": [{"name": "Acme"}]} | award
    fields.setdefault("contractPeriod", {"endDate": "2029-03-31"})
    return {"ocid": ocid, "id": "1", "date": "2026-01-01T00:00:00Z", "awards": [fields]}


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        pytest.param(b"", "empty_file", "empty", id="empty"),
        pytest.param(b"name,lifecycle\na,live\n", "not_json", "“name,lifecycle", id="csv"),
        pytest.param(b"\xff\xfe{", "broken_encoding", "UTF-16", id="utf-16"),
        pytest.param(b'{\x00"\x00', "broken_encoding", "UTF-16", id="utf-16-without-mark"),
        pytest.param(
            b'[{\n"name": "Caf\xe9"}]', "broken_encoding", "0xE9 in line 2, column 13", id="latin-1"
        ),
        pytest.param(b"PK\x03\x04x", "unknown_kind", "ZIP", id="zip"),
        pytest.param(b"null x", "not_json", "“null x”", id="not-json"),
        pytest.param(b"[" * 5000, "malformed_json", "line 1", id="unclosed-brackets"),
        pytest.param(b"[]", "no_releases", "holds no OCDS release", id="empty-array"),
        pytest.param(
            b"{", "malformed_json", "the text is cut short in line 1", id="unclosed-object"
        ),
        pytest.param(
            b'{"releases": [\n {"ocid": "a",\n  "id"',
            "malformed_json",
            "cut short in line 3, column 7. Download",
            id="cut-short",
        ),
        pytest.param(
            b'{"releases": [\n {"ocid": "a"},\n]}',
            "malformed_json",
            "a comma stands before a closing bracket in line 2",
            id="comma-before-bracket",
        ),
        pytest.param(
            b'{"ocid": "a",\n "amount": NaN}',
            "malformed_json",
            "“NaN” is not a JSON value in line 2, column 12",
            id="nan",
        ),
        pytest.param(
            b'{"ocid": "a",\n "amount": -Infinity}', "malformed_json", "“Infinity”", id="infinity"
        ),
        pytest.param(b"{'ocid': 1}", "malformed_json", "line 1, column 2", id="single-quotes"),
        pytest.param(b"\x1f\x8bx", "damaged", "gzip", id="damaged-gzip"),
        pytest.param(
            gzip.compress(b'{"ocid": "a"}')[:-9], "damaged", "cut short", id="gzip-cut-short"
        ),
    ],
)
def test_file_without_releases_is_refused_with_its_own_reason(
    content: bytes, code: str, text: str, run_import: Run
) -> None:
    problem = run_import(content)["problem"]
    assert problem["code"] == code
    assert text in problem["detail"]


def test_compressed_file_that_unpacks_to_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "MOST_UNPACKED", 1_000)
    assert read_releases(gzip.compress(orjson.dumps(release()))).releases[0][0] == 1
    with pytest.raises(TableProblem) as caught:
        read_releases(gzip.compress(orjson.dumps(release() | {"note": "x" * 1_000})))
    assert caught.value.code == "too_large"


def test_documents_one_after_another_are_read_with_their_lines() -> None:
    one, two = release("ocds-b5fd17-1"), release("ocds-b5fd17-2")
    pretty = orjson.dumps(one, option=orjson.OPT_INDENT_2)
    found = read_releases(pretty + b"\n" + orjson.dumps(two, option=orjson.OPT_INDENT_2))
    assert found.kind == "json_sequence"
    assert found.releases == [(1, one), (pretty.count(b"\n") + 2, two)]
    found = read_releases(orjson.dumps(one) + orjson.dumps(two) + b"\n{broken")
    assert [each for _, each in found.releases] == [one, two]
    assert [each.code for each in found.problems] == ["malformed_json"]


def test_compressed_lines_are_read(run_import: Run) -> None:
    lines = [orjson.dumps(release("ocds-b5fd17-1")), orjson.dumps(release("ocds-b5fd17-2"))]
    report = run_import(gzip.compress(lines[0]) + gzip.compress(b"\n" + lines[1]))
    assert (report["created"], report["read_as"]["kind"]) == (2, "json_lines")


def test_records_with_whole_releases_are_imported(run_import: Run) -> None:
    records = [
        {"ocid": "ocds-b5fd17-1", "releases": [release("ocds-b5fd17-1")]},
        {
            "ocid": "ocds-b5fd17-2",
            "releases": [release() | {"ocid": None} | {"ocid": "ocds-b5fd17-2"}],
        },
        {
            "ocid": "ocds-b5fd17-3",
            "compiledRelease": {k: v for k, v in release().items() if k != "ocid"},
        },
    ]
    assert counts(run_import(orjson.dumps({"records": records}))) == (3, 3, 0, 0, 0)


def test_records_that_only_link_to_releases_are_rejected_with_the_reason(run_import: Run) -> None:
    link = {"url": "https://example.org/1", "date": "2026-01-01T00:00:00Z", "tag": ["award"]}
    records = [
        {"ocid": "ocds-b5fd17-1", "releases": [link]},
        {"ocid": "ocds-b5fd17-2", "releases": [release("ocds-b5fd17-2")]},
        {"ocid": "ocds-b5fd17-3", "versionedRelease": {"ocid": "ocds-b5fd17-3"}},
    ]
    report = run_import(orjson.dumps({"records": records}))
    assert counts(report) == (3, 1, 0, 0, 2)
    assert [(p["row"], p["code"], p["value"]) for p in report["problems"]] == [
        (1, "linked_release", "https://example.org/1"),
        (3, "versioned_release", "ocds-b5fd17-3"),
    ]


@pytest.mark.parametrize(
    ("award", "parties"),
    [
        pytest.param({"suppliers": [{"id": "S", "name": "Acme"}]}, None, id="as-the-standard"),
        pytest.param({"suppliers": [{"id": "S"}]}, [{"id": "S", "name": "Acme"}], id="only-id"),
        pytest.param({"suppliers": {"id": "S", "name": "Acme"}}, None, id="object"),
        pytest.param({"suppliers": ["Acme"]}, None, id="text"),
        pytest.param({"suppliers": "Acme"}, None, id="text-alone"),
        pytest.param({"suppliers": ["S"]}, [{"id": "S", "name": "Acme"}], id="id-as-text"),
        pytest.param({"suppliers": [], "supplier": {"name": "Acme"}}, None, id="singular"),
        pytest.param(
            {"suppliers": []}, [{"id": "S", "name": "Acme", "roles": ["supplier"]}], id="role"
        ),
        pytest.param(
            {"suppliers": []}, [{"id": "S", "name": "Acme", "roles": "supplier"}], id="role-as-text"
        ),
        pytest.param(
            {"suppliers": [{"id": "S"}]},
            [{"id": "S", "identifier": {"legalName": "Acme"}}],
            id="legal-name",
        ),
        pytest.param({"suppliers": [{"name": {"cy": "Acme", "en": "Acme"}}]}, None, id="languages"),
    ],
)
def test_supplier_is_found_however_publishers_write_it(
    award: dict[str, Any], parties: Any, run_import: Run, session: Session
) -> None:
    one = release(**award) | {"parties": parties}
    assert counts(run_import([one])) == (1, 1, 0, 0, 0)
    assert session.scalars(sa.select(Supplier.name)).all() == ["Acme"]


@pytest.mark.parametrize(
    "written",
    [
        {"buyer": {"name": "Bedfordshire Police"}},
        {"buyer": {"id": "B"}, "parties": [{"id": "B", "name": "Bedfordshire Police"}]},
        {"buyer": "Bedfordshire Police"},
        {"parties": [{"id": "B", "name": "Bedfordshire Police", "roles": ["buyer"]}]},
        {"tender": {"procuringEntity": {"name": "Bedfordshire Police"}}},
    ],
)
def test_buyer_is_found_however_publishers_write_it(
    written: dict[str, Any], run_import: Run
) -> None:
    report = run_import([release() | written], "--buyer", "Bedfordshire Police")
    assert counts(report) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"awards": [], "tender": {"status": "cancelled"}}, "each tender is cancelled"),
        ({"awards": [{"id": "1", "status": "unsuccessful"}]}, "each award is unsuccessful"),
        ({"awards": [], "planning": {"rationale": "x"}}, "it is only about planning"),
        ({"awards": []}, "it has no contracts, awards or tender"),
    ],
)
def test_release_without_contract_is_reported_with_its_own_reason(
    fields: dict[str, Any], reason: str, run_import: Run
) -> None:
    report = run_import([release() | fields])
    (notice,) = report["notices"]
    assert notice["code"] == "no_contract"
    assert reason in notice["detail"]

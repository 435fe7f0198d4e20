"""HTTP imports: accepted files, files that are refused at once, and reports."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.data_exchange.kinds import system_identity
from catalogue.data_exchange.models import Import
from catalogue.systems.models import System
from tests.data_exchange.conftest import sheet
from tests.data_exchange.spreadsheets import ods, ods_rows, with_part, xlsx
from tests.stores import Store

GOOD = sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet", 6])
BAD = sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet", "many"])

Post = Callable[..., Any]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "imports:write systems:read")


@pytest.fixture
def post(api: Any) -> Post:
    """`post(data, mode="partial")`: the response to a form with a file."""

    def posted(data: bytes, filename: str = "systems.csv", **fields: str) -> Any:
        return api.post(
            "/v1/imports",
            data={"file": (io.BytesIO(data), filename), "source": "cmdb", **fields},
            content_type="multipart/form-data",
        )

    return posted


@pytest.fixture
def run_import(api: Any, post: Post, run_jobs: Callable[[], None]) -> Callable[..., Any]:
    """`run_import(data, ...)` runs the job of an import and returns the report."""

    def run(data: bytes, **fields: str) -> Any:
        answer = post(data, **fields)
        assert answer.status_code == 202, answer.json
        run_jobs()
        return api.get(answer.headers["Location"]).json

    return run


def count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(System)) or 0


def test_import_is_queued_then_creates_systems(
    api: Any, post: Post, run_jobs: Callable[[], None], session: Session
) -> None:
    answer = post(GOOD, filename="lists/systems.csv", source="cmdb")
    assert answer.status_code == 202
    waiting = answer.json
    assert answer.headers["Location"] == f"/v1/imports/{waiting['id']}"
    assert (waiting["status"], waiting["rows"], waiting["filename"]) == (
        "queued", None, "systems.csv",
    )  # fmt: skip
    run_jobs()
    report = api.get(f"/v1/imports/{waiting['id']}").json
    assert (report["status"], report["written"]) == ("succeeded", True)
    assert (report["rows"], report["created"], report["rejected"]) == (2, 2, 0)
    assert (report["progress_done"], report["progress_total"]) == (2, 2)
    assert [match["field"] for match in report["mapping"]["mapped"]] == [
        "name", "external_id", "user_count",
    ]  # fmt: skip
    assert report["read_as"]["encoding"] == "utf-8"
    job = api.get(f"/v1/jobs/{report['job_id']}").json
    assert job["result"]["created"] == 2
    names = [system["name"] for system in api.get("/v1/systems").json["items"]]
    assert names == ["Fleet", "Rota"]
    assert session.scalars(sa.select(Import.content)).all() == [None]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(xlsx(("Empty", []), ("S", [["Ref", "Name"], ["1", "Rota"]])), id="xlsx"),
        pytest.param(ods(("S", ods_rows([["Ref", "Name"], ["1", "Rota"]]))), id="ods"),
        pytest.param("Ref;Name\n1;Rota\n".encode("utf-16"), id="utf-16-csv"),
    ],
)
def test_import_reads_every_kind_of_file(run_import: Any, data: bytes) -> None:
    assert run_import(data)["created"] == 1


def test_import_accepts_the_options_of_the_command(run_import: Any, session: Session) -> None:
    data = xlsx(("A", [["x", "y"], [1, 2]]), ("B", [["Who", "Users", "Tags"], ["Rota", 5, "a"]]))
    report = run_import(
        data, sheet="B", mapping='{"name": "Who", "tags": null}', dry_run="true", mode="partial"
    )
    assert (report["created"], report["written"], report["dry_run"]) == (1, False, True)
    assert report["mapping"]["unmapped"][0]["reason"] == "You chose to skip the field tags."
    assert count(session) == 0
    text = b"Name;Purpose\n\xa4 ledger;x\n"
    report = run_import(text, encoding="iso-8859-15", delimiter="semicolon")
    assert [each["name"] for each in report["created_records"]] == ["€ ledger"]


def test_bad_row_fails_an_atomic_import_and_not_a_partial_one(
    api: Any, run_import: Any, session: Session
) -> None:
    report = run_import(BAD)
    assert (report["status"], report["written"], report["rejected"]) == ("failed", False, 1)
    assert report["problems"] == [
        {
            "row": 3, "column": "Users", "field": "user_count", "value": "many",
            "code": "not_a_number", "detail": "The value is not a whole number. Write digits only.",
        }
    ]  # fmt: skip
    assert "1 of 2 rows have errors" in report["problem"]["detail"]
    assert report["problem"]["errors"][0]["pointer"] == "/rows/3/user_count"
    assert count(session) == 0
    report = run_import(BAD, mode="partial")
    assert (report["status"], report["written"], report["created"]) == ("succeeded", True, 2)
    assert [(n["row"], n["code"]) for n in report["notices"]] == [(3, "not_a_number")]
    report = run_import(BAD, dry_run="true")
    assert (report["status"], report["written"], report["rejected"]) == ("succeeded", False, 1)


def test_repeated_import_changes_nothing_and_later_file_updates(run_import: Any, api: Any) -> None:
    run_import(GOOD)
    before = api.get("/v1/systems").json["items"]
    assert run_import(GOOD)["unchanged"] == 2
    assert api.get("/v1/systems").json["items"] == before
    later = run_import(sheet(["Ref", "Name", "Users"], ["1", "Rota", 9], ["3", "Till", 1]))
    assert (later["created"], later["updated"], later["not_seen"]) == (1, 1, 1)
    assert [record["name"] for record in later["not_seen_records"]] == ["Fleet"]
    assert later["updated_records"][0]["changes"] == [
        {"field": "user_count", "before": "5", "after": "9"}
    ]


def bomb() -> bytes:
    good = xlsx(("S", [["Name"], ["Rota"]]))
    return with_part(good, "xl/theme/theme1.xml", lambda _: b" " * (30 << 20))


@pytest.mark.parametrize(
    ("data", "fields", "pointer", "code"),
    [
        pytest.param(b"", {}, "/file", "empty_file", id="empty-file"),
        pytest.param(b"Name\n", {}, "/file", "no_rows", id="no-rows"),
        pytest.param(
            b"Name,Users,name\na,1,b\n",
            {},
            "/mapping/name",
            "duplicate_columns",
            id="duplicate-columns",
        ),
        pytest.param(
            "Name\nCafé ñ\n".encode() + b"\xe9\n",
            {},
            "/file",
            "broken_encoding",
            id="broken-encoding",
        ),
        pytest.param(b'Name\n"open\n', {}, "/file", "bad_quoting", id="unclosed-quote"),
        pytest.param(b"Colour\nred\n", {}, "/mapping/name", "no_name_column", id="no-name-column"),
        pytest.param(
            b"Name\nRota\n",
            {"encoding": "utf-9"},
            "/encoding",
            "unknown_encoding",
            id="unknown-encoding",
        ),
        pytest.param(
            b"Name\nRota\n",
            {"delimiter": "~"},
            "/delimiter",
            "unknown_delimiter",
            id="unknown-delimiter",
        ),
        pytest.param(
            b"Name\nRota\n", {"sheet": "S"}, "/sheet", "sheet_not_found", id="sheet-of-csv"
        ),
        pytest.param(
            b"Name\nRota\n", {"source": "a b"}, "/source", "pattern", id="malformed-source"
        ),
        pytest.param(b"Name\nRota\n", {"mode": "some"}, "/mode", "invalid", id="unknown-mode"),
        pytest.param(
            b"Name\nRota\n", {"dry_run": "1"}, "/dry_run", "invalid", id="invalid-dry-run"
        ),
        pytest.param(
            b"Name\nRota\n", {"colour": "red"}, "/colour", "unknown_field", id="unknown-form-field"
        ),
        pytest.param(
            b"Name\nRota\n",
            {"mapping": "name=x"},
            "/mapping",
            "malformed_json",
            id="mapping-not-json",
        ),
        pytest.param(
            b"Name\nRota\n", {"mapping": "[]"}, "/mapping", "invalid", id="mapping-not-an-object"
        ),
        pytest.param(
            b"Name\nRota\n",
            {"mapping": '{"name": 1}'},
            "/mapping/name",
            "invalid",
            id="mapping-to-a-number",
        ),
        pytest.param(
            b"Name\nRota\n",
            {"mapping": '{"name": "x"}'},
            "/mapping/name",
            "unknown_column",
            id="mapping-to-unknown-column",
        ),
        pytest.param(
            b"Name\nRota\n",
            {"mapping": '{"nmae": "x"}'},
            "/mapping",
            "unknown_field",
            id="mapping-of-unknown-field",
        ),
        pytest.param(xlsx(("S", [])), {}, "/file", "empty_file", id="empty-workbook"),
        pytest.param(
            b"Name\nRota\n",
            {"heading_row": "9"},
            "/heading_row",
            "heading_row_not_found",
            id="no-such-heading-row",
        ),
        pytest.param(
            b"Name\nRota\n", {"heading_row": "x"}, "/heading_row", "invalid", id="heading-row-text"
        ),
        pytest.param(
            b"Name\nRota\n",
            {"heading_row": "0"},
            "/heading_row",
            "out_of_range",
            id="heading-row-0",
        ),
        pytest.param(
            xlsx(("S", [["Name"], ["a"]]))[:900], {}, "/file", "damaged", id="truncated-workbook"
        ),
        pytest.param(bomb(), {}, "/file", "unsafe_archive", id="zip-bomb"),
    ],
)
def test_import_rejects_unreadable_file_or_option(
    post: Post, session: Session, data: bytes, fields: dict[str, str], pointer: str, code: str
) -> None:
    answer = post(data, **fields)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_import_reports_problems_row_by_row(run_import: Any) -> None:
    wide = [f"note {i}" for i in range(200)]
    report = run_import(sheet(["Name", *wide], ["=1+1", *wide]))
    assert (report["created"], len(report["mapping"]["unmapped"])) == (1, 200)
    assert report["created_records"][0]["name"] == "=1+1"
    report = run_import(
        b"Old,1\nName,Users\nRota,5,extra\nFleet\nT\x00ll,3\nTotal,3\n",
        mode="partial",
        heading_row="2",
    )
    assert report["read_as"]["heading_row"] == 2
    assert [(p["row"], p["column"], p["code"]) for p in report["problems"]] == [
        (3, None, "too_many_cells"),
    ]
    assert (report["created"], report["rejected"]) == (2, 1)
    assert [(n["row"], n["code"]) for n in report["notices"]] == [
        (5, "cleaned"),
        (4, "only_a_name"),
        (6, "row_left_out"),
    ]

    def merged(page: Any, _book: Any) -> None:
        page.write_row(0, 0, ["Name", "Supplier"])
        page.write_row(1, 0, ["Ledger"])
        page.write_row(2, 0, ["Payroll"])
        page.merge_range("B2:B3", "Acme")

    assert run_import(xlsx(("S", merged)))["created"] == 2


def test_import_rejects_request_without_file_or_form(api: Any) -> None:
    answer = api.post("/v1/imports", data={"mode": "atomic"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/file"
    assert api.post("/v1/imports", json={}).status_code == 415
    assert api.post("/v1/imports", data=b"Name\n", content_type="text/csv").status_code == 415


def test_import_accepts_file_above_the_body_limit_and_rejects_one_above_its_own(
    store: Store, sign_in: Any, agency: Agency, api: Any
) -> None:
    larger = sheet(["Name", "Notes"], ["Rota", "x" * 100_000], *[["", "y" * 99_000]] * 11)
    assert len(larger) > store.settings.max_body_bytes
    # As bytes: the test client leaves the temporary file open that it makes of a large form.
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n%b\r\n--x--\r\n'
    )
    answer = api.post(
        "/v1/imports", data=form % larger, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 202
    app = store.app_with(max_import_bytes=2_000)
    client = app.test_client()
    client.environ_base.update(sign_in(agency.code, "imports:write").environ_base)
    answer = client.post("/v1/imports", data={"file": (io.BytesIO(b"Name\n" + b"x\n" * 2000), "a")})
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_imports_are_visible_to_their_own_agency_only(
    api: Any, post: Post, sign_in: Any, client: Any, agency: Agency
) -> None:
    url = post(GOOD).headers["Location"]
    assert len(api.get("/v1/imports").json["items"]) == 1
    stranger = sign_in("kent-police", "imports:write")
    assert stranger.get(url).status_code == 404
    assert stranger.get("/v1/imports?total=true").json["page"]["total"] == 0
    assert sign_in(agency.code, "systems:write").get(url).status_code == 403
    assert client.get(url).status_code == 401
    assert client.post("/v1/imports", data={}).status_code == 401
    nobody = sign_in(None, "admin imports:write")
    answer = nobody.post("/v1/imports", data={"file": (io.BytesIO(GOOD), "a.csv")})
    assert answer.status_code == 403


def test_import_list_omits_problems_and_can_be_filtered(api: Any, run_import: Any) -> None:
    run_import(GOOD)
    run_import(BAD)
    items = api.get("/v1/imports").json["items"]
    assert [item["status"] for item in items] == ["failed", "succeeded"]
    assert "problems" not in items[0]
    assert len(api.get("/v1/imports?status=failed").json["items"]) == 1
    assert len(api.get("/v1/imports?rejected__gte=1&sort=-rejected").json["items"]) == 1


def test_repeated_idempotency_key_makes_one_import(api: Any, session: Session) -> None:
    headers = {"Idempotency-Key": "monday"}
    answers = [
        api.post("/v1/imports", data={"file": (io.BytesIO(GOOD), "a.csv")}, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json["id"] == answers[1].json["id"]
    other = {"file": (io.BytesIO(BAD), "a.csv")}
    assert api.post("/v1/imports", data=other, headers=headers).status_code == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(Import)) == 1


def test_finished_import_job_can_run_again_without_effect(
    api: Any, run_import: Any, run_jobs: Callable[[], None], session: Session
) -> None:
    reports = [run_import(GOOD), run_import(BAD)]
    session.execute(
        sa.update(Job).values(
            status=JobStatus.RUNNING, lease_until=clock.now() - timedelta(seconds=1)
        )
    )
    run_jobs()
    again = [api.get(f"/v1/imports/{report['id']}").json for report in reports]
    assert [report["status"] for report in again] == ["succeeded", "failed"]
    assert count(session) == 2


def test_file_is_deleted_when_its_job_has_failed_for_good(
    post: Post, run_jobs: Callable[[], None], session: Session
) -> None:
    post(GOOD)
    session.execute(sa.update(Job).values(attempts=3))
    run_jobs()
    assert session.scalar(sa.select(Job.status)) is JobStatus.FAILED
    post(GOOD)
    kept = session.scalars(sa.select(Import.content).order_by(Import.id)).all()
    assert kept == [None, GOOD]


def test_import_fails_with_conflict_when_a_name_is_taken_meanwhile(
    api: Any, post: Post, run_jobs: Callable[[], None], session: Session, monkeypatch: Any
) -> None:
    """A running import cannot see a record that another request creates, only collide with it."""
    monkeypatch.setattr(system_identity, "name_key", lambda text: f"{text}?")
    answer = post(sheet(["Name"], ["Rota"], ["ROTA"]))
    run_jobs()
    report = api.get(answer.headers["Location"]).json
    assert (report["status"], report["problem"]["status"]) == ("failed", 409)
    assert count(session) == 0
    assert session.scalars(sa.select(Import.content)).all() == [None]

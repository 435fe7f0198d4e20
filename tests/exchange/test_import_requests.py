"""Imports over HTTP: what is accepted, what is refused at once, and what the report says."""

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
from catalogue.exchange.models import Import
from catalogue.systems.models import System
from tests.exchange.conftest import sheet
from tests.exchange.spreadsheets import ods, ods_rows, with_part, xlsx
from tests.stores import Store

GOOD = sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet", 6])
BAD = sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet", "many"])

Post = Callable[..., Any]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "imports:write systems:read")


@pytest.fixture
def post(api: Any) -> Post:
    """`post(data, mode="partial")`: the answer to a form with a file."""

    def posted(data: bytes, filename: str = "systems.csv", **fields: str) -> Any:
        return api.post(
            "/v1/imports",
            data={"file": (io.BytesIO(data), filename), **fields},
            content_type="multipart/form-data",
        )

    return posted


@pytest.fixture
def imported(api: Any, post: Post, run_jobs: Callable[[], None]) -> Callable[..., Any]:
    """`imported(data, ...)`: the report, after the job has run."""

    def run(data: bytes, **fields: str) -> Any:
        answer = post(data, **fields)
        assert answer.status_code == 202, answer.json
        run_jobs()
        return api.get(answer.headers["Location"]).json

    return run


def count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(System)) or 0


def test_a_file_is_accepted_and_then_loaded(
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
    job = api.get(f"/v1/jobs/{report['job']}").json
    assert job["result"]["created"] == 2
    names = [system["name"] for system in api.get("/v1/systems").json["items"]]
    assert names == ["Fleet", "Rota"]
    assert session.scalars(sa.select(Import.content)).all() == [None]


@pytest.mark.parametrize(
    "data",
    [
        xlsx(("Empty", []), ("S", [["Ref", "Name"], ["1", "Rota"]])),
        ods(("S", ods_rows([["Ref", "Name"], ["1", "Rota"]]))),
        "Ref;Name\n1;Rota\n".encode("utf-16"),
    ],
)
def test_every_kind_of_file_is_loaded(imported: Any, data: bytes) -> None:
    assert imported(data)["created"] == 1


def test_the_options_are_those_of_the_command(imported: Any, session: Session) -> None:
    data = xlsx(("A", [["x", "y"], [1, 2]]), ("B", [["Who", "Users", "Tags"], ["Rota", 5, "a"]]))
    report = imported(
        data, sheet="B", mapping='{"name": "Who", "tags": null}', dry_run="true", mode="partial"
    )
    assert (report["created"], report["written"], report["dry_run"]) == (1, False, True)
    assert report["mapping"]["unmapped"][0]["why"] == "tags is left alone, as you said."
    assert count(session) == 0
    text = b"Name;Purpose\n\xa4 ledger;x\n"
    report = imported(text, encoding="iso-8859-15", delimiter="semicolon")
    assert [each["name"] for each in report["created_records"]] == ["€ ledger"]


def test_bad_rows_stop_an_atomic_import(api: Any, imported: Any, session: Session) -> None:
    report = imported(BAD)
    assert (report["status"], report["written"], report["rejected"]) == ("failed", False, 1)
    assert report["problems"] == [
        {
            "row": 3, "column": "Users", "field": "user_count", "value": "many",
            "code": "not_a_number", "detail": "It is not a whole number.",
        }
    ]  # fmt: skip
    assert "1 of 2 rows are not acceptable" in report["problem"]["detail"]
    assert report["problem"]["errors"][0]["pointer"] == "/rows/3/user_count"
    assert count(session) == 0
    report = imported(BAD, mode="partial")
    assert (report["status"], report["written"], report["created"]) == ("succeeded", True, 1)
    report = imported(BAD, dry_run="true")
    assert (report["status"], report["written"], report["rejected"]) == ("succeeded", False, 1)


def test_the_same_again_and_a_later_one(imported: Any, api: Any) -> None:
    imported(GOOD)
    before = api.get("/v1/systems").json["items"]
    assert imported(GOOD)["unchanged"] == 2
    assert api.get("/v1/systems").json["items"] == before
    later = imported(sheet(["Ref", "Name", "Users"], ["1", "Rota", 9], ["3", "Till", 1]))
    assert (later["created"], later["updated"], later["not_seen"]) == (1, 1, 1)
    assert [record["name"] for record in later["not_seen_records"]] == ["Fleet"]
    assert later["updated_records"][0]["changes"] == ["user_count"]


def bomb() -> bytes:
    good = xlsx(("S", [["Name"], ["Rota"]]))
    return with_part(good, "xl/theme/theme1.xml", lambda _: b" " * (30 << 20))


@pytest.mark.parametrize(
    ("data", "fields", "pointer", "code"),
    [
        (b"", {}, "/file", "empty_file"),
        (b"Name\n", {}, "/file", "no_rows"),
        (b"Name,Users,name\na,1,b\n", {}, "/file", "duplicate_columns"),
        ("Name\nCafé ñ\n".encode() + b"\xe9\n", {}, "/file", "broken_encoding"),
        (b'Name\n"open\n', {}, "/file", "bad_quoting"),
        (b"Colour\nred\n", {}, "/mapping/name", "no_name_column"),
        (b"Name\nRota\n", {"encoding": "utf-9"}, "/encoding", "unknown_encoding"),
        (b"Name\nRota\n", {"delimiter": "~"}, "/delimiter", "unknown_delimiter"),
        (b"Name\nRota\n", {"sheet": "S"}, "/sheet", "sheet_not_found"),
        (b"Name\nRota\n", {"source": "a b"}, "/source", "pattern"),
        (b"Name\nRota\n", {"mode": "some"}, "/mode", "invalid"),
        (b"Name\nRota\n", {"dry_run": "1"}, "/dry_run", "invalid"),
        (b"Name\nRota\n", {"colour": "red"}, "/colour", "unknown_field"),
        (b"Name\nRota\n", {"mapping": "name=x"}, "/mapping", "malformed_json"),
        (b"Name\nRota\n", {"mapping": "[]"}, "/mapping", "invalid"),
        (b"Name\nRota\n", {"mapping": '{"name": 1}'}, "/mapping/name", "invalid"),
        (b"Name\nRota\n", {"mapping": '{"name": "x"}'}, "/mapping/name", "unknown_column"),
        (b"Name\nRota\n", {"mapping": '{"nmae": "x"}'}, "/mapping", "unknown_field"),
        (xlsx(("S", [])), {}, "/file", "empty_file"),
        (xlsx(("S", [["Name"], ["a"]]))[:900], {}, "/file", "damaged"),
        (bomb(), {}, "/file", "unsafe_archive"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(
    post: Post, session: Session, data: bytes, fields: dict[str, str], pointer: str, code: str
) -> None:
    answer = post(data, **fields)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_odd_tables_are_reported_row_by_row(imported: Any) -> None:
    wide = [f"note {i}" for i in range(200)]
    report = imported(sheet(["Name", *wide], ["=1+1", *wide]))
    assert (report["created"], len(report["mapping"]["unmapped"])) == (1, 200)
    assert report["created_records"][0]["name"] == "=1+1"
    report = imported(b"Name,Users\nRota,5,extra\nFleet\nT\x00ll,3\n", mode="partial")
    assert [(p["row"], p["column"], p["code"]) for p in report["problems"]] == [
        (2, None, "too_many_cells"),
        (4, "Name", "nul_character"),
        (4, "Name", "control_character"),
    ]
    assert (report["created"], report["rejected"]) == (1, 2)

    def merged(page: Any, _book: Any) -> None:
        page.write_row(0, 0, ["Name", "Supplier"])
        page.write_row(1, 0, ["Ledger"])
        page.write_row(2, 0, ["Payroll"])
        page.merge_range("B2:B3", "Acme")

    assert imported(xlsx(("S", merged)))["created"] == 2


def test_a_form_without_its_parts(api: Any) -> None:
    answer = api.post("/v1/imports", data={"mode": "atomic"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/file"
    assert api.post("/v1/imports", json={}).status_code == 415
    assert api.post("/v1/imports", data=b"Name\n", content_type="text/csv").status_code == 415


def test_a_file_may_be_larger_than_a_body_but_not_too_large(
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


def test_imports_are_ones_own_agencys(
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


def test_a_list_is_short_and_can_be_filtered(api: Any, imported: Any) -> None:
    imported(GOOD)
    imported(BAD)
    items = api.get("/v1/imports").json["items"]
    assert [item["status"] for item in items] == ["failed", "succeeded"]
    assert "problems" not in items[0]
    assert len(api.get("/v1/imports?status=failed").json["items"]) == 1
    assert len(api.get("/v1/imports?rejected__gte=1&sort=-rejected").json["items"]) == 1


def test_the_same_request_twice_is_one_import(api: Any, session: Session) -> None:
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


def test_a_job_that_had_written_its_outcome_may_run_again(
    api: Any, imported: Any, run_jobs: Callable[[], None], session: Session
) -> None:
    reports = [imported(GOOD), imported(BAD)]
    session.execute(
        sa.update(Job).values(
            status=JobStatus.RUNNING, lease_until=clock.now() - timedelta(seconds=1)
        )
    )
    run_jobs()
    again = [api.get(f"/v1/imports/{report['id']}").json for report in reports]
    assert [report["status"] for report in again] == ["succeeded", "failed"]
    assert count(session) == 2


def test_a_file_whose_worker_died_each_time_is_let_go(
    post: Post, run_jobs: Callable[[], None], session: Session
) -> None:
    post(GOOD)
    session.execute(sa.update(Job).values(attempts=3))
    run_jobs()
    assert session.scalar(sa.select(Job.status)) is JobStatus.FAILED
    post(GOOD)
    kept = session.scalars(sa.select(Import.content).order_by(Import.id)).all()
    assert kept == [None, GOOD]


def test_a_name_taken_meanwhile_is_a_conflict(
    api: Any, post: Post, run_jobs: Callable[[], None], session: Session, monkeypatch: Any
) -> None:
    """What another request creates while the import runs cannot be seen, only met."""
    monkeypatch.setattr("catalogue.exchange.loading.name_key", lambda text: f"{text}?")
    answer = post(sheet(["Name"], ["Rota"], ["ROTA"]))
    run_jobs()
    report = api.get(answer.headers["Location"]).json
    assert (report["status"], report["problem"]["status"]) == ("failed", 409)
    assert count(session) == 0
    assert session.scalars(sa.select(Import.content)).all() == [None]

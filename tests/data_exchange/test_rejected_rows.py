"""Rejected rows come back as a file that people mend and send."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.data_exchange import rejected_rows
from catalogue.data_exchange.commands import import_file
from catalogue.data_exchange.models import Import
from catalogue.data_exchange.rejected_rows import DAYS_KEPT, REASONS
from catalogue.data_exchange.spreadsheets.table import Table
from catalogue.data_exchange.spreadsheets.tables import read_table
from tests.data_exchange.conftest import sheet
from tests.data_exchange.spreadsheets import xlsx

HEADINGS = ["Ref", "Name", "=Note", "Retention hold", "Go live"]
MIXED = sheet(
    HEADINGS,
    ["1", "Rota", "", "yes", "01/04/2019"],
    ["002", "Fleet", "'=1+1", "many", "02/04/2019"],
    ["3", "", "two\nlines", "no", "never"],
)
FORMATS = ("csv", "xlsx", "ods")

Send = Callable[..., Any]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "imports:write systems:read")


@pytest.fixture
def send(api: Any, run_jobs: Callable[[], None]) -> Send:
    """`send(data)`: the path of an import that has run."""

    def sent(data: bytes, **fields: str) -> str:
        answer = api.post(
            "/v1/imports",
            data={
                "file": (io.BytesIO(data), "systems.csv"),
                "mode": "partial",
                "source": "cmdb",
                **fields,
            },
            content_type="multipart/form-data",
        )
        assert answer.status_code == 202, answer.text
        run_jobs()
        return str(answer.headers["Location"])

    return sent


def rejected(api: Any, path: str, **query: str) -> Table:
    answer = api.get(f"{path}/rejected-rows", query_string=query)
    assert answer.status_code == 200, answer.text
    return read_table(answer.data)


@pytest.mark.parametrize("table_format", FORMATS)
def test_rejected_rows_have_their_cells_and_the_reasons(
    api: Any, send: Send, table_format: str
) -> None:
    path = send(MIXED)
    table = rejected(api, path, format=table_format)
    assert [column.heading for column in table.columns] == [*HEADINGS, REASONS]
    first, second = (row.cells for row in table.rows)
    assert first == (
        "002",
        "Fleet",
        "=1+1",
        "many",
        "02/04/2019",
        "Retention hold: The value is neither yes nor no. Write one of them.",
    )
    assert second[2] == "two\nlines"
    assert str(second[-1]).startswith("Name: The row has no name for the system.")


@pytest.mark.parametrize("table_format", FORMATS)
def test_mended_rows_are_imported_and_the_reasons_left_out(
    api: Any, send: Send, table_format: str
) -> None:
    path = send(MIXED)
    table = rejected(api, path, format=table_format)
    rows = [[column.heading for column in table.columns], *(row.cells for row in table.rows)]
    mended = [["yes" if cell == "many" else cell for cell in row] for row in rows]
    again = send(xlsx(("Rows", mended)))
    report = api.get(again).json
    assert (report["created"], report["rejected"]) == (1, 1)
    (left,) = (c for c in report["mapping"]["unmapped"] if c["column"] == REASONS)
    assert left["reason"] == "The column has the problems of the last import."
    assert [c.heading for c in rejected(api, again).columns] == [*HEADINGS, REASONS]


def test_format_is_chosen_by_the_client(api: Any, send: Send) -> None:
    path = f"{send(MIXED)}/rejected-rows"
    file = api.get(path)
    assert (file.mimetype, file.data[:3]) == ("text/csv", b"\xef\xbb\xbf")
    media = "application/vnd.oasis.opendocument.spreadsheet"
    assert api.get(path, headers={"Accept": media}).mimetype == media
    assert api.get(path, headers={"Accept": "application/json"}).status_code == 406
    assert api.get(f"{path}?format=json").status_code == 400
    named = api.get(f"{path}?format=xlsx").headers["Content-Disposition"]
    assert named == f'attachment; filename="rejected-rows-{clock.today()}.xlsx"'


def test_import_that_stopped_and_dry_run_have_rejected_rows_too(api: Any, send: Send) -> None:
    for options in ({"mode": "atomic"}, {"dry_run": "true"}):
        assert len(rejected(api, send(MIXED, **options)).rows) == 2


def test_other_agencies_and_imports_without_rejected_rows_give_404(
    api: Any, send: Send, sign_in: Any
) -> None:
    path = f"{send(MIXED)}/rejected-rows"
    assert sign_in("kent-police", "imports:write").get(path).status_code == 404
    assert api.get(f"{send(sheet(['Name'], ['Rota']))}/rejected-rows").status_code == 404


def test_rejected_rows_are_deleted_after_their_time(api: Any, send: Send, session: Session) -> None:
    path = f"{send(MIXED)}/rejected-rows"
    kept = sa.select(sa.func.count()).where(Import.rejected_rows.is_not(None))
    sent = clock.now()
    with clock.freeze(sent + timedelta(days=DAYS_KEPT - 1)):
        assert session.scalar(kept) == 1
    session.execute(sa.update(Import).values(created_at=sent - timedelta(days=DAYS_KEPT, hours=1)))
    session.commit()
    assert api.get(path).status_code == 404
    send(sheet(["Name"], ["Custody"]))
    assert session.scalar(kept) == 0


@pytest.mark.parametrize(
    ("limit", "value", "kept"),
    [("MOST_CELLS", 25, 4), ("MOST_BYTES", 400, 1), ("MOST_BYTES", 9, 0)],
)
def test_report_shows_how_many_large_rejected_rows_are_kept(
    api: Any, send: Send, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, kept: int
) -> None:
    monkeypatch.setattr(rejected_rows, limit, value)
    rows = [[str(n), f"System {n}", "x" * 150, "many", "02/04/2019"] for n in range(6)]
    path = send(sheet(["Ref", "Name", "Description", "Retention hold", "Go live"], *rows))
    report = api.get(path).json
    notice = report["notices"][0]
    assert (report["rejected"], notice["code"]) == (6, "rejected_rows_cut")
    assert f"the first {kept} of 6 rejected rows" in notice["detail"]
    if kept:
        assert len(rejected(api, path).rows) == kept
    else:
        assert api.get(f"{path}/rejected-rows").status_code == 404


@pytest.mark.parametrize("ending", FORMATS)
def test_command_writes_the_rejected_rows(
    app: Flask, agency: Agency, session: Session, tmp_path: Path, ending: str
) -> None:
    code = agency.code
    source, target = tmp_path / "systems.csv", tmp_path / f"rejected.{ending}"
    source.write_bytes(MIXED)
    session.commit()
    arguments = [
        str(source),
        "--agency",
        code,
        "--rejected",
        str(target),
        "--json",
        "--source",
        "cmdb",
    ]
    with app.app_context():
        assert CliRunner().invoke(import_file, arguments).exit_code == 1
        wrong = CliRunner().invoke(import_file, [*arguments[:4], str(tmp_path / "x.pdf")])
    assert [row.cells[1] for row in read_table(target.read_bytes()).rows] == ["Fleet", None]
    assert (wrong.exit_code, "Use one of the endings" in wrong.output) == (2, True)

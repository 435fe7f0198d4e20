"""The command `catalogue import`, for people and scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.commands import import_file
from catalogue.data_exchange.models import Import
from catalogue.systems.models import System
from tests.data_exchange.conftest import sheet
from tests.data_exchange.spreadsheets import EXCERPTS, xlsx

Run = Callable[..., Result]

GOOD = sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet [bold]", 6])
BAD = sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet", "many"])


@pytest.fixture
def catalogue(
    app: Flask, agency: Agency, tmp_path: Path, monkeypatch: Any, session: Session
) -> Run:
    """`catalogue(data, "--dry-run")`: the command on a file with that content."""
    monkeypatch.setenv("COLUMNS", "160")
    code = agency.code

    def command(data: bytes, *options: str, name: str = "systems.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(data)
        arguments = [str(path), *options]
        if "--agency" not in options:
            arguments += ["--agency", code]
        if "--source" not in options:
            arguments += ["--source", "cmdb"]
        session.commit()
        with app.app_context():
            result = CliRunner().invoke(import_file, arguments)
        session.expire_all()
        return result

    return command


def names(session: Session) -> list[str]:
    return list(session.scalars(sa.select(System.name).order_by(System.name)))


def test_import_command_loads_file_and_prints_summary(catalogue: Run, session: Session) -> None:
    result = catalogue(GOOD)
    assert result.exit_code == 0, result.output
    assert names(session) == ["Fleet [bold]", "Rota"]
    assert "2 rows (CSV, utf-8, comma), headings in row 1." in result.stdout
    assert "“ref” is a usual heading for this field" in result.stdout
    assert "Fleet [bold]" in result.stdout
    assert "All rows were imported." in result.stdout
    assert "\x1b" not in result.output


def test_import_command_prints_rejected_rows_with_reasons(catalogue: Run, session: Session) -> None:
    result = catalogue(BAD)
    assert result.exit_code == 1
    assert "Problems: 1" in result.stdout
    line = next(line for line in result.stdout.splitlines() if "whole number." in line)
    assert line.split()[:3] == ["3", "Users", "many"]
    assert "Nothing was imported" in result.stdout
    assert names(session) == []
    result = catalogue(BAD, "--mode", "partial")
    assert result.exit_code == 3
    assert "All rows were imported." in result.stdout
    assert "The value was left out." in result.stdout
    assert names(session) == ["Fleet", "Rota"]


def test_import_command_prints_unknown_words_and_changes(catalogue: Run) -> None:
    data = sheet(["Name", "Status"], ["Rota", "On hold"], ["Till", "Zombie"])
    result = catalogue(data)
    assert '--value "lifecycle:On hold=planned"' in result.stdout
    assert '--value "lifecycle:Zombie=VALUE", where VALUE is one of planned' in result.stdout
    options = ["--value", "lifecycle:On hold=planned", "--value", "lifecycle:Zombie=live"]
    result = catalogue(data, *options, "--dry-run")
    assert "Created (not yet): 2" in result.stdout
    assert catalogue(data, *options).exit_code == 0
    result = catalogue(sheet(["Name", "Status"], ["Rota", "Live"]))
    assert "lifecycle: planned → live" in result.stdout


def test_import_command_dry_run_writes_nothing(catalogue: Run, session: Session) -> None:
    result = catalogue(GOOD, "--dry-run")
    assert (result.exit_code, names(session)) == (0, [])
    assert "This was a dry run, so nothing was imported." in result.stdout


def test_import_command_names_itself_in_history(
    catalogue: Run, session: Session, sign_in: Callable[..., Any], agency: Agency
) -> None:
    result = catalogue(GOOD, "--json", "--reason", "Register of March 2026")
    import_id = orjson.loads(result.stdout)["import_id"]
    api = sign_in(agency.code, "imports:write systems:read")
    (kept,) = api.get("/v1/imports").json["items"]
    assert (kept["id"], kept["status"], kept["job_id"]) == (import_id, "succeeded", None)
    assert (kept["reason"], kept["created"]) == ("Register of March 2026", 2)
    assert (kept["progress_done"], kept["progress_total"]) == (2, 2)
    system = api.get("/v1/systems").json["items"][0]["id"]
    (event,) = api.get(f"/v1/systems/{system}/history").json["items"]
    assert (event["import_id"], event["reason"]) == (import_id, "Register of March 2026")
    assert api.get(f"/v1/imports/{import_id}").json["created_records"][0]["name"] == "Rota"


def test_import_command_names_its_options_in_problems_and_notices(catalogue: Run) -> None:
    sheets = xlsx(("Register", [["Name"], ["Rota"]]), ("Contacts", [["Person"], ["P. Lewis"]]))
    for options in ([], ["--json"]):
        assert "Choose another with `--sheet`." in catalogue(sheets, *options).stdout
    unusable = catalogue(b"Colour\nred\n")
    assert "Choose others with `--delimiter` and `--heading-row`." in unusable.stderr
    unusable = catalogue(b"Colour\nred\n", "--json")
    assert "`--heading-row`" in orjson.loads(unusable.stdout)["problem"]["detail"]


def test_import_command_prints_the_command_that_undoes_it(
    catalogue: Run, session: Session, sign_in: Callable[..., Any], agency: Agency
) -> None:
    lines = catalogue(GOOD).stdout.splitlines()
    (kept,) = sign_in(agency.code, "imports:write").get("/v1/imports").json["items"]
    assert lines[-1] == f"To undo this import: catalogue import-undo {kept['id']}"
    for data, *options in ((GOOD, "--dry-run"), (GOOD,), (BAD,)):
        assert "import-undo" not in catalogue(data, *options).stdout


def test_import_command_keeps_no_import_without_changes(catalogue: Run, session: Session) -> None:
    for options in (["--dry-run"], []):
        assert orjson.loads(catalogue(BAD, "--json", *options).stdout)["import_id"] is None
    assert session.scalars(sa.select(Import.id)).all() == []
    assert catalogue(GOOD, "--reason", "x" * 501).exit_code == 2


def test_import_command_prints_one_json_object(catalogue: Run) -> None:
    result = catalogue(BAD, "--json", "--mode", "partial", "--source", "cmdb")
    document = orjson.loads(result.stdout)
    assert result.exit_code == 3
    assert (document["rows"], document["created"], document["rejected"]) == (2, 2, 0)
    assert (document["file"], document["source"], document["written"]) == (
        "systems.csv", "cmdb", True,
    )  # fmt: skip
    assert document["notices"][0]["row"] == 3
    assert document["mapping"]["mapped"][0]["field"] == "name"


def test_import_command_accepts_chosen_columns(catalogue: Run, session: Session) -> None:
    data = xlsx(("Cover", [["x"]]), ("S", [["Who", "Status", "Users"], ["Rota", "Denied", 5]]))
    options = ["--sheet", "s", "--map", "name=Who", "--map", "lifecycle=", "--map", "user_count=C"]
    result = catalogue(data, *options, name="any.bin")
    assert result.exit_code == 0, result.output
    assert "You chose to skip the field lifecycle." in result.stdout
    system = session.scalars(sa.select(System)).one()
    assert (system.name, system.lifecycle.value, system.user_count) == ("Rota", "live", 5)


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        pytest.param(
            b"", [], "The file is empty. Send a file with headings and rows.", id="empty-file"
        ),
        pytest.param(b"Name\n", [], "no rows below", id="no-rows"),
        pytest.param(
            b"Colour\nred\n",
            [],
            "No column is recognised as the system's name",
            id="no-name-column",
        ),
        pytest.param(
            b"Name,name\na,b\n", [], "Columns A and B are both called", id="duplicate-columns"
        ),
        pytest.param(
            b"Name\nx\n",
            ["--agency", "nowhere"],
            "There is no agency with the code `nowhere`.",
            id="unknown-agency",
        ),
        pytest.param(b"Name\nx\n", ["--map", "nme=Name"], "Use name, or", id="misspelt-field"),
        pytest.param(
            b"Name\nx\n",
            ["--map", "name"],
            "does not have the form FIELD=COLUMN",
            id="mapping-without-column",
        ),
        pytest.param(
            b"Name\nx\n",
            ["--map", "name=a", "--map", "name=b"],
            "listed more than once",
            id="field-mapped-twice",
        ),
        pytest.param(
            b"Name\nx\n", ["--map", "name=Nickname"], "There is no column", id="unknown-column"
        ),
        pytest.param(
            b"Name\nx\n",
            ["--encoding", "utf-9"],
            "The encoding is unknown. Use one of",
            id="unknown-encoding",
        ),
        pytest.param(b"Name\nx\n", ["--sheet", "Systems"], "without sheets", id="sheet-of-csv"),
        pytest.param(
            b"Name\nx\n",
            ["--source", "a b"],
            "`source` can have only letters, digits, dots, hyphens and underscores",
            id="malformed-source",
        ),
        pytest.param(b"Name\nx\n", ["--mode", "some"], "'some'", id="unknown-mode"),
    ],
)
def test_import_command_exits_with_2_when_input_is_unusable(
    catalogue: Run, session: Session, data: bytes, options: list[str], words: str
) -> None:
    result = catalogue(data, *options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert names(session) == []


def test_import_command_prints_problem_as_json(catalogue: Run) -> None:
    result = catalogue(b"Name,name\na,b\n", "--json")
    assert result.exit_code == 2
    assert orjson.loads(result.stdout)["problem"]["code"] == "duplicate_columns"
    result = catalogue(b"Name\nx\n", "--json", "--source", "a b")
    assert orjson.loads(result.stdout)["problem"]["errors"][0]["pointer"] == "/source"


def test_import_command_shortens_long_lists(catalogue: Run) -> None:
    rows = [[f"System {i}", "many"] for i in range(60)]
    result = catalogue(sheet(["Name", "Users"], ["ok", 1], *rows), "--map", "user_count=Users")
    assert "... and 10 more. Use --json to list them." in result.stdout
    result = catalogue(sheet(["Name"], *[[f"System {i}"] for i in range(60)]))
    assert "Created: 60" in result.stdout
    assert "... and 40 more. Use --json to list them." in result.stdout
    result = catalogue(sheet(["Name"], *[[f"System {i}"] for i in range(30)]))
    assert "Not in the file: 30" in result.stdout
    assert "... and 10 more. Use --json to list them." in result.stdout
    assert "Not in the file" not in catalogue(sheet(["Name"], ["Rota"])).stdout


def test_import_command_loads_two_editions_of_a_real_list(catalogue: Run) -> None:
    first = catalogue((EXCERPTS / "software-list-2016.csv").read_bytes())
    assert first.exit_code == 3, "the column Type fills no field"
    assert "Proposed → planned" in first.stdout
    second = catalogue((EXCERPTS / "software-list-2017.csv").read_bytes())
    assert second.exit_code == 3
    assert "Not imported, or in doubt" in second.stdout
    assert "Not in the file: 7" in second.stdout

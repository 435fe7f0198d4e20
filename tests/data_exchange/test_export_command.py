"""The command `catalogue export`, for people and scripts."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.data_exchange.exports.commands import export_list
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.history.models import ChangeSet
from tests.factories import record

Export = Callable[..., Result]


@pytest.fixture
def export(app: Flask, agency: Agency, session: Session) -> Export:
    """`export("systems", "--output", "x.csv")`: the command as the agency."""
    code = agency.code

    def command(*arguments: Any) -> Result:
        session.commit()
        with app.app_context():
            return CliRunner().invoke(export_list, [*map(str, arguments), "--agency", code])

    return command


@pytest.fixture
def recorded(sign_in: Any, agency: Agency) -> None:
    ours = sign_in(agency.code, "systems:write")
    theirs = sign_in("kent-police", "systems:write")
    for name in ("Rota", "=Fleet"):
        record(ours, "/v1/systems", name=name, lifecycle="live")
    for name, disclosure in {"Custody": "all_agencies", "Hidden": "owner_only"}.items():
        record(theirs, "/v1/systems", name=name, lifecycle="planned", disclosure=disclosure)


def names(file: Path) -> list[Any]:
    table = read_table(file.read_bytes())
    place = [column.heading for column in table.columns].index("name")
    return [row.cells[place] for row in table.rows]


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("ending", ["csv", "xlsx", "ods"])
def test_export_command_writes_what_the_agency_sees(
    export: Export, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"systems.{ending}"
    result = export("systems", "--output", file)
    assert result.exit_code == 0, result.output
    assert names(file) == ["=Fleet", "Custody", "Rota"]
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.usefixtures("recorded")
def test_export_command_takes_filters_fields_and_sort(export: Export, tmp_path: Path) -> None:
    file = tmp_path / "systems.txt"
    options = ["--format", "csv", "--fields", "name", "--sort", "-name"]
    result = export("systems", "--output", file, "--filter", "lifecycle=live", *options)
    assert result.exit_code == 0, result.output
    assert names(file) == ["Rota", "=Fleet"]
    assert file.read_text(encoding="utf-8-sig").splitlines()[0] == '"id","name"'


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sistems", "--output", "x.csv"], "Did you mean `systems`?"),
        (["systems", "--output", "x.pdf"], "Use one of the endings .csv, .xlsx, .ods."),
        (
            ["systems", "--output", "x.csv", "--filter", "colour=red"],
            "There is no parameter `colour`.",
        ),
        (["systems", "--output", "x.csv", "--filter", "limit=2"], "is not a filter"),
        (["systems", "--output", "x.csv", "--fields", "nonsense"], "is not a field of the list"),
        (["systems", "--output", "no-folder/x.csv"], "cannot be written"),
    ],
)
def test_export_command_explains_invalid_options(
    export: Export, tmp_path: Path, monkeypatch: Any, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = export(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


def test_export_command_is_in_the_access_log(
    export: Export, sign_in: Any, session: Session, tmp_path: Path, agency: Agency
) -> None:
    theirs = sign_in("kent-police", "systems:write agencies:write")
    record(theirs, "/v1/systems", name="Custody", lifecycle="live", legacy_risk=7)
    granted = {
        "grantee": agency.code,
        "resource_types": ["systems"],
        "field_profile": "full",
        "purpose": "A review",
        "expires_at": (clock.now() + timedelta(days=30)).isoformat(),
    }
    answer = theirs.post("/v1/access-grants", json=granted)
    assert answer.status_code == 201, answer.text
    count = sa.select(sa.func.count()).select_from(ChangeSet)
    before = session.scalar(count)
    result = export("systems", "--output", tmp_path / "x.csv")
    assert result.exit_code == 0, result.output
    assert session.scalar(count) != before

"""A messy application register goes in by a few commands, right in every cell, and out by one."""

import csv
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.commands import import_file
from catalogue.data_exchange.exports.commands import export_list
from catalogue.data_exchange.reversal.commands import import_undo
from catalogue.suppliers.operations import create_supplier
from catalogue.systems.models import System, SystemExternalId
from tests.contexts import acting
from tests.data_exchange.messy_workbook import SYSTEMS, expected_system, messy_workbook

Catalogue = Callable[..., Result]

COMMANDS = {"import": import_file, "export": export_list, "import-undo": import_undo}

MAPPING = [
    "--source=ict-register",
    "--map=attributes.cost_centre=Cost centre",
    "--map=attributes.notes=Notes",
    "--skip=Annual cost (£)",
    "--value=lifecycle:On hold=planned",
    "--value=user_count:200-250=250",
    "--value=supplier_name:Microsft=Microsoft",
    "--value=supplier_name:Oracle / Accenture=Oracle",
    "--value=supplier_name:Bull / Atos=Atos",
    "--value=supplier_name:Chronicle Software; Bytes=Chronicle Software",
]
"""The options that the reports of the first two commands offer."""


@pytest.fixture
def catalogue(
    app: Flask, agency: Agency, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Catalogue:
    """`catalogue("import", "messy.xlsx")`: a command in a folder with the workbook."""
    create_supplier(acting(session), {"name": "Microsoft"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("messy.xlsx").write_bytes(messy_workbook())
    code = agency.code

    def run(command: str, *arguments: str) -> Result:
        session.commit()
        named = [] if command == "import-undo" else ["--agency", code]
        with app.app_context():
            result = CliRunner().invoke(COMMANDS[command], [*arguments, *named])
        session.expire_all()
        return result

    return run


def exported(catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the rows of an export of the systems, by the ids in the register."""
    assert catalogue("export", "systems", "--output", "out.csv").exit_code == 0
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["external_ids"])


def test_messy_register_is_loaded_right_in_every_cell_and_undone(
    catalogue: Catalogue, session: Session
) -> None:
    first = catalogue("import", "messy.xlsx", "--dry-run")
    assert first.exit_code == 1
    for words in ("--source NAME", '--value "lifecycle:On hold=planned"', "=Microsoft", "200-250"):
        assert words in first.stdout
    assert catalogue("import", "messy.xlsx", "--dry-run", *MAPPING).exit_code == 3
    assert exported(catalogue) == []

    loaded = catalogue("import", "messy.xlsx", *MAPPING, "--reason", "First load")
    assert loaded.exit_code == 3, loaded.output
    assert "All rows were imported." in loaded.stdout
    for row, found in zip(SYSTEMS, exported(catalogue), strict=True):
        expected = expected_system(row)
        assert {name: found[name] for name in expected} == expected

    undo = loaded.stdout.splitlines()[-1].split()[-2:]
    assert catalogue(*undo).exit_code == 0
    assert exported(catalogue) == []
    for model in (System, SystemExternalId):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0

    again = catalogue("import", "messy.xlsx", *MAPPING, "--json")
    assert orjson.loads(again.stdout)["created"] == len(SYSTEMS) == 40
    repeated = orjson.loads(catalogue("import", "messy.xlsx", *MAPPING, "--json").stdout)
    assert (repeated["created"], repeated["updated"], repeated["unchanged"]) == (0, 0, 40)


def test_report_of_a_messy_register_names_everything_that_is_left_out(catalogue: Catalogue) -> None:
    report = orjson.loads(catalogue("import", "messy.xlsx", *MAPPING, "--json").stdout)
    assert report["read_as"]["heading_row"] == 6
    notices = report["notices"]
    left_out = [notice["row"] for notice in notices if notice["code"] == "row_left_out"]
    assert left_out == [7, 20, 34, 41, 51, 53]
    details = " ".join(notice["detail"] for notice in notices)
    assert "Not read: “Contacts”, “Lists”." in details
    assert "3 rows are hidden, and read like any other: 24, 43, 44." in details
    doubtful = {n["value"] for n in notices if n["code"] == "approximate_number"}
    assert doubtful == {"approx 1,200", "400+", "c. 150", "approx 20", "10ish"}
    nothing = {n["value"] for n in notices if n["code"] == "no_value"}
    assert nothing == {"Vacant", "TBC", "n/a", "N/A", "unknown"}

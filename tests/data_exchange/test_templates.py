"""The template of an import has every heading, and its choices as drop-downs."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.kinds.registry import KINDS as RECORD_KINDS
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.data_exchange.templates.commands import import_template
from catalogue.systems.models import System
from catalogue.systems.vocabulary import Lifecycle
from tests.data_exchange.conftest import Report, outcome
from tests.data_exchange.spreadsheets import xlsx
from tests.factories import add_system
from tests.factories import agency as add_agency

Load = Callable[..., ImportReport]
PATH = "/v1/import-templates"


@pytest.fixture
def template(sign_in: Any, agency: Agency) -> bytes:
    answer = sign_in(agency.code, "imports:write").get(PATH)
    assert answer.status_code == 200, answer.text
    disposition = answer.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="systems-template.xlsx"'
    data: bytes = answer.data
    return data


def rows(template: bytes, sheet: str) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(template))
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def test_example_of_the_template_fills_every_field(
    template: bytes, load: Load, systems: Callable[[], dict[str, System]]
) -> None:
    headings, example = rows(template, "Example")
    assert headings == rows(template, "Systems")[0]
    data = xlsx(("Systems", [headings, [str(cell) for cell in example]]))
    mapping = match_columns(read_table(data), capability=str, fields=SYSTEM_FIELDS)
    assert [match.field.name for match in mapping.matches] == [
        field.name for field in SYSTEM_FIELDS.fields
    ]
    assert mapping.unmatched == ()
    report = load(data)
    assert (report.created, report.rejected, report.notice_count) == (1, 0, 0)
    assert systems()[example[0]].lifecycle is Lifecycle.LIVE


KINDS = [kind for kind in ImportKind if kind is not ImportKind.SYSTEMS]


@pytest.fixture
def named(session: Session, agency: Agency) -> None:
    """The systems and agencies that the examples name."""
    add_agency(session, "bedfordshire-fire")
    for name in ("Duty management", "Command and control"):
        add_system(session, agency.code, name)
    add_system(session, "bedfordshire-fire", "Mobilising")
    session.commit()


WITHOUT_EXAMPLE = {
    ImportKind.USES: ["until"],
    # A contract has its notice period in days or in months, and few have had notice.
    ImportKind.CONTRACTS: ["notice_period_months", "notice_given_on"],
}


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("kind", KINDS)
def test_example_of_every_template_is_accepted(
    sign_in: Any, agency: Agency, load_file: Callable[..., Report], kind: ImportKind
) -> None:
    answer = sign_in(agency.code, "imports:write").get(PATH, query_string={"kind": kind.value})
    assert answer.status_code == 200, answer.text
    name = f"{kind.value}-template.xlsx"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    kept = RECORD_KINDS[kind]
    headings, example = rows(answer.data, "Example")
    assert headings == rows(answer.data, kept.sheet)[0]
    data = xlsx((kept.sheet, [headings, [str(cell) for cell in example]]))
    mapping = match_columns(read_table(data), capability=str, fields=kept.fields)
    without_example = WITHOUT_EXAMPLE.get(kind, [])
    assert [match.field.name for match in mapping.matches] == [
        field.name for field in kept.fields.fields if field.name not in without_example
    ]
    assert len(mapping.unmatched) == len(without_example)
    report = load_file(data, "--kind", kind.value, name=name)
    assert report["problems"] == []
    assert [n["code"] for n in report["notices"] if n["code"] != "supplier_recorded"] == []
    assert outcome(report) == (1, 0, 0, 0)
    again = load_file(data, "--kind", kind.value, name=name)
    assert (outcome(again), again["notices"]) == ((0, 0, 1, 0), [])


@pytest.mark.parametrize("kind", KINDS)
def test_help_explains_each_column_of_every_template(
    sign_in: Any, agency: Agency, kind: ImportKind
) -> None:
    data = sign_in(agency.code, "imports:write").get(PATH, query_string={"kind": kind.value}).data
    found = {row[0]: row for row in rows(data, "Help")[1:]}
    assert list(found) == rows(data, RECORD_KINDS[kind].sheet)[0]
    assert all(meaning.endswith(".") and form for _, meaning, form, _ in found.values())


def test_unknown_kind_has_no_template(sign_in: Any, agency: Agency) -> None:
    answer = sign_in(agency.code, "imports:write").get(PATH, query_string={"kind": "people"})
    assert answer.status_code == 400, answer.text


def test_import_reads_only_the_sheet_to_fill_in(template: bytes, load: Load) -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(template))
    assert book.sheet_names == ["Systems", "Example", "Help", "Choices"]
    with pytest.raises(Exception, match="There are headings in row 1, but no rows below"):
        load(template)


def test_choices_are_drop_downs(template: bytes) -> None:
    headings = rows(template, "Systems")[0]
    choices = rows(template, "Choices")
    place = headings.index("Lifecycle")
    assert [row[place] for row in choices if row[place]] == [each.value for each in Lifecycle]
    with zipfile.ZipFile(io.BytesIO(template)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    validations = re.findall(r"<dataValidation [^>]*>", sheet)
    assert len(validations) == len(SYSTEM_FIELDS.fields)
    lists = [text for text in validations if 'type="list"' in text]
    assert len(lists) == len([1 for column in zip(*choices, strict=True) if any(column)])
    letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]
    assert f"<formula1>Choices!${letter}$1:${letter}${len(Lifecycle)}</formula1>" in sheet


def test_help_explains_each_column(template: bytes) -> None:
    found = {row[0]: row for row in rows(template, "Help")[1:]}
    assert list(found) == rows(template, "Systems")[0]
    for heading, meaning, kind, _ in found.values():
        assert meaning.endswith("."), heading
        assert kind
    assert "live: " in found["Lifecycle"][3]
    assert "E04: " in found["Capabilities"][3]


def test_command_writes_the_template(app: Flask, agency: Agency, tmp_path: Path) -> None:
    assert agency
    for kind, heading in (("systems", "Name"), ("contracts", "Reference")):
        target = tmp_path / f"{kind}.xlsx"
        with app.app_context():
            result = CliRunner().invoke(import_template, [kind, "--output", str(target)])
        assert result.exit_code == 0, result.output
        assert rows(target.read_bytes(), kind.capitalize())[0][0] == heading

"""The command never guesses against the file: columns, words, ids and names."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.data_exchange.commands import import_file
from catalogue.suppliers.operations import create_product, create_supplier
from catalogue.systems.models import System
from tests.contexts import acting
from tests.data_exchange.conftest import sheet

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def imported(app: Flask, agency: Agency, tmp_path: Path, session: Session) -> Run:
    """`imported([headings], [row], "--dry-run")`: the exit status and the JSON of the command."""
    code = agency.code

    def run(*rows_and_options: Sequence[Any] | str) -> tuple[int, dict[str, Any]]:
        path = tmp_path / "systems.csv"
        path.write_bytes(sheet(*[row for row in rows_and_options if not isinstance(row, str)]))
        options = [each for each in rows_and_options if isinstance(each, str)]
        session.commit()
        with app.app_context():
            arguments = [str(path), "--agency", code, "--json", *options]
            result = CliRunner().invoke(import_file, arguments)
        session.expire_all()
        return result.exit_code, orjson.loads(result.stdout)

    return run


@pytest.fixture
def lifecycles(session: Session) -> Callable[[], dict[str, str]]:
    """Return the lifecycle of each system by its name."""

    def by_name() -> dict[str, str]:
        rows = session.execute(sa.select(System.name, System.lifecycle).order_by(System.name))
        return {name: lifecycle.value for name, lifecycle in rows}

    return by_name


def codes(problems: list[dict[str, Any]]) -> list[tuple[int | None, str]]:
    return [(problem["row"], problem["code"]) for problem in problems]


# ---- Words


def test_mostly_unknown_status_rejects_its_rows_and_no_system_becomes_live(
    imported: Run, lifecycles: Any
) -> None:
    rows = [["System", "Status"], ["A", "Live"], ["B", "Zombie"], ["C", "On hold"], ["D", "Amber"]]
    exit_code, report = imported(*rows)
    assert (exit_code, report["created"], report["rejected"], report["held_back"]) == (1, 0, 3, 1)
    assert codes(report["problems"]) == [(n, "unknown_value") for n in (3, 4, 5)]
    assert report["created_records"] == []
    assert report["unknown_word_count"] == 3
    on_hold = report["unknown_words"][1]
    assert (on_hold["field"], on_hold["column"], on_hold["value"], on_hold["count"]) == (
        "lifecycle", "Status", "On hold", 1,
    )  # fmt: skip
    assert [choice["value"] for choice in on_hold["choices"]] == ["planned", "implementing", "live"]
    assert on_hold["choices"][0]["option"] == '--value "lifecycle:On hold=planned"'
    assert lifecycles() == {}
    choices = ["lifecycle:On hold=planned", "lifecycle:zombie=decommissioned"]
    options = [text for choice in choices for text in ("--value", choice)]
    exit_code, report = imported(*rows, *options, "--mode", "partial")
    assert (exit_code, report["created"]) == (1, 3)
    assert lifecycles() == {"A": "live", "B": "decommissioned", "C": "planned"}


def test_unknown_words_are_counted_the_most_frequent_first(imported: Run) -> None:
    rows = [["Name", "Hosting"], ["A", "Cloud"], ["B", "Other"], ["C", "Cloud"]]
    _, report = imported(*rows)
    assert [(w["value"], w["count"]) for w in report["unknown_words"]] == [
        ("Cloud", 2),
        ("Other", 1),
    ]


def test_translation_leaves_a_field_empty_or_fills_an_empty_cell(
    imported: Run, lifecycles: Any, session: Session
) -> None:
    rows = [["Name", "Status", "Hosting"], ["A", "", "Other"], ["B", "Live", "SaaS"]]
    exit_code, report = imported(*rows)
    assert exit_code == 1
    assert codes(report["problems"]) == [(2, "unknown_value")]
    options = ["--value", "hosting:Other=", "--value", "lifecycle:=planned"]
    exit_code, report = imported(*rows, *options)
    assert (exit_code, report["created"], report["notice_count"]) == (0, 2, 0)
    assert lifecycles() == {"A": "planned", "B": "live"}
    assert session.scalars(sa.select(System.hosting).where(System.name == "A")).one() is None


def test_empty_lifecycle_of_a_new_system_is_no_lifecycle(imported: Run) -> None:
    for word in ("", "N/A"):
        exit_code, report = imported(["Name", "Status"], ["A", word], ["B", "Live"])
        assert exit_code == 1
        assert codes(report["problems"]) == [(2, "required")]
    exit_code, report = imported(["Name", "Status"], ["A", ""])
    assert (exit_code, codes(report["problems"])) == (1, [(2, "required")])


@pytest.mark.parametrize(
    ("option", "code"),
    [
        pytest.param("lifecycle:Live=alive", "invalid_translation", id="unknown-value"),
        pytest.param("lifecycl:Live=live", "unknown_field", id="unknown-field"),
    ],
)
def test_wrong_translation_is_refused(imported: Run, option: str, code: str) -> None:
    exit_code, report = imported(["Name", "Status"], ["A", "Live"], "--value", option)
    assert (exit_code, report["problem"]["code"]) == (2, code)


def test_question_as_heading_is_answered_with_yes_and_no(imported: Run, lifecycles: Any) -> None:
    exit_code, _ = imported(["Name", "In use?"], ["A", "Yes"], ["B", "No"], ["C", "Retired"])
    assert exit_code == 0
    assert lifecycles() == {"A": "live", "B": "decommissioned", "C": "decommissioned"}
    exit_code, report = imported(["Name", "Live?"], ["D", "TRUE"], ["E", "No"])
    assert exit_code == 1
    assert codes(report["problems"]) == [(3, "unknown_value")]


def test_words_for_yes_and_no_fill_a_hold(imported: Run, session: Session) -> None:
    rows = [["Name", "Retention hold"], ["A", "On"], ["B", "Off"], ["C", "✓"]]
    assert imported(*rows)[0] == 0
    holds = session.execute(sa.select(System.name, System.retention_hold).order_by(System.name))
    assert dict(map(tuple, holds)) == {"A": True, "B": False, "C": True}


# ---- Columns


def test_words_of_a_lifecycle_under_another_heading_are_a_question(
    imported: Run, lifecycles: Any
) -> None:
    rows = [["Name", "Zustand"], ["A", "Live"], ["B", "Retired"]]
    for mode in ("atomic", "partial"):
        exit_code, report = imported(*rows, "--mode", mode)
        assert (exit_code, report["written"], report["created"]) == (1, False, 0)
        assert codes(report["problems"]) == [(None, "possible_lifecycle")]
        assert "--map lifecycle=" in report["problems"][0]["detail"]
    assert imported(*rows, "--map", "lifecycle=Zustand")[0] == 0
    assert lifecycles() == {"A": "live", "B": "decommissioned"}
    exit_code, report = imported(["Name", "Zustand"], ["C", "Gone"], "--map", "lifecycle=")
    assert (exit_code, codes(report["notices"])) == (3, [(None, "column_not_imported")])
    assert lifecycles()["C"] == "live"


def test_column_that_fills_no_field_is_noticed_unless_it_is_skipped(imported: Run) -> None:
    rows = [["Name", "Notes", "Where"], ["A", "see file", "SaaS"], ["B", "", "On-prem"]]
    exit_code, report = imported(*rows, "--dry-run")
    assert (exit_code, report["created"]) == (3, 2)
    assert [(n["column"], n["code"], n["value"]) for n in report["notices"]] == [
        ("Notes", "column_not_imported", "see file"),
        ("Where", "column_not_imported", "SaaS | On-prem"),
    ]
    assert "words of hosting" in report["notices"][1]["detail"]
    options = ["--skip", "Notes", "--skip", "Not in this file", "--map", "hosting=Where"]
    assert imported(*rows, "--dry-run", *options)[0] == 0


def test_several_columns_fill_one_list(imported: Run, session: Session) -> None:
    rows = [["Name", "Tag 1", "Tag 2", "Tag 3", "Team"], ["A", "x", "", "y; x", "z"]]
    assert imported(*rows, "--skip", "Team")[0] == 0
    assert session.scalars(sa.select(System.tags)).one() == ["x", "y"]
    options = ["--map", "tags=Tag 2", "--map", "tags=Team"]
    _, report = imported(*rows, *options)
    assert session.scalars(sa.select(System.tags)).one() == ["x", "y", "z"]
    assert [n["column"] for n in report["notices"]] == ["Tag 1", "Tag 3"]


def test_column_fills_a_field_of_the_agencys_own(imported: Run, session: Session) -> None:
    rows = [["Name", "Cost centre"], ["A", "4711"]]
    option = ["--map", "attributes.cost_centre=Cost centre"]
    assert imported(*rows, *option)[0] == 0
    assert session.scalars(sa.select(System.attributes)).one() == {"cost_centre": "4711"}
    assert imported(*rows, *option)[1]["unchanged"] == 1
    _, report = imported(["Name", "Cost centre"], ["A", "4712"], *option)
    assert report["updated_records"][0]["changes"] == [
        {"field": "attributes", "before": "cost_centre: 4711", "after": "cost_centre: 4712"}
    ]


# ---- Ids


def test_ids_need_the_register_that_gave_them(imported: Run) -> None:
    rows = [["Asset ID", "Name"], ["A7", "Rota"]]
    exit_code, report = imported(*rows)
    assert (exit_code, report["source"]) == (1, None)
    assert codes(report["problems"]) == [(None, "source_required")]
    assert imported(*rows, "--source", "cmdb")[0] == 0
    assert imported(["Name"], ["Rota"])[1]["unchanged"] == 1
    assert imported(*rows, "--map", "external_id=")[1]["unchanged"] == 1


def test_row_numbers_are_no_ids_unless_confirmed(imported: Run) -> None:
    rows = [["Ref", "Name"], ["1", "Custody"], ["2", "Payroll"], ["3", "Stores"]]
    exit_code, report = imported(*rows, "--source", "list")
    assert (exit_code, codes(report["problems"])) == (1, [(None, "row_numbers")])
    assert imported(*rows, "--source", "list", "--confirm-ids")[1]["created"] == 3
    assert imported(*rows, "--source", "list")[1]["unchanged"] == 3


def test_row_inserted_in_a_numbered_list_renames_nothing(imported: Run, lifecycles: Any) -> None:
    for number in range(20):
        imported(["Name"], [f"X Other {number}"])
    numbered = ["Ref", "Name"]
    imported(
        numbered, ["11", "X Custody"], ["12", "X Payroll"], ["13", "X Stores"], "--source", "list"
    )
    shifted = [numbered, ["11", "X Analytics"], ["12", "X Custody"], ["13", "X Payroll"]]
    shifted += [["14", "X Stores"]]
    before = lifecycles()
    exit_code, report = imported(*shifted, "--source", "list")
    assert (exit_code, report["updated"]) == (1, 0)
    assert codes(report["problems"]) == [
        (2, "different_name"),
        (3, "name_of_another_record"),
        (4, "name_of_another_record"),
        (5, "name_taken"),
    ]
    assert lifecycles() == before
    exit_code, report = imported(*shifted, "--source", "list", "--confirm-renames", "--dry-run")
    assert (exit_code, report["updated"], report["created"]) == (0, 3, 1)
    assert [each["changes"][0] for each in report["updated_records"]] == [
        {"field": "name", "before": "X Custody", "after": "X Analytics"},
        {"field": "name", "before": "X Payroll", "after": "X Custody"},
        {"field": "name", "before": "X Stores", "after": "X Payroll"},
    ]


@pytest.mark.parametrize(
    ("before", "after", "exit_code"),
    [
        pytest.param("Duties", "Duties North", 0, id="longer"),
        pytest.param("Computer Aided Dispatch", "CAD", 0, id="acronym"),
        pytest.param("Athena", "Athenna", 0, id="spelling"),
        pytest.param("Athena", "Niche", 1, id="another"),
        pytest.param("Fleet management", "Stock management", 1, id="general-word"),
    ],
)
def test_name_under_a_recorded_id_may_change_a_little(
    imported: Run, before: str, after: str, exit_code: int
) -> None:
    imported(["Ref", "Name"], ["A1", before], "--source", "cmdb")
    assert imported(["Ref", "Name"], ["A1", after], "--source", "cmdb")[0] == exit_code


def test_former_name_among_the_aliases_is_the_same_system(imported: Run) -> None:
    imported(["Ref", "Name"], ["A1", "Athena"], "--source", "cmdb")
    headings = ["Ref", "Name", "Former name"]
    assert imported(headings, ["A1", "Niche", "Athena"], "--source", "cmdb")[0] == 0


def test_ids_that_differ_in_zeros_are_a_question(imported: Run, session: Session) -> None:
    imported(["Asset ID", "Name"], ["17", "Rota"], "--source", "cmdb")
    rows = [["Asset ID", "Name"], ["00017", "Rota"], "--source", "cmdb"]
    exit_code, report = imported(*rows)
    assert (exit_code, codes(report["problems"])) == (1, [(2, "id_without_zeros")])
    assert imported(*rows, "--confirm-ids")[1]["updated"] == 1
    system = session.scalars(sa.select(System)).one()
    assert [link.external_id for link in system.external_id_links] == ["00017"]
    exit_code, report = imported(["Asset ID", "Name"], ["17", "Rota"], "--source", "cmdb")
    assert exit_code == 1
    confirmed = ["--source", "cmdb", "--confirm-ids"]
    assert imported(["Asset ID", "Name"], ["17", "Rota"], *confirmed)[1]["unchanged"] == 1


def test_id_that_a_spreadsheet_program_rounded_is_no_id(imported: Run) -> None:
    rows = [["Asset ID", "Name"], ["1.20E+12", "Rota"], ["A7", "Till"], "--source", "cmdb"]
    exit_code, report = imported(*rows, "--mode", "partial")
    assert (exit_code, report["created"]) == (1, 1)
    assert codes(report["problems"]) == [(2, "shortened_id")]


# ---- Names


def test_almost_known_supplier_is_offered_and_replaces_no_known_one(
    imported: Run, session: Session
) -> None:
    supplier = create_supplier(acting(session), {"name": "Civica"})
    session.flush()
    create_product(acting(session), {"name": "Workforce", "supplier_id": supplier.id})
    imported(["Name", "Supplier"], ["Rota", "Civica"])
    exit_code, report = imported(
        ["Name", "Supplier", "Product"], ["Rota", "Civca", ""], ["Till", "Civca", "Workforse"]
    )
    assert exit_code == 3
    assert codes(report["notices"]) == [
        (2, "similar_name"),
        (3, "similar_name"),
        (3, "similar_name"),
    ]
    assert "Did you mean “Civica”?" in report["notices"][0]["detail"]
    assert "stays" in report["notices"][0]["detail"]
    assert '--value "product_name:Workforse=Workforce"' in report["notices"][2]["detail"]
    named = session.execute(sa.select(System.name, System.supplier_name).order_by(System.name))
    assert dict(map(tuple, named)) == {"Rota": "Civica", "Till": "Civca"}
    option = ["--value", "supplier_name:Civca=Civica"]
    assert imported(["Name", "Supplier"], ["Till", "Civca"], *option)[0] == 0


def test_several_suppliers_in_a_cell_are_noticed(imported: Run, session: Session) -> None:
    create_supplier(acting(session), {"name": "Smith, Jones and Co"})
    rows = [
        ["A", "Acme; Bell"],
        ["B", "Acme / Bell"],
        ["C", "Smith, Jones and Co"],
        ["D", "Acme, Inc."],
    ]
    exit_code, report = imported(["Name", "Supplier"], *rows)
    assert exit_code == 3
    assert codes(report["notices"]) == [(2, "several_suppliers"), (3, "several_suppliers")]
    choice = '`--value "supplier_name:Acme; Bell=Acme"`.'
    assert report["notices"][0]["detail"].endswith(choice)
    option = ["--value", "supplier_name:Acme; Bell=Acme"]
    assert imported(["Name", "Supplier"], ["E", "Acme; Bell"], *option)[0] == 0


def test_new_system_like_a_recorded_one_is_noticed(imported: Run) -> None:
    imported(["Name"], ["Custody Records"], ["Fleet 1"], ["Stores"])
    rows = [["Custdy Records"], ["Fleet 2"], ["The Stores system"], ["Payroll"]]
    exit_code, report = imported(["Name"], *rows)
    assert (exit_code, report["created"]) == (3, 4)
    assert codes(report["notices"]) == [(2, "similar_record"), (4, "similar_record")]
    assert '--value "name:Custdy Records=Custody Records"' in report["notices"][0]["detail"]
    assert imported(["Name"], ["Stores"], ["Stores tool"])[1]["notices"] == []


def test_changed_names_come_first_in_the_report(imported: Run) -> None:
    source = ["--source", "cmdb"]
    headings = ["Ref", "Name", "Users"]
    imported(headings, ["A", "Rota", 1], ["B", "Till", 2], *source)
    _, report = imported(headings, ["A", "Rota", 3], ["B", "Till North", 4], *source)
    assert [(each["name"], each["row"]) for each in report["updated_records"]] == [
        ("Till North", 3),
        ("Rota", 2),
    ]
    assert [change["field"] for change in report["updated_records"][0]["changes"]] == [
        "name", "user_count",
    ]  # fmt: skip

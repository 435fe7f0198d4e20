"""Columns are mapped to fields, and rows are read by that mapping."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from catalogue.data_exchange.column_mapping import ColumnMapping
from catalogue.data_exchange.kinds.interfaces import INTERFACE_FIELDS
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.records import Record, read_records
from catalogue.data_exchange.spreadsheets.table import Column, Row, Table
from catalogue.data_exchange.spreadsheets.tables import read_table
from tests.data_exchange.spreadsheets import EXCERPTS, REAL_FILES, with_real_files


def table(headings: Sequence[str], *rows: Sequence[Any]) -> Table:
    columns = tuple(Column(i, heading) for i, heading in enumerate(headings))
    return Table("csv", columns, tuple(Row(n, tuple(r)) for n, r in enumerate(rows, 2)), 1)


def capability(text: str) -> str | None:
    return {"fleet": "E07", "e07": "E07", "finance": "E01"}.get(text.casefold())


def list_matches(mapping: ColumnMapping) -> dict[str, str]:
    return {match.field.name: match.column.label for match in mapping.matches}


def list_unmatched(mapping: ColumnMapping) -> dict[str, str]:
    return {unmatched.column.label: unmatched.reason for unmatched in mapping.unmatched}


def records(spreadsheet: Table, mapping: ColumnMapping) -> list[Record]:
    return list(read_records(spreadsheet, mapping, capability=capability))


def list_problems(rows: list[Record]) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.code) for record in rows for p in record.problems]


@pytest.mark.parametrize(
    ("heading", "value", "field"),
    [
        ("System Name", "Rota", "name"),
        ("system_name", "Rota", "name"),
        ("SystemName", "Rota", "name"),
        ("Standard Name", "Rota", "name"),
        ("Name of the system", "Rota", "name"),
        ("Application", "Rota", "name"),
        ("Vendor", "Acme", "supplier_name"),
        ("Manufacturer", "Acme", "supplier_name"),
        ("Suppliers", "Acme", "supplier_name"),
        ("Lifecycle stage", "Live", "lifecycle"),
        ("STATUS", "In use", "lifecycle"),
        ("Deployment Type", "SaaS", "hosting"),
        ("# users", "12", "user_count"),
        ("No. of users", "12", "user_count"),
        ("Users (number of)", "12", "user_count"),
        ("Go-live date", "31/12/2025", "live_from"),
        ("Asset ID", "A1", "external_id"),
        ("Ref", "A1", "external_id"),
        ("CI", "A1", "external_id"),
        ("System Owner", "HR", "business_owner"),
        ("RTO (hours)", "4", "rto_hours"),
        ("Descripton", "What it does", "description"),
        ("Criticallity", "High", "criticality"),
        ("Contains personal data?", "Y", "personal_data"),
        ("TIME", "Migrate", "disposition"),
        ("Capability", "Fleet", "capabilities"),
    ],
)
def test_usual_heading_maps_to_its_field(heading: str, value: str, field: str) -> None:
    others = [("Name", "x")] if field != "name" else []
    spreadsheet = table([heading, *(h for h, _ in others)], [value, *(v for _, v in others)])
    assert (
        list_matches(match_columns(spreadsheet, capability=capability, fields=SYSTEM_FIELDS)).get(
            field
        )
        == heading
    )


@pytest.mark.parametrize("field", SYSTEM_FIELDS.fields, ids=lambda field: field.name)
def test_every_field_maps_from_its_own_name(field: Any) -> None:
    values = {
        "date": "2025-01-02", "last date": "2025-01-02", "whole number": "2", "hours": "2",
        "yes or no": "yes", "capabilities": "fleet",
    }  # fmt: skip
    choices = {
        "lifecycle": "live", "hosting": "saas", "criticality": "high", "disposition": "migrate",
        "classification": "official", "personal_data": "yes", "dpia_status": "draft", "disclosure": "agreement",
    }  # fmt: skip
    value = choices.get(field.name) or values.get(field.kind, "x")
    headings = [field.name] if field.name == "name" else [field.name, "name"]
    spreadsheet = table(headings, [value, "Rota"][: len(headings)])
    assert field.name in list_matches(
        match_columns(spreadsheet, capability=capability, fields=SYSTEM_FIELDS)
    )


def test_clearer_of_two_columns_is_mapped_and_the_other_listed() -> None:
    spreadsheet = table(["Application", "System name", "Users"], ["a", "b", 3])
    mapping = match_columns(spreadsheet, fields=SYSTEM_FIELDS)
    assert list_matches(mapping) == {"name": "System name", "user_count": "Users"}
    assert list_unmatched(mapping) == {
        "Application": "The field name is filled from “System name” (column B)."
    }


def test_clear_heading_names_its_field_whatever_the_values_are() -> None:
    spreadsheet = table(
        ["Name", "Users", "Status", "Tier", "Empty", "Agency", "Colour", ""],
        ["a", "all staff", "ok", "web", None, "Kent", "red", "y"],
        ["b", "everyone", "poor", "database", " ", "Kent", "red", "y"],
    )
    mapping = match_columns(spreadsheet, fields=SYSTEM_FIELDS)
    assert list_matches(mapping) == {
        "name": "Name", "lifecycle": "Status", "user_count": "Users",
    }  # fmt: skip
    assert list_unmatched(mapping) == {
        "Tier": "The heading has several meanings, and the values do not fit criticality (choice).",
        "Empty": "The column is empty.",
        "Agency": "The agency that imports the file owns every row.",
        "Colour": "No field of a system has this heading.",
        "column H": "The column has no heading.",
    }


def test_left_out_column_names_the_kind_of_record() -> None:
    spreadsheet = table(["From", "To", "Method", "Frequency"], ["A", "B", "SFTP", "Nightly"])
    mapping = match_columns(spreadsheet, fields=INTERFACE_FIELDS)
    reason = "No field of an interface has this heading."
    assert list_unmatched(mapping) == {"Frequency": reason}


def test_words_for_no_value_have_no_translation() -> None:
    spreadsheet = table(["Name", "Personal data"], ["a", "Y"], ["b", "Unknown"], ["c", "TBC"])
    (match,) = (
        m
        for m in match_columns(spreadsheet, fields=SYSTEM_FIELDS).matches
        if m.field.name == "personal_data"
    )
    assert match.translations == (("Y", "personal"),)


def test_category_column_maps_to_capabilities_only_when_every_value_is_one() -> None:
    known = table(["Name", "Category"], ["a", "Fleet"], ["b", "finance"])
    assert (
        list_matches(match_columns(known, capability=capability, fields=SYSTEM_FIELDS))[
            "capabilities"
        ]
        == "Category"
    )
    other = table(["Name", "Category"], ["a", "Fleet"], ["b", "Miscellaneous"])
    mapping = match_columns(other, capability=capability, fields=SYSTEM_FIELDS)
    assert list_matches(mapping)["tags"] == "Category"
    assert [record.fields["tags"] for record in records(other, mapping)] == [
        ["Fleet"], ["Miscellaneous"],
    ]  # fmt: skip


def test_columns_chosen_by_the_user_take_precedence() -> None:
    spreadsheet = table(["Name", "Old name", "Supported by", "Category"], ["a", "b", "c", "d"])
    chosen = {"name": "old NAME", "supplier_name": "C", "tags": None}
    mapping = match_columns(spreadsheet, chosen, fields=SYSTEM_FIELDS)
    assert list_matches(mapping) == {"name": "Old name", "supplier_name": "Supported by"}
    assert mapping.matches[0].reason == "you chose this column"
    assert list_unmatched(mapping) == {
        "Name": "The field name is filled from “Old name” (column B).",
        "Category": "You chose to skip the field tags.",
    }


@pytest.mark.parametrize(
    ("chosen", "code", "words"),
    [
        pytest.param({"nmae": "Name"}, "unknown_field", "Use name.", id="misspelt-field"),
        pytest.param({"zzzz": "Name"}, "unknown_field", "Use one of name,", id="unknown-field"),
        pytest.param(
            {"name": "Nickname"}, "unknown_column", "“Name”, “Vendor”", id="unknown-column"
        ),
        pytest.param(
            {"name": "Vendor", "supplier_name": "Vendor"},
            "column_used_twice",
            "both name",
            id="column-used-twice",
        ),
    ],
)
def test_mapping_rejects_wrong_choice_of_columns(
    chosen: dict[str, str], code: str, words: str
) -> None:
    with pytest.raises(TableProblem, match=words) as caught:
        match_columns(table(["Name", "Vendor"], ["a", "b"]), chosen, fields=SYSTEM_FIELDS)
    assert caught.value.code == code


def test_mapping_lists_headings_when_no_column_holds_the_name() -> None:
    with pytest.raises(TableProblem, match="“Colour”, “Users”") as caught:
        match_columns(table(["Colour", "Users"], ["red", 1]), fields=SYSTEM_FIELDS)
    assert caught.value.code == "no_name_column"


def test_product_name_replaces_missing_name() -> None:
    spreadsheet = table(["Name", "Product"], ["a", "p"], [None, "q"], [" ", None])
    mapping = match_columns(spreadsheet, fields=SYSTEM_FIELDS)
    assert mapping.notes == (
        "If the name is empty, the product name is used.",
        "No column has the lifecycle, so new systems become live.",
    )
    rows = records(spreadsheet, mapping)
    assert [row.fields.get("name") for row in rows] == ["a", "q", None]
    assert list_problems(rows) == [(4, "Name", "required")]
    only = match_columns(table(["Product", "Users"], ["p", 1]), fields=SYSTEM_FIELDS)
    assert "No column has the name" in only.notes[0]


def test_mapping_shows_translations_and_samples() -> None:
    spreadsheet = table(["Name", "Status"], ["a", "Denied"], ["b", "live"], ["c", "Pilot"])
    shown = match_columns(spreadsheet, fields=SYSTEM_FIELDS).as_json()
    assert shown["mapped"][1] == {
        "field": "lifecycle",
        "column": "Status",
        "reason": "“status” is a usual heading for this field",
        "samples": ["Denied", "live", "Pilot"],
        "translations": {"Denied": "cancelled", "Pilot": "implementing"},
    }


def test_row_problem_names_row_column_value_and_reason() -> None:
    spreadsheet = table(
        ["Name", "Users", "Go live", "Status"],
        ["a", "5", "31/12/2024", "Live"],
        ["b", "many" * 50, "12/31/2024", "Sleeping"],
        ["c", "6", "01/02/2024", "-"],
        ["d", 7, "13/02/2024", None],
    )
    rows = records(spreadsheet, match_columns(spreadsheet, fields=SYSTEM_FIELDS))
    assert rows[0].fields == {
        "name": "a", "user_count": 5, "live_from": date(2024, 12, 31), "lifecycle": "live",
    }  # fmt: skip
    assert list_problems(rows) == [
        (3, "Status", "unknown_value"),
        (3, "Go live", "month_first_date"),
        (3, "Users", "not_a_number"),
        (4, "Go live", "ambiguous_date"),
    ]
    users = rows[1].problems[2]
    assert users.value is not None
    assert len(users.value) == 80
    assert users.field == "user_count"
    assert rows[3].fields["live_from"] == date(2024, 2, 13)


def test_faults_in_unmapped_columns_do_not_reject_rows() -> None:
    spreadsheet = read_table(b"Name,Colour\nRota,red\nFleet,#REF!\nTill,a,b,c\n")
    assert list_problems(
        records(spreadsheet, match_columns(spreadsheet, fields=SYSTEM_FIELDS))
    ) == [
        (4, None, "too_many_cells"),
    ]


def test_real_excerpt_is_mapped_without_problems() -> None:
    spreadsheet = read_table((EXCERPTS / "software-list-2017.csv").read_bytes())
    mapping = match_columns(spreadsheet, capability=capability, fields=SYSTEM_FIELDS)
    assert list_matches(mapping) == {
        "name": "Standard Name",
        "description": "Description",
        "lifecycle": "Status",
        "hosting": "Deployment Type",
        "tags": "Category",
    }
    assert list(list_unmatched(mapping)) == ["Approval Expiration Date"]
    assert not list_problems(records(spreadsheet, mapping))


@with_real_files
def test_real_files_are_mapped_without_problems() -> None:
    expected = {
        "gsa-it-standards-2016-08-17.csv": 1221,
        "gsa-it-standards-2017-06-07.csv": 1360,
        "gsa-it-standards-2018-04-12.csv": 1543,
        "sb272-california.csv": 27,
    }
    for name, count in expected.items():
        spreadsheet = read_table((REAL_FILES / name).read_bytes())
        rows = records(
            spreadsheet, match_columns(spreadsheet, capability=capability, fields=SYSTEM_FIELDS)
        )
        assert (len(rows), list_problems(rows)) == (count, [])

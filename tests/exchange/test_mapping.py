"""Which column is which field, and what each row then says."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from catalogue.exchange.fields import FIELDS
from catalogue.exchange.mapping import ColumnMapping, match_columns
from catalogue.exchange.problems import TableProblem
from catalogue.exchange.records import Record, read_records
from catalogue.exchange.spreadsheets.tables import Column, Row, Table, read_table
from tests.exchange.spreadsheets import EXCERPTS, REAL_FILES


def table(headings: Sequence[str], *rows: Sequence[Any]) -> Table:
    columns = tuple(Column(i, heading) for i, heading in enumerate(headings))
    return Table("csv", columns, tuple(Row(n, tuple(r)) for n, r in enumerate(rows, 2)), 1)


def capability(text: str) -> str | None:
    return {"fleet": "E07", "e07": "E07", "finance": "E01"}.get(text.casefold())


def found(mapping: ColumnMapping) -> dict[str, str]:
    return {match.field.name: match.column.label for match in mapping.matches}


def left(mapping: ColumnMapping) -> dict[str, str]:
    return {unmatched.column.label: unmatched.why for unmatched in mapping.unmatched}


def records(given: Table, mapping: ColumnMapping) -> list[Record]:
    return list(read_records(given, mapping, capability=capability))


def wrong(given: list[Record]) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.code) for record in given for p in record.problems]


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
def test_headings_are_understood(heading: str, value: str, field: str) -> None:
    others = [("Name", "x")] if field != "name" else []
    given = table([heading, *(h for h, _ in others)], [value, *(v for _, v in others)])
    assert found(match_columns(given, capability=capability)).get(field) == heading


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_known_by_its_own_name(field: Any) -> None:
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
    given = table(headings, [value, "Rota"][: len(headings)])
    assert field.name in found(match_columns(given, capability=capability))


def test_the_clearer_of_two_columns_wins_and_the_other_is_listed() -> None:
    given = table(["Application", "System name", "Users"], ["a", "b", 3])
    mapping = match_columns(given)
    assert found(mapping) == {"name": "System name", "user_count": "Users"}
    assert left(mapping) == {"Application": "name is filled from “System name” (column B)."}


def test_values_can_speak_against_a_heading() -> None:
    given = table(
        ["Name", "Users", "Status", "Owner", "Empty", "Agency", "Colour", ""],
        ["a", "all staff", "ok", "x", None, "Kent", "red", "y"],
        ["b", "everyone", "poor", "x", " ", "Kent", "red", "y"],
    )
    mapping = match_columns(given)
    assert found(mapping) == {"name": "Name", "business_owner": "Owner"}
    assert left(mapping) == {
        "Users": "Its values do not read as user_count (whole number).",
        "Status": "Its values do not read as lifecycle (choice).",
        "Empty": "It is empty.",
        "Agency": "The import's own agency answers for every row.",
        "Colour": "No field of a system is known by this heading.",
        "column H": "It has no heading.",
    }


def test_a_category_fills_capabilities_only_if_every_value_is_one() -> None:
    known = table(["Name", "Category"], ["a", "Fleet"], ["b", "finance"])
    assert found(match_columns(known, capability=capability))["capabilities"] == "Category"
    other = table(["Name", "Category"], ["a", "Fleet"], ["b", "Miscellaneous"])
    mapping = match_columns(other, capability=capability)
    assert found(mapping)["tags"] == "Category"
    assert [record.fields["tags"] for record in records(other, mapping)] == [
        ["Fleet"], ["Miscellaneous"],
    ]  # fmt: skip


def test_what_is_told_comes_first() -> None:
    given = table(["Name", "Old name", "Supported by", "Category"], ["a", "b", "c", "d"])
    told = {"name": "old NAME", "supplier_name": "C", "tags": None}
    mapping = match_columns(given, told)
    assert found(mapping) == {"name": "Old name", "supplier_name": "Supported by"}
    assert mapping.matches[0].why == "as you said"
    assert left(mapping) == {
        "Name": "name is filled from “Old name” (column B).",
        "Category": "tags is left alone, as you said.",
    }


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ({"nmae": "Name"}, "unknown_field", "Did you mean name"),
        ({"zzzz": "Name"}, "unknown_field", "The fields are name,"),
        ({"name": "Nickname"}, "unknown_column", "“Name”, “Vendor”"),
        ({"name": "Vendor", "supplier_name": "Vendor"}, "column_used_twice", "both name"),
    ],
)
def test_what_is_told_is_checked(told: dict[str, str], code: str, words: str) -> None:
    with pytest.raises(TableProblem, match=words) as caught:
        match_columns(table(["Name", "Vendor"], ["a", "b"]), told)
    assert caught.value.code == code


def test_without_a_name_the_headings_are_shown() -> None:
    with pytest.raises(TableProblem, match="“Colour”, “Users”") as caught:
        match_columns(table(["Colour", "Users"], ["red", 1]))
    assert caught.value.code == "no_name_column"


def test_the_products_name_stands_in_for_a_missing_name() -> None:
    given = table(["Name", "Product"], ["a", "p"], [None, "q"], [" ", None])
    mapping = match_columns(given)
    assert mapping.notes == (
        "Where the name is empty, the product's name is taken.",
        "No column gives the lifecycle: new systems are taken to be live.",
    )
    rows = records(given, mapping)
    assert [row.fields.get("name") for row in rows] == ["a", "q", None]
    assert wrong(rows) == [(4, "Name", "required")]
    only = match_columns(table(["Product", "Users"], ["p", 1]))
    assert "no column for the name" in only.notes[0]


def test_translations_and_samples_are_shown() -> None:
    given = table(["Name", "Status"], ["a", "Denied"], ["b", "live"], ["c", "Pilot"])
    shown = match_columns(given).as_json()
    assert shown["mapped"][1] == {
        "field": "lifecycle",
        "column": "Status",
        "why": "“status” is a usual heading for it",
        "samples": ["Denied", "live", "Pilot"],
        "translations": {"Denied": "cancelled", "Pilot": "implementing"},
    }


def test_a_row_names_its_number_column_value_and_reason() -> None:
    given = table(
        ["Name", "Users", "Go live", "Status"],
        ["a", "5", "31/12/2024", "Live"],
        ["b", "many" * 50, "12/31/2024", "Sleeping"],
        ["c", "6", "01/02/2024", "-"],
        ["d", 7, "13/02/2024", None],
    )
    rows = records(given, match_columns(given))
    assert rows[0].fields == {
        "name": "a", "user_count": 5, "live_from": date(2024, 12, 31), "lifecycle": "live",
    }  # fmt: skip
    assert wrong(rows) == [
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


def test_faults_in_columns_that_nobody_wants_spoil_nothing() -> None:
    given = read_table(b"Name,Colour\nRo\x00ta,red\nFleet,r\x00d\nTill,a,b,c\n")
    assert wrong(records(given, match_columns(given))) == [
        (2, "Name", "nul_character"),
        (4, None, "too_many_cells"),
    ]


def test_the_excerpts_are_understood() -> None:
    given = read_table((EXCERPTS / "software-list-2017.csv").read_bytes())
    mapping = match_columns(given, capability=capability)
    assert found(mapping) == {
        "name": "Standard Name",
        "description": "Description",
        "lifecycle": "Status",
        "hosting": "Deployment Type",
        "tags": "Category",
    }
    assert list(left(mapping)) == ["Approval Expiration Date"]
    assert not wrong(records(given, mapping))


def test_the_whole_files_are_understood_where_they_are_to_be_had() -> None:
    expected = {
        "gsa-it-standards-2016-08-17.csv": 1221,
        "gsa-it-standards-2017-06-07.csv": 1360,
        "gsa-it-standards-2018-04-12.csv": 1543,
        "sb272-california.csv": 27,
    }
    for name, count in expected.items():
        path = REAL_FILES / name
        if not path.exists():
            continue
        given = read_table(path.read_bytes())
        rows = records(given, match_columns(given, capability=capability))
        assert (len(rows), wrong(rows)) == (count, [])

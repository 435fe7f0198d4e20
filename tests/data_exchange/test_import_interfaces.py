"""Interfaces from spreadsheets, such as the list of an integration team."""

from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from tests.api_calls import Fields, change, read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.factories import CAMBS, record, system
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write"
HEADINGS = ["Source system", "Target system", "Method", "Data exchanged", "Two way?"]
ENDS = ["From system", "To system", "Standard"]

Load = Callable[..., Report]


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> CheckedClient:
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def partner(sign_in: Any, agency: Agency) -> CheckedClient:
    assert agency
    client: CheckedClient = sign_in(CAMBS, SCOPES)
    return client


@pytest.fixture
def ids(api: CheckedClient) -> dict[str, str]:
    """The ids of the agency's systems by name."""
    return {name: system(api, name)["id"] for name in ("Rota", "Fleet", "Payroll")}


@pytest.fixture
def load(load_kind: Load) -> Load:
    """`load(headings, row, ..., options=[...])`: the report of an import of interfaces."""

    def run(*rows: list[Any], options: tuple[str, ...] = ()) -> Report:
        return load_kind("interfaces", list(rows), *options)

    return run


def interfaces(api: CheckedClient) -> list[Fields]:
    found: list[Fields] = read(api, "/v1/interfaces?limit=200")["items"]
    return found


def test_interfaces_are_created_then_unchanged_then_updated(
    api: CheckedClient, ids: dict[str, str], load: Load
) -> None:
    headings = [*ENDS, "Data exchanged", "Direction", "Criticality", "Purpose"]
    rows = [
        headings,
        ["Rota", "Payroll", "SFTP", "staff; finance", "one way", "high", "Hours worked"],
        ["Rota", "Fleet", "REST API", "", "Two way", "", ""],
    ]
    assert outcome(load(*rows)) == (2, 0, 0, 0)
    found = {each["to_system_name"]: each for each in interfaces(api)}
    assert found["Payroll"]["from_system_id"] == ids["Rota"]
    assert found["Payroll"]["data_categories"] == ["workforce", "finance"]
    assert (found["Payroll"]["standard"], found["Payroll"]["direction"]) == ("sftp", "from_to")
    assert (found["Fleet"]["standard"], found["Fleet"]["direction"]) == ("rest", "both")
    assert outcome(load(*rows)) == (0, 0, 2, 0)
    later = load(
        [*ENDS, "Data exchanged", "Fallback"], ["rota", "payroll", "file", "staff", "Paper"]
    )
    assert (outcome(later), later["not_seen"]) == ((0, 1, 0, 0), 1)
    assert later["updated_records"][0]["changes"] == [
        {"field": "fallback", "before": None, "after": "Paper"}
    ]
    assert later["updated_records"][0]["name"] == "Rota to Payroll, sftp"


def test_everyday_headings_are_known(api: CheckedClient, ids: dict[str, str], load: Load) -> None:
    assert ids
    report = load(HEADINGS[:4], ["Rota", "Fleet", "Overnight batch", "vehicles"])
    assert outcome(report) == (1, 0, 0, 0)
    (found,) = interfaces(api)
    assert (found["standard"], found["direction"]) == ("etl", "from_to")
    assert found["data_categories"] == ["objects"]


def test_one_standard_for_all_rows(ids: dict[str, str], load: Load) -> None:
    assert ids
    rows = ENDS[:2], ["Rota", "Fleet"], ["Fleet", "Rota"]
    assert load(*rows)["problem"]["field"] == "standard"
    assert outcome(load(*rows, options=("--value", "standard:=email"))) == (2, 0, 0, 0)


@pytest.mark.usefixtures("ids", "partner")
@pytest.mark.parametrize(
    ("row", "field", "code", "words"),
    [
        (["Rotta", "Fleet", "sftp"], "from_system", "unknown", "Did you mean “Rota”?"),
        (["Rota", "Gnu", "sftp"], "to_system", "unknown", "Record the system first"),
        (["Rota", "Rota", "sftp"], "to_system", "circular", ""),
        (["Rota", "Fleet", "pigeon"], "standard", "unknown_value", "sftp"),
        (["Rota", "Fleet", "sftp", "Interpol"], "to_agency", "unknown", "no agency"),
        (["Rota", "Fleet", "sftp", CAMBS], "to_system", "unknown", "that you can see"),
    ],
)
def test_row_with_a_doubt_is_rejected_in_every_mode(
    load: Load, row: list[str], field: str, code: str, words: str
) -> None:
    for options in ((), ("--mode", "partial")):
        report = load([*ENDS, "To agency"], [*row, *[""] * (4 - len(row))], options=options)
        assert remarks(report) == [(2, field, code)]
        assert words in report["problems"][0]["detail"]
        assert report["problems"][0]["column"] == field.replace("_", " ").capitalize()


def test_row_without_an_end_is_rejected(ids: dict[str, str], load: Load) -> None:
    assert ids
    report = load(ENDS, ["Rota", "", "sftp"], ["Rota", "Fleet", "sftp"])
    assert remarks(report) == [(2, "to_system", "required")]


def test_systems_of_other_agencies_are_named_with_their_owner(
    api: CheckedClient, partner: CheckedClient, sign_in: Any, ids: dict[str, str], load: Load
) -> None:
    theirs = system(partner, "Rota", disclosure="all_agencies")["id"]
    system(sign_in("kent-police", SCOPES), "Rota", disclosure="all_agencies")
    gnu = [system(each, "Gnu", disclosure="all_agencies")["id"]
           for each in (partner, sign_in("kent-police", SCOPES))]  # fmt: skip
    headings = [*ENDS, "To agency"]
    assert outcome(load(headings, ["Fleet", "Rota", "sftp", "Cambridgeshire Police"]))[0] == 1
    assert interfaces(api)[0]["to_system_id"] == theirs
    # Without the agency, the agency's own system comes first.
    assert outcome(load(headings, ["Fleet", "Rota", "sftp", ""]))[0] == 1
    assert {each["to_system_id"] for each in interfaces(api)} == {theirs, ids["Rota"]}
    report = load(headings, ["Fleet", "Gnu", "sftp", ""])
    assert remarks(report) == [(2, "to_system", "ambiguous")]
    assert outcome(load(headings, ["Fleet", gnu[0], "sftp", ""]))[0] == 1
    report = load(headings, [gnu[0], gnu[1], "sftp", ""])
    assert [(each["field"], each["code"]) for each in report["problems"]] == [
        ("from_system", "unknown")
    ]
    assert "Your agency owns neither system" in report["problems"][0]["detail"]


def test_hidden_system_is_reported_like_an_unknown_one(
    partner: CheckedClient, ids: dict[str, str], load: Load
) -> None:
    assert ids
    hidden = system(partner, "Zebra", disclosure="owner_only")["id"]
    unknown = "01900000-0000-7000-8000-000000000000"
    for agency in ("", CAMBS):
        for pair in (("Zebra", "Gnuxx"), (hidden, unknown)):
            reports = [load([*ENDS, "To agency"], ["Rota", name, "sftp", agency]) for name in pair]
            seen = [
                [
                    (each["code"], each["field"], each["detail"].replace(name, "NAME"))
                    for each in report["problems"]
                ]
                for name, report in zip(pair, reports, strict=True)
            ]
            assert seen[0] == seen[1] != []


def test_end_that_was_hidden_later_stays_hidden(
    partner: CheckedClient, ids: dict[str, str], load: Load
) -> None:
    assert ids
    theirs = system(partner, "Zebra", disclosure="all_agencies")["id"]
    assert outcome(load(ENDS, ["Rota", "Zebra", "sftp"]))[0] == 1
    assert change(partner, f"/v1/systems/{theirs}", disclosure="owner_only").status_code == 200
    report = load(ENDS, ["Rota", "Fleet", "sftp"])
    assert [each["name"] for each in report["not_seen_records"]] == [
        "Rota to a system that you cannot see, sftp"
    ]
    assert remarks(load(ENDS, ["Rota", "Zebra", "sftp"])) == [(2, "to_system", "unknown")]


def test_ends_do_not_change(api: CheckedClient, ids: dict[str, str], load: Load) -> None:
    assert ids
    load(ENDS, ["Rota", "Fleet", "sftp"])
    (found,) = interfaces(api)
    report = load(["id", *ENDS], [found["id"], "Rota", "Payroll", "sftp"])
    assert remarks(report) == [(2, "to_system", "unchangeable")]
    assert outcome(load(["id", "Standard"], [found["id"], "email"])) == (0, 1, 0, 0)
    assert interfaces(api)[0]["standard"] == "email"


def test_duplicate_rows_are_rejected(api: CheckedClient, ids: dict[str, str], load: Load) -> None:
    assert ids
    report = load(ENDS, ["Rota", "Fleet", "sftp"], ["ROTA", "fleet", "CSV file"])
    assert (remarks(report), report["written"]) == ([(3, "from_system", "duplicate_row")], False)
    assert interfaces(api) == []


def test_interface_of_another_agency_stays(
    api: CheckedClient, partner: CheckedClient, ids: dict[str, str], load: Load
) -> None:
    theirs = system(partner, "Shared", disclosure="all_agencies")["id"]
    assert change(api, f"/v1/systems/{ids['Rota']}", disclosure="all_agencies").status_code == 200
    fields = {"from_system_id": ids["Rota"], "to_system_id": theirs, "standard": "sftp"}
    found = record(partner, "/v1/interfaces", **fields, description="Theirs")
    report = load(["id", "Description"], [found["id"], "Ours"])
    assert remarks(report) == [(2, "id", "unknown")]
    load([*ENDS, "Description"], ["Rota", "Shared", "sftp", "Ours"])
    assert read(partner, f"/v1/interfaces/{found['id']}")["description"] == "Theirs"


def test_dry_run_writes_nothing(api: CheckedClient, ids: dict[str, str], load: Load) -> None:
    assert ids
    report = load(ENDS, ["Rota", "Fleet", "sftp"], options=("--dry-run",))
    assert (report["created"], report["written"]) == (1, False)
    assert interfaces(api) == []

"""The uses of an agency's systems from spreadsheets."""

from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from tests.api_calls import Fields, read
from tests.data_exchange.conftest import Report, outcome, remarks
from tests.factories import CAMBS, HERTS, record, system
from tests.factories import agency as add_agency
from tests.unsaved import CheckedClient

SCOPES = "imports:write systems:read systems:write"
HEADINGS = ["System", "Used by", "Users", "Since", "Until"]

Load = Callable[..., Report]


@pytest.fixture
def api(sign_in: Any, agency: Agency, session: Any) -> CheckedClient:
    for code in (CAMBS, HERTS):
        add_agency(session, code)
    client: CheckedClient = sign_in(agency.code, SCOPES)
    return client


@pytest.fixture
def rota(api: CheckedClient) -> str:
    """The id of the system that is used."""
    identity: str = system(api, "Rota")["id"]
    return identity


@pytest.fixture
def load(load_kind: Load) -> Load:
    """`load(headings, row, ..., options=[...])`: the report of an import of uses."""

    def run(*rows: list[Any], options: tuple[str, ...] = ()) -> Report:
        return load_kind("uses", list(rows), *options)

    return run


def uses(api: CheckedClient, identity: str) -> list[tuple[Any, ...]]:
    found: list[Fields] = read(api, f"/v1/systems/{identity}/uses?limit=200")["items"]
    names = ("agency", "user_count", "since", "until")
    return sorted((tuple(each[name] for name in names) for each in found), key=str)


def test_uses_are_created_then_unchanged_then_updated(
    api: CheckedClient, rota: str, load: Load
) -> None:
    rows = [
        HEADINGS,
        ["Rota", "Cambridgeshire Police", "approx 600", "01/04/2021", ""],
        ["rota", HERTS, "", "", ""],
    ]
    report = load(*rows)
    assert outcome(report) == (2, 0, 0, 0)
    assert remarks(report, "notices") == [(2, "user_count", "approximate_number")]
    assert uses(api, rota) == [
        (CAMBS, 600, "2021-04-01", None), (HERTS, None, None, None),
    ]  # fmt: skip
    assert outcome(load(*rows)) == (0, 0, 2, 0)
    later = load(["System", "Agency", "Users"], ["Rota", CAMBS, 650])
    assert (outcome(later), later["not_seen"]) == ((0, 1, 0, 0), 1)
    assert later["updated_records"][0]["changes"] == [
        {"field": "user_count", "before": "600", "after": "650"}
    ]
    assert later["updated_records"][0]["name"] == f"Rota, {CAMBS}"


def test_agency_that_left_can_return(api: CheckedClient, rota: str, load: Load) -> None:
    ended = ["Rota", CAMBS, 5, "2019-04-01", "2021-03-31"]
    again = ["Rota", CAMBS, 9, "2024-04-01", ""]
    assert outcome(load(HEADINGS, ended, again)) == (2, 0, 0, 0)
    assert outcome(load(HEADINGS, again, ended)) == (0, 0, 2, 0)
    assert uses(api, rota) == [
        (CAMBS, 5, "2019-04-01", "2021-03-31"), (CAMBS, 9, "2024-04-01", None),
    ]  # fmt: skip
    assert outcome(load(HEADINGS, ["Rota", CAMBS, "", "2024-04-01", "2025-03-31"])) == (0, 1, 0, 0)
    assert uses(api, rota)[1] == (CAMBS, 9, "2024-04-01", "2025-03-31")


@pytest.mark.usefixtures("rota")
@pytest.mark.parametrize(
    ("row", "field", "code", "words"),
    [
        (["Rotta", CAMBS, "", "", ""], "system", "unknown", "Did you mean “Rota”?"),
        (["Gnu", CAMBS, "", "", ""], "system", "unknown", "Record the system first"),
        (["Rota", "cambridgeshire-polise", "", "", ""], "agency", "unknown", f"`{CAMBS}`"),
        (["Rota", "Interpol", "", "", ""], "agency", "unknown", "no agency"),
        (["Rota", CAMBS, "", "2025-04-01", "2025-03-31"], "until", "out_of_order", ""),
        (["Rota", CAMBS, "", "spring", ""], "since", "not_a_date", "YYYY-MM-DD"),
    ],
)
def test_row_with_a_doubt_is_rejected_in_every_mode(
    load: Load, row: list[str], field: str, code: str, words: str
) -> None:
    for options in ((), ("--mode", "partial")):
        report = load(HEADINGS, row, options=options)
        assert remarks(report) == [(2, field, code)]
        assert words in report["problems"][0]["detail"]
        assert report["problems"][0]["column"] is not None


def test_rejected_change_leaves_the_use_as_it_was(
    api: CheckedClient, rota: str, load: Load
) -> None:
    load(HEADINGS, ["Rota", CAMBS, 5, "2024-04-01", ""])
    rows = HEADINGS, ["Rota", CAMBS, 9, "", "2020-03-31"], ["Rota", HERTS, 1, "", ""]
    report = load(*rows, options=("--mode", "partial"))
    assert (outcome(report), remarks(report)) == ((1, 0, 0, 1), [(2, "until", "out_of_order")])
    assert uses(api, rota)[0] == (CAMBS, 5, "2024-04-01", None)


def test_duplicate_rows_are_rejected(api: CheckedClient, rota: str, load: Load) -> None:
    report = load(HEADINGS, ["Rota", CAMBS, 1, "", ""], ["Rota", CAMBS, 2, "", ""])
    assert (remarks(report), report["written"]) == ([(3, "system", "duplicate_row")], False)
    assert uses(api, rota) == []


def test_systems_of_other_agencies_are_out_of_reach(
    api: CheckedClient, rota: str, sign_in: Any, load: Load
) -> None:
    partner = sign_in(CAMBS, SCOPES)
    shown = system(partner, "Shared", disclosure="all_agencies")["id"]
    hidden = system(partner, "Zebra", disclosure="owner_only")["id"]
    use = record(partner, f"/v1/systems/{shown}/uses", agency=HERTS, user_count=7)["id"]
    texts = set()
    for name in ("Shared", "Zebra", shown, hidden, "Gnu"):
        (problem,) = load(HEADINGS, [name, HERTS, "", "", ""])["problems"]
        texts.add((problem["code"], problem["detail"].replace(name, "NAME")))
    assert len(texts) == 1
    assert remarks(load(["id", "Users"], [use, 1])) == [(2, "id", "unknown")]
    assert uses(partner, shown) == [(HERTS, 7, None, None)]
    assert uses(api, rota) == []


def test_one_system_for_all_rows(api: CheckedClient, rota: str, load: Load) -> None:
    rows = ["Force", "Users"], [CAMBS, 1], [HERTS, 2]
    assert load(*rows)["problem"]["code"] == "missing_column"
    assert outcome(load(*rows, options=("--value", "system:=Rota"))) == (2, 0, 0, 0)
    assert len(uses(api, rota)) == 2


def test_dry_run_writes_nothing(api: CheckedClient, rota: str, load: Load) -> None:
    report = load(HEADINGS, ["Rota", CAMBS, 1, "", ""], options=("--dry-run",))
    assert (report["created"], report["written"]) == (1, False)
    assert uses(api, rota) == []


def test_column_without_a_field_is_explained(rota: str, load: Load) -> None:
    assert rota
    report = load(["System", "Force", "Colour"], ["Rota", CAMBS, "red"])
    (notice,) = report["notices"]
    assert notice["detail"].startswith("No field of a use has this heading.")

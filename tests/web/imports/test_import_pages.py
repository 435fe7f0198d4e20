"""Pages of imports: from the file over the dry run to the load, and back."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.api_calls import change, read
from tests.data_exchange.conftest import sheet
from tests.data_exchange.spreadsheets import xlsx
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor, words

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
RunJobs = Callable[[], None]

ROWS = (
    ["Name", "Status", "Users", "Notes", "Hosting"],
    ["Rota", "live", 5, "Old", "On premise"],
    ["Fleet", "Mothballed", 6, "", "SaaS"],
    ["Pay", "Mothballed", "many", "", "SaaS"],
)
FILE = sheet(*ROWS)


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, f"{READ_WRITE} imports:write")


def chosen(data: bytes = FILE, name: str = "list.csv") -> list[Any]:
    """Return a file as a form sends it."""
    return [(io.BytesIO(data), name)]


@pytest.fixture
def try_file(visit: Visiting, run_jobs: RunJobs) -> Callable[..., Shown]:
    """`try_file(data)`: upload a file, and show the dry run when it has ended."""

    def upload(data: bytes = FILE, name: str = "list.csv", **typed: str) -> Shown:
        form = visit().open("/imports").follow("Load a spreadsheet")
        return ended(form.send(file=chosen(data, name), **typed), run_jobs)

    return upload


def ended(progress: Shown, run_jobs: RunJobs) -> Shown:
    """Run the job of a progress page, and check again."""
    assert progress.one(".//div[@id='progress']").get("role") == "status"
    run_jobs()
    return progress.follow("Check again")


def load_it(tried: Shown, run_jobs: RunJobs, **typed: str) -> Shown:
    """Load a dry run after the check page."""
    return ended(tried.follow("Load it").send(**typed), run_jobs)


def names(api: CheckedClient) -> set[str]:
    """Return the names of all systems."""
    return {each["name"] for each in read(api, "/v1/systems")["items"]}


def rows_of(page: Shown, name: str) -> list[list[str]]:
    """Return the cells of a table, by the name of its region."""
    region = page.one(f".//div[@aria-label='{name}']")
    return [[words(cell) for cell in row] for row in region.iter("tr")]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_file_is_tried_loaded_and_undone(
    try_file: Callable[..., Shown], api: CheckedClient, run_jobs: RunJobs, form: str
) -> None:
    system(api, "Rota", user_count=1)
    data = FILE if form == "csv" else xlsx(("Systems", ROWS))
    tried = try_file(data, f"list.{form}")
    assert tried.title.startswith(f"Dry run of list.{form}")
    assert "would create 0 systems, update 1 and leave 0 unchanged. 2 rows are" in tried.text
    assert ["2", "Rota", "Number of users", "1", "5"] in rows_of(tried, "Changed records")
    assert "“Mothballed” is not a known word here." in tried.text
    assert names(api) == {"Rota"}
    check = tried.follow("Load it")
    assert "1 system will be updated." in check.text
    assert "2 rejected rows will be left out." in check.text
    loaded = ended(check.send(reason="Yearly café list"), run_jobs)
    assert loaded.heading == f"Import of list.{form}"
    assert "This import created 0 systems, updated 1 and left 0 unchanged." in loaded.text
    record = read(api, "/v1/systems")["items"][0]
    assert record["user_count"] == 5
    event = read(api, f"/v1/systems/{record['id']}/history")["items"][-1]
    assert (event["person"], event["reason"]) == ("person:Ada", "Yearly café list")
    undone = loaded.follow("Undo this import").send(reason="Wrong year")
    assert "The import is undone." in undone.text
    assert "Undo this import" not in undone.links()
    assert read(api, f"/v1/systems/{record['id']}")["user_count"] == 1
    listed = undone.visitor.open("/imports")
    assert "Undone" in listed.text
    assert "Dry run" in listed.text


def test_columns_and_words_are_corrected_with_the_file_chosen_again(
    try_file: Callable[..., Shown], api: CheckedClient, run_jobs: RunJobs
) -> None:
    tried = try_file()
    form = tried.values()
    controls = control_of(tried)
    assert form[controls["Status"]] == "lifecycle"
    assert form[controls["Notes"]] == ""
    (word,) = [n for n in form if n.startswith("word-")]
    live = next(o for o in options(tried, word) if '"live"' in o)
    corrected = {
        controls["Users"]: "",
        controls["Notes"]: "description",
        word: live,
    }
    lacking = tried.send(status=422, **corrected)
    assert lacking.mistakes == {"#file": "Choose a file"}
    assert lacking.values()[controls["Notes"]] == "description"
    again = ended(lacking.send(file=chosen()), run_jobs)
    assert "would create 3 systems, update 0" in again.text
    assert "No row is rejected." in again.text
    # A third try keeps all that was chosen before.
    third = ended(again.send(file=chosen()), run_jobs)
    assert "would create 3 systems, update 0" in third.text
    load_it(third, run_jobs)
    found = {each["name"]: each for each in read(api, "/v1/systems")["items"]}
    assert set(found) == {"Rota", "Fleet", "Pay"}
    assert found["Rota"]["description"] == "Old"
    assert found["Rota"]["user_count"] is None
    assert found["Pay"]["lifecycle"] == "live"


def control_of(page: Shown) -> dict[str, str]:
    """Return the select of each column, by its heading."""
    texts = {s.get("aria-label", ""): s.get("name", "") for s in page.root.iter("select")}
    return {t.removeprefix("Field of "): n for t, n in texts.items() if t.startswith("Field of ")}


def options(page: Shown, name: str) -> list[str]:
    """Return the values of a select."""
    select = page.one(f".//select[@name='{name}']")
    return [option.get("value", "") for option in select.iter("option")]


def test_column_chosen_twice_is_refused_beside_the_file(try_file: Callable[..., Shown]) -> None:
    tried = try_file()
    controls = control_of(tried)
    shown = tried.send(status=422, file=chosen(), **{controls["Notes"]: "name"})
    assert "takes only one column" in shown.mistakes["#file"]
    assert shown.heading == "Dry run of list.csv"


def test_question_about_ids_is_answered_on_the_page(
    try_file: Callable[..., Shown], api: CheckedClient, run_jobs: RunJobs
) -> None:
    tried = try_file(sheet(["Ref", "Name"], ["CI71", "Rota"], ["CI35", "Fleet"]))
    assert "The file cannot be loaded until you answer the questions below." in tried.text
    assert "2 valid rows wait for the answers." in tried.text
    assert "Enter the register of the ids" in tried.text
    assert "Load it" not in tried.links()
    data = sheet(["Ref", "Name"], ["CI71", "Rota"], ["CI35", "Fleet"])
    again = ended(tried.send(file=chosen(data), source="cmdb"), run_jobs)
    load_it(again, run_jobs)
    assert names(api) == {"Rota", "Fleet"}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture.png"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "paper.pdf"),
        (sheet(["Colour", "Shape"], ["red", "round"]), "shapes.csv"),
    ],
    ids=["empty", "picture", "PDF", "no names"],
)
def test_file_that_cannot_be_read_is_refused_on_the_form(
    visit: Visiting, data: bytes, name: str
) -> None:
    form = visit().open("/imports/new")
    shown = form.send(status=422, file=chosen(data, name), kind="contracts", source="cmdb")
    assert shown.title.startswith("Error: Load a spreadsheet")
    assert list(shown.mistakes) == ["#file"]
    assert "`" not in shown.mistakes["#file"]
    assert shown.values()["kind"] == "contracts"
    assert shown.values()["source"] == "cmdb"


def test_form_without_a_file_or_with_a_wrong_register_is_refused(visit: Visiting) -> None:
    form = visit().open("/imports/new")
    assert form.send(status=422).mistakes == {"#file": "Choose a file"}
    assert "#source" in form.send(status=422, file=chosen(), source="our list").mistakes


def test_file_above_the_limit_is_refused_with_a_way_back(
    visit: Visiting, app: Flask, api: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = visit().open("/imports/new")
    large = sheet(["Name", "Notes"], *([f"System {n}", "n" * 900] for n in range(1200)))
    assert len(large) > app.config["MAX_CONTENT_LENGTH"]
    assert form.send(file=chosen(large)).heading == "Trying your file"
    shown = form.send(status=413, file=chosen(FILE + b"\n" * 20 * 2**20))
    assert shown.heading == "The file is too large"
    assert shown.follow("Choose another file").heading == "Load a spreadsheet"


def test_ended_session_loses_the_file_and_nothing_else(visit: Visiting, app: Flask) -> None:
    visitor = visit()
    form = visitor.open("/imports/new")
    visitor.sign_out()
    # The file is not read, so its size does not matter.
    large = FILE + b"\n" * app.config["MAX_CONTENT_LENGTH"]
    shown = form.send(status=401, file=chosen(large))
    assert shown.heading == "Choose your file again"
    visitor.sign_in(visitor.cookie or "")
    assert shown.follow("Go back to the form").heading == "Load a spreadsheet"
    shown = form.send(status=403, file=chosen(), csrf_token="of an earlier session")
    assert shown.heading == "Choose your file again"


def test_double_click_makes_one_dry_run_one_import_and_one_undo(
    visit: Visiting, api: CheckedClient, run_jobs: RunJobs
) -> None:
    visitor = visit()
    form = visitor.open("/imports/new")
    once, twice = (
        visitor.send(form.address, {**form.values().to_dict(), "file": chosen()[0]})
        for _ in range(2)
    )
    assert once.address == twice.address
    check = ended(once, run_jobs).follow("Load it")
    values = check.values()
    once, twice = (visitor.send(check.address, values) for _ in range(2))
    assert once.address == twice.address
    loaded = ended(once, run_jobs)
    assert read(api, "/v1/imports?total=true")["page"]["total"] == 2
    undo = loaded.follow("Undo this import")
    for _ in range(2):
        assert "The import is undone." in visitor.send(undo.address, undo.values()).text
    assert names(api) == set()


def test_form_of_an_earlier_file_is_sent_again_with_a_new_key(visit: Visiting) -> None:
    form = visit().open("/imports/new")
    form.send(file=chosen())
    shown = form.send(status=422, file=chosen(sheet(["Name"], ["Other"])))
    assert "You sent this form before with another file." in shown.mistakes["#file"]
    assert shown.send(file=chosen()).heading == "Trying your file"


def test_dry_run_is_loaded_only_once(try_file: Callable[..., Shown], run_jobs: RunJobs) -> None:
    tried = try_file()
    first, second = tried.follow("Load it"), tried.follow("Load it")
    ended(first.send(), run_jobs)
    refused = second.send(status=409)
    assert "loaded before" in refused.text
    assert refused.follow("upload your file again").heading == "Load a spreadsheet"
    shown = tried.visitor.open(tried.address)
    assert "The file of this dry run was loaded, or is no longer kept." in shown.text


def test_load_that_would_differ_from_its_dry_run_writes_nothing(
    try_file: Callable[..., Shown], api: CheckedClient, run_jobs: RunJobs
) -> None:
    record = system(api, "Rota", user_count=1)
    tried = try_file()
    assert change(api, f"/v1/systems/{record['id']}", user_count=3).status_code == 200
    failed = load_it(tried, run_jobs)
    assert "Nothing was loaded." in failed.text
    assert "Records have changed since the dry run" in failed.text
    assert failed.follow("Upload your file again").values()["kind"] == "systems"


def test_undo_names_the_records_that_have_changed_since(
    try_file: Callable[..., Shown], api: CheckedClient, run_jobs: RunJobs
) -> None:
    loaded = load_it(try_file(), run_jobs)
    record = read(api, "/v1/systems?name=Rota")["items"][0]
    assert change(api, f"/v1/systems/{record['id']}", user_count=3).status_code == 200
    refused = loaded.follow("Undo this import").send(status=409)
    assert "Nothing was undone" in refused.text
    assert "Rota" in refused.text
    assert read(api, f"/v1/systems/{record['id']}")["user_count"] == 3


def test_rejected_rows_and_templates_are_workbooks(try_file: Callable[..., Shown]) -> None:
    tried = try_file()
    rows = fetch(tried, tried.links()["Download the rejected rows"])
    assert ("Rota" in rows, "Fleet" in rows, "Pay" in rows) == (False, True, True)
    form = tried.visitor.open("/imports/new")
    templates = [a for t, a in form.links().items() if t.endswith("download the template")]
    assert len(templates) == 7
    assert "Contracts" in fetch(form, templates[1])


def fetch(page: Shown, address: str) -> str:
    """Return the XML of a workbook that a page links to."""
    response = page.visitor.client.get(address, base_url="https://localhost")
    assert response.status_code == 200
    assert re.match("attachment; filename=.*[.]xlsx", response.headers["Content-Disposition"])
    with zipfile.ZipFile(io.BytesIO(response.get_data())) as book:
        return "".join(book.read(n).decode() for n in book.namelist() if n.endswith(".xml"))


def test_other_agency_sees_no_import(try_file: Callable[..., Shown], visit: Visiting) -> None:
    address = try_file().address
    theirs = visit(CAMBS)
    assert "0 imports" in theirs.open("/imports").text
    for path in (address, f"{address}/load", f"{address}/undo", f"{address}/rejected-rows"):
        theirs.open(path, status=404)


def test_home_leads_to_imports_with_rejected_rows(
    try_file: Callable[..., Shown], run_jobs: RunJobs
) -> None:
    loaded = load_it(try_file(), run_jobs)
    listed = loaded.visitor.open("/").follow("1 import with rejected rows")
    assert "1 import" in listed.text
    assert listed.follow("list.csv").address == loaded.address

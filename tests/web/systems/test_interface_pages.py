"""Pages of a system's interfaces: the picture, the table and the forms."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, READ_WRITE, record, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor, words

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, READ_WRITE)


def interface(
    api: CheckedClient, source: dict[str, Any], target: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """Create an interface."""
    ends = {"from_system_id": source["id"], "to_system_id": target["id"]}
    return record(api, "/v1/interfaces", **ends, **{"standard": "rest"} | fields)


def picture(shown: Shown) -> Element:
    """Return the picture of a page."""
    return shown.one(".//main//{*}svg")


def description(shown: Shown) -> str:
    """Return the words of the picture for people who cannot see it."""
    return words(shown.one(".//main//{*}svg/{*}desc"))


def test_interface_is_added_changed_and_removed(visit: Visiting, api: CheckedClient) -> None:
    compact, duty = system(api, name="COMPACT"), system(api, name="Duty management")
    visitor = visit()
    page = visitor.open(f"/systems/{compact['id']}")
    listed = page.follow("Add an interface")
    assert "Nothing is recorded" in listed.text
    choice = listed.follow("Add an interface")
    assert choice.heading == "Choose the other system"
    assert set(choice.links()) == {"Duty management"}
    form = visitor.open(f"{choice.address}?q=duty").follow("Duty management")
    missing = form.send(status=422, standard="sftp")
    assert missing.mistakes == {"#direction": "Choose which system sends data"}
    assert missing.values()["standard"] == "sftp"
    values = missing.values()
    values["direction"] = "in"
    values.setlist("data_categories", ["workforce", "people"])
    for _ in range(2):
        added = visitor.send(form.address, values)
        assert "The interface is added." in added.text
    (found,) = read(api, "/v1/interfaces")["items"]
    assert (found["from_system_id"], found["to_system_id"]) == (duty["id"], compact["id"])
    assert (found["direction"], found["standard"]) == ("from_to", "sftp")
    assert found["data_categories"] == ["people", "workforce"]
    assert description(added).startswith("Duty management sends data to COMPACT (SFTP).")
    assert "Duty management COMPACT One way SFTP People, Workforce" in added.text
    name = "the interface from Duty management to COMPACT"
    changed = added.follow(f"Change {name}").send(direction="both")
    assert description(changed).startswith("Duty management exchanges data with COMPACT (SFTP).")
    removed = changed.follow(f"Remove {name}").send()
    assert "The interface is removed." in removed.text
    assert read(api, "/v1/interfaces")["items"] == []


def test_sender_of_a_new_interface_can_be_this_system(visit: Visiting, api: CheckedClient) -> None:
    compact, duty = system(api, name="COMPACT"), system(api, name="Duty management")
    form = visit().open(f"/systems/{compact['id']}/interfaces/new?other={duty['id']}")
    form.send(direction="out", standard="rest")
    (found,) = read(api, "/v1/interfaces")["items"]
    assert found["from_system_id"] == compact["id"]


def test_picture_has_sources_at_the_left_and_targets_at_the_right(
    visit: Visiting, api: CheckedClient
) -> None:
    compact = system(api, name="COMPACT")
    for number in range(13):
        interface(api, system(api, name=f"Source {number}"), compact)
    for number in range(12):
        interface(api, compact, system(api, name=f"Target {number}"), direction="both")
    visitor = visit()
    shown = visitor.open(f"/systems/{compact['id']}/interfaces")
    names = picture(shown).findall("{*}text[@class='site-graph__name']")
    left = [words(text) for text in names if int(text.get("x", "")) < 300]
    assert sorted(left) == sorted(f"Source {number}" for number in range(13))
    assert len(names) == 25
    assert picture(shown).get("role") == "img"
    interface(api, compact, system(api, name="Target 12"))
    beyond = visitor.open(f"/systems/{compact['id']}/interfaces")
    assert beyond.root.findall(".//main//{*}svg") == []
    assert len(beyond.one(".//tbody").findall("tr")) == 26


def test_hidden_end_is_named_by_nothing(
    visit: Visiting, sign_in: SignIn, api: CheckedClient
) -> None:
    theirs = sign_in(CAMBS, READ_WRITE)
    compact = system(api, name="COMPACT", disclosure="all_agencies")
    secret = system(theirs, name="Secret system", disclosure="owner_only")
    interface(theirs, secret, compact)
    shown = visit().open(f"/systems/{compact['id']}/interfaces")
    assert "Secret" not in shown.response.text
    assert "Cambridgeshire" not in shown.response.text
    assert description(shown).startswith(
        "A system that is not shared with your agency sends data to COMPACT (REST)."
    )
    assert "Not shared with your agency COMPACT One way REST" in shown.text
    assert [text for text in shown.links() if text.startswith(("Change", "Remove"))] == []


def test_only_the_agency_that_recorded_an_interface_changes_it(
    visit: Visiting, sign_in: SignIn, api: CheckedClient
) -> None:
    theirs = sign_in(CAMBS, READ_WRITE)
    compact = system(api, name="COMPACT", disclosure="all_agencies")
    duty = system(theirs, name="Duty management", disclosure="all_agencies")
    made = interface(theirs, duty, compact)
    visitor = visit()
    place = f"/systems/{compact['id']}/interfaces/{made['id']}"
    for view in ("edit", "removal"):
        shown = visitor.open(f"{place}/{view}", status=403)
        assert shown.heading == "Only its owner can change this"
        visitor.send(f"{place}/{view}", {"csrf_token": ""}, status=403)
    refused = visitor.open(f"/systems/{duty['id']}/interfaces/other-system", status=403)
    assert refused.heading == "Only its owner can change this"
    reader = visit(BEDS, "systems:read")
    shown = reader.open(f"/systems/{compact['id']}").follow("Picture of the interfaces")
    assert set(shown.links()) == {"COMPACT", "Duty management"}
    for view in ("other-system", "new", f"{made['id']}/edit", f"{made['id']}/removal"):
        reader.open(f"/systems/{compact['id']}/interfaces/{view}", status=403)


def test_stale_form_of_an_interface_keeps_what_was_typed(
    visit: Visiting, api: CheckedClient
) -> None:
    compact, duty = system(api, name="COMPACT"), system(api, name="Duty management")
    made = interface(api, duty, compact)
    form = visit().open(f"/systems/{compact['id']}/interfaces/{made['id']}/edit")
    assert change(api, f"/v1/interfaces/{made['id']}", standard="soap").status_code == 200
    shown = form.send(status=409, standard="sftp", fallback="By telephone")
    assert "Recorded meanwhile: SOAP." in shown.text
    assert shown.values()["fallback"] == "By telephone"
    shown.send()
    now = read(api, f"/v1/interfaces/{made['id']}")
    assert (now["standard"], now["fallback"]) == ("sftp", "By telephone")


@pytest.mark.parametrize("other", ["no-id", "00000000-0000-4000-8000-000000000000"])
def test_interface_with_an_unknown_system_is_no_page(
    visit: Visiting, api: CheckedClient, other: str
) -> None:
    compact = system(api, name="COMPACT")
    visit().open(f"/systems/{compact['id']}/interfaces/new?other={other}", status=404)

"""Many records that a person confirms together."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api_calls import change, listed, read
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor, words

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
Record = dict[str, Any]


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def three(api: CheckedClient) -> list[Record]:
    """Three systems of the agency."""
    return [system(api, name=name) for name in ("Alpha", "Bravo", "Charlie")]


def select(visitor: Visitor, records: list[Record]) -> Shown:
    """Go from the home page to the records to confirm, and tick some of them."""
    due = visitor.open("/").follow("3 records to confirm")
    sent = due.values()
    sent.setlist("selected", [record["id"] for record in records])
    return visitor.send("/systems/confirmations", sent)


def due(api: CheckedClient) -> list[str]:
    """Name the agency's systems whose confirmation is due."""
    return listed(api, "/v1/systems", attestation_due="true", agency=BEDS)


def test_ticked_records_are_confirmed_and_the_rest_stays_in_the_list(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    asked = select(visit(), three)
    assert asked.heading == "Confirm 3 records"
    first = asked.one(".//tbody").findall("tr")[0]
    last_confirmed, missing = first.findall("td")[1:]
    assert words(last_confirmed) == "Never"
    assert "Description" in words(missing)
    assert due(api) == ["Alpha", "Bravo", "Charlie"]
    kept = [value for value in asked.values().getlist("selected") if three[1]["id"] not in value]
    done = asked.send(step="send", selected=kept)
    assert "You confirmed 2 records." in done.text
    assert done.response.request.args["attestation_due"] == "true"
    assert due(api) == ["Bravo"]
    assert "Bravo" in done.links()
    assert "Alpha" not in done.links()


def test_record_that_changed_meanwhile_is_named_and_not_confirmed(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    asked = select(visit(), three)
    change(api, f"/v1/systems/{three[1]['id']}", user_count=7)
    refused = asked.send(status=409, step="send")
    assert "Nothing is saved yet" in refused.text
    assert "Changed meanwhile: Bravo" in refused.text
    assert due(api) == ["Alpha", "Bravo", "Charlie"]
    assert "You confirmed 3 records." in refused.send(step="send").text
    assert due(api) == []


def test_double_click_confirms_each_record_once(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    asked = select(visit(), three)
    values = asked.values()
    values["step"] = "send"
    for _ in range(2):
        sent = asked.visitor.send("/systems/confirmations", values)
        assert "You confirmed 3 records." in sent.text
    for record in three:
        assert len(read(api, f"/v1/systems/{record['id']}/attestations")["items"]) == 1


def test_records_of_other_agencies_are_not_confirmed(
    visit: Visiting, api: CheckedClient, three: list[Record], sign_in: SignIn
) -> None:
    other = sign_in(CAMBS, READ_WRITE)
    theirs = system(other, name="Theirs", disclosure="all_agencies")
    asked = select(visit(), [*three, theirs])
    assert "1 system is left out" in asked.text
    values = asked.values()
    values["step"] = "send"
    values.add("selected", theirs["id"])
    refused = asked.visitor.send("/systems/confirmations", values, status=409)
    assert "Theirs" not in refused.text
    assert listed(other, "/v1/systems", attestation_due="true", agency=CAMBS) == ["Theirs"]
    assert due(api) == ["Alpha", "Bravo", "Charlie"]


def test_form_without_a_tick_leads_back_to_the_list(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    shown = select(visit(), three).send(status=422, step="send", selected=[])
    assert shown.heading == "Systems"
    assert list(shown.mistakes.values()) == ["Select at least one system of your agency."]
    assert due(api) == ["Alpha", "Bravo", "Charlie"]

"""A filter by an agency or a capability refuses a code that does not exist."""

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core.application import database
from tests.api_calls import answer, listed, refusals
from tests.factories import BEDS, HERTS, add_capability, agency, system
from tests.unsaved import CheckedClient

SYSTEMS = "/v1/systems"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("agency", "hertfordshire-fir"),
        ("agency__in", f"{BEDS},hertfordshire-fir"),
        ("capabilities", "hertfordshire-fir"),
    ],
)
def test_unknown_code_is_refused(api: CheckedClient, parameter: str, value: str) -> None:
    refused = api.get(SYSTEMS, query_string={parameter: value})
    assert refusals(refused, 400) == {(f"?{parameter}", "unknown")}


def test_refusal_suggests_similar_codes(api: CheckedClient, session: Session) -> None:
    agency(session, "hertfordshire-fire")
    refused = api.get(SYSTEMS, query_string={"agency": "hertfordshire-fir"})
    (error,) = answer(refused)["errors"]
    assert error["detail"] == (
        "There is no agency with the code `hertfordshire-fir`. Did you mean `hertfordshire-fire`? "
        "`GET /v1/agencies` lists all codes."
    )


def test_refusal_cuts_a_long_code(api: CheckedClient) -> None:
    (error,) = answer(api.get(SYSTEMS, query_string={"agency": "x" * 3000}))["errors"]
    assert len(error["detail"]) < 300


def test_known_code_without_records_gives_an_empty_list(
    api: CheckedClient, session: Session
) -> None:
    agency(session, HERTS)
    add_capability(session, "E04")
    session.commit()
    assert listed(api, SYSTEMS, agency=HERTS) == []
    assert listed(api, SYSTEMS, capabilities="E04") == []


def test_list_of_reference_data_can_be_searched_for_any_code(api: CheckedClient) -> None:
    assert listed(api, "/v1/capabilities", code="nothing") == []
    assert refusals(api.get("/v1/capabilities?parent=nothing"), 400) == {("?parent", "unknown")}


def test_known_codes_are_read_once(api: CheckedClient, app: Flask) -> None:
    system(api)
    store = database(app)
    store.known_codes.clear()
    read: list[str] = []

    def note(*arguments: object) -> None:
        if str(arguments[2]).startswith("SELECT agency.code"):
            read.append(str(arguments[2]))

    sa.event.listen(store.engine, "before_cursor_execute", note)
    sa.event.listen(store.reading_engine, "before_cursor_execute", note)
    for _ in range(3):
        assert listed(api, SYSTEMS, agency=BEDS) == ["Duty management"]
    sa.event.remove(store.engine, "before_cursor_execute", note)
    sa.event.remove(store.reading_engine, "before_cursor_execute", note)
    assert len(set(read)) == 1
    assert len(read) <= 2, "the two engines of SQLite are one"

"""`catalogue agencies`, and the suggestions for a mistyped code."""

from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.codes import LISTED_BY_COMMAND, unknown_agency
from catalogue.agencies.commands import NO_AGENCIES, NO_MATCH, agencies
from catalogue.agencies.operations import load_agencies
from catalogue.core.codes import similar_codes

CODES = ["bedfordshire-fire", "bedfordshire-police", "hertfordshire-fire", "kent-police"]


def list_agencies(app: Flask, *arguments: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(agencies, ["list", *arguments])


@pytest.fixture
def loaded(session: Session) -> None:
    load_agencies(session)
    session.commit()


@pytest.mark.usefixtures("loaded")
def test_list_agencies_filters_by_kind_and_text(app: Flask) -> None:
    result = list_agencies(app, "--kind", "fire", "--search", "Hertfordshire", "--json")
    assert result.exit_code == 0, result.output
    documents: list[dict[str, Any]] = orjson.loads(result.stdout)
    assert [each["code"] for each in documents] == ["hertfordshire-fire"]
    (line,) = list_agencies(app, "--kind", "fire", "--search", "hertfordshire").stdout.splitlines()
    assert line.startswith("hertfordshire-fire ")


@pytest.mark.usefixtures("loaded")
def test_list_agencies_is_sorted_by_code(app: Flask) -> None:
    codes = [line.split()[0] for line in list_agencies(app).stdout.splitlines()]
    assert codes == sorted(codes)
    assert "bedfordshire-police" in codes


@pytest.mark.usefixtures("loaded")
def test_list_without_match_explains_the_filters(app: Flask) -> None:
    result = list_agencies(app, "--search", "100%")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{NO_MATCH}\n")


def test_list_without_agencies_names_the_command_that_loads_them(app: Flask) -> None:
    result = list_agencies(app)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{NO_AGENCIES}\n")


@pytest.mark.parametrize(
    ("code", "suggestions"),
    [
        ("hertfordshire-fir", ["hertfordshire-fire"]),
        ("Bedfordshire Police", ["bedfordshire-police"]),
        ("bedfordshire", ["bedfordshire-fire", "bedfordshire-police"]),
        ("kent-polcie", ["kent-police"]),
        ("atlantis", []),
        ("", []),
    ],
)
def test_similar_codes(code: str, suggestions: list[str]) -> None:
    assert similar_codes(code, CODES) == suggestions


@pytest.mark.usefixtures("loaded")
def test_unknown_agency_suggests_code(session: Session) -> None:
    assert unknown_agency(session, "hertfordshire-fir") == (
        "There is no agency with the code `hertfordshire-fir`. Did you mean `hertfordshire-fire`? "
        "`GET /v1/agencies` lists all codes."
    )
    assert unknown_agency(session, "atlantis", listed_by=LISTED_BY_COMMAND) == (
        "There is no agency with the code `atlantis`. `catalogue agencies list` lists all codes."
    )


def test_unknown_agency_of_empty_catalogue_names_the_command(session: Session) -> None:
    assert "catalogue reference load" in unknown_agency(session, "kent-police")

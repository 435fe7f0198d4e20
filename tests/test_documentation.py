"""Tests that the documentation matches the code, and that its links work."""

import re
from dataclasses import fields

import pytest

from catalogue.core.config import Settings
from catalogue.core.errors import all_problems, constraint_names, message_for_constraint
from docs.error_codes import codes_in, codes_of_the_source
from docs.generate import PAGES, meanings, path_of
from tests.stores import ROOT

LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
LEAST_CODES = 100


def documented_codes() -> list[str]:
    return [code for group in meanings("errors")["codes"].values() for code in group]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_what_the_code_produces(name: str) -> None:
    assert path_of(name).read_text() == PAGES[name](), "run make docs, and commit the page"


def test_every_error_code_has_a_meaning() -> None:
    used = codes_of_the_source()
    assert len(used) > LEAST_CODES, "the codes were not found in the source"
    missing = {code: places[0] for code, places in used.items() if code not in documented_codes()}
    assert missing == {}, "write their meanings in docs/errors.toml"


def test_every_documented_error_code_is_used() -> None:
    codes = documented_codes()
    assert sorted(set(codes)) == sorted(codes), "a code is listed more than once"
    assert [code for code in codes if code not in codes_of_the_source()] == []


def test_source_has_the_code_of_every_constraint() -> None:
    """The codes found in the source include those that the models declared at import."""
    messages = [message_for_constraint(name) for name in constraint_names()]
    codes = {message.code for message in messages if message}
    assert codes <= set(codes_of_the_source())


def test_every_problem_type_has_a_meaning() -> None:
    assert set(meanings("errors")["problems"]) == {each.kind for each in all_problems()}


def test_every_setting_has_a_meaning() -> None:
    documented = [name for group in meanings("settings").values() for name in group]
    assert sorted(documented) == sorted(each.name for each in fields(Settings))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_of_the_project_s_own_pages_lead_to_files(name: str) -> None:
    links = LINK.findall((ROOT / name).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('invalid("/name", "taken", "Choose another name.")', ["taken"], id="call"),
        pytest.param('FieldError("", code="stale", detail="Old.")', ["stale"], id="keyword"),
        pytest.param('conflict("", "a" if x else "b", "It is one.")', ["a", "b"], id="conditional"),
        pytest.param('return "goes", "The successor must stay."', ["goes"], id="pair"),
        pytest.param('for row in [("/a", "It is old.", "old")]: pass', ["old"], id="row"),
        pytest.param('pair = "name", "value"', [], id="not-a-sentence"),
    ],
)
def test_codes_are_found_in_every_form(source: str, expected: list[str]) -> None:
    assert sorted(codes_in(source)) == expected

"""Text that people cannot see or tell apart is refused, or counts as the same."""

import unicodedata
from urllib.parse import quote

import pytest
from marshmallow import ValidationError

from catalogue.core.rest.schemas import Text
from catalogue.core.text import WHITE_SPACE
from tests.api_calls import answer, change, listed, refusals
from tests.factories import BEDS, system
from tests.unsaved import CheckedClient

COMPOSED, DECOMPOSED = "Caf\u00e9", "Cafe\u0301"


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\u2800", "\u0301", "\u00ad\u200d", "\u3164", "\ufe0f", "\U000e0020", " \u2060 \t"],
)
def test_text_of_invisible_characters_alone_is_refused(api: CheckedClient, text: str) -> None:
    body = {"lifecycle": "live", "name": text, "tags": [text], "business_owner": text}
    body["external_ids"] = [{"source": "cmdb", "id": text}]
    assert refusals(api.post("/v1/systems", json=body)) == {
        (pointer, "too_short")
        for pointer in ("/name", "/tags/0", "/business_owner", "/external_ids/0/id")
    }
    by_id = api.put(f"/v1/agencies/{BEDS}/systems/cmdb/{quote(text)}", json=body)
    assert refusals(by_id, 400) == {("{external_id}", "too_short")}


@pytest.mark.parametrize("words", ["\u200b", "\u200b \u00ad", "\u0301", "\u2800", "\u3164"])
def test_search_for_invisible_characters_is_refused(api: CheckedClient, words: str) -> None:
    system(api, "Rostering")
    response = api.get("/v1/systems", query_string={"q": words})
    assert refusals(response, 400) == {("?q", "invalid")}


def test_signs_that_a_search_ignores_are_different_names(api: CheckedClient) -> None:
    for name in ("\u00b4", "\u00a8"):
        system(api, name)
    assert len(listed(api, "/v1/systems")) == 2
    assert refusals(api.get("/v1/systems", query_string={"q": "\u00b4"}), 400) == {
        ("?q", "invalid")
    }


def test_visible_text_may_hold_invisible_characters(api: CheckedClient) -> None:
    family = "\U0001f469\u200d\U0001f692 Crew"
    assert system(api, family)["name"] == family
    assert listed(api, "/v1/systems", q="\u200b crew") == [family]


def test_letter_and_accent_are_same_text_as_one_character_or_two(api: CheckedClient) -> None:
    base = f"/v1/agencies/{BEDS}/systems/cmdb"
    body = {"name": DECOMPOSED, "lifecycle": "live", "tags": [DECOMPOSED]}
    body["attributes"] = {DECOMPOSED: DECOMPOSED}
    first = api.put(f"{base}/{quote(DECOMPOSED)}", json=body)
    second = api.put(f"{base}/{quote(COMPOSED)}", json={"name": COMPOSED, "lifecycle": "live"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert answer(first)["id"] == answer(second)["id"]
    assert answer(second)["external_ids"] == [{"source": "cmdb", "id": COMPOSED}]
    assert answer(second)["attributes"] == {COMPOSED: COMPOSED}
    for text in (COMPOSED, DECOMPOSED):
        for name in ("external_ids", "tags", "name", "name__in", "q"):
            assert listed(api, "/v1/systems", **{name: text}) == [COMPOSED], (name, text)
    other = [{"source": "cmdb", "id": DECOMPOSED}]
    assert change(api, f"/v1/systems/{answer(first)['id']}", external_ids=other).status_code == 200
    taken = api.post("/v1/systems", json={"name": "X", "lifecycle": "live", "external_ids": other})
    assert refusals(taken, 409) == {("/external_ids", "taken")}
    twice = {"name": "Y", "lifecycle": "live", "attributes": {COMPOSED: 1, DECOMPOSED: 2}}
    assert refusals(api.post("/v1/systems", json=twice)) == {
        (f"/attributes/{DECOMPOSED}", "repeated")
    }


def test_text_refuses_exactly_controls_and_what_nobody_sees() -> None:
    """The pattern is read as ECMA-262 has it, whose white space is not Python's."""
    controls = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - set("\t\n\r")
    # Ideographs and Hangul syllables are left out, because they are many.
    every = [*map(chr, [*range(0x3400), *range(0xFB00, 0x10000)])]
    marks = {each for each in every if unicodedata.category(each) in {"Cf", "Mn", "Me"}}
    marks |= {each for each in every if unicodedata.combining(each)}
    fillers = set("\u115f\u1160\u17b4\u17b5\u180f\u2065\u2800\u3164\uffa0")
    refused = {each for each in every if not is_accepted(each)}
    assert refused == controls | set(WHITE_SPACE) | marks | fillers
    assert is_accepted("Duties:\r\n\tnights")


def is_accepted(text: str) -> bool:
    try:
        Text().deserialize(text)
    except ValidationError:
        return False
    return True

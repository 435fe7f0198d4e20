"""Messages for people say what is wrong and what to do."""

from typing import Any

import pytest
from click.testing import CliRunner
from marshmallow import Schema, ValidationError
from marshmallow.fields import Field

from catalogue.core.commands import serve
from catalogue.core.rest.schemas import ListOf, Text
from tests.api_calls import answer
from tests.factories import system
from tests.unsaved import CheckedClient


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (Text(pattern="^[a-z]+$", metadata={"example": "beds"}), "this example: beds."),
        (ListOf(Text(pattern="^[a-z]+$"), metadata={"example": ["beds"]}), "this example: beds."),
        (Text(pattern="^[a-z]+$", pattern_text="Use small letters."), "Use small letters."),
        (Text(pattern="^[a-z]+$"), "Send the form that the API document describes."),
    ],
)
def test_message_of_pattern_shows_an_example(field: Field[Any], message: str) -> None:
    schema = Schema.from_dict({"code": field})()
    with pytest.raises(ValidationError) as caught:
        schema.load({"code": ["BEDS"] if isinstance(field, ListOf) else "BEDS"})
    assert message in str(caught.value.messages)


def test_message_of_empty_body(api: CheckedClient) -> None:
    refused = answer(api.post("/v1/systems", data="", content_type="application/json"))
    assert refused["detail"] == "The body is empty. Send a JSON object."


def test_message_of_field_that_only_responses_have(api: CheckedClient) -> None:
    refused = api.post("/v1/systems", json={"name": "x", "completeness": 1, "colour": "red"})
    details = {error["pointer"]: error["detail"] for error in answer(refused)["errors"]}
    assert details["/completeness"] == "You cannot set `completeness`. Remove it."
    assert details["/colour"] == "The field `colour` does not exist. Remove it."


def test_message_of_if_match_without_quotes(api: CheckedClient) -> None:
    path = f"/v1/systems/{system(api)['id']}"
    refused = api.patch(path, json={"name": "New"}, headers={"If-Match": "abc"})
    assert refused.status_code == 412
    assert "in double quotes" in answer(refused)["detail"]


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        ("sort", "name,colour", "`colour` is not a field to sort by. Use one of: "),
        ("fields", "name,colour", "`colour` is not a field of the list. Use: "),
        ("lifecycle__in", "live,dead", "Correct `dead`."),
        ("lifecylce", "live", "There is no parameter `lifecylce`. Did you mean `lifecycle`"),
        ("zzz", "1", "There is no parameter `zzz`. Remove it."),
    ],
)
def test_message_of_parameter_names_the_wrong_part(
    api: CheckedClient, parameter: str, value: str, words: str
) -> None:
    (error,) = answer(api.get("/v1/systems", query_string={parameter: value}))["errors"]
    assert words in error["detail"]


def test_message_of_boolean_parameter(api: CheckedClient) -> None:
    refused = api.post("/v1/systems/bulk?dry_run=maybe", json={"items": []})
    details = [error["detail"] for error in answer(refused)["errors"]]
    assert "`dry_run` must be true or false." in details


@pytest.mark.parametrize("port", ["0", "many", "65536"])
def test_message_of_port(port: str) -> None:
    result = CliRunner().invoke(serve, ["--port", port])
    assert result.exit_code == 2
    assert "must be a whole number from 1 to 65535." in result.output

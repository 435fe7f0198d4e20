"""Messages for people say what is wrong and what to do."""

from typing import Any

import pytest
from marshmallow import Schema, ValidationError
from marshmallow.fields import Field

from catalogue.core.rest.schemas import ListOf, Text


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (Text(pattern="^[a-z]+$", metadata={"example": "beds"}), "this example: beds."),
        (ListOf(Text(pattern="^[a-z]+$"), metadata={"example": ["beds"]}), "this example: beds."),
        (Text(pattern="^[a-z]+$", pattern_text="Use small letters."), "Use small letters."),
        (Text(pattern="^[a-z]+$"), "that the API document describes."),
    ],
)
def test_message_of_pattern_shows_an_example(field: Field[Any], message: str) -> None:
    schema = Schema.from_dict({"code": field})()
    with pytest.raises(ValidationError) as caught:
        schema.load({"code": ["BEDS"] if isinstance(field, ListOf) else "BEDS"})
    assert message in str(caught.value.messages)

"""What the document says of its schemas."""

import pytest
from flask import Flask

from catalogue.core.rest.descriptions import first_paragraph


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("One line.", "One line."),
        ("A sentence that\n    goes on.\n\n    And more.", "A sentence that goes on."),
        ("\n    It begins below.\n    ", "It begins below."),
    ],
)
def test_a_description_is_the_first_paragraph(docstring: str, said: str) -> None:
    assert first_paragraph(docstring) == said


def test_no_description_of_a_schema_breaks_off(app: Flask) -> None:
    document = app.test_client().get("/v1/openapi.json").json
    schemas = document["components"]["schemas"]
    described = {name: s["description"] for name, s in schemas.items() if "description" in s}
    assert described
    assert [name for name, said in described.items() if not said.endswith(".")] == []

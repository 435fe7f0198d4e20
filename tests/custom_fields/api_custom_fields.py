"""Short calls that declare custom fields through the API."""

from typing import Any

from tests.api_calls import Fields
from tests.factories import record
from tests.unsaved import CheckedClient

PATH = "/v1/custom-fields"
SYSTEMS = "/v1/systems"


def build_field(key: str, type_: str = "text", **fields: Any) -> Fields:
    """Return the body that declares a field of systems."""
    label = key.replace("_", " ").capitalize()
    return {"record": "system", "key": key, "label": label, "type": type_} | fields


def declare(api: CheckedClient, key: str, type_: str = "text", **fields: Any) -> Fields:
    """Declare a field of systems, and return the declaration."""
    return record(api, PATH, **build_field(key, type_, **fields))

"""Addresses of events: the path of a kind leads to a GET operation, or is null."""

from uuid import UUID

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from catalogue.history.feed_fields import KINDS, feed_spec

RECORD = UUID("0193a1b2-0000-7000-8000-000000000000")


def has_get(app: Flask, path: str) -> bool:
    """Return whether the app has a GET operation at a path."""
    try:
        app.url_map.bind("catalogue.example").match(path, method="GET")
    except HTTPException:
        return False
    return True


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("kind", KINDS)
def test_event_has_the_address_of_its_record_or_none(app: Flask, kind: str) -> None:
    spec = feed_spec(kind)
    keys = dict.fromkeys(spec.path_keys, RECORD)
    expected = f"{spec.resource.path.format(**keys)}/{RECORD}"
    assert spec.path(RECORD, keys) == (expected if has_get(app, expected) else None)

"""Requests about webhooks, and a clock that runs ahead."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from catalogue.core import clock
from tests.api_calls import answer, change
from tests.unsaved import CheckedClient

Fields = dict[str, Any]
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def path_of(hook: Fields) -> str:
    return f"/v1/webhooks/{hook['id']}"


def deliveries(api: CheckedClient, hook: Fields, **query: str) -> list[Fields]:
    query = {"sort": "created_at"} | query
    listed: list[Fields] = answer(api.get(f"{path_of(hook)}/deliveries", query_string=query))[
        "items"
    ]
    return listed


def rename(api: CheckedClient, record: Fields, name: str) -> None:
    assert change(api, f"/v1/systems/{record['id']}", name=name).status_code == 200


@contextmanager
def hours_later(hours: float) -> Iterator[None]:
    with clock.freeze(NOON + timedelta(hours=hours)):
        yield

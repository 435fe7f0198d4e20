"""Mutations of the rules for pages: the actor of their calls, their counts and their errors."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import Response, request

from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor
from catalogue.core.application import database
from catalogue.systems.models import System
from catalogue.web import home, pages, site
from catalogue.web.api_calls import Answer, call_operation
from catalogue.web.home import Tile
from tests.noninterference.broken_rules import changed
from tests.noninterference.records import HIDDEN

Broken = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class PageMutation:
    """A rule for pages, a way to break it, and the address of the page that must then leak."""

    rule: str
    broken: Broken
    address: str

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


PAGE_MUTATIONS: list[PageMutation] = []


def breaks_page(rule: str, *addresses: str) -> Callable[[Broken], Broken]:
    """Declare a mutation of a rule for pages, for each page that must then leak."""

    def declare(broken: Broken) -> Broken:
        PAGE_MUTATIONS.extend(PageMutation(rule, broken, address) for address in addresses)
        return broken

    return declare


def _scalar(statement: Any) -> Any:
    with database().reading_engine.connect() as connection:
        return connection.scalar(statement)


@breaks_page(
    "calls have an actor of another agency", "/", "/systems", "/contracts", "/contracts/notices"
)
def _actor() -> Any:
    def call(actor: Actor, name: str, **parts: Any) -> Answer:
        agency_id = _scalar(sa.select(Agency.id).where(Agency.code == HIDDEN))
        return call_operation(replace(actor, agency_id=agency_id, agency=HIDDEN), name, **parts)

    return changed(pages, call_operation=call)


@breaks_page("the home page counts hidden systems", "/")
def _count() -> Any:
    def count(_visit: Any, _incomplete: Any) -> list[Tile]:
        return [Tile("systems", _scalar(sa.select(sa.func.count(System.id))), None)]

    return changed(home, _own_records=count)


@breaks_page(
    "an error shows that a hidden system exists",
    "/systems/<uuid:system_id>",
    "/systems/<uuid:system_id>/history",
    "/systems/<uuid:system_id>/edit/<section>",
)
def _error() -> Any:
    def show(status: int, detail: str, headers: Any = None) -> Response:
        identity = (request.view_args or {}).get("system_id")
        if _scalar(sa.select(sa.exists().where(System.id == identity))):
            status = 403
        return make(status, detail, headers)

    make = site._error_page
    return changed(site, _error_page=show)

"""Pages for people compared with one record of the API, on the same server and in the same run.

A page calls several operations and renders HTML, so its limit is a multiple of one record's time.
One person waits for each page.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from benchmarks.load import drive, repeating, request_bytes
from benchmarks.records import TestData, settle
from catalogue.access.operations import create_client
from catalogue.access.roles import ROLES
from catalogue.access.scopes import known_scopes
from catalogue.access.sessions.operations import begin_session
from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor
from catalogue.core.application import settings, unit_of_work
from catalogue.systems.models import System
from catalogue.web.sessions import cookie_name

LIMITS = {"/": 15, "/systems": 5}
"""The most times of one record that each page takes among 50,000 systems."""
RECORDS = 500

Serve = Callable[[], AbstractContextManager[int]]


@dataclass(frozen=True)
class PageTimes:
    """Median times in milliseconds, and the medians over the rounds of each page's ratio."""

    systems: int
    record: float
    pages: dict[str, float]
    ratios: dict[str, float]


def measure_pages(
    app: Flask, data: TestData, serve: Serve, *, rounds: int, seconds: float
) -> PageTimes:
    """Read one record and each page in turns, so that all meet the same load on the machine."""
    cookie, systems = _sign_in(app, data)
    settle(app)
    token = {"Authorization": f"Bearer {data.token}", "Accept": "application/json"}
    records = [
        request_bytes("GET", f"/v1/systems/{each}", headers=token)
        for each in data.visible[:RECORDS]
    ]
    sides = {"record": records} | {
        path: [request_bytes("GET", path, headers={"Cookie": cookie})] for path in LIMITS
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    with serve() as port:
        for requests in sides.values():
            # Each worker compiles the templates and statements at their first use.
            drive(port, [repeating(requests)] * 16, seconds=1)
        for _ in range(rounds):
            for name, requests in sides.items():
                drive(port, [repeating(requests)], seconds=seconds / 2)
                run = drive(port, [repeating(requests)], seconds=seconds)
                times[name].append(run.percentile(0.5))
    record = times.pop("record")
    ratios = {
        path: median(page / one for page, one in zip(each, record, strict=True))
        for path, each in times.items()
    }
    pages = {path: median(each) for path, each in times.items()}
    return PageTimes(systems, median(record), pages, ratios)


def _sign_in(app: Flask, data: TestData) -> tuple[str, int]:
    """Sign a manager of the lead agency in. Return the cookie, and the number of systems."""
    scopes = " ".join(ROLES["it-manager"].scopes)
    with unit_of_work(app) as context:
        session = context.session
        owner = sa.select(System.agency_id).where(System.id == data.own[0])
        agency = session.scalars(sa.select(Agency).where(Agency.id.in_(owner))).one()
        client, _ = create_client(session, name="Manager", agency_code=agency.code, scopes=scopes)
        actor = Actor(client.client_id, agency.id, agency.code, known_scopes(scopes))
        value = begin_session(session, actor=actor, name="Manager")
        systems = session.scalar(sa.select(sa.func.count()).select_from(System)) or 0
    return f"{cookie_name(settings(app))}={value}", systems


def print_pages(page_times: PageTimes) -> None:
    """Print the time of each page, and whether it is within its limit."""
    table = Table(title=f"Pages among {page_times.systems:,} systems, ms", title_justify="left")
    for column in ("", "p50", "times one record", "limit", "within"):
        table.add_column(column, justify="right")
    table.add_row("one record", f"{page_times.record:.1f}", "", "", "")
    for path, ratio in page_times.ratios.items():
        limit = LIMITS[path]
        within = "yes" if ratio <= limit else "NO"
        table.add_row(path, f"{page_times.pages[path]:.1f}", f"{ratio:.1f}", str(limit), within)
    Console(highlight=False, width=max(96, Console().width)).print(table)

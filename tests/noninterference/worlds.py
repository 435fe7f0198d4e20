"""Worlds: databases filled by a scenario, each step of which has its own moment and ids.

A step that only one of two worlds takes therefore changes neither the clock nor the ids of the steps
that both take. Responses of the two worlds can be compared byte for byte.
"""

import itertools
import secrets
import sqlite3
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from io import BytesIO
from typing import Any
from unittest import mock
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from catalogue.access import credentials
from catalogue.access import operations as access
from catalogue.access.sessions.models import WebSession
from catalogue.core import clock
from catalogue.core.application import database, settings, unit_of_work
from catalogue.core.config import Settings
from catalogue.core.database import Base, Database
from catalogue.core.ids import ids_from
from catalogue.core.jobs.worker import run_waiting
from catalogue.history import audit_log
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.web.sessions import cookie_name
from tests.copies import Copy
from tests.factories import agency
from tests.noninterference.tables import Tables, fingerprint
from tests.stores import hurried, new_app, trusting_engine
from tests.web.visitor import begin

BEGINNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
LIFETIME = timedelta(hours=23)
JSON = "application/json"

_deriving = False


def stamped(moment: datetime, number: int, text: str) -> UUID:
    """Return a UUIDv7 of a moment, with a random part derived from a text."""
    milliseconds = int(moment.timestamp() * 1000)
    tail = int.from_bytes(blake2b(f"{text}/{number}".encode(), digest_size=8).digest())
    return UUID(
        int=milliseconds << 80 | 7 << 76 | (number & 0xFFF) << 64 | 2 << 62 | tail & ((1 << 62) - 1)
    )


@event.listens_for(Overlap, "before_insert")
def _derive(_mapper: Any, _connection: Any, overlap: Overlap) -> None:
    # A run of one agency saves the overlaps of all, so a hidden overlap would shift the ids of the
    # following ones. The content of an overlap decides its id here.
    if _deriving and overlap.id is None:
        overlap.id = stamped(BEGINNING, 0, f"{overlap.kind}/{overlap.key}")


@contextmanager
def at(moment: datetime, name: str) -> Iterator[None]:
    """Freeze the clock at a moment, and take ids and secrets from the stream of a name."""
    global _deriving  # noqa: PLW0603 - it belongs to the clock and ids of the process
    numbers, sets, secret_numbers = itertools.count(), itertools.count(), itertools.count()

    def change_set_id() -> UUID:
        return stamped(moment, next(sets), f"{name}/change sets")

    def derive_bytes(size: int | None = None) -> bytes:
        text = f"{name}/secret {next(secret_numbers)}"
        return blake2b(text.encode(), digest_size=size or 32).digest()

    before, _deriving = _deriving, True
    try:
        with (
            clock.freeze(moment),
            ids_from(lambda: stamped(moment, next(numbers), name)),
            # Hidden parts of a record take ids too, and would shift the id of its change set.
            mock.patch.object(audit_log, "new_id", change_set_id),
            mock.patch.object(secrets, "token_bytes", derive_bytes),
        ):
            yield
    finally:
        _deriving = before


@dataclass(frozen=True)
class Request:
    """A request by a client."""

    client: str
    environ: dict[str, Any]
    body: bytes = b""

    @classmethod
    def of(cls, client: str, url: str, **options: Any) -> "Request":
        """Build a request from the arguments of a test client."""
        builder = EnvironBuilder(url, base_url="http://catalogue.test", **options)
        environ = builder.get_environ()
        body = environ.pop("wsgi.input").read()
        builder.close()
        return cls(client, environ, body)

    @property
    def is_read(self) -> bool:
        """True for a GET, which changes no records."""
        return self.environ["REQUEST_METHOD"] == "GET"

    def __str__(self) -> str:
        target = self.environ["PATH_INFO"]
        if self.environ["QUERY_STRING"]:
            target += "?" + self.environ["QUERY_STRING"]
        sent = {
            name: self.environ[f"HTTP_{name.upper().replace('-', '_')}"]
            for name in ("If-Match", "If-None-Match", "Idempotency-Key", "Change-Reason")
            if f"HTTP_{name.upper().replace('-', '_')}" in self.environ
        }
        headers = f" {sent}" if sent else ""
        body = f" {self.body[:2000].decode(errors='replace')}" if self.body else ""
        return f"{self.client}: {self.environ['REQUEST_METHOD']} {target}{headers}{body}"


@dataclass(frozen=True)
class Answer:
    """A response, with the attributes of a test client's response."""

    status_code: int
    headers: Headers
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def json(self) -> Any:
        return orjson.loads(self.data) if self.data else None

    @property
    def ok(self) -> bool:
        return 200 <= self.status_code < 300

    def whole(self) -> bytes:
        """Return the status, headers and body, to compare them byte for byte."""
        headers = sorted((name.lower(), value) for name, value in self.headers.items())
        lines = [f"HTTP {self.status_code}", *(f"{name}: {value}" for name, value in headers), ""]
        return "\n".join(lines).encode() + b"\n" + self.data


@dataclass(frozen=True, kw_only=True)
class Client:
    """A client of an agency with its scopes. An administrator has no agency."""

    name: str
    agency: str | None
    scopes: str


_free: defaultdict[str, list[Flask]] = defaultdict(list)
_first: dict[str, Database] = {}


def _app_on(url: str) -> Flask:
    """Return an app on a database.

    Creating apps and compiling statements is slow. Apps are therefore reused, and all databases of
    one kind share their compiled statements.
    """
    configured = Settings(
        database_url=url,
        public_url="http://catalogue.test",
        job_worker="external",
        token_requests_per_minute=1_000_000,
        session_idle_seconds=int(LIFETIME.total_seconds()),
        session_lifetime_seconds=int(LIFETIME.total_seconds()),
    )
    opened = Database(configured)
    hurried(opened)
    first = _first.setdefault(opened.dialect, opened)
    for engine, known in zip(_engines(opened), _engines(first), strict=True):
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
    app = _free[opened.dialect].pop() if _free[opened.dialect] else new_app(configured)
    app.extensions["database"] = opened
    return app


def _engines(opened: Database) -> tuple[sa.Engine, sa.Engine]:
    return opened.engine, opened.reading_engine


class World:
    """An app on its own database, with the ids and tokens of its records."""

    def __init__(self, url: str, has: frozenset[str] = frozenset(), template: str = "") -> None:
        self.app = _app_on(url)
        self.tables = Tables(database(self.app))
        self.url, self.template = url, template
        self.has = has
        """The names of the differences that this world has."""
        self.copied: dict[str, str] = {}
        """The digest of each table when the world was copied."""
        self.original: Copy | None = None
        """The original rows of a copy on PostgreSQL, where no other database can be read."""
        self.ids: MutableMapping[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.cookies: dict[str, str] = {}
        """The values of the sessions' cookies, by client."""

    def restore(self) -> None:
        """Restore the original rows of every table of a copy."""
        if self.original:
            self._write(self.original)
        else:
            self._copy_from_template()
        self.tables.forget()
        # Caches of the database are keyed by numbers that start again after this.
        opened = copy(database(self.app))
        opened.shared_with_cache, opened.known_codes = {}, {}
        self.app.extensions["database"] = opened

    def _write(self, original: Copy) -> None:
        with self.row_engine.connect() as connection:
            # Without the right to skip the checks, a table is only deleted after its references.
            checked = (
                connection.exec_driver_sql("SHOW session_replication_role").scalar() == "origin"
            )
            tables = Base.metadata.sorted_tables
            restored = [t for t in tables if checked or t.name in self.tables.touched]
            for table in reversed(restored):
                connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
            Copy({t: original.rows[t] for t in restored}).write(connection)
            connection.commit()

    def _copy_from_template(self) -> None:
        with closing(sqlite3.connect(str(sa.make_url(self.url).database))) as connection:
            copied = str(sa.make_url(self.template).database)
            connection.execute("ATTACH ? AS copied", (copied,))
            for table in self.tables.touched:
                connection.execute(f'DELETE FROM main."{table}"')
                connection.execute(f'INSERT INTO main."{table}" SELECT * FROM copied."{table}"')
            connection.commit()

    @cached_property
    def row_engine(self) -> sa.Engine:
        """An engine that copies and deletes rows."""
        return trusting_engine(self.url)

    def rows(self) -> Copy:
        """Return a copy of all rows."""
        with self.row_engine.connect() as connection:
            return Copy.of(connection, Base.metadata.sorted_tables)

    def close(self) -> None:
        """Close the connections, so that the database can be copied, and free the app."""
        for engine in (*_engines(database(self.app)), self.row_engine):
            engine.dispose()
        _free[database(self.app).dialect].append(self.app)

    def admit(self, client: Client) -> None:
        """Give a client its token, without random parts."""
        named = mock.patch.object(credentials, "new_client_id", return_value=client.name)
        with named, self.app.app_context(), unit_of_work(self.app) as context:
            session = context.session
            made, _secret = access.create_client(
                session, name=client.name, agency_code=client.agency, scopes=client.scopes
            )
            self.tokens[client.name] = access.issue_token(
                session, client=made, settings=context.settings, lifetime=LIFETIME
            )

    def sign_in(self, client: Client) -> None:
        """Begin a session of the pages for a new client, without random parts."""
        named = mock.patch.object(credentials, "new_client_id", return_value=client.name)
        with named, self.app.app_context(), unit_of_work(self.app) as context:
            self.cookies[client.name], _ = begin(context.session, client.agency, client.scopes)
            begun = sa.select(WebSession.id).where(WebSession.client_id == client.name)
            self.ids[f"session of {client.name}"] = str(context.session.scalar(begun))

    def agency(self, code: str) -> None:
        with unit_of_work(self.app) as context:
            agency(context.session, code)

    def ask(self, request: Request) -> Answer:
        """Send a request."""
        environ = request.environ | {
            "wsgi.input": BytesIO(request.body),
            # A client can choose the id of its request, which the response then repeats.
            "HTTP_X_REQUEST_ID": "test-request",
        }
        if token := self.tokens.get(request.client):
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        if cookie := self.cookies.get(request.client):
            environ["HTTP_COOKIE"] = f"{cookie_name(settings(self.app))}={cookie}"
        body, status, headers = run_wsgi_app(self.app, environ)
        return Answer(int(status.split()[0]), headers, b"".join(body))

    def send(self, client: str, method: str, url: str, body: Any = None, **headers: str) -> Any:
        """Send a request that must succeed, and return the body."""
        if method in {"PATCH", "DELETE"} and "If-Match" not in headers:
            known = self.ask(Request.of(client, url)).headers.get("ETag")
            headers |= {"If-Match": known} if known else {}
        kind = "application/merge-patch+json" if method == "PATCH" else JSON
        data = b"" if body is None else orjson.dumps(body)
        request = Request.of(
            client, url, method=method, data=data, content_type=kind, headers=headers
        )
        answer = self.ask(request)
        assert answer.ok, f"{request}\n{answer.text}"
        return answer.json

    def run_jobs(self) -> None:
        """Run the waiting jobs, as the worker would."""
        run_waiting(self.app)

    def changed_tables(self) -> frozenset[str]:
        """Return the tables whose rows differ from those that were copied."""
        now = self.fingerprints(self.tables.touched)
        return frozenset(name for name, digest in now.items() if digest != self.copied[name])

    def fingerprints(self, names: Iterable[str] | None = None) -> dict[str, str]:
        """Return a digest of each of these tables, or of all tables."""
        with database(self.app).engine.connect() as connection:
            names = sa.inspect(connection).get_table_names() if names is None else names
            return {name: fingerprint(connection, name) for name in names}


Step = Callable[[World], None]


@dataclass(frozen=True)
class Difference:
    """A step that only one of two worlds takes, and whose records the actors cannot see."""

    name: str
    after: str
    """The step of the scenario that it follows."""
    step: Step = field(compare=False)

    def take(self, world: World) -> None:
        """Take the step, and keep the ids of its records under names of their own."""
        shared, world.ids = world.ids, ChainMap({}, world.ids)
        self.step(world)
        made: dict[str, str] = world.ids.maps[0]  # type: ignore[attr-defined]
        world.ids = shared
        world.ids |= {f"{self.name}: {name}": identity for name, identity in made.items()}


def build(world: World, scenario: dict[str, Step], differences: list[Difference]) -> World:
    """Fill a world with the scenario, and with its differences after their steps."""
    unknown = {each.after for each in differences} - set(scenario)
    assert not unknown, f"differences after unknown steps: {unknown}"
    for number, (name, step) in enumerate(scenario.items()):
        moment = BEGINNING + timedelta(minutes=number)
        with at(moment, name):
            step(world)
        following = [d for d in differences if d.after == name and d.name in world.has]
        for place, difference in enumerate(following, 1):
            with at(moment + timedelta(seconds=place), difference.name):
                difference.take(world)
    return world

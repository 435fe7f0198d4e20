"""Contexts for tests that call operations directly, without a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core.actor import SYSTEM_ACTOR, Actor
from catalogue.core.application import database, ports
from catalogue.core.context import Context
from catalogue.core.database import UnitOfWork


def acting(session: Session, actor: Actor = SYSTEM_ACTOR) -> Context:
    """Return a context in the session of the test for an actor. Shares are looked up again."""
    context: Context = session.info["context"]
    context.forget_shared_with()
    return context.acting_as(actor)


@contextmanager
def open_context(
    app: Flask, actor: Actor = SYSTEM_ACTOR, *, read_only: bool = False
) -> Iterator[Context]:
    """Open a context with its own transaction, like a request. The test commits."""
    with UnitOfWork(database(app), read_only=read_only) as work:
        yield Context(work, actor, ports(app))

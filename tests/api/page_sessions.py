"""Sessions of the pages, which no operation of the API begins."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from catalogue.access.sessions.models import WebSession
from catalogue.access.sessions.operations import begin_session
from catalogue.core import clock
from catalogue.core.actor import Actor


def make_session(world: Any, number: int) -> str:
    """Begin a session, and return its id."""
    key = ("beds", None)[number % 2]
    actor = Actor(f"pages-{number % 3}", None, None, frozenset({"admin"}), f"person-{number}")
    with clock.freeze(clock.now() + timedelta(seconds=number)):
        begin_session(world.session, actor=actor, name=f"Person {number}", provider_key=key)
    newest = sa.select(WebSession.id).order_by(WebSession.begun_at.desc(), WebSession.id.desc())
    made = world.session.scalar(newest.limit(1))
    world.session.commit()
    return str(made)

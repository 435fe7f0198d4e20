"""Sessions begin, last as long as the settings allow, and end at once when rights end."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.operations import (
    change_identity_provider,
    create_identity_provider,
)
from catalogue.access.models import OAuthClient
from catalogue.access.operations import revoke_client
from catalogue.access.sessions.models import WebSession
from catalogue.access.sessions.operations import (
    SignedIn,
    begin_session,
    end_session,
    end_sessions,
    find_id_token,
    find_session,
)
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.database import Database, UnitOfWork
from tests.access.sessions.conftest import AGENCY
from tests.stores import Store

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
Find = Callable[[str], SignedIn | None]


@pytest.fixture
def database(store: Store) -> Database:
    return store.database


@pytest.fixture
def find(session: Session, database: Database) -> Find:
    """Return a function that finds a session as a page does."""

    def find_in_new_unit(value: str) -> SignedIn | None:
        session.commit()
        with UnitOfWork(database, read_only=True) as work:
            found = find_session(work, value)
        session.expire_all()
        return found

    return find_in_new_unit


def provider_actor(session: Session, actor: Actor) -> tuple[IdentityProvider, Actor]:
    """Record a provider, and return it with a person who signed in there as a manager."""
    provider = create_identity_provider(
        session.info["context"],
        {
            "key": "beds",
            "name": "Bedfordshire",
            "issuer": "https://idp.example",
            "audiences": ["api"],
            "agencies": [AGENCY],
            "sign_in_client_id": "pages",
            "roles": [
                {"value": "Manager", "grants": ["systems:read", "systems:write"]},
                {"value": "Reader", "grants": ["systems:read"]},
            ],
        },
    )
    token = {
        "provider": "beds",
        "client": "pages",
        "person": "jo",
        "claims": {"sub": "s1", "roles": ["Manager"]},
    }
    return provider, Actor(
        "beds:pages", actor.agency_id, AGENCY, actor.scopes, "beds:jo", provider_token=token
    )


def test_session_gives_the_actor_and_the_table_holds_no_cookie(
    session: Session, actor: Actor, find: Find
) -> None:
    value = begin_session(session, actor=actor, name="IT manager", id_token="e.y.J")
    found = find(value)
    assert found
    assert (found.actor, found.name, found.provider_key) == (actor, "IT manager", None)
    (row,) = session.scalars(sa.select(WebSession))
    assert row.digest == hashlib.sha256(value.encode()).hexdigest()
    kept = [str(getattr(row, column.key)) for column in WebSession.__table__.columns]
    assert not [each for each in kept if value in each or found.csrf_token in each]
    assert find_id_token(session, value) == "e.y.J"


def test_unknown_values_are_no_session(find: Find) -> None:
    for value in ("", "x", "\x00", "\udcff", "é" * 5000):
        assert find(value) is None


def test_each_session_has_a_value_and_a_csrf_token_of_its_own(
    session: Session, actor: Actor, find: Find
) -> None:
    values = [begin_session(session, actor=actor, name="Jo") for _ in range(2)]
    found = [find(value) for value in values]
    assert len({*values, *(each.csrf_token for each in found if each)}) == 4
    assert found[0] == find(values[0])


def test_idle_session_ends_for_good(session: Session, actor: Actor, find: Find) -> None:
    with clock.freeze(NOW):
        value = begin_session(session, actor=actor, name="Jo")
    with clock.freeze(NOW + timedelta(minutes=30, seconds=-1)):
        assert find(value)
    with clock.freeze(NOW + timedelta(minutes=60, seconds=-1)):
        assert find(value) is None
    assert session.scalars(sa.select(WebSession)).all() == []


def test_session_in_use_ends_after_twelve_hours(session: Session, actor: Actor, find: Find) -> None:
    with clock.freeze(NOW):
        value = begin_session(session, actor=actor, name="Jo")
    for minutes in range(25, 12 * 60, 25):
        with clock.freeze(NOW + timedelta(minutes=minutes)):
            assert find(value), minutes
    with clock.freeze(NOW + timedelta(hours=12)):
        assert find(value) is None


def test_use_is_written_once_a_minute(session: Session, actor: Actor, find: Find) -> None:
    with clock.freeze(NOW):
        value = begin_session(session, actor=actor, name="Jo")
    for seconds, written in ((59, 0), (60, 60), (119, 60), (121, 121)):
        with clock.freeze(NOW + timedelta(seconds=seconds)):
            assert find(value)
        seen = session.scalar(sa.select(WebSession.seen_at))
        assert seen == NOW + timedelta(seconds=written)


def test_unit_that_writes_finds_a_session_in_its_own_transaction(
    session: Session, actor: Actor, database: Database
) -> None:
    with clock.freeze(NOW):
        value = begin_session(session, actor=actor, name="Jo")
    session.commit()
    with (
        clock.freeze(NOW + timedelta(minutes=5)),
        UnitOfWork(database, read_only=False) as work,
    ):
        assert find_session(work, value)
        work.session.commit()


def test_sign_in_deletes_expired_sessions(session: Session, actor: Actor) -> None:
    with clock.freeze(NOW):
        begin_session(session, actor=actor, name="Old")
    with clock.freeze(NOW + timedelta(days=1)):
        begin_session(session, actor=actor, name="New")
    assert session.scalars(sa.select(WebSession.name)).all() == ["New"]


def test_session_ends_with_its_client(
    session: Session, actor: Actor, oauth_client: OAuthClient, find: Find
) -> None:
    value = begin_session(session, actor=actor, name="Jo")
    assert find(value)
    revoke_client(session, client_id=oauth_client.client_id)
    assert find(value) is None
    assert session.scalars(sa.select(WebSession)).all() == []


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"blocked_subjects": ["S1"]},
        {"blocked_subjects": ["Jo"]},
        {"blocked_clients": ["pages"]},
        {"agencies": []},
        {"roles": []},
        {"sign_in_client_id": None},
        {"sign_in_client_id": "other"},
    ],
    ids=str,
)
def test_session_ends_when_its_provider_gives_no_right(
    session: Session, actor: Actor, find: Find, change: dict[str, object]
) -> None:
    provider, person = provider_actor(session, actor)
    value = begin_session(session, actor=person, name="Jo", provider_key="beds")
    found = find(value)
    assert found
    assert (found.actor.subject, found.provider_key) == ("beds:jo", "beds")
    # Jobs and webhooks of the session have the standing of the same token.
    assert found.actor.provider_token == person.provider_token
    change_identity_provider(session.info["context"], provider, change)
    assert find(value) is None


def test_session_has_only_the_scopes_that_its_role_still_grants(
    session: Session, actor: Actor, find: Find
) -> None:
    provider, person = provider_actor(session, actor)
    value = begin_session(session, actor=person, name="Jo", provider_key="beds")
    granted = {"value": "Manager", "grants": ["systems:read", "audit:read"]}
    change_identity_provider(session.info["context"], provider, {"roles": [granted]})
    found = find(value)
    assert found
    assert found.actor.scopes == {"systems:read"}


def test_sessions_end_one_by_one_and_together(session: Session, actor: Actor, find: Find) -> None:
    _, person = provider_actor(session, actor)
    issued = {"provider_key": "beds", "issuer_subject": "s1"}
    first, second, third = (
        begin_session(session, actor=person, name="Jo", issuer_session=sid, **issued)
        for sid in ("a", "b", "c")
    )
    other = begin_session(session, actor=actor, name="Manager")
    end_session(session, first)
    assert [bool(find(each)) for each in (first, second, third, other)] == [False, True, True, True]
    assert end_sessions(session, provider_key="herts", issuer_session="b") == 0
    assert end_sessions(session, provider_key="beds", issuer_session="b") == 1
    assert [bool(find(each)) for each in (second, third, other)] == [False, True, True]
    assert end_sessions(session, provider_key="beds", issuer_subject="s1") == 1
    assert [bool(find(each)) for each in (third, other)] == [False, True]
    found = find(other)
    assert found
    assert end_sessions(session, session_id=found.id) == 1
    assert find(other) is None


def test_person_can_end_all_own_sessions(session: Session, actor: Actor, find: Find) -> None:
    values = [begin_session(session, actor=actor, name="Manager") for _ in range(2)]
    assert end_sessions(session, actor=actor) == 2
    assert [find(each) for each in values] == [None, None]


def test_ending_sessions_needs_a_name(session: Session) -> None:
    with pytest.raises(ValueError, match="No session is named"):
        end_sessions(session, provider_key="beds")

"""Administrators list sessions, and end them at once."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from catalogue.access.sessions.operations import begin_session, find_session
from catalogue.core.actor import Actor
from catalogue.core.database import UnitOfWork
from tests.access.sessions.conftest import AGENCY
from tests.stores import Store
from tests.unsaved import CheckedClient

PATH = "/v1/sessions"
SignIn = Callable[[str | None, str], CheckedClient]


def test_administrator_ends_a_session(
    store: Store, session: Session, actor: Actor, sign_in: SignIn
) -> None:
    administrator = sign_in(None, "admin")
    value, other = (begin_session(session, actor=actor, name=n) for n in ("Jo", "Kim"))
    listed = administrator.get(f"{PATH}?name=Jo").json["items"]
    assert [(row["name"], row["subject"]) for row in listed] == [("Jo", "person:manager")]
    assert (listed[0]["agency"], listed[0]["agency_name"]) == (AGENCY, "Bedfordshire Police")
    assert len(administrator.get(f"{PATH}?agency={AGENCY}").json["items"]) == 2
    assert value not in str(listed)
    ended = f"{PATH}/{listed[0]['id']}"
    assert administrator.delete(ended).status_code == 204
    assert administrator.delete(ended).status_code == 404
    with UnitOfWork(store.database, read_only=True) as work:
        assert find_session(work, value) is None
        assert find_session(work, other)


def test_nobody_else_sees_or_ends_sessions(session: Session, actor: Actor, sign_in: SignIn) -> None:
    agency = sign_in(AGENCY, "agencies:read agencies:write systems:read audit:read")
    begin_session(session, actor=actor, name="Jo")
    assert agency.get(PATH).status_code == 403
    assert agency.delete(f"{PATH}/00000000-0000-4000-8000-000000000000").status_code == 403

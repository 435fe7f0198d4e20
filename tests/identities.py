"""Agencies and their clients, made through the product's own code."""

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access import operations as access
from catalogue.agencies.models import Agency, AgencyKind
from catalogue.agencies.operations import create_agency
from tests.unsaved import CheckedClient


def agency(session: Session, code: str, kind: str = "", **fields: Any) -> Agency:
    """The agency with that code, made if it is not there. Its kind is guessed from the code."""
    found = session.scalar(sa.select(Agency).where(Agency.code == code))
    if found is None:
        last = code.rsplit("-", 1)[-1]
        guessed = {"fire": AgencyKind.FIRE, "services": AgencyKind.SHARED_SERVICE}.get(last)
        found = create_agency(
            session,
            {
                "code": code,
                "name": code.replace("-", " ").title(),
                "kind": AgencyKind(kind) if kind else guessed or AgencyKind.POLICE,
            }
            | fields,
        )
        session.commit()
    return found


def signed_in(app: Flask, session: Session, agency_code: str | None, scopes: str) -> CheckedClient:
    """A test client whose every request carries a token with these scopes."""
    if agency_code is not None:
        agency(session, agency_code)
    with app.app_context():
        client, _ = access.create_client(
            session, name="Test client", agency_code=agency_code, scopes=scopes
        )
        token = access.issue_token(session, client=client)
        session.commit()
    api = CheckedClient(app, use_cookies=False)
    api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return api

"""Fixtures of the pages: people who are signed in."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access.roles import ROLES
from tests.factories import BEDS
from tests.web.visitor import Visitor, begin

MANAGER = " ".join(ROLES["it-manager"].scopes)


@pytest.fixture
def visit(
    app: Flask, session: Session, make_agency: Callable[..., object]
) -> Callable[..., Visitor]:
    """`visit("bedfordshire-police", "systems:read")`: sign in with these scopes."""

    def signed_in(agency_code: str | None = BEDS, scopes: str = MANAGER) -> Visitor:
        if agency_code is not None:
            make_agency(agency_code)
        cookie, _ = begin(session, agency_code, scopes)
        return Visitor(app, cookie)

    return signed_in

"""Columns behave alike on both stores, and tests can freeze the clock."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.database import NAMING_CONVENTION
from catalogue.core.types import Json, Key, Money, UtcDateTime, enumeration


class WorkingMode(StrEnum):
    BY_DAY = "by_day"
    BY_NIGHT = "by_night"


TRIAL = sa.Table(
    "trial",
    sa.MetaData(naming_convention=NAMING_CONVENTION),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime),
    sa.Column("amount", Money),
    sa.Column("said", Json),
    sa.Column("mode", enumeration(WorkingMode)),
    sa.Column("name_key", Key(40)),
    prefixes=["TEMPORARY"],
)


@pytest.fixture
def trial(session: Session) -> Session:
    session.execute(sa.schema.CreateTable(TRIAL))
    return session


def store_row(session: Session, **values: Any) -> sa.Row[Any]:
    session.execute(TRIAL.delete())
    session.execute(TRIAL.insert().values(number=1, **values))
    return session.execute(sa.select(TRIAL)).one()


def test_timestamp_is_stored_in_utc_to_the_microsecond(trial: Session) -> None:
    summer = datetime(2026, 7, 1, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    found = store_row(trial, at=summer).at
    assert found == summer
    assert found.utcoffset() == timedelta(0)
    assert found.isoformat() == "2026-07-01T09:30:00.123456+00:00"
    assert store_row(trial, at=None).at is None


def test_timestamp_without_time_zone_is_refused(trial: Session) -> None:
    with pytest.raises(sa.exc.StatementError, match="must have a time zone"):
        store_row(trial, at=datetime(2026, 7, 1, 10, 30))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("amount", ["0.10", "999999999999.99", "-0.01", "12.30"])
def test_money_is_stored_exactly(trial: Session, amount: str) -> None:
    found = store_row(trial, amount=Decimal(amount)).amount
    assert isinstance(found, Decimal)
    assert found == Decimal(amount)


def test_json_none_is_stored_as_sql_null(trial: Session) -> None:
    assert store_row(trial, said={"a": [1, "é", None]}).said == {"a": [1, "é", None]}
    assert store_row(trial, said=None).said is None
    assert trial.scalar(sa.select(TRIAL.c.number).where(TRIAL.c.said.is_(None))) == 1


def test_enumeration_column_stores_only_its_values(trial: Session) -> None:
    assert store_row(trial, mode=WorkingMode.BY_NIGHT).mode is WorkingMode.BY_NIGHT
    assert trial.scalar(sa.select(sa.cast(TRIAL.c.mode, sa.String))) == "by_night"
    with pytest.raises(sa.exc.IntegrityError, match="ck_trial_working_mode"):
        trial.execute(sa.text("UPDATE trial SET mode = 'BY_DAY'"))
    trial.rollback()


def test_key_column_sorts_by_code_point(trial: Session) -> None:
    names = ["zeta", "a b", "ab", "Beta", "éta", "a-b", "_"]
    for number, name in enumerate(names):
        trial.execute(TRIAL.insert().values(number=number, name_key=name))
    found = list(trial.scalars(sa.select(TRIAL.c.name_key).order_by(TRIAL.c.name_key)))
    assert found == sorted(names)


def test_clock_is_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_frozen_clock_stands_still_and_resumes() -> None:
    noon, night = datetime(2026, 4, 1, 12, tzinfo=UTC), datetime(2026, 4, 1, 23, tzinfo=UTC)
    with clock.freeze(noon):
        assert clock.now() == noon
        with clock.freeze(night):
            assert clock.now() == night
        assert clock.now() == noon
    assert clock.now() != noon


def test_frozen_clock_resumes_after_an_error() -> None:
    noon = datetime(2026, 4, 1, 12, tzinfo=UTC)
    with pytest.raises(KeyError), clock.freeze(noon):
        raise KeyError
    assert clock.now() != noon

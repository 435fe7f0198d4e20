"""Every recorded field is shown under its API name, or excluded for a reason."""

import pytest

from catalogue.app import create_app
from catalogue.core.actor import Scope
from catalogue.core.config import Settings
from catalogue.core.rest.resource import Resource
from catalogue.history.feed_fields import KINDS, Lookups, ReferenceField, expose, feed_spec
from catalogue.history.registry import list_audited_models
from catalogue.systems.resources import SYSTEMS

APP = create_app(Settings(database_url="sqlite://", job_worker="external"))
RECORDED = {each.resource: each for each in list_audited_models()}

NOT_SHOWN = {
    "client": "The programs of an agency are its own affair, and no record of the API.",
    "overlap_grouping": "The groupings have a list, and each agency sees different members.",
    "overlap_review": "The overlap shows its review, but each agency sees different members.",
    "sign_off": "The decision shows it. Who can see it depends on the systems in the decision.",
}
EVERY_RECORD_HAS = {"id", "created_at", "updated_at", "revision"}
FOLLOWS_FROM_OTHERS = {"completeness", "missing", "last_notice_date"}


def test_every_recorded_kind_is_shown_or_excluded_for_a_reason() -> None:
    assert set(RECORDED) - set(KINDS) == set(NOT_SHOWN)
    assert set(KINDS) <= set(RECORDED)
    assert sorted(KINDS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_fields_shown_in_history_are_recorded(kind: str) -> None:
    recorded = {*RECORDED[kind].columns, *RECORDED[kind].lists}
    assert set(feed_spec(kind).fields) <= recorded


@pytest.mark.parametrize("kind", KINDS)
def test_every_recorded_api_field_is_shown_in_history(kind: str) -> None:
    how = feed_spec(kind)
    recorded = {*RECORDED[kind].columns, *RECORDED[kind].lists}
    shown = {each.name for each in how.fields.values()}
    assert recorded & set(how.resource.columns) - shown <= EVERY_RECORD_HAS | FOLLOWS_FROM_OTHERS


@pytest.mark.parametrize("kind", KINDS)
def test_kind_with_disclosure_declares_its_rule(kind: str) -> None:
    assert ("disclosure" in RECORDED[kind].columns) <= (feed_spec(kind).disclosure_rule is not None)


def test_declaration_rejects_unknown_field_and_second_declaration() -> None:
    with pytest.raises(ValueError, match="already shows"):
        expose(SYSTEMS, scope=Scope.SYSTEMS_READ, fields={})
    with pytest.raises(ValueError, match="no field search_text"):
        expose(SYSTEMS, kind="x", scope=Scope.SYSTEMS_READ, fields={"search_text": "search_text"})
    assert "x" not in KINDS


def test_reference_that_was_not_looked_up_is_hidden() -> None:
    to: Resource = SYSTEMS
    shown = ReferenceField("product_id", to=to)
    identity = "0192a000-0000-7000-8000-000000000000"
    assert shown.value(identity, Lookups({}, {})) is None

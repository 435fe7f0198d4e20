"""Each constraint that a client can break has a message."""

import re

import pytest
import sqlalchemy as sa

from catalogue.app import create_app  # noqa: F401 - it brings in every table
from catalogue.core.database import Base
from catalogue.core.errors import constraint_names, message_for_constraint
from catalogue.core.types import Json

# What keeps a client from ever breaking these, so that they need no message.
OUT_OF_REACH = {
    "ck_system_functional_fit": "the schema has the same bounds",
    "ck_system_technical_fit": "the schema has the same bounds",
    "ck_system_legacy_risk": "the schema has the same bounds",
    "ck_wave_position": "the schema has the same bounds",
    "ck_risk_probability": "the schema has the same bounds",
    "ck_risk_impact": "the schema has the same bounds",
    "ck_migration_attempt": "attempts are counted by us",
    "ck_baseline_line_amount": "it is copied from a line of cost, which has the same bound",
    "uq_baseline_line_baseline_id_cost_line_id": "each line of cost is copied once by us",
    "ck_overlap_member_score": "a score is reckoned by us",
    "ck_overlap_pair_score": "a score is reckoned by us",
    "uq_oauth_client_client_id": "an id is made up by us",
    "uq_signing_key_signing": "keys are made and changed by commands alone",
    "ck_signing_key_signing_true_or_null": "keys are made and changed by commands alone",
    "ck_revocation_epoch_one_row": "its one row is ours",
    "ck_release_requirement_one_row": "only migrations write its one row",
    "uq_access_event_id": "an id is made up by us",
    "uq_change_set_id": "an id is made up by us",
    "uq_event_id": "an id is made up by us",
    "uq_web_session_id": "an id is made up by us",
    "uq_pipeline_entry_public_id": "an id is made up by us",
    "uq_person_name": "the second request takes the person that is there",
}


def list_constraints() -> dict[str, sa.Table]:
    """Every unique constraint, unique index and check that is not an enumeration's."""
    found: dict[str, sa.Table] = {}
    for table in Base.metadata.tables.values():
        enumerated = {
            f"ck_{table.name}_{column.type.name}"
            for column in table.columns
            if isinstance(column.type, sa.Enum)
        }
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint | sa.CheckConstraint):
                found[str(constraint.name)] = table
        found |= {str(index.name): table for index in table.indexes if index.unique}
        found = {name: where for name, where in found.items() if name not in enumerated}
    return found


CONSTRAINTS = list_constraints()


def test_constraints_are_found() -> None:
    assert "uq_system_agency_id_name_key" in CONSTRAINTS
    assert "ck_agency_valid_period" in CONSTRAINTS


@pytest.mark.parametrize("name", sorted(CONSTRAINTS))
def test_every_constraint_has_a_message_or_cannot_be_broken(name: str) -> None:
    message = message_for_constraint(name)
    if name in OUT_OF_REACH:
        assert message is None, f"{name} has a message: take it off the list"
        return
    assert message, f"{name}: say what its breaking means, beside {CONSTRAINTS[name].name}'s model"
    assert message.pointer == "" or re.fullmatch("(/[a-z_]+)+", message.pointer)
    assert re.fullmatch("[a-z_]+", message.code)
    assert message.detail.endswith(".")
    assert name not in message.detail


def test_no_message_names_a_missing_constraint() -> None:
    assert set(constraint_names()) - set(CONSTRAINTS) == set()
    assert set(OUT_OF_REACH) - set(CONSTRAINTS) == set()


def test_json_columns_store_none_as_sql_null() -> None:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                assert column.type.none_as_null, f"{table.name}.{column.name}: use core.types.Json"
                assert column.type is Json

"""Tests that the migrations match the models, on both stores, up and down."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from catalogue.core.database import Base
from catalogue.core.migrations import belongs
from tests.stores import (
    NAMES,
    NO_POSTGRES,
    ROOT,
    Run,
    administer,
    alembic_config,
    engine_for,
    make_database,
    migrate,
)

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


@pytest.fixture(params=NAMES)
def blank(request: pytest.FixtureRequest, run: Run, worker: str) -> Iterator[sa.Engine]:
    """Yield an empty database on each store, without an app."""
    if request.param == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    url = make_database(run, request.param, worker, migrated=False)
    engine = engine_for(url)
    yield engine
    engine.dispose()
    if request.param == "postgresql":
        administer(run.server_url(), f'DROP DATABASE "{url.database}"')


def describe_structure(engine: sa.Engine) -> dict[str, Any]:
    """Return the structure of the database in a form that can be compared."""
    inspector = sa.inspect(engine)
    columns = inspector.get_multi_columns()
    keys = inspector.get_multi_pk_constraint()
    foreign = inspector.get_multi_foreign_keys()
    unique = inspector.get_multi_unique_constraints()
    checks = inspector.get_multi_check_constraints()
    indexes = inspector.get_multi_indexes()
    return {
        place[1]: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]))
                for c in columns[place]
            ),
            "primary key": keys[place]["name"],
            "foreign keys": sorted(
                (
                    f["name"] or "",
                    tuple(f["constrained_columns"]),
                    f["referred_table"],
                    f["options"].get("ondelete"),
                )
                for f in foreign[place]
            ),
            "unique": sorted((u["name"] or "", tuple(u["column_names"])) for u in unique[place]),
            "checks": sorted((c["name"] or "", squeeze(c["sqltext"])) for c in checks[place]),
            "indexes": sorted(
                (i["name"] or "", tuple(i["column_names"]), bool(i["unique"]))
                for i in indexes[place]
                if not i.get("duplicates_constraint")
            ),
        }
        for place in sorted(columns)
        if place[1] != "alembic_version"
    }


def squeeze(condition: Any) -> str:
    """Return a condition without spaces, brackets and casts that do not matter."""
    return re.sub(r"[\s()\"]|::[a-z ]+(\[\])?", "", str(condition)).lower()


def test_migrations_have_one_head_and_contiguous_numbers() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == 1
    expected = None
    for number, path in enumerate(VERSIONS, start=1):
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem), f"{path.name}: say NNNN_what_it_does"
        assert path.name.startswith(f"{number:04}_"), f"{path.name}: {number:04} is missing"
        revision = script.get_revision(f"{number:04}")
        assert revision.path.endswith(path.name)
        assert revision.down_revision == expected
        expected = revision.revision


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_migration_does_not_import_the_product(path: Any) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [n for n in names if n.split(".")[0] == "catalogue"], (
            f"{path.name}, line {node.lineno}: the models will change, and this must not"
        )


def test_upgrade_downgrade_and_upgrade_give_same_structure(blank: sa.Engine) -> None:
    migrate(blank, command.upgrade, "head")
    first = describe_structure(blank)
    migrate(blank, command.downgrade, "base")
    left = sa.inspect(blank)
    assert left.get_table_names() == ["alembic_version"]
    if blank.dialect.name == "postgresql":
        assert left.get_enums() == []
        assert left.get_sequence_names() == []
    migrate(blank, command.upgrade, "head")
    assert describe_structure(blank) == first


def test_failed_migration_leaves_nothing_behind(blank: sa.Engine) -> None:
    last = max(Base.metadata.tables)
    with blank.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {last} (in_the_way INTEGER)")
    with pytest.raises(sa.exc.DBAPIError, match="already exists"):
        migrate(blank, command.upgrade, "head")
    assert sa.inspect(blank).get_table_names() == [last]


def test_each_migration_can_be_downgraded(blank: sa.Engine) -> None:
    for number in range(1, len(VERSIONS) + 1):
        before = describe_structure(blank)
        migrate(blank, command.upgrade, f"{number:04}")
        migrate(blank, command.downgrade, "-1")
        assert describe_structure(blank) == before, f"{number:04} leaves something behind"
        migrate(blank, command.upgrade, f"{number:04}")


def test_alembic_finds_no_difference_from_models(blank: sa.Engine) -> None:
    migrate(blank, command.upgrade, "head")
    with blank.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_object": belongs(connection.dialect.name),
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_models_and_migrations_make_the_same_database(
    blank: sa.Engine, request: pytest.FixtureRequest, run: Run, worker: str
) -> None:
    """Alembic does not compare CHECK constraints and constraint names; this does."""
    migrate(blank, command.upgrade, "head")
    url = make_database(run, blank.dialect.name, worker, migrated=False)
    direct = engine_for(url)
    request.addfinalizer(direct.dispose)
    Base.metadata.create_all(direct)
    migrated, modelled = describe_structure(blank), describe_structure(direct)
    assert list(migrated) == list(modelled)
    for table, parts in modelled.items():
        for part, expected in parts.items():
            assert migrated[table][part] == expected, f"{table}, {part}"


def test_every_constraint_has_a_name(blank: sa.Engine) -> None:
    migrate(blank, command.upgrade, "head")
    for table, parts in describe_structure(blank).items():
        assert parts["primary key"], f"{table}: the primary key has no name"
        for part in ("foreign keys", "unique", "checks"):
            unnamed = [found for found in parts[part] if not found[0]]
            assert not unnamed, f"{table}, {part}: no name for {unnamed}"

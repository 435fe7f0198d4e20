"""Migrations that an older release would not survive must state which release they need."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.stores import ROOT

TABLE = "release_requirement"
VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
MAKES_TABLE = next(
    path for path in VERSIONS if f'op.create_table(\n        "{TABLE}"' in path.read_text()
)
LATER = [path for path in VERSIONS if path.name > MAKES_TABLE.name]
SUIT_ANYWAY: dict[str, str] = {}
"""Migrations that the test suspects wrongly, each with the reason why older releases survive it."""

BREAKING_CALLS = {"drop_column", "drop_table", "rename_table", "drop_constraint"}
BREAKING_SQL = re.compile(
    r"\b(DROP (?:COLUMN|TABLE|CONSTRAINT)|RENAME|SET NOT NULL)\b", re.IGNORECASE
)


def breaking_changes(source: str) -> Iterator[str]:
    """Find what an older release could miss or violate, in all functions but the downgrade."""
    tree = ast.parse(source)
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "downgrade"
    ]
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from BREAKING_SQL.findall(node.value)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        options = {option.arg: ast.unparse(option.value) for option in node.keywords}
        if node.func.attr in BREAKING_CALLS:
            yield node.func.attr
        elif (
            node.func.attr == "alter_column" and options.keys() & {"new_column_name", "type_"}
        ) or (node.func.attr == "alter_column" and options.get("nullable") == "False"):
            yield "alter_column"
        elif node.func.attr == "add_column":
            text = ast.unparse(node)
            if "nullable=False" in text and "server_default" not in text:
                yield "add_column"


def test_later_migrations_suit_older_releases_or_state_which_they_need() -> None:
    wrong = {}
    for path in LATER:
        source = path.read_text()
        found = sorted(set(breaking_changes(source)))
        if found and TABLE not in source and path.stem not in SUIT_ANYWAY:
            wrong[path.name] = found
    assert wrong == {}, (
        f"these can break older releases: update oldest_migration in {TABLE}, or explain in "
        "SUIT_ANYWAY why they survive it"
    )


@pytest.mark.parametrize(
    "change",
    [
        'op.drop_column("system", "notes")',
        'op.drop_table("job")',
        'op.alter_column("system", "notes", nullable=False)',
        'op.alter_column("system", "notes", new_column_name="text")',
        'op.add_column("system", sa.Column("notes", sa.Text(), nullable=False))',
        'op.execute("ALTER TABLE system DROP COLUMN notes")',
        'op.execute("ALTER TABLE system RENAME COLUMN notes TO text")',
    ],
)
def test_breaking_change_is_found(change: str) -> None:
    assert list(breaking_changes(f"def upgrade():\n    {change}\n"))
    assert not list(breaking_changes(f"def downgrade():\n    {change}\n"))


@pytest.mark.parametrize(
    "change",
    [
        'op.create_table("note", sa.Column("id", sa.Integer(), nullable=False))',
        'op.add_column("system", sa.Column("notes", sa.Text(), nullable=True))',
        'op.execute("ALTER TABLE job ADD COLUMN attempts_allowed INTEGER DEFAULT 3 NOT NULL")',
    ],
)
def test_additive_change_is_accepted(change: str) -> None:
    assert not list(breaking_changes(f"def upgrade():\n    {change}\n"))

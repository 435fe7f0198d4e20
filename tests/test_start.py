"""Tests of modules that a command or a server imports only when it needs them."""

import subprocess
import sys
import tomllib

import pytest

from catalogue import cli
from tests.programs import environment
from tests.stores import ROOT

RUFF = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
WHEN_USED = set(RUFF["flake8-tidy-imports"]["banned-module-level-imports"])
ONLY_COMMANDS = {"rich", "typst"}
EVERY_SERVER = {"cryptography", "flask", "flask_smorest", "joserfc", "marshmallow", "sqlalchemy"}
AT_THE_END = "import atexit, sys; atexit.register(lambda: print('imported:', *sys.modules));"


def imported_by(program: str) -> set[str]:
    """Return the modules that a separate program has imported when it ends."""
    ran = subprocess.run(
        [sys.executable, "-c", AT_THE_END + program],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    imported = set(ran.stdout.rpartition("imported: ")[2].split())
    assert "catalogue" in imported, ran.stderr
    assert "Traceback" not in ran.stderr, ran.stderr
    return imported


@pytest.mark.parametrize("argument", ["--help", "--version", "client"])
def test_call_that_runs_no_command_imports_no_command(argument: str) -> None:
    imported = imported_by(f"from catalogue.cli import main; main([{argument!r}])")
    assert {name for name in imported if name.startswith("catalogue")} == {
        "catalogue",
        "catalogue.cli",
    }
    assert imported.isdisjoint(WHEN_USED | ONLY_COMMANDS | EVERY_SERVER)


@pytest.mark.parametrize("name", sorted(cli.main.commands))
def test_command_list_matches_each_commands_own_help(name: str) -> None:
    listed = cli.main.commands[name]
    assert isinstance(listed, cli.Listed)
    command = listed.loaded()
    assert command.name == name
    assert command.get_short_help_str(200) == listed.get_short_help_str(200)


def test_starting_server_imports_no_large_library() -> None:
    imported = imported_by(
        "from catalogue.core.rest.operation import Operation; del Operation.document;"
        "from catalogue.app import create_app; from catalogue.core.config import Settings;"
        "create_app(Settings(database_url='sqlite://'))"
    )
    assert imported >= EVERY_SERVER
    assert imported.isdisjoint(WHEN_USED | ONLY_COMMANDS)

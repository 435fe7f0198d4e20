"""Checks of the documented unit files and compose file, which start no unit and no container."""

import configparser
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from catalogue import cli
from catalogue.core.config import Settings
from catalogue.core.health.views import blp as health
from tests.programs import COMMAND
from tests.stores import ROOT

PAGE = (ROOT / "docs" / "how-to" / "run-in-production.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
INSTALLED = "/opt/catalogue/.venv/bin/catalogue"
SETTINGS = {f"CATALOGUE_{field.name.upper()}" for field in fields(Settings)}
UNITS = dict(
    re.findall(r"`/etc/systemd/system/([\w-]+\.service)`:\n\n```ini\n(.*?)```", PAGE, re.DOTALL)
)
COMPOSE: dict[str, Any] = yaml.safe_load(
    next(
        block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "services:" in block
    )
)
OWN = {name: s for name, s in COMPOSE["services"].items() if s["image"] == "it-service-catalogue"}


def require_command(arguments: list[str]) -> None:
    """Fail if the command line does not accept the arguments."""
    name, *rest = arguments
    listed = cli.main.commands[name]
    assert isinstance(listed, cli.Listed)
    command = listed.loaded()
    while isinstance(command, click.Group):
        name, *rest = rest
        command = command.commands[name]
    command.make_context(name, rest)


def test_page_has_a_unit_for_the_server_and_the_worker() -> None:
    assert set(UNITS) == {"catalogue.service", "catalogue-worker.service"}


@pytest.mark.parametrize("name", UNITS)
def test_unit_runs_a_command_that_exists(name: str) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(UNITS[name])
    program, *arguments = unit["Service"]["ExecStart"].split()
    assert program == INSTALLED
    require_command(arguments)
    assert unit["Service"]["User"] == "catalogue"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize("name", UNITS)
def test_systemd_accepts_the_unit(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # not a skip, because the other tests still check the unit
    file = tmp_path / name
    # systemd requires that the program exists.
    file.write_text(UNITS[name].replace(INSTALLED, str(COMMAND)).replace("/opt/catalogue", "/"))
    checked = subprocess.run(
        [analyze, "verify", "--man=no", file], capture_output=True, text=True, timeout=60
    )
    assert name not in checked.stderr, checked.stderr


def test_page_names_only_settings_that_exist() -> None:
    named = set(re.findall(r"CATALOGUE_[A-Z_]+", PAGE + DOCKERFILE))
    assert named - SETTINGS == set()


def test_compose_services_run_commands_that_exist() -> None:
    assert set(OWN) == {"upgrade", "reference", "server", "worker"}
    for service in OWN.values():
        require_command(service["command"])
        assert set(service["environment"]) <= SETTINGS


def test_compose_starts_the_server_after_the_upgrade_of_the_database() -> None:
    services = COMPOSE["services"]
    assert services["upgrade"]["depends_on"]["database"] == {"condition": "service_healthy"}
    for name, earlier in (("reference", "upgrade"), ("server", "reference"), ("worker", "upgrade")):
        assert services[earlier]["restart"] == "no"
        after = services[name]["depends_on"][earlier]
        assert after == {"condition": "service_completed_successfully"}
    known = {
        "image", "command", "environment", "ports", "volumes", "depends_on", "restart",
        "healthcheck", "read_only", "tmpfs",
    }  # fmt: skip
    for service in services.values():
        assert set(service) <= known
    assert services["server"]["ports"] == ["127.0.0.1:8000:8000"]


def test_image_checks_the_readiness() -> None:
    (ready,) = [each.rule for each in health.operations if each.name == "get_readiness"]
    assert f"127.0.0.1:8000{ready}'" in DOCKERFILE

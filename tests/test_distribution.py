"""Tests of the wheel, which holds everything that the product needs."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.programs import free_port, serving
from tests.stores import ROOT

pytestmark = [pytest.mark.exhaustive, pytest.mark.xdist_group("distribution")]
OWN_UV = ROOT / ".venv-tools" / "bin" / "uv"


def done(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Return the output of a program, which must succeed."""
    ran = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel with the locked build backend."""
    directory = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory, cwd=ROOT)
    (made,) = directory.iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and its locked dependencies alone, and return the path of the command."""
    uv = str(OWN_UV if OWN_UV.exists() else shutil.which("uv"))
    place = tmp_path_factory.mktemp("elsewhere")
    locked = place / "requirements.txt"
    needed = ("export", "--quiet", "--frozen", "--no-dev", "--no-emit-project")
    done(uv, *needed, "--output-file", locked, cwd=ROOT)
    done(uv, "venv", "--quiet", "--python", sys.executable, place / "venv", cwd=place)
    python = place / "venv" / "bin" / "python"
    install = (uv, "pip", "install", "--quiet", "--python", python)
    done(*install, "--requirements", locked, cwd=place)
    done(*install, "--no-deps", wheel, cwd=place)
    return python.with_name("catalogue")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty working folder, with an empty home."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    yield tmp_path / "here"
    assert list((tmp_path / "home").iterdir()) == [], "the product wrote into the user's home"


def test_wheel_holds_only_the_product(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"catalogue"}
    for file in (
        "catalogue/migrations/env.py",
        "catalogue/openapi/catalogue.json",
        "catalogue/demonstration/data/board.json",
        "catalogue/agencies/reference/agencies.csv",
        "catalogue/reports/highlights/report.typ",
        "catalogue/web/static/LICENCE-govuk-frontend.txt",
        "catalogue/web/static/site.css",
        "catalogue/web/static/site.js",
        "catalogue/web/templates/layout.html",
    ):
        assert file in names


def test_installed_command_shows_its_help(installed: Path, empty: Path) -> None:
    said = done(installed, "--help", cwd=empty)
    assert said == done(Path(sys.executable).with_name("catalogue"), "--help", cwd=empty)
    assert list(empty.iterdir()) == []


def test_installed_command_serves_the_demonstration(installed: Path, empty: Path) -> None:
    port = free_port()
    done(installed, "demo", "--no-serve", "--port", str(port), cwd=empty)
    with serving("demo", port=port, cwd=empty, command=installed):
        api = f"http://127.0.0.1:{port}/v1"
        document = httpx.get(f"{api}/openapi.json").raise_for_status().json()
        assert document["servers"] == [{"url": f"http://127.0.0.1:{port}"}]
        header = (empty / "var" / "demo-access" / "board.header").read_text().strip()
        name, _, value = header.partition(": ")
        programmes = httpx.get(f"{api}/programmes", headers={name: value}).raise_for_status()
        assert len(programmes.json()["items"]) == 1
        page = httpx.get(f"{api}/highlight-reports", headers={name: value}).raise_for_status()
        (report, *_) = page.json()["items"]
        html = httpx.get(
            f"{api}/highlight-reports/{report['id']}/document.html", headers={name: value}
        ).raise_for_status()
        assert html.text.startswith("<!DOCTYPE html>")

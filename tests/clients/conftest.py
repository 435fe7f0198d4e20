"""Clients generated from the committed document, and a server for them to talk to."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from catalogue.core.tables.formats import XLSX_MEDIA
from tests.programs import free_port, ran, serving
from tests.stores import ROOT, Store

DOCUMENT = ROOT / "openapi" / "catalogue.json"
PACKAGE = "generated_catalogue_client"
SCOPES = "agencies:read systems:read systems:write imports:write overlaps:read overlaps:write"


@dataclass(frozen=True)
class Generated:
    """The Python client, and what its generator said."""

    folder: Path
    output: str

    def module(self, name: str) -> ModuleType:
        """A module of the client."""
        return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """The Python client, generated for this run and importable."""
    folder = tmp_path_factory.mktemp("clients")
    # The generator knows neither PDF nor XLSX by itself: docs/how-to/generate-a-client.md describes
    # this setting.
    config = folder / "config.yaml"
    config.write_text(
        "content_type_overrides:\n"
        "  application/pdf: application/octet-stream\n"
        f"  {XLSX_MEDIA}: application/octet-stream\n"
    )
    scripts = str(Path(sys.executable).parent)
    made = subprocess.run(
        [
            Path(scripts, "openapi-python-client"),
            "generate",
            "--path",
            DOCUMENT,
            "--meta",
            "none",
            "--output-path",
            folder / PACKAGE,
            "--config",
            config,
        ],
        env=os.environ | {"PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    output = made.stdout + made.stderr
    assert made.returncode == 0, output
    sys.path.insert(0, str(folder))
    yield Generated(folder / PACKAGE, output)
    sys.path.remove(str(folder))


@dataclass(frozen=True)
class Served:
    """A server, and a client of one agency."""

    address: str
    client_id: str
    client_secret: str
    admit: Callable[[str, str], tuple[str, str]]
    """Makes another client, of an agency and with scopes: its id and its secret."""

    def token(self, client_id: str = "", client_secret: str = "") -> str:
        """A token by client credentials, as any OAuth library asks for one."""
        answer = httpx.post(
            f"{self.address}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id or self.client_id, client_secret or self.client_secret),
        )
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[Served]:
    """The product as it is started in earnest, on the store, with a client made on the machine."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"CATALOGUE_DATABASE_URL": store.url, "CATALOGUE_PUBLIC_URL": address}
    loaded = ran("reference", "load", cwd=tmp_path, **settings)
    assert loaded.returncode == 0, loaded.stderr

    def admit(agency: str, scopes: str) -> tuple[str, str]:
        made = ran(
            *("clients", "create", "--agency", agency, "--scope", scopes, "--json"),
            cwd=tmp_path,
            **settings,
        )
        assert made.returncode == 0, made.stderr
        client = json.loads(made.stdout)
        return client["client_id"], client["client_secret"]

    client = admit("bedfordshire-police", SCOPES)
    with serving("serve", "--workers", "1", port=port, cwd=tmp_path, **settings):
        yield Served(address, *client, admit)

"""Clients generated from the committed document, and a server for them to talk to."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

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
    """The Python client, made anew for this run and importable."""
    folder = tmp_path_factory.mktemp("clients")
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


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[Served]:
    """The product as it is started in earnest, on the store, with a client made on the machine."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"CATALOGUE_DATABASE_URL": store.url, "CATALOGUE_PUBLIC_URL": address}
    loaded = ran("reference", "load", cwd=tmp_path, **settings)
    assert loaded.returncode == 0, loaded.stderr
    made = ran(
        *("clients", "create", "--agency", "bedfordshire-police", "--scope", SCOPES, "--json"),
        cwd=tmp_path,
        **settings,
    )
    assert made.returncode == 0, made.stderr
    client = json.loads(made.stdout)
    with serving("serve", "--workers", "1", port=port, cwd=tmp_path, **settings):
        yield Served(address, client["client_id"], client["client_secret"])

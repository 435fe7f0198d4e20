"""The product's command, run as a user runs it, and always ended."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit

import httpx
from flask import Flask
from werkzeug.serving import make_server

from tests.threads import PATIENCE_SECONDS

COMMAND = Path(sys.executable).with_name("catalogue")


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of this process, with these settings of the product alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CATALOGUE_")}
    return kept | settings


def ran(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, and return the result."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS * 10,
        check=False,
    )


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving_app(app: Flask, address: str) -> Iterator[None]:
    """Serve an app of this process at an address of this machine."""
    port = urlsplit(address).port
    assert port
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(PATIENCE_SECONDS)
        server.server_close()


@contextmanager
def serving(
    *arguments: str, port: int, cwd: Path, command: Path = COMMAND, **settings: str
) -> Iterator[Path]:
    """Run a server, and yield the file of its output once it responds. End its children too."""
    said = cwd / "server.log"
    with said.open("w") as out:
        process = subprocess.Popen(
            [command, *arguments, "--port", str(port)],
            cwd=cwd,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for_answer(port, process, said)
        yield said
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for_answer(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = monotonic() + PATIENCE_SECONDS * 10
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=1).raise_for_status()
        except httpx.HTTPError:
            assert process.poll() is None, said.read_text()
            assert monotonic() < deadline, said.read_text()
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        else:
            return

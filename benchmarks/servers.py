"""Granian, with the same settings for the product and for the floor."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0


@dataclass(frozen=True)
class ServerOptions:
    """The settings of granian that matter for speed."""

    workers: int = 2
    blocking_threads: int = 4

    def arguments(self) -> list[str]:
        """As granian's command line takes them."""
        return [
            "--interface=wsgi",
            "--http=1",
            "--no-ws",
            f"--workers={self.workers}",
            f"--blocking-threads={self.blocking_threads}",
            "--log-level=warning",
        ]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(target: str, options: ServerOptions, environment: dict[str, str]) -> Iterator[int]:
    """Serve what a factory makes; gives the port. RuntimeError if it does not start."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", target, "--factory", f"--port={port}",
         *options.arguments()],
        cwd=ROOT, env=os.environ | environment, start_new_session=True,
    )  # fmt: skip
    try:
        _wait(server, port)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(timeout=10)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers: granian listens before its workers are ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as asking:
                asking.sendall(b"HEAD /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                if asking.recv(1):
                    return
        except ConnectionError:
            pass
        time.sleep(0.05)
    raise RuntimeError("The server did not start.")

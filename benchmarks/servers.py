"""The server of `catalogue serve`, which runs both the product and the floor.

python -m benchmarks.servers TARGET PORT WORKERS THREADS
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalogue.core.server import run

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120.0


@dataclass(frozen=True)
class ServerOptions:
    """The options of `catalogue serve`: the processes, and the threads in each."""

    workers: int = 2
    threads: int = 4


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(target: str, options: ServerOptions, environment: dict[str, str]) -> Iterator[int]:
    """Serve the app of a factory, and yield its port. Raises RuntimeError if it does not start."""
    port = free_port()
    with tempfile.TemporaryFile() as output:
        server = subprocess.Popen(
            [sys.executable, "-m", __name__, target, str(port), str(options.workers),
             str(options.threads)],
            cwd=ROOT, env=os.environ | environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            if not _wait_for_response(server, port):
                output.seek(0)
                raise RuntimeError(f"The server did not start.\n{output.read().decode()}")
            yield port
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(timeout=10)


def _wait_for_response(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait for the first response, because granian listens before its workers are ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
                connection.sendall(b"HEAD /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                if connection.recv(1):
                    return True
        except ConnectionError:
            pass
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    _target, _port, _workers, _threads = sys.argv[1:]
    run(
        host="127.0.0.1",
        port=int(_port),
        workers=int(_workers),
        threads=int(_threads),
        application=_target,
    )

"""A server that is stopped while it starts ends at once."""

import os
import signal
import subprocess
from pathlib import Path
from time import monotonic, sleep

from tests.programs import COMMAND, environment, free_port
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS


def test_worker_that_is_starting_ends_at_the_signal_to_stop(store: Store, tmp_path: Path) -> None:
    settings = {
        "CATALOGUE_DATABASE_URL": store.url,
        "CATALOGUE_PUBLIC_URL": store.settings.public_url,
    }
    log = tmp_path / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [COMMAND, "serve", "--workers", "1", "--port", str(free_port())],
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = monotonic() + PATIENCE_SECONDS
        while "Spawning worker" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert monotonic() < deadline, log.read_text()
            sleep(0.01)
        server.terminate()
        assert server.wait(PATIENCE_SECONDS) == 0
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    assert "Killing worker" not in log.read_text()

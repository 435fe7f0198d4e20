"""A throwaway PostgreSQL cluster, made with the machine's own `initdb`.

The cluster stops by itself. A keeper, a process of its own, starts the server when one is first
asked for, and holds the reading end of a pipe whose other end only we hold: when that closes,
because the run has ended, was interrupted or was killed, the keeper stops the server and deletes
its files.
"""

import glob
import os
import pwd
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST = 15
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/local/pgsql/bin",
)
SERVER_OPTIONS = {
    # It is thrown away: nothing has to survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # It would go through the hundreds of databases of a run in turn, and take half of its time.
    "autovacuum": "off",
    "jit": "off",
    # Only through the socket, in a directory that only its owner may enter.
    "listen_addresses": "''",
    "max_connections": "120",
    "shared_buffers": "128MB",
}


class PostgresFailed(Exception):
    """The error for PostgreSQL's programs that exist on the machine but do not work."""


def find_binaries() -> Path | None:
    """Return the directory of the newest complete PostgreSQL on this machine, or None.

    A program in PATH can be a link whose target is missing, so each is tried.
    """
    places = [Path(place) for place in os.environ.get("PATH", "").split(os.pathsep) if place]
    places += [Path(found) for pattern in PLACES for found in glob.glob(pattern)]  # noqa: PTH207
    found: dict[Path, int] = {}
    for place in places:
        directory = (place / "initdb").resolve().parent
        if directory not in found:
            found[directory] = _major_version(directory)
    newest = max(found, key=lambda directory: found[directory], default=None)
    return newest if newest and found[newest] >= OLDEST else None


def _major_version(directory: Path) -> int:
    """Return the version of a PostgreSQL installation, or 0 if it is incomplete or does not run."""
    if not (directory / "pg_ctl").exists() or not (directory / "postgres").exists():
        return 0
    try:
        answer = subprocess.run(
            [directory / "initdb", "--version"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    number = re.search(r"(\d+)", answer.stdout)
    return int(number[1]) if number and answer.returncode == 0 else 0


def ordinary_user() -> dict[str, Any]:
    """Return the user for subprocess, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {"user": 65534, "group": 65534, "extra_groups": []}


def place_for_files() -> str | None:
    """Return a folder for the cluster's files. The ordinary user may not read root's TMPDIR."""
    default = Path(tempfile.gettempdir()).resolve()
    if os.geteuid() == 0 and not all(p.stat().st_mode & 0o001 for p in (default, *default.parents)):
        return "/tmp"
    return None


@dataclass(frozen=True)
class Cluster:
    """The place of a throwaway cluster, which starts at its first use."""

    directory: Path

    @property
    def url(self) -> str:
        """Return the address of the first database, as superuser. Starts the server if needed."""
        with socket.socket(socket.AF_UNIX) as keeper:
            keeper.connect(str(self.directory / "keeper"))
            complaint = keeper.makefile().read()
        if complaint:
            raise PostgresFailed(complaint)
        return f"postgresql://catalogue@/postgres?host={self.directory}"


class Keeper:
    """A handle on the process that keeps a cluster."""

    def __init__(self, binaries: Path) -> None:
        directory = Path(tempfile.mkdtemp(prefix="catalogue-pg-", dir=place_for_files()))
        user = ordinary_user()
        if user:
            os.chown(directory, user["user"], user["group"])
        self.cluster = Cluster(directory)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(directory / "keeper"))
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, "-I", __file__, str(listener.fileno()), directory, binaries],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C in a terminal must not reach it
                cwd="/",
            )

    def release(self) -> None:
        """Stop the server, if it was started, and delete its files."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=300)


def keep(listener: socket.socket, directory: Path, binaries: Path) -> None:
    """Keep a cluster: start the server at the first call, and stop it when standard input ends."""
    started = False
    while True:
        ready, _, _ = select.select([sys.stdin, listener], [], [])
        if sys.stdin in ready:
            break
        caller, _ = listener.accept()
        with caller:
            try:
                if not started:
                    start(directory, binaries)
                started = True
            except (OSError, subprocess.SubprocessError, PostgresFailed) as error:
                caller.sendall(f"{type(error).__name__}: {error}".encode())
    if (directory / "data" / "postmaster.pid").exists():
        run(directory, binaries / "pg_ctl", "stop", "--mode=immediate")
    shutil.rmtree(directory, ignore_errors=True)


def start(directory: Path, binaries: Path) -> None:
    """Make the cluster, and start its server."""
    shutil.rmtree(directory / "data", ignore_errors=True)
    run(
        directory, binaries / "initdb",
        "--username=catalogue", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
    )  # fmt: skip
    options = " ".join(f"-c {name}={value}" for name, value in SERVER_OPTIONS.items())
    run(
        directory, binaries / "pg_ctl", "start", "--wait", f"--log={directory}/log",
        f"--options={options} -k {directory}",
    )  # fmt: skip


def run(directory: Path, program: Path, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the cluster. The error of a failure holds its output."""
    # Output goes to a file: the server inherits it, and would hold a pipe open for ever.
    said = directory / f"{program.name}.out"
    with said.open("w") as out:
        answer = subprocess.run(
            [program, *arguments, f"--pgdata={directory}/data"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            cwd=directory, env={**os.environ, "LC_ALL": "C"}, timeout=240, **ordinary_user(),
        )  # fmt: skip
    if answer.returncode:
        log = directory / "log"
        raise PostgresFailed(said.read_text() + (log.read_text() if log.exists() else ""))


if __name__ == "__main__":
    keep(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]))

"""Workbooks read in a process of their own, which may die of a bad file without harm.

The reader lays out whatever a file describes, and a small file can describe more than there is
memory. Memory that runs out ends the process at once and cannot be caught. So each workbook is
read by a child with little memory and little time; what it finds comes back through a pipe.
"""

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.archives import ArchiveLimits, damaged
from catalogue.data_exchange.spreadsheets.workbooks import Sheet, SheetLimits, read_workbook

MOST_MEMORY = 1 << 30
"""Bytes of address space that reading one workbook may take."""
MOST_PROCESSOR_SECONDS = 20
LONGEST_SECONDS: float = 30
_MODULE = "catalogue.data_exchange.sandbox"
_ROOT = str(Path(__file__).resolve().parents[2])
# Those who wait take no memory; those who read may take much.
_READING = threading.BoundedSemaphore(2)
_OVERRUN = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU}


def read_in_sandbox(
    data: bytes, *, sheet: str | None, archive: ArchiveLimits, limits: SheetLimits
) -> Sheet:
    """As `read_workbook`. Raises TableProblem, too, where reading takes too much or breaks off."""
    asked = pickle.dumps((data, sheet, archive, limits), pickle.HIGHEST_PROTOCOL)
    path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")]))
    with _READING:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, and nothing of the file's
                [sys.executable, "-m", _MODULE],
                input=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_large() from None
    if done.returncode in _OVERRUN:
        raise _too_large()
    if done.returncode:
        raise damaged("reading it breaks off")
    found = pickle.loads(done.stdout)  # noqa: S301 - written by the child, from plain values
    if isinstance(found, Sheet):
        return found
    raise TableProblem(**found)


def _too_large() -> TableProblem:
    return TableProblem(
        "too_large", "Reading the spreadsheet takes too much memory or time. Send it in parts."
    )


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    seconds = MOST_PROCESSOR_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _answer() -> Sheet | dict[str, Any]:
    data, sheet, archive, limits = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent
    try:
        return read_workbook(data, sheet=sheet, archive=archive, limits=limits)
    except TableProblem as problem:
        return asdict(problem)
    except MemoryError:
        return asdict(_too_large())


def main() -> None:
    """Read the workbook that comes in, and write what is found."""
    _limit_resources()
    try:
        pickle.dump(_answer(), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.buffer.flush()
    # What was read need not be taken apart piece by piece.
    os._exit(0)


if __name__ == "__main__":
    main()

"""The sandbox for workbooks: a child process that can fail without harm.

The reader builds in memory every cell that a file declares, so a small file can exhaust the memory.
A process that runs out of memory ends at once, and no code can catch the error. So a child process
with limits on memory and time reads each workbook, and returns the result through a pipe.
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
"""The bytes of address space for reading one workbook."""
MOST_PROCESSOR_SECONDS = 20
LONGEST_SECONDS: float = 30
_MODULE = "catalogue.data_exchange.sandbox"
_ROOT = str(Path(__file__).resolve().parents[2])
# A child process can use much memory, so other threads wait while two of them read.
_READING = threading.BoundedSemaphore(2)
_OVERRUN = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU}


def read_in_sandbox(
    data: bytes, *, sheet: str | None, archive: ArchiveLimits, limits: SheetLimits
) -> Sheet:
    """Read a workbook as `read_workbook` does.

    Raises TableProblem as that function does, and if reading needs too much memory or time or
    fails.
    """
    task = pickle.dumps((data, sheet, archive, limits), pickle.HIGHEST_PROTOCOL)
    path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")]))
    with _READING:
        try:
            process = subprocess.run(  # noqa: S603 - runs this module; the file is only input
                [sys.executable, "-m", _MODULE],
                input=task,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_large() from None
    if process.returncode in _OVERRUN:
        raise _too_large()
    if process.returncode:
        raise damaged("the reader failed")
    result = pickle.loads(process.stdout)  # noqa: S301 - written by the child, from plain values
    if isinstance(result, Sheet):
        return result
    raise TableProblem(**result)


def _too_large() -> TableProblem:
    return TableProblem(
        "too_large",
        "The spreadsheet needs too much memory or time. Split the file and send the parts.",
    )


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    seconds = MOST_PROCESSOR_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _read() -> Sheet | dict[str, Any]:
    data, sheet, archive, limits = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent
    try:
        return read_workbook(data, sheet=sheet, archive=archive, limits=limits)
    except TableProblem as problem:
        return asdict(problem)
    except MemoryError:
        return asdict(_too_large())


def main() -> None:
    """Read a workbook from standard input, and write its sheet to standard output."""
    _limit_resources()
    try:
        pickle.dump(_read(), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.buffer.flush()
    # Skip the clean-up of a large sheet, which takes time and frees nothing more.
    os._exit(0)


if __name__ == "__main__":
    main()

"""The worker that runs jobs: a thread of the server, or a process of its own."""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from catalogue.core.application import database, ports
from catalogue.core.context import Ports
from catalogue.core.database import Database
from catalogue.core.jobs.operations import run_chores, run_next
from catalogue.core.jobs.presence import present

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
CHORE_SECONDS = 600.0
"""The time between two runs of the chores."""


SideTask = Callable[[Database, Ports], bool]
_side_tasks: list[SideTask] = []


def side_task(run: SideTask) -> SideTask:
    """Register a function that each worker calls again and again, in a thread of its own.

    So a long job does not delay it. The function returns False if it found nothing to do.
    """
    _side_tasks.append(run)
    return run


def run_waiting(app: Flask) -> int:
    """Run every job that waits, and return their number."""
    ran = 0
    while run_next(database(app), ports(app)):
        ran += 1
    return ran


def work(app: Flask, stop: threading.Event) -> None:
    """Run jobs and side tasks until `stop` is set. If the database does not respond, wait for it."""
    for task in _side_tasks:
        name = f"catalogue-{task.__name__}"
        threading.Thread(target=_repeat, args=(app, task, stop), name=name, daemon=True).start()
    next_chores = time.monotonic() + CHORE_SECONDS
    with present(database(app)):
        while not stop.is_set():
            try:
                run_waiting(app)
                if time.monotonic() >= next_chores:
                    next_chores = time.monotonic() + CHORE_SECONDS
                    run_chores(database(app))
            except Exception:
                log.exception("The worker could not look for jobs")
            stop.wait(PAUSE_SECONDS)


def _repeat(app: Flask, task: SideTask, stop: threading.Event) -> None:
    while not stop.is_set():
        busy = False
        try:
            busy = task(database(app), ports(app))
        except Exception:
            log.exception("The worker could not run %s", task.__name__)
        if not busy:
            stop.wait(PAUSE_SECONDS)


def start_embedded(app: Flask) -> threading.Event:
    """Run jobs in a thread of this process. Return the event that stops the thread."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(app, stop), name="catalogue-jobs", daemon=True)
    thread.start()
    return stop

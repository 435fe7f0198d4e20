"""The worker: a thread in the server for a small installation, or a process of its own."""

import logging
import threading

from flask import Flask

from catalogue.core.application import database, ports
from catalogue.core.jobs.operations import run_next

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


def run_waiting(app: Flask) -> int:
    """Run every job that waits; how many there were."""
    ran = 0
    while run_next(database(app), ports(app)):
        ran += 1
    return ran


def work(app: Flask, stop: threading.Event) -> None:
    """Run jobs as they come, until told to stop. A database that is away is waited for."""
    while not stop.is_set():
        try:
            run_waiting(app)
        except Exception:
            log.exception("The worker could not look for jobs")
        stop.wait(PAUSE_SECONDS)


def start_embedded(app: Flask) -> threading.Event:
    """Run jobs in a thread of this process; set the event that it returns to stop."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(app, stop), name="catalogue-jobs", daemon=True)
    thread.start()
    return stop

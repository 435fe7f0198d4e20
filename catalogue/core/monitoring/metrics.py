"""Metrics of the server for Prometheus, at an address of their own.

Each server process writes its numbers into files of a shared folder. The main process, which serves
no requests of clients, adds them up and reads the numbers of the queue from the database. No label
holds an id, a path or a name of an agency.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.config import Settings
from catalogue.core.database import Database, UnitOfWork, pairs
from catalogue.core.jobs.models import Job, JobStatus, JobWorker

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment by which prometheus_client finds the shared folder."""


class Exporter:
    """The server of the metrics in the main process.

    Raises ImportError if the extra `metrics` is missing, and OSError if the address is in use.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder = tempfile.mkdtemp(prefix="catalogue-metrics-")
        os.environ[FOLDER_VARIABLE] = self._folder
        try:
            self._server = self._listen(settings)
        except (ImportError, OSError):
            self._remove_folder()
            raise
        # A server process is a copy of this one, and must not keep the address.
        os.register_at_fork(after_in_child=self._server.socket.close)

    def _listen(self, settings: Settings) -> Any:
        from prometheus_client import CollectorRegistry, start_http_server
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        registry.register(_QueueCollector(settings, Path(self._folder)))
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        host, _, port = settings.metrics_address.rpartition(":")
        server, _thread = start_http_server(int(port), host.strip("[]"), registry)
        return server

    def close(self) -> None:
        """Stop the server, and remove the shared folder."""
        self._server.shutdown()
        self._server.server_close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        # A program that this process starts later must not look for the folder.
        os.environ.pop(FOLDER_VARIABLE, None)
        shutil.rmtree(self._folder, ignore_errors=True)


class _QueueCollector:
    """The numbers of the queue, which every read of the metrics takes from the database."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._database = Database(settings)
        self._folder = folder

    def describe(self) -> "list[GaugeMetricFamily]":
        """List nothing, so that a registration does not read the database."""
        return []

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        """Read the numbers. Without a database, show only that it does not respond."""
        _forget_ended_processes(self._folder)
        found: list[GaugeMetricFamily] = []
        with suppress(sa.exc.SQLAlchemyError):
            found = self._read()
        yield _gauge("catalogue_database_up", "1 if the database responds, else 0.", bool(found))
        yield from found
        # New server processes are copies of this one, and must not inherit a connection.
        self._database.engine.dispose()

    def _read(self) -> "list[GaugeMetricFamily]":
        now = clock.now()
        with UnitOfWork(self._database, read_only=True) as work:
            by_status = sa.select(Job.status, sa.func.count()).group_by(Job.status)
            counts = pairs(work.session, by_status)
            queued = sa.select(sa.func.min(Job.created_at)).where(Job.status == JobStatus.QUEUED)
            oldest = work.session.scalar(queued)
            workers = work.session.scalar(
                sa.select(sa.func.count()).where(JobWorker.seen_until > now)
            )
        jobs = _gauge("catalogue_jobs", "The jobs by their status.", None, "status")
        for status in JobStatus:
            jobs.add_metric([status.value], counts.get(status, 0))
        waited = (now - oldest).total_seconds() if oldest else 0.0
        return [
            jobs,
            _gauge(
                "catalogue_oldest_queued_job_seconds",
                "The age of the oldest job that waits for a worker. 0 if none waits.",
                waited,
            ),
            _gauge("catalogue_workers", "The workers that were seen lately.", workers or 0),
        ]


def _gauge(name: str, meaning: str, value: float | None, *labels: str) -> "GaugeMetricFamily":
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, meaning, value=value, labels=labels or None)


def _forget_ended_processes(folder: Path) -> None:
    """Remove the present numbers of processes that have ended."""
    from prometheus_client.multiprocess import mark_process_dead

    for file in folder.glob("gauge_live*_*.db"):
        process = re.sub(r"\D", "", file.stem.rpartition("_")[2])
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            mark_process_dead(int(process), str(folder))  # type: ignore[no-untyped-call]

"""Stop requests: files beside an SQLite database that name running jobs to be cancelled.

On SQLite a running job holds the only write lock, so nobody can change its row. A file reaches the
worker in whatever process it runs. On PostgreSQL the row itself is changed, and there are no files.
"""

from pathlib import Path
from uuid import UUID

from catalogue.core.database import Database


def request(database: Database, job_id: UUID) -> None:
    """Request that a running job stops at its next step."""
    if file := _file(database, job_id):
        file.touch()


def is_requested(database: Database, job_id: UUID) -> bool:
    """Return whether a running job must stop."""
    file = _file(database, job_id)
    return file is not None and file.exists()


def clear(database: Database, job_id: UUID) -> None:
    """Remove the request for a job that has ended."""
    if file := _file(database, job_id):
        file.unlink(missing_ok=True)


def _file(database: Database, job_id: UUID) -> Path | None:
    path = database.engine.url.database
    if database.dialect != "sqlite" or not path or path == ":memory:":
        return None
    return Path(f"{path}-stop-{job_id}")

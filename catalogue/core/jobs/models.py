"""The queue of jobs, which is also what `/v1/jobs` shows."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.types import Json, enumeration


class JobStatus(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Job(Entity):
    """One piece of work, for one agency."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_status_lease_until", "status", "lease_until"),)

    kind: Mapped[str] = mapped_column(sa.String(50))
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    scopes: Mapped[list[str]] = mapped_column(Json)
    arguments: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[JobStatus] = mapped_column(enumeration(JobStatus), default=JobStatus.QUEUED)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
    attempts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]

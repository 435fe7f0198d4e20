"""The queue of jobs, which `/v1/jobs` lists, and the workers that run them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.database import Base, Entity
from catalogue.core.ids import new_id
from catalogue.core.types import Json, enumeration
from catalogue.core.vocabulary import Vocabulary

_SUBJECT, _PROVIDER_TOKEN = "acting_subject", "acting_provider_token"
"""Keys among a job's arguments for the actor. No kind of job has arguments of these names."""


class JobStatus(Vocabulary):
    """The state of a job."""

    QUEUED = "queued", "The job waits for a worker."
    RUNNING = "running", "A worker runs the job."
    SUCCEEDED = "succeeded", "The job has finished, and `result` holds its result."
    FAILED = "failed", "The job has stopped, and `problem` states why. Nothing was changed."
    CANCELLED = "cancelled", "A client has cancelled the job. Nothing was changed."


class Job(Entity):
    """A piece of work that a client queued, with its progress and result."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_status_lease_until", "status", "lease_until"),)

    kind: Mapped[str] = mapped_column(sa.String(50))
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    scopes: Mapped[list[str]] = mapped_column(Json)
    arguments: Mapped[dict[str, Any]] = mapped_column(Json)
    """The arguments of the kind's function, and until the job ends the person who queued it."""
    status: Mapped[JobStatus] = mapped_column(enumeration(JobStatus), default=JobStatus.QUEUED)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
    attempts: Mapped[int] = mapped_column(default=0)
    attempts_allowed: Mapped[int] = mapped_column(default=3, server_default=sa.text("3"))
    """The number of attempts after which the job fails. A retry allows more."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]

    @property
    def subject(self) -> str | None:
        """The person or client that queued the job, as its access token names the subject."""
        return self.arguments.get(_SUBJECT)

    @property
    def provider_token(self) -> dict[str, Any] | None:
        """The parts of an identity provider's token that the rights of the job depend on."""
        return self.arguments.get(_PROVIDER_TOKEN)

    @property
    def kind_arguments(self) -> dict[str, Any]:
        """The arguments of the kind's function."""
        of_actor = {_SUBJECT, _PROVIDER_TOKEN}
        return {name: value for name, value in self.arguments.items() if name not in of_actor}

    def act_for(self, actor: Actor, arguments: dict[str, Any]) -> None:
        """Set the actor who answers for the job, and the arguments of the kind's function."""
        self.client_id, self.scopes = actor.client_id, sorted(actor.scopes)
        of_actor = {_SUBJECT: actor.subject, _PROVIDER_TOKEN: actor.provider_token}
        self.arguments = arguments | {name: value for name, value in of_actor.items() if value}


class JobWorker(Base):
    """A process that runs jobs, and the moment until which it counts as present."""

    __tablename__ = "job_worker"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_until: Mapped[datetime]

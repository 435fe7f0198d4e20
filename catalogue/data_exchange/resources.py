"""Import resources: a summary for lists, and the whole report."""

from typing import Any

import sqlalchemy as sa

from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.data_exchange.models import Import
from catalogue.data_exchange.report import COUNTS
from catalogue.data_exchange.report_schemas import ImportSchema, ImportSummary

_REPORT = (
    "read_as",
    "mapping",
    "problem_count",
    "problems",
    "notice_count",
    "notices",
    "created_records",
    "updated_records",
    "not_seen_records",
    "unknown_word_count",
    "unknown_words",
)
_SUMMARY: dict[str, Any] = {
    "id": Import.id,
    "kind": Import.kind,
    "filename": Import.filename,
    "source": Import.source,
    "mode": Import.mode,
    "dry_run": Import.dry_run,
    "reason": Import.reason,
    "job_id": Import.job_id,
    "status": sa.func.coalesce(Job.status, sa.literal(JobStatus.SUCCEEDED, Job.status.type)),
    "progress_done": sa.func.coalesce(Job.progress_done, Import.rows),
    "progress_total": sa.case((Job.id.is_(None), Import.rows), else_=Job.progress_total),
    "written": Import.written,
    "undone_at": Import.undone_at,
    "dry_run_id": Import.dry_run_id,
    "loadable_until": sa.case(
        (Import.content.is_not(None), Import.loadable_until), else_=sa.null()
    ),
    **{name: getattr(Import, name) for name in COUNTS},
    "created_at": Import.created_at,
    "finished_at": sa.case((Job.id.is_(None), Import.created_at), else_=Job.finished_at),
}
# An import of the command line has no job.
_SOURCE = sa.orm.outerjoin(Import, Job, Import.job_id == Job.id)

IMPORTS = Resource(
    name="import",
    path="/v1/imports",
    has_etags=False,
    model=Import,
    schema=ImportSummary,
    columns=_SUMMARY,
    source=_SOURCE,
    visible=Import.agency_id == ACTOR_AGENCY,
    default_sort="-created_at",
    owner="agency_id",
)

IMPORT_REPORTS = Resource(
    name="import",
    path="/v1/imports",
    has_etags=False,
    model=Import,
    schema=ImportSchema,
    columns=_SUMMARY | {name: getattr(Import, name) for name in _REPORT} | {"problem": Job.problem},
    source=_SOURCE,
    visible=Import.agency_id == ACTOR_AGENCY,
    default_sort="-created_at",
    owner="agency_id",
)

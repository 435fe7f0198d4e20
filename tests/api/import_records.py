"""Scenes of imports that were written, of dry runs that have ended, and of their jobs."""

from typing import Any

from tests.api.surface import BY_NAME, Op


def _import(world: Any, **form: str) -> str:
    """Send the example file, run its job, and return the import's id."""
    sent = world.request(BY_NAME["create_import"])
    answer = sent.but(form=sent.form | form).by(world.owner)
    assert answer.status_code == 202, answer.text
    world.run_jobs()
    return str(answer.json["id"])


def _undo(world: Any, op: Op) -> Any:
    world.records["import_id"] = _import(world, dry_run="false", mode="partial")
    return world.example(op)


def _load(world: Any, op: Op) -> Any:
    world.records["import_id"] = _import(world, dry_run="true", mode="partial")
    return world.example(op)


def _retry(world: Any, op: Op) -> Any:
    cancelled = world.owner.post(f"/v1/jobs/{world.record('job_id')}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    return world.example(op)


IMPORT_SCENES = {"undo_import": _undo, "load_dry_run": _load, "retry_job": _retry}

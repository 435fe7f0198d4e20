"""Endpoints for load balancers and monitoring: liveness and readiness. Both are public."""

from dataclasses import asdict
from typing import Any

import orjson
from flask import Response

from catalogue.core.context import Context
from catalogue.core.errors import Unavailable
from catalogue.core.health.operations import find_readiness
from catalogue.core.health.schemas import LivenessSchema, ReadinessSchema
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from catalogue.core.rest.etag import json_response

blp = Blueprint(
    "health",
    __name__,
    url_prefix="/health",
    description="The health of the server, for load balancers and monitoring.",
)


@blp.get("/live", scope=PUBLIC, response=LivenessSchema)
def get_liveness(_context: Context) -> Response:
    """Check that the process responds.

    The response does not depend on the database. Restart a process that does not respond.
    """
    return _uncached({"status": "ok"})


@blp.get("/ready", scope=PUBLIC, response=ReadinessSchema)
def get_readiness(context: Context) -> Response:
    """Check that the server can serve requests.

    The database must respond, and its structure must suit this release. If not, the response is
    503, and `checks` of the problem document shows the reason. A missing worker or a job that waits
    too long is a warning, because the server still responds to requests. The result is at most a
    second old.
    """
    readiness = find_readiness(context.database)
    checks = {name: asdict(check) for name, check in readiness.checks.items()}
    if not readiness.is_ready:
        raise Unavailable(
            "The server cannot serve requests. Correct the failed checks.",
            extra={"checks": checks},
        )
    return _uncached({"status": readiness.status, "checks": checks})


def _uncached(document: dict[str, Any]) -> Response:
    return json_response(orjson.dumps(document), headers={"Cache-Control": "no-store"})

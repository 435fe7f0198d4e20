"""Metrics at an address of their own, and traces: both off by default, and without contents."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.core.commands import metrics_of, require_extras
from catalogue.core.config import Settings
from catalogue.core.jobs.operations import enqueue
from catalogue.core.rest import request_metrics
from catalogue.core.rest.request_metrics import count_requests
from tests.contexts import acting
from tests.core.trial_jobs import KIND, Trial
from tests.factories import BEDS, token_for
from tests.programs import environment, free_port, serving
from tests.stores import Run, Store, make_database


def sample(text: str, name: str, **labels: str) -> float:
    """Return a value of the text of Prometheus, or 0."""
    for line in text.splitlines():
        written, _, value = line.rpartition(" ")
        if written.partition("{")[0] == name and all(
            f'{label}="{content}"' in written for label, content in labels.items()
        ):
            return float(value)
    return 0.0


def test_metrics_add_up_the_requests_of_all_processes(
    run: Run, worker: str, tmp_path: Path
) -> None:
    url = make_database(run, "sqlite", worker).render_as_string(hide_password=False)
    port, metrics_port = free_port(), free_port()
    settings = {
        "CATALOGUE_DATABASE_URL": url,
        "CATALOGUE_METRICS_ADDRESS": f"127.0.0.1:{metrics_port}",
        "CATALOGUE_JOB_WORKER": "external",
    }
    api = f"http://127.0.0.1:{port}"
    with serving("serve", "--workers", "2", port=port, cwd=tmp_path, **settings):
        for _ in range(8):
            assert httpx.get(f"{api}/health/ready").status_code == 200
        httpx.get(f"{api}/v1/systems/01920000-0000-7000-8000-000000000001")
        httpx.get(f"{api}/nowhere/secret-path")
        wrong = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
        assert httpx.post(f"{api}/oauth/token", data=wrong).status_code == 401
        httpx.get(f"{api}/.well-known/oauth-authorization-server")
        httpx.get(f"{api}/docs/")
        assert httpx.get(f"{api}/metrics").status_code == 404
        text = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text
    requests = "catalogue_requests_total"
    assert sample(text, requests, operation="get_readiness", method="GET", status="200") == 8
    assert sample(text, "catalogue_request_seconds_count", operation="get_readiness") == 8
    assert sample(text, requests, operation="get_system", status="401") == 1
    assert sample(text, requests, operation="other", status="404") == 2
    token = {"operation": "issue_access_token", "method": "POST"}
    assert sample(text, requests, **token, status="401") == 1
    described = {"operation": "describe_authorization_server", "method": "GET"}
    assert sample(text, requests, **described, status="200") == 1
    assert sample(text, requests, operation="swagger_ui", method="GET", status="200") == 1
    assert sample(text, "catalogue_database_up") == 1
    assert sample(text, "catalogue_jobs", status="queued") == 0
    assert "catalogue_oldest_queued_job_seconds 0.0" in text
    assert "catalogue_workers 0.0" in text
    assert "catalogue_database_connections" in text
    for hidden in ("01920000", "secret-path", "sqlite"):
        assert hidden not in text


def test_metrics_of_the_queue_count_jobs(store: Store, session: Session, trial: Trial) -> None:
    for _ in range(2):
        enqueue(acting(session), KIND, {})
    session.commit()
    port = free_port()
    settings = Settings(
        database_url=store.settings.database_url, metrics_address=f"127.0.0.1:{port}"
    )
    with metrics_of(settings):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert sample(text, "catalogue_jobs", status="queued") == 2
    assert sample(text, "catalogue_oldest_queued_job_seconds") > 0
    broken = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/nothing", metrics_address=f"127.0.0.1:{port}"
    )
    with metrics_of(broken):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert "catalogue_database_up 0.0" in text
    assert "nobody" not in text
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


@pytest.mark.only_on("sqlite")
def test_request_that_cannot_be_counted_is_answered(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "not" / "there"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    app = store.app_with()
    count_requests(app)
    assert folder.is_dir()

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(request_metrics, "_count", fail)
    assert app.test_client().get("/health/live").status_code == 200


@pytest.mark.only_on("sqlite")
def test_metrics_are_off_by_default(client: FlaskClient) -> None:
    assert Settings().metrics_address == Settings().tracing_endpoint == ""
    with metrics_of(Settings()):
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("setting", "extra"), [("metrics_address", "metrics"), ("tracing_endpoint", "tracing")]
)
def test_setting_without_its_libraries_names_the_extra(
    setting: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.core.commands.find_spec", lambda _name: None)
    require_extras(Settings())
    with pytest.raises(Exception, match=rf"it-service-catalogue\[{extra}\]"):
        require_extras(Settings(**{setting: "127.0.0.1:9464"}))  # type: ignore[arg-type]


TRACED = """
import sys
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from catalogue.app import create_app
from catalogue.core.monitoring.tracing import instrument

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
app = create_app()
instrument(app, provider)
api = app.test_client()
api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {sys.argv[1]}"
made = api.post("/v1/systems", json={"name": "Hunter 2", "lifecycle": "live"})
paths = made.headers["Location"], "/health/ready"
print(made.status_code, *[api.get(path).status_code for path in paths])
api.get("/sign-in/beds/callback?code=authorisation-code")
"""


def test_spans_show_the_operation_and_statements_without_values(
    store: Store, app: Flask, session: Session
) -> None:
    # In a process of its own, because the library changes SQLAlchemy for the whole process.
    token = token_for(app, session, BEDS, "systems:read systems:write")
    ended = subprocess.run(
        [sys.executable, "-c", TRACED, token],
        env=environment(
            CATALOGUE_DATABASE_URL=store.url, CATALOGUE_PUBLIC_URL=store.settings.public_url
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.split() == ["201", "200", "200"], ended.stderr[-3000:]
    spans = ended.stderr
    assert '"POST /v1/systems"' in spans
    assert '"GET /v1/systems/<uuid:system_id>"' in spans
    assert "health" not in spans
    assert "INSERT INTO system" in spans
    assert "Hunter" not in spans
    assert "authorisation-code" not in spans

"""The application: settings, extensions, and the operations of every domain."""

import gc

# Imports leave little garbage, and collecting it takes a sixth of the start-up time.
gc.disable()

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from environs import EnvError
from flask import Flask, Response
from flask.json.provider import JSONProvider

from catalogue.access.authentication import Authenticator
from catalogue.access.challenges import challenge
from catalogue.access.client_standing import find_standing
from catalogue.access.identity.views import identity
from catalogue.access.identity_providers.verification import list_issuers
from catalogue.access.identity_providers.views import identity_providers
from catalogue.access.metadata import TOKEN_PATH
from catalogue.access.sessions.views import sessions
from catalogue.access.token_document import TOKEN_OPERATION, TOKEN_SCHEMAS, TOKEN_TAG
from catalogue.access.views import blp as oauth
from catalogue.agencies.sharing import find_shared_with
from catalogue.agencies.views import access_grants, agreements
from catalogue.agencies.views import blp as agencies
from catalogue.capabilities.views import blp as capabilities
from catalogue.contracts import references as contract_references
from catalogue.contracts.pipeline.public_views import pipeline
from catalogue.contracts.pipeline.views import pipeline_entries
from catalogue.contracts.views import contracts, costs
from catalogue.core.application import Application
from catalogue.core.application import settings as settings_of
from catalogue.core.config import Settings
from catalogue.core.context import Ports
from catalogue.core.database import Database
from catalogue.core.health.views import blp as health
from catalogue.core.jobs.views import blp as jobs
from catalogue.core.jobs.worker import start_embedded
from catalogue.core.logs.formats import configure as configure_log
from catalogue.core.migrations import compare
from catalogue.core.monitoring.tracing import trace_requests
from catalogue.core.rest import cors, documentation
from catalogue.core.rest.api import Api
from catalogue.core.rest.request_metrics import count_requests
from catalogue.core.wsgi.entrance import Entrance
from catalogue.core.wsgi.request_line import log as request_log
from catalogue.custom_fields.views import custom_fields
from catalogue.data_exchange.ocds.views import ocds_imports
from catalogue.data_exchange.saved_mappings.views import import_mappings
from catalogue.data_exchange.templates.views import import_templates
from catalogue.data_exchange.views import blp as imports
from catalogue.demonstration.role_sessions import NOT_LOCAL, PROVIDER_ENABLED
from catalogue.history.access_log import log_reads
from catalogue.history.long_poll import close_at_signals
from catalogue.history.views import blp as changes
from catalogue.programmes import references as programme_references
from catalogue.programmes.board.views import blockers, milestones, required_decisions, risks
from catalogue.programmes.dependencies.views import dependencies, orders, repointing
from catalogue.programmes.gates.views import gates
from catalogue.programmes.impact.views import calendars, notices, people
from catalogue.programmes.progress.views import progress
from catalogue.programmes.views import migrations, programmes, waves
from catalogue.rationalisation import references as rationalisation_references
from catalogue.rationalisation.decisions.views import decisions
from catalogue.rationalisation.options.views import options
from catalogue.rationalisation.overlaps.views import groupings, overlaps
from catalogue.rationalisation.readiness.views import group_readiness, readiness
from catalogue.rationalisation.similar.views import similar
from catalogue.reports.highlights.views import highlight_reports
from catalogue.reports.views import blp as reports
from catalogue.reports.waiting.views import waiting
from catalogue.savings import references as savings_references
from catalogue.savings.baselines.views import baselines
from catalogue.savings.benefits.views import benefits
from catalogue.savings.claims.views import savings
from catalogue.suppliers import references as supplier_references
from catalogue.suppliers.views import products, suppliers
from catalogue.systems import references as system_references
from catalogue.systems.attestations.views import attestations
from catalogue.systems.interfaces.views import interfaces
from catalogue.systems.uses.views import uses
from catalogue.systems.views import blp as systems
from catalogue.systems.views import upserts
from catalogue.systems.visibility.views import visibility
from catalogue.web import site
from catalogue.web.security import refuse_other_names
from catalogue.webhooks import dispatch as webhook_dispatch
from catalogue.webhooks.views import webhooks

gc.freeze()
gc.enable()

log = logging.getLogger(__name__)

BLUEPRINTS = (
    documentation.blp,
    health,
    identity,
    agencies,
    agreements,
    access_grants,
    identity_providers,
    sessions,
    capabilities,
    suppliers,
    products,
    custom_fields,
    systems,
    upserts,
    uses,
    attestations,
    visibility,
    interfaces,
    contracts,
    costs,
    pipeline_entries,
    overlaps,
    groupings,
    options,
    similar,
    decisions,
    readiness,
    group_readiness,
    programmes,
    waves,
    migrations,
    gates,
    dependencies,
    repointing,
    orders,
    people,
    notices,
    calendars,
    progress,
    milestones,
    risks,
    blockers,
    required_decisions,
    baselines,
    savings,
    benefits,
    waiting,
    reports,
    highlight_reports,
    imports,
    import_mappings,
    ocds_imports,
    import_templates,
    pipeline,
    changes,
    webhooks,
    jobs,
)

REFERENCES = (
    supplier_references,
    system_references,
    contract_references,
    rationalisation_references,
    programme_references,
    savings_references,
)
"""The modules that declare references. Each declares its own when it is imported."""

SIDE_TASKS = (webhook_dispatch.send_events,)
"""The functions that workers call beside the jobs. Each is registered when it is imported."""


class _OrjsonProvider(JSONProvider):
    def dumps(self, obj: Any, **_options: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return orjson.loads(s)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Raises UnusableDatabase or EnvError, which name the invalid setting."""
    app = Application(__name__, static_folder=None)
    app.json = _OrjsonProvider(app)
    settings = settings or Settings.from_environment()
    if settings.demonstration_sign_in and not settings.is_local:
        raise EnvError(NOT_LOCAL)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["database"] = Database(settings)
    app.extensions["ports"] = Ports(
        authenticate=Authenticator(settings).actor,
        find_standing=find_standing,
        challenge=challenge,
        find_shared_with=find_shared_with,
        log_reads=log_reads,
        show_problem=site.show_problem,
    )
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(oauth)
    api.describe_path(
        path=TOKEN_PATH,
        operations={"post": TOKEN_OPERATION},
        schemas=TOKEN_SCHEMAS,
        tag=TOKEN_TAG,
    )
    if settings.demonstration_sign_in:
        app.before_request(refuse_other_names)
    documentation.init_app(app)
    site.init_app(app)
    app.extensions["openapi"] = api
    app.after_request(_harden)
    cors.init_app(app, settings.cors_origins)
    roots = frozenset(rule.rule.split("/")[1] for rule in app.url_map.iter_rules())
    app.wsgi_app = Entrance(app.wsgi_app, settings, roots)  # type: ignore[method-assign]
    return app


def serving_app() -> Flask:
    """Make the application of a server, and start its worker.

    Exits if this release cannot use the structure of the database.
    """
    app = create_app()
    configured = settings_of(app)
    configure_log(configured.log_format)
    if configured.access_log:
        request_log.setLevel(logging.INFO)
    comparison = compare(app.extensions["database"].engine)
    if not comparison.usable:
        raise SystemExit(comparison.message)
    if comparison.is_newer:
        log.warning(comparison.message)
    with app.extensions["database"].engine.connect() as connection:
        if configured.demonstration_sign_in and list_issuers(connection):
            raise SystemExit(PROVIDER_ENABLED)
    if configured.job_worker == "embedded":
        start_embedded(app)
    count_requests(app)
    if endpoint := configured.tracing_endpoint:
        trace_requests(app, endpoint)
    close_at_signals()
    # All objects so far live as long as the process, so the collector can skip them.
    gc.freeze()
    return app


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.status_code == HTTPStatus.PERMANENT_REDIRECT:
        # Only the path, because the client can put any host into its request.
        response.headers["Location"] = urlsplit(response.headers["Location"]).path
        response.set_data(b"")
    return response

"""The application: configuration, extensions, and every domain's operations."""

import gc
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider

from catalogue.access import authentication
from catalogue.access.challenges import challenge
from catalogue.agencies.views import blp as agencies
from catalogue.capabilities.views import blp as capabilities
from catalogue.core.api import Api
from catalogue.core.config import Settings
from catalogue.core.database import Database
from catalogue.core.jobs.views import blp as jobs
from catalogue.suppliers.views import products, suppliers
from catalogue.systems.views import blp as systems
from catalogue.systems.views import upserts

BLUEPRINTS = (agencies, capabilities, suppliers, products, systems, upserts, jobs)


class _OrjsonProvider(JSONProvider):
    def dumps(self, obj: Any, **_options: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return orjson.loads(s)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. ValueError or EnvError says which setting is not acceptable."""
    app = Flask(__name__, static_folder=None)
    app.json = _OrjsonProvider(app)
    app.config["SETTINGS"] = settings = settings or Settings.from_environment()
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["database"] = Database(settings)
    authentication.init_app(app)
    app.extensions["challenge"] = challenge
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.extensions["openapi"] = api
    # What has been made up to here lives for ever; the collector need not look at it again.
    gc.freeze()
    return app

"""flask-smorest, corrected once: problem documents, named enumerations, scopes, closed lists."""

from threading import Lock
from typing import Any

import flask_smorest
import marshmallow as ma
import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from werkzeug.routing import BaseConverter

from catalogue.core.actor import SCOPE_MEANINGS
from catalogue.core.application import settings
from catalogue.core.errors import PROBLEM_JSON, InsufficientScope, all_problems
from catalogue.core.models import LONGEST_KEY
from catalogue.core.rest import error_handlers
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.operation import (
    LONGEST_REASON,
    SECURITY_SCHEME,
    enumeration,
    first_paragraph,
)
from catalogue.core.rest.schemas import Choice, ProblemField, WriteSchema
from catalogue.core.text import ONE_LINE

TITLE = "Shared IT service catalogue"
VERSION = "1.0.0"
DESCRIPTION = (
    "One shared record of every IT system across merging emergency services: which duplicates "
    "can be retired, who agreed to it, and when each one moves to the shared services centre."
)


class _Converter(OpenAPIConverter):
    """Documents enumerations by name, and keeps bodies closed and answers open."""

    spec: Any

    def field2property(self, field: Any) -> dict[str, Any]:
        if isinstance(field, ProblemField):
            name = "Problem"
        elif isinstance(field, Choice):
            name = field.choices.__name__
            if name not in self.spec.components.schemas:
                self.spec.components.schema(name, enumeration(field.choices))
        else:
            properties: dict[str, Any] = super().field2property(field)
            # apispec does not know the word.
            named = field.metadata.get("propertyNames")
            return properties | ({"propertyNames": named} if named else {})
        reference = {"$ref": f"#/components/schemas/{name}"}
        described = {k: v for k, v in field.metadata.items() if k == "description"}
        if field.load_default is not ma.missing:
            described["default"] = field.load_default
        if field.allow_none:
            return {"anyOf": [reference, {"type": "null"}]} | described
        return reference if not described else {"allOf": [reference]} | described

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        json_schema: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        json_schema.pop("additionalProperties", None)
        if isinstance(schema, WriteSchema):
            json_schema["additionalProperties"] = False
        if schema.__doc__:
            json_schema["description"] = first_paragraph(schema.__doc__)
        return json_schema


class _Plugin(MarshmallowPlugin):
    Converter = _Converter

    def init_spec(self, spec: Any) -> None:
        super().init_spec(spec)
        assert isinstance(self.converter, _Converter)  # noqa: S101 - narrows the type for mypy
        self.converter.spec = spec


class _Anything(BaseConverter):
    """The rest of a path, as `<anything:name>`; unlike Werkzeug's own, it may begin with a slash."""

    part_isolating = False
    regex = ".+?"
    weight = 200


class _Paths(FlaskPlugin):  # type: ignore[misc]
    """Describes the parameters of paths as their operations do."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def rule_to_params(self, rule: Any) -> list[dict[str, Any]]:
        view: Any = self.app.view_functions[rule.endpoint]
        return [
            parameter | view.operation.path_parameter(parameter["name"], parameter["schema"])
            for parameter in super().rule_to_params(rule)
        ]


def _name_of(schema: Any) -> str:
    schema_class = schema if isinstance(schema, type) else type(schema)
    return schema_class.__name__.removesuffix("Schema")


class Api:
    """The API's blueprints, and the OpenAPI document that describes them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._blueprints: list[Blueprint] = []
        self._described: _Description | None = None
        self._describing = Lock()
        app.url_map.converters["anything"] = _Anything
        error_handlers.register(app)

    def register_blueprint(self, blp: Blueprint) -> None:
        self._app.register_blueprint(blp)
        self._blueprints.append(blp)

    @property
    def spec(self) -> APISpec:
        """The document, made when it is first asked for: a server that starts has no use for it."""
        with self._describing:
            if self._described is None:
                self._described = _Description(self._app)
                for blueprint in self._blueprints:
                    self._described.register_blueprint(blueprint)
        spec: APISpec = self._described.spec
        return spec

    def document(self) -> bytes:
        return orjson.dumps(self.spec.to_dict(), option=orjson.OPT_INDENT_2)


class _Description(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest's part: the document alone."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE=TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=None
        )
        address = settings(app).public_url
        super().__init__(
            app,
            spec_kwargs={
                "flask_plugin": _Paths(app),
                "marshmallow_plugin": _Plugin(schema_name_resolver=_name_of),
                "info": {
                    "description": DESCRIPTION,
                    "license": {"name": "MIT", "identifier": "MIT"},
                    "contact": {"name": "The shared IT service catalogue"},
                },
                "servers": [{"url": address}],
            },
        )
        self._describe()

    def register_blueprint(self, blp: Blueprint) -> None:
        """Describe a blueprint's operations, and the names that they refer to."""
        schemas = self.spec.components
        for operation in blp.operations:
            for name, schema in operation.components().items():
                if name not in schemas.schemas:
                    schemas.schema(name, schema)
        blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
        self.spec.tag({"name": blp.name, "description": blp.description})

    def _register_error_handlers(self) -> None:
        """The application has its own."""

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", _PROBLEM)
        for name, header in _ANSWER_HEADERS.items():
            self.spec.components.header(name, header, lazy=True)
        for kind in all_problems():
            if kind is InsufficientScope:
                # Its status has another, more general kind.
                continue
            example = {
                "type": f"urn:catalogue:problem:{kind.kind}",
                "title": kind.title,
                "status": int(kind.status),
                "detail": kind.title + ".",
                "instance": "/v1/systems",
            }
            self.spec.components.response(
                f"Problem{int(kind.status)}",
                {
                    "description": first_paragraph(kind.__doc__ or kind.title),
                    "content": {
                        PROBLEM_JSON: {
                            "schema": {"$ref": "#/components/schemas/Problem"},
                            "example": example,
                        }
                    },
                    "headers": dict(_ERROR_HEADERS.get(int(kind.status), {})),
                },
                lazy=True,
            )

    def _register_etag_headers(self) -> None:
        for name, parameter in _PARAMETERS.items():
            self.spec.components.parameter(name, "header", parameter, lazy=True)

    def _register_pagination_header(self) -> None:
        """Pages are described in the body; there is no such header."""

    def _describe(self) -> None:
        token_url = f"{settings(self._app).public_url}/oauth/token"
        self.spec.components.security_scheme(
            SECURITY_SCHEME,
            {
                "type": "oauth2",
                "description": "Bearer tokens (RFC 9068) with an `agency` claim.",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": token_url,
                        "scopes": {s.value: meaning for s, meaning in SCOPE_MEANINGS.items()},
                    }
                },
            },
        )


def _text(**bounds: Any) -> dict[str, Any]:
    return {"type": "string"} | bounds


_MATCH = {
    "name": "If-Match",
    "description": "The ETag of the record as it was read.",
    "example": '"6f1c0a52d1b94b6c8f5d9a2b7e3c4d10"',
}

_PARAMETERS: dict[str, dict[str, Any]] = {
    "IfMatch": _MATCH | {"required": True, "schema": _text(minLength=1)},
    "IfMatchOptional": _MATCH | {"schema": _text()},
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": "An ETag that the client has; 304 if it still holds.",
        "schema": _text(),
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": "Names this request, so that it may be sent again.",
        "schema": _text(minLength=1, maxLength=LONGEST_KEY, pattern="^[ -~]+$"),
    },
    "ChangeReason": {
        "name": "Change-Reason",
        "description": "Why the change is made; it is kept in the history. What is not plain ASCII is sent "
        "percent-encoded: `caf%C3%A9`.",
        "schema": _text(maxLength=LONGEST_REASON, pattern=ONE_LINE),
    },
}

_ANSWER_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "The state of what is answered; send it back as If-Match.",
        "required": True,
        "schema": _text(),
    },
    "Location": {
        "description": "Where what was created is to be read.",
        "required": True,
        "schema": _text(format="uri-reference"),
    },
    "Link": {"description": "The next page (RFC 8288), if there is one.", "schema": _text()},
    "IdempotentReplayed": {
        "description": "Whether this is the answer that was given the first time.",
        "schema": {"type": "boolean"},
    },
    "Challenge": {
        "description": "How to authenticate (RFC 6750).",
        "required": True,
        "schema": _text(),
    },
    "ScopeChallenge": {
        "description": "Which scope the token lacks (RFC 6750), if that is why.",
        "schema": _text(),
    },
    "RetryAfter": {
        "description": "In how many seconds to try again.",
        "schema": {"type": "integer"},
    },
}

_ERROR_HEADERS = {
    401: {"WWW-Authenticate": "Challenge"},
    403: {"WWW-Authenticate": "ScopeChallenge"},
    409: {"Retry-After": "RetryAfter"},
    429: {"Retry-After": "RetryAfter"},
    503: {"Retry-After": "RetryAfter"},
}

_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The kind; it is stable."},
        "title": {"type": "string", "description": "The kind, for people."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What went wrong this time."},
        "instance": {"type": "string", "description": "The path that was asked."},
        "errors": {
            "type": "array",
            "description": "Each value that is not acceptable.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": (
                            "A JSON Pointer into the body, ?name of a query parameter, "
                            "{name} of a part of the path, or the name of a header."
                        ),
                    },
                    "code": {"type": "string", "description": "What is wrong; it is stable."},
                    "detail": {"type": "string", "description": "What is wrong, for people."},
                },
            },
        },
    },
}

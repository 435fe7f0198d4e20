"""flask-smorest, corrected once: problem documents, named enumerations, scopes, closed lists."""

from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, current_app

from catalogue.core import error_handlers
from catalogue.core.actor import SCOPE_MEANINGS
from catalogue.core.errors import PROBLEM_JSON, InsufficientScope, all_problems
from catalogue.core.etag import json_response
from catalogue.core.operation import SECURITY_SCHEME
from catalogue.core.schemas import Choice, WriteSchema

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
        if not isinstance(field, Choice):
            return super().field2property(field)
        name = field.choices.__name__
        components = self.spec.components
        if name not in components.schemas:
            components.schema(
                name,
                {
                    "type": "string",
                    "enum": [c.value for c in field.choices],
                    "description": (field.choices.__doc__ or name).strip().split("\n")[0],
                },
            )
        reference = {"$ref": f"#/components/schemas/{name}"}
        described = {k: v for k, v in field.metadata.items() if k == "description"}
        if field.allow_none:
            return {"anyOf": [reference, {"type": "null"}]} | described
        return reference if not described else {"allOf": [reference]} | described

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        made: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        made.pop("additionalProperties", None)
        if isinstance(schema, WriteSchema):
            made["additionalProperties"] = False
        if schema.__doc__:
            made["description"] = schema.__doc__.strip().split("\n")[0]
        return made


class _Plugin(MarshmallowPlugin):
    Converter = _Converter

    def init_spec(self, spec: Any) -> None:
        super().init_spec(spec)
        assert isinstance(self.converter, _Converter)  # noqa: S101 - narrows the type for mypy
        self.converter.spec = spec


def _name_of(schema: Any) -> str:
    made = schema if isinstance(schema, type) else type(schema)
    return made.__name__.removesuffix("Schema")


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The API's registry and its OpenAPI document."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE=TITLE,
            API_VERSION=VERSION,
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX=None,
        )
        settings = app.config["SETTINGS"]
        super().__init__(
            app,
            spec_kwargs={
                "marshmallow_plugin": _Plugin(schema_name_resolver=_name_of),
                "info": {
                    "description": DESCRIPTION,
                    "license": {"name": "MIT", "identifier": "MIT"},
                    "contact": {"name": "The shared IT service catalogue"},
                },
                "servers": [{"url": settings.public_url}],
            },
        )
        self._describe()

    def _register_error_handlers(self) -> None:
        error_handlers.register(self._app)

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", _PROBLEM)
        for kind in all_problems():
            if kind is InsufficientScope:
                continue
            example = {
                "type": f"urn:catalogue:problem:{kind.kind}",
                "title": kind.title,
                "status": int(kind.status),
                "detail": kind.title + ".",
                "instance": "/v1/systems",
            }
            name = f"Problem{int(kind.status)}"
            if name in self.spec.components.responses:
                continue
            self.spec.components.response(
                name,
                {
                    "description": (kind.__doc__ or kind.title).split("\n")[0],
                    "content": {
                        PROBLEM_JSON: {
                            "schema": {"$ref": "#/components/schemas/Problem"},
                            "example": example,
                        }
                    },
                },
            )

    def _register_etag_headers(self) -> None:
        components = self.spec.components
        for name, (location, described, required) in _HEADERS.items():
            schema = {"type": "string"}
            if location == "answer":
                components.header(name, {"description": described, "schema": schema})
            else:
                components.parameter(
                    name,
                    "header",
                    {
                        "name": location,
                        "description": described,
                        "required": required,
                        "schema": schema,
                    },
                )

    def _register_pagination_header(self) -> None:
        """Pages are described in the body; there is no such header."""

    def _describe(self) -> None:
        settings = self._app.config["SETTINGS"]
        token_url = f"{settings.public_url}/oauth/token"
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


def openapi_document() -> Response:
    """The OpenAPI document of the current application."""
    return json_response(current_app.extensions["openapi_document"]())


_HEADERS = {
    "ETag": ("answer", "The state of what is answered; send it back as If-Match.", False),
    "Location": ("answer", "Where what was created is to be read.", False),
    "IfMatch": ("If-Match", "The ETag of the record as it was read.", True),
    "IfNoneMatch": ("If-None-Match", "An ETag that the client has; 304 if it still holds.", False),
    "IdempotencyKey": (
        "Idempotency-Key",
        "Names this request: sent again with the same key, it is not done twice.",
        False,
    ),
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
                        "description": "A JSON Pointer into the body, or ?name of a parameter.",
                    },
                    "code": {"type": "string", "description": "What is wrong; it is stable."},
                    "detail": {"type": "string", "description": "What is wrong, for people."},
                },
            },
        },
    },
}

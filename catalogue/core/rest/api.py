"""The OpenAPI document, to which flask-smorest adds the views, and the kernel its conventions."""

import re
from importlib.metadata import version
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
from catalogue.core.rest import error_handlers
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.descriptions import enumeration, first_paragraph
from catalogue.core.rest.examples import example_of_field
from catalogue.core.rest.headers import ERROR_HEADERS, REQUEST_HEADERS, RESPONSE_HEADERS
from catalogue.core.rest.operation import SECURITY_SCHEME
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.schemas import Choice, ProblemField, WriteSchema

TITLE = "Shared IT service catalogue"
EXAMPLE_REQUEST_ID = "5f0c2a9e8d7b4c61a3e5f7092b4d6c81"
DISTRIBUTION = "it-service-catalogue"
DESCRIPTION = (
    "One shared record of every IT system across merging emergency services. It shows which "
    "duplicates can be retired, who agreed to it, and when each system moves to the shared "
    "services centre.\n\n"
    "Request an access token from `POST /oauth/token` with your client id and secret. Send it with "
    "every request as `Authorization: Bearer <token>`.\n\n"
    "Errors are problem documents (RFC 9457). Their `type` and the codes of their `errors` are "
    "stable, and a program can rely on them. The texts are for people and can change.\n\n"
    "Every response has the header `X-Request-Id`. It repeats yours if you send one of at most 128 "
    "letters, digits and signs. The service's log names the request by this id."
)


class _Converter(OpenAPIConverter):
    """A converter that names enumerations, and refuses unknown fields only in request bodies."""

    spec: Any

    def _field2parameter(self, field: Any, *, name: str, location: str) -> dict[str, Any]:
        """Describe a parameter, which is never null. A client leaves it out instead."""
        parameter: dict[str, Any] = super()._field2parameter(field, name=name, location=location)
        schema = parameter["schema"]
        if schema.get("default", ma.missing) is None:
            del schema["default"]
        if isinstance(schema.get("type"), list):
            (schema["type"],) = (kind for kind in schema["type"] if kind != "null")
        if "allOf" in schema:
            # The parameter has the description. A reference with siblings breaks client generators.
            (parameter["schema"],) = schema["allOf"]
        options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
        if len(options) == 1:
            parameter["schema"] = options[0]
        return parameter

    def field2property(self, field: Any) -> dict[str, Any]:
        if isinstance(field, ProblemField):
            name = "Problem"
        elif isinstance(field, Choice):
            name = field.choices.__name__
            if name not in self.spec.components.schemas:
                self.spec.components.schema(name, enumeration(field.choices))
        else:
            properties: dict[str, Any] = super().field2property(field)
            if "pattern" in properties and not {"example", "examples"} & set(properties):
                # Swagger's form would otherwise fill in any text that the pattern allows.
                # The items of a list have no example of their own: the list has one.
                example = example_of_field(field.name, field)
                if re.search(properties["pattern"], str(example)):
                    properties["example"] = example
            # apispec does not know this keyword of JSON Schema.
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
    """A converter for the rest of a path: `<anything:name>`.

    The rest can begin with a slash, unlike with Werkzeug's `path`.
    """

    part_isolating = False
    regex = ".+?"
    weight = 200


class _Paths(FlaskPlugin):  # type: ignore[misc]
    """A plug-in that lets each operation describe the parameters of its path."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def path_helper(self, rule: Any = None, **options: Any) -> Any:
        """Describe the path of a rule.

        Return None for a path that is written by hand, without a rule.
        """
        return None if rule is None else super().path_helper(rule, **options)

    def rule_to_params(self, rule: Any) -> list[dict[str, Any]]:
        view: Any = self.app.view_functions[rule.endpoint]
        return [
            parameter | view.operation.path_parameter(parameter["name"], parameter["schema"])
            for parameter in super().rule_to_params(rule)
        ]


_RESERVED = frozenset({"System", "Import", "Interface"})
"""Names that generated clients cannot give a class: a C# namespace, and keywords of languages."""


def _name_of(schema: Any) -> str:
    schema_class = schema if isinstance(schema, type) else type(schema)
    name = schema_class.__name__.removesuffix("Schema")
    return f"{name}Record" if name in _RESERVED else name


class Api:
    """The API's blueprints, and the OpenAPI document that describes them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._blueprints: list[Blueprint] = []
        self._other_paths: list[dict[str, Any]] = []
        self._described: _Description | None = None
        self._describing = Lock()
        app.url_map.converters["anything"] = _Anything
        error_handlers.register(app)

    def register_blueprint(self, blp: Blueprint) -> None:
        self._app.register_blueprint(blp)
        self._blueprints.append(blp)

    def lists(self) -> dict[str, Resource]:
        """Return the lists of all records of a kind, by their paths below /v1."""
        return {
            operation.rule.removeprefix("/v1/"): operation.list_of
            for blueprint in self._blueprints
            for operation in blueprint.operations
            if operation.list_of is not None and "<" not in operation.rule
        }

    def describe_path(self, **described: Any) -> None:
        """Add a path that no blueprint of the kernel registers.

        The arguments are `path`, `operations`, `tag`, and the named `schemas` to which they refer.
        """
        self._other_paths.append(described)

    @property
    def spec(self) -> APISpec:
        """The document, made at first use, because a server needs only the committed copy."""
        with self._describing:
            if self._described is None:
                self._described = _Description(self._app)
                for blueprint in self._blueprints:
                    self._described.register_blueprint(blueprint)
                for other in self._other_paths:
                    self._described.add_path(**other)
        spec: APISpec = self._described.spec
        return spec

    def document(self) -> bytes:
        return orjson.dumps(self.spec.to_dict(), option=orjson.OPT_INDENT_2)


class _Description(flask_smorest.Api):  # type: ignore[misc]
    """The document as flask-smorest makes it. The kernel uses no other part of its `Api`."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE=TITLE,
            API_VERSION=version(DISTRIBUTION),
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX=None,
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
        """Describe a blueprint's operations, and the named schemas that they refer to."""
        schemas = self.spec.components
        for operation in blp.operations:
            for name, schema in operation.components().items():
                if name not in schemas.schemas:
                    schemas.schema(name, schema)
        blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
        self.spec.tag({"name": blp.name, "description": blp.description})

    def add_path(
        self,
        *,
        path: str,
        operations: dict[str, Any],
        schemas: dict[str, dict[str, Any]],
        tag: dict[str, str],
    ) -> None:
        """Add a path whose operations are written by hand."""
        for name, schema in schemas.items():
            self.spec.components.schema(name, schema)
        self.spec.path(path, operations=operations)
        self.spec.tag(tag)

    def _register_error_handlers(self) -> None:
        """Do nothing: the application has error handlers of its own."""

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", _PROBLEM)
        for name, header in RESPONSE_HEADERS.items():
            self.spec.components.header(name, header, lazy=True)
        for kind in all_problems():
            if kind is InsufficientScope:
                # The document has one problem for each status, and 403 has a more general one.
                continue
            example = kind().document() | {
                "instance": "/v1/systems",
                "request_id": EXAMPLE_REQUEST_ID,
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
                    "headers": dict(ERROR_HEADERS.get(int(kind.status), {})),
                },
                lazy=True,
            )

    def _register_etag_headers(self) -> None:
        for name, parameter in REQUEST_HEADERS.items():
            self.spec.components.parameter(name, "header", parameter, lazy=True)

    def _register_pagination_header(self) -> None:
        """Do nothing: the body describes the page, and no header does."""

    def _describe(self) -> None:
        token_url = f"{settings(self._app).public_url}/oauth/token"
        self.spec.components.security_scheme(
            SECURITY_SCHEME,
            {
                "type": "oauth2",
                "description": "An access token (RFC 9068) whose `agency` claim names your agency.",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": token_url,
                        "scopes": {s.value: meaning for s, meaning in SCOPE_MEANINGS.items()},
                    }
                },
            },
        )


_PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457), which explains why the request failed.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "The kind of problem. It is stable, and a program can rely on it.",
        },
        "title": {
            "type": "string",
            "description": "The kind of problem in words, the same for every problem of the kind.",
        },
        "status": {"type": "integer", "description": "The HTTP status of the response."},
        "detail": {
            "type": "string",
            "description": "What is wrong with this request, and what to do.",
        },
        "instance": {"type": "string", "description": "The path of the request."},
        "request_id": {
            "type": "string",
            "description": (
                "The id of the request in the service's log. Quote it when you report a fault."
            ),
        },
        "merged_into": {
            "type": "string",
            "description": "The path of the record that replaced a merged duplicate.",
        },
        "existing_id": {
            "type": "string",
            "format": "uuid",
            "description": (
                "The id of the record that already has the name, reference or id of the request."
            ),
        },
        "obstacle_count": {
            "type": "integer",
            "description": (
                "The number of records or changes that block the request. `errors` lists at most "
                "100 of them."
            ),
        },
        "errors": {
            "type": "array",
            "description": "The invalid values of the request, if it has any.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": (
                            "The place of the value. A JSON Pointer leads into the body. "
                            "`?name` is a query parameter, and `{name}` is a part of the path. "
                            "A bare name is a header."
                        ),
                    },
                    "code": {
                        "type": "string",
                        "description": "What is wrong, as a stable code that a program can rely on.",
                    },
                    "detail": {
                        "type": "string",
                        "description": "What is wrong and what to do, for people.",
                    },
                },
            },
        },
    },
}

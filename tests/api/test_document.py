"""The OpenAPI document keeps what the design promises of it."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.statements import nullable
from catalogue.core.sharing import Profile
from tests.api.surface import (
    DOCUMENT,
    GUARDED,
    JSON,
    LISTS,
    MULTIPART,
    OPERATIONS,
    PROBLEM,
    SCOPED,
    WITH_IF_MATCH,
    WITH_JSON,
    Op,
    conforms,
    each,
    resolved,
)

SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
_DECLARED = {
    resource
    for name, module in list(sys.modules.items())
    if name.startswith("catalogue.")
    for resource in vars(module).values()
    if isinstance(resource, Resource)
}
RESOURCES = sorted(_DECLARED, key=lambda resource: resource.schema.__name__)


def nodes(node: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document, and where it is."""
    if isinstance(node, dict):
        yield path, node
        for name, inner in node.items():
            if name not in {"example", "examples"}:
                yield from nodes(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for i, inner in enumerate(node):
            yield from nodes(inner, f"{path}/{i}")


def reached(schema: dict[str, Any], seen: set[str]) -> set[str]:
    """The named schemas that a schema leads to."""
    for _, node in nodes(schema):
        name = node.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            reached(SCHEMAS[name], seen)
    return seen


def test_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    errors = [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()]
    assert errors == []


def test_document_is_served_without_a_token(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json == app.extensions["openapi"].spec.to_dict()


def test_document_references_resolve_and_components_are_used() -> None:
    referred = {n["$ref"] for _, n in nodes(DOCUMENT) if isinstance(n.get("$ref"), str)}
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in DOCUMENT["components"].items()
        for name in named
        if kind != "securitySchemes"
    }
    assert referred == components


def test_operation_ids_are_unique_and_name_functions() -> None:
    counted = Counter(op.name for op in OPERATIONS)
    assert counted.most_common(1)[0][1] == 1, counted.most_common(3)
    odd = [name for name in counted if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)]
    assert odd == []


@each(OPERATIONS)
def test_operation_has_summary_and_tag(op: Op) -> None:
    assert re.fullmatch(r"[A-Z].*\.", op.node["summary"])
    assert op.node["description"]
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert [tag for tag in op.node["tags"] if tags.get(tag)] == op.node["tags"] != []
    undescribed = [p["name"] for p in op.parameters if not p.get("description")]
    assert undescribed == []
    assert set(op.parameter_names("path")) == set(re.findall(r"{(\w+)}", op.path))


@each(GUARDED)
def test_operation_names_the_security_scheme(op: Op) -> None:
    (scheme,) = DOCUMENT["components"]["securitySchemes"]
    assert [list(each) for each in op.node["security"]] == [[scheme]]


@each(SCOPED)
def test_operation_names_its_scope(op: Op) -> None:
    (scheme,) = DOCUMENT["components"]["securitySchemes"]
    flows = DOCUMENT["components"]["securitySchemes"][scheme]["flows"]
    assert op.scope in flows["clientCredentials"]["scopes"]
    assert f"`{op.scope}`" in op.node["description"]


@each(OPERATIONS)
def test_documented_errors_are_problem_documents(op: Op) -> None:
    for status, answer in op.failures.items():
        assert list(answer["content"]) == [PROBLEM], status
        media = answer["content"][PROBLEM]
        assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert conforms(media["example"], media["schema"]) == []
        assert media["example"]["status"] == status


@each(OPERATIONS)
def test_operation_documents_every_possible_error(op: Op) -> None:
    expected = {400, 406, 500, 503}
    expected |= set() if op.public else {401, 403}
    expected |= {404} if op.parameter_names("path") else set()
    expected |= {413, 415, 422} if op.body_type else set()
    expected |= {412, 428} if op.kernel.if_match else set()
    expected |= {409, 422} if op.kernel.idempotent else set()
    assert expected - set(op.failures) == set()


@each(OPERATIONS)
def test_answer_example_fits_its_schema(op: Op) -> None:
    for status, answer in op.successes.items():
        if status == 204:
            assert "content" not in answer
            continue
        if op.kernel.media != JSON:
            assert list(answer["content"]) == list(op.kernel.all_media), status
            continue
        assert list(answer["content"]) == list(op.kernel.all_media), status
        media = answer["content"][JSON]
        assert conforms(media["example"], media["schema"]) == []


@each(WITH_JSON)
def test_body_example_fits_its_schema_and_loads(op: Op) -> None:
    assert conforms(op.body_example, op.body_schema) == []
    assert op.kernel.body is not None
    op.kernel.body().load(op.body_example)


def test_bodies_refuse_unknown_fields_and_answers_allow_them() -> None:
    bodies: set[str] = set()
    answers: set[str] = {"Problem"}
    for op in OPERATIONS:
        if op.body_type:
            reached(op.body_schema, bodies)
        for answer in op.successes.values():
            reached(answer.get("content", {}).get(JSON, {}), answers)
    objects = {name for name, schema in SCHEMAS.items() if schema.get("type") == "object"}
    open_bodies = [
        n for n in bodies & objects if SCHEMAS[n].get("additionalProperties") is not False
    ]
    closed_answers = [n for n in answers & objects if "additionalProperties" in SCHEMAS[n]]
    assert (open_bodies, closed_answers) == ([], [])
    bounded = [
        path
        for name in (answers & objects) - {"Problem"}
        for path, node in nodes(SCHEMAS[name], name)
        if set(node) & {"maxLength", "minLength", "pattern", "maxItems", "maximum", "uniqueItems"}
        and "properties" not in node
    ]
    assert bounded == [], "an answer that promises bounds cannot be widened"


def test_enumerations_are_named_and_hold_no_null() -> None:
    found = [
        (path, node["enum"]) for path, node in nodes(DOCUMENT) if isinstance(node.get("enum"), list)
    ]
    assert found
    anonymous = [path for path, _ in found if not re.fullmatch(r"#/components/schemas/\w+", path)]
    assert anonymous == []
    assert [path for path, values in found if None in values or "" in values] == []


def test_texts_and_lists_of_bodies_are_bounded() -> None:
    bodies: set[str] = set()
    for op in OPERATIONS:
        if op.body_type and op.body_type != MULTIPART:
            reached(op.body_schema, bodies)
    unbounded = []
    for name in bodies:
        for path, node in nodes(SCHEMAS[name], name):
            types = (
                {node["type"]} if isinstance(node.get("type"), str) else set(node.get("type", []))
            )
            free_text = "string" in types and not {"format", "enum", "maxLength", "pattern"} & set(
                node
            )
            free_list = "array" in types and "maxItems" not in node
            free_number = "integer" in types and not {"minimum", "maximum"} <= set(node)
            if free_text or free_list or free_number:
                unbounded.append(path)
    assert unbounded == []


@each(WITH_IF_MATCH)
def test_change_documents_if_match(op: Op) -> None:
    headers = {p["name"]: p.get("required") for p in op.parameters if p["in"] == "header"}
    assert headers["If-Match"] is True


def test_list_item_requires_only_its_id() -> None:
    for op in LISTS:
        schema = resolved(op.successes[200]["content"][JSON]["schema"])
        item = resolved(schema["properties"]["items"]["items"])
        assert item["required"] == ["id"], op
        assert (
            conforms({"items": [], "page": {"next_cursor": None, "has_more": False}}, schema) == []
        )


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.schema.__name__)
def test_field_allows_null_exactly_if_its_column_does(resource: Resource) -> None:
    loose, needed = joins_of(resource)
    answer = resource.schema()
    documented, actual = {}, {}
    for name, expression in resource.columns.items():
        column = for_dialect("sqlite", expression)
        documented[name] = bool(answer.fields[name].allow_none)
        if resource.profiles and resource.profiles.profile_of(name) is not Profile.SUMMARY:
            actual[name] = True
        elif isinstance(column, sa.Column):
            actual[name] = column.table in loose or (column.nullable and column not in needed)
        else:
            # An expression may be null only by a column in it, and need not be even then.
            may = nullable(column, resource.model.__table__)
            actual[name] = documented[name] and may
    assert documented == actual


def joins_of(resource: Resource) -> tuple[set[Any], set[Any]]:
    """The tables that a row may lack, and the columns by which it has the others."""
    loose, needed = set(), set()
    source = resource.source if resource.source is not None else resource.model.__table__
    for join in sa.sql.visitors.iterate(source):
        if isinstance(join, sa.sql.expression.Join):
            columns = [
                c for c in sa.sql.visitors.iterate(join.onclause) if isinstance(c, sa.Column)
            ]
            loose |= {join.right} if join.isouter else set()
            needed |= set() if join.isouter else set(columns)
    return loose, needed


def test_every_value_of_an_enumeration_has_a_meaning() -> None:
    silent = []
    for name, schema in SCHEMAS.items():
        for value in schema.get("enum", ()):
            field_name = name.endswith("Field") and any(
                value in other.get("properties", {}) for other in SCHEMAS.values()
            )
            listed = re.search(
                rf"^- `{re.escape(value)}`: [A-Z].*\.$", schema["description"], re.MULTILINE
            )
            if not field_name and listed is None:
                silent.append(f"{name}.{value}")
    assert silent == []


def test_query_parameters_are_never_null() -> None:
    nullable_parameters = [
        f"{op} {parameter['name']}"
        for op in OPERATIONS
        for parameter in op.parameters
        if parameter["in"] == "query" and "null" in str(parameter["schema"])
    ]
    assert nullable_parameters == []


def test_defaults_are_values_of_json() -> None:
    """Generated clients send a default as it stands, so the text of an object is an error."""
    found = [(path, node["default"]) for path, node in nodes(DOCUMENT) if is_default(node)]
    assert found
    plain = str | int | float | bool | list | None
    wrong = [path for path, value in found if not isinstance(value, plain)]
    wrong += [path for path, value in found if re.search(r"[()<>]", str(value))]
    assert wrong == []


def is_default(node: dict[str, Any]) -> bool:
    """Return whether an object has a default, and not a property of that name."""
    return "default" in node and bool({"type", "anyOf", "allOf", "$ref"} & set(node))


def test_only_nullable_fields_can_be_filtered_for_null() -> None:
    for resource in RESOURCES:
        fields = resource.schema().fields
        for name, field in resource.list_parameters.filters.items():
            assert "isnull" not in field.operators or fields[name].allow_none, (resource.name, name)


RESERVED = {
    # Generators turn a schema's name into a class, and often into a module in lower case.
    "keywords": "break case class default delete enum event export from function import in "
    "interface lock match module namespace new object operator package params range record "
    "select static string switch type use using where",
    "namespaces, which a class of the same name hides": "collections globalization io linq "
    "microsoft net runtime system text threading",
    "core classes, which generated code uses by their short names": "action array attribute "
    "boolean buffer byte character client configuration console date datetime decimal dict "
    "double environment error exception file float func guid header integer list locale long "
    "map math nullable number option optional path process promise request response result "
    "set stream task thread tuple uri url uuid vector version void",
}


@pytest.mark.parametrize("reason", RESERVED)
def test_schema_has_no_name_that_generated_code_reserves(reason: str) -> None:
    reserved = set(RESERVED[reason].split())
    assert [name for name in SCHEMAS if name.lower() in reserved] == []


@each(OPERATIONS)
def test_operation_has_each_parameter_once(op: Op) -> None:
    """Generated functions take all parameters by name, wherever they are sent."""
    counted = Counter(parameter["name"] for parameter in op.parameters)
    assert [name for name, times in counted.items() if times > 1] == []


def test_examples_of_times_have_the_form_of_responses() -> None:
    """Times in query parameters end in `Z` instead, because a `+` there means a space."""
    examples = [
        orjson.dumps(node["example"]).decode()
        for path, node in nodes(DOCUMENT)
        if "example" in node and "/parameters/" not in path
    ]
    moments = [m for each in examples for m in re.findall(r'(?<!\\)"\d{4}-\d\d-\d\dT[^"]+"', each)]
    assert moments
    assert [moment for moment in moments if not moment.endswith('+00:00"')] == []


def test_token_endpoint_documents_its_rate_limit() -> None:
    operation = DOCUMENT["paths"]["/oauth/token"]["post"]
    assert "Retry-After" in operation["responses"]["429"]["headers"]
    for response in operation["responses"].values():
        for media in resolved(response)["content"].values():
            assert conforms(media["example"], media["schema"]) == []


def test_document_has_the_version_of_the_distribution() -> None:
    assert DOCUMENT["info"]["version"] == version("it-service-catalogue")

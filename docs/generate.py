"""The reference pages that `python -m docs.generate` generates from the code."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from catalogue.access.roles import ROLES
from catalogue.app import create_app
from catalogue.core.actor import SCOPE_MEANINGS
from catalogue.core.config import Settings
from catalogue.core.errors import all_problems
from catalogue.data_exchange.kinds.registry import KINDS as RECORD_KINDS
from catalogue.data_exchange.synonyms import NO, SYNONYMS, YES
from catalogue.history.event_kinds import VERBS, verbs_of
from catalogue.history.feed_fields import KINDS, feed_spec
from catalogue.history.registry import list_audited_models

DOCS = Path(__file__).parent
PREFIX = "CATALOGUE_"
ANY_SCOPES = "any"


def main() -> None:
    """Write every generated page."""
    for name, make in PAGES.items():
        path_of(name).write_text(make())


def path_of(name: str) -> Path:
    """Return the path of a generated page."""
    return DOCS / "reference" / f"{name}.md"


def meanings(name: str) -> dict[str, Any]:
    """Return the hand-written sentences for a page."""
    return tomllib.loads((DOCS / f"{name}.toml").read_text())


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document that the code produces."""
    app = create_app(Settings(database_url="sqlite://"))
    parsed: dict[str, Any] = json.loads(app.extensions["openapi"].document())
    return parsed


def configuration_page() -> str:
    """Return the page of every setting, its default and its meaning."""
    defaults = vars(Settings())
    parts = []
    for heading, settings in meanings("settings").items():
        rows = [
            (f"`{PREFIX}{name.upper()}`", _default(defaults[name]), meaning)
            for name, meaning in settings.items()
        ]
        parts.append(f"## {heading}\n\n{_table(('Variable', 'Default', 'Meaning'), rows)}")
    return _page("configuration", "\n\n".join(parts))


def scopes_page() -> str:
    """Return the page of every scope with its operations, and of the scopes of each role."""
    operations: dict[str, list[tuple[str, str, str]]] = {}
    for path, method, operation in _operations():
        scopes = [
            scope
            for each in operation["security"]
            for scope in next(iter(each.values())) or [ANY_SCOPES]
        ]
        for scope in scopes or [""]:
            row = (f"`{method.upper()}`", f"`{path}`", operation.get("summary", ""))
            operations.setdefault(scope, []).append(row)
    summary = _table(
        ("Scope", "Meaning", "Operations"),
        [
            (f"[`{scope}`](#{_anchor(scope)})", meaning, str(len(operations.get(scope, []))))
            for scope, meaning in SCOPE_MEANINGS.items()
        ],
    )
    heads = ("Method", "Path", "Summary")
    parts = [f"## `{scope}`\n\n{_listed(heads, operations.get(scope))}" for scope in SCOPE_MEANINGS]
    parts += [
        f"## {heading}\n\n{_table(heads, operations[key])}"
        for heading, key in (("With any token", ANY_SCOPES), ("Without a token", ""))
    ]
    return _page("scopes", summary, "\n\n".join(parts), _roles())


def errors_page() -> str:
    """Return the page of every problem type and error code with its meaning."""
    texts = meanings("errors")
    problems = [
        (f"`{kind.kind}`", str(int(kind.status)), texts["problems"][kind.kind])
        for kind in sorted(all_problems(), key=lambda k: (k.status, k.kind))
    ]
    codes = [
        f"### {heading}\n\n"
        + _table(("Code", "Meaning"), [(f"`{c}`", m) for c, m in sorted(g.items())])
        for heading, g in texts["codes"].items()
    ]
    oauth = [(f"`{code}`", meaning) for code, meaning in texts["oauth"].items()]
    return _page(
        "errors",
        _table(("Type", "Status", "Meaning and what to do"), problems),
        "\n\n".join(codes),
        _table(("Error", "Status and meaning"), oauth),
    )


def events_page() -> str:
    """Return the page of every kind of event in the change feed, and of the records' fields."""
    document()  # Making the application loads every domain, which declares its records.
    rows = []
    for kind in KINDS:
        spec = feed_spec(kind)
        names = sorted({field.name for field in spec.fields.values()})
        rows.append((f"`{kind}`", f"`{spec.scope}`", ", ".join(f"`{name}`" for name in names)))
    silent = sorted({each.resource for each in list_audited_models()} - set(KINDS))
    schema = document()["components"]["schemas"]["Change"]["properties"]
    members = [(f"`{name}`", member.get("description", "")) for name, member in schema.items()]
    verbs = [(f"`{verb}`", meaning) for verb, meaning in VERBS.items()]
    kinds = [(f"`{kind}`", ", ".join(f"`{kind}.{v}`" for v in verbs_of(kind))) for kind in KINDS]
    return _page(
        "events",
        _table(("Member", "Meaning"), members),
        _table(("Verb", "Meaning"), verbs),
        _table(("Record", "Kinds of events"), kinds),
        _table(("Record", "Scope", "Fields that its events can show"), rows),
        ", ".join(f"`{each}`" for each in silent),
    )


def spreadsheet_columns_page() -> str:
    """Return the page of every field that a spreadsheet can fill, its headings and its values."""
    kinds = [
        f"### {kind.sheet}\n\n"
        + _table(
            ("Field", "Read as", "Usual headings, the clearest first"),
            [
                (
                    f"`{field.name}`",
                    str(field.kind),
                    ", ".join((*field.headings, *field.questions)),
                )
                for field in kind.fields.fields
            ],
        )
        for kind in RECORD_KINDS.values()
    ]
    fields = [field for kind in RECORD_KINDS.values() for field in kind.fields.fields]
    unclear = [
        (f"`{field.name}`", ", ".join(field.unclear), ", ".join(field.doubtful))
        for field in fields
        if field.unclear or field.doubtful
    ]
    left_out = [
        f"### {kind.sheet}\n\n"
        + _table(("Heading", "Reason"), list(kind.fields.not_fields.items()))
        for kind in RECORD_KINDS.values()
    ]
    words = [
        f"### `{field}`\n\n"
        + _table(
            ("Value", "Also read as"),
            [(f"`{value}`", ", ".join(others)) for value, others in values.items()],
        )
        for field, values in SYNONYMS.items()
    ]
    return _page(
        "spreadsheet-columns",
        "\n\n".join(kinds),
        _table(("Field", "If half of the values fit", "If every value fits"), unclear),
        "\n\n".join(left_out),
        "\n\n".join(words),
        _table(
            ("Answer", "Words"), [("yes", ", ".join(sorted(YES))), ("no", ", ".join(sorted(NO)))]
        ),
    )


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict):
                yield path, method, operation


def _roles() -> str:
    heads = ("Scope", *ROLES)
    return _table(
        heads,
        [
            (f"`{scope}`", *("yes" if scope in role.scopes else "" for role in ROLES.values()))
            for scope in SCOPE_MEANINGS
        ],
    )


def _page(name: str, *parts: str) -> str:
    """Return a page: its template with each part in place of the part's number, such as `@1@`."""
    text = (DOCS / "reference" / "templates" / f"{name}.txt").read_text()
    for number, part in enumerate(parts, 1):
        text = text.replace(f"@{number}@", part)
    return text


def _listed(heads: tuple[str, ...], rows: list[tuple[str, str, str]] | None) -> str:
    if rows is None:
        return "No operation needs this scope by itself. It opens fields of other operations."
    return _table(heads, rows)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(text: str) -> str:
    return re.sub(r"[^\w -]", "", text).strip().lower().replace(" ", "-")


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        value = ",".join(value)
    return "empty" if value in ("", {}) else f"`{value}`"


PAGES = {
    "configuration": configuration_page,
    "scopes": scopes_page,
    "errors": errors_page,
    "events": events_page,
    "spreadsheet-columns": spreadsheet_columns_page,
}


if __name__ == "__main__":
    main()

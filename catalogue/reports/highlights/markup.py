"""Templates for pages and charts, which escape every value."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def filled_in(template: str, **values: Any) -> str:
    """Return a template filled with values. A missing value is an error."""
    return _environment().get_template(template).render(values)


# Created on first use, because most processes never render a report.
@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

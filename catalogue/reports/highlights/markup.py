"""The templates of pages and charts. Whatever is put into them is escaped."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def filled_in(template: str, **values: Any) -> str:
    """A template with its values."""
    return _environment().get_template(template).render(values)


# Made when it is first needed: most processes never print a report.
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

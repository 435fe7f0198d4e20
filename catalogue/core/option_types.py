"""Types of command-line options, with error messages for people."""

from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number between two bounds. click's own error message shows a formula."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number. Raises BadParameter, which names the bounds."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(
                f"The value {value} must be a whole number from {self.min} to {self.max}.",
                param,
                ctx,
            )


PORT = WholeNumber(1, 65535)

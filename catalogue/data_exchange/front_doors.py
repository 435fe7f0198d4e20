"""Front doors of imports: HTTP with its form fields, and the command line with its options."""

import re
from enum import Enum

import orjson

_FORM_FIELDS = re.compile("`(sheet|heading_row|delimiter|encoding)`")


class FrontDoor(Enum):
    """The way that a file was sent, which decides the fields or options that its report names."""

    HTTP = "form field"
    COMMAND_LINE = "option"

    def named(self, answer: str) -> str:
        """Return a form field or an option as part of a sentence: “the option `--confirm-ids`”."""
        return f"the {self.value} `{answer}`"

    def reworded(self, text: str) -> str:
        """Return a text about the reading of a file, with the options of this front door."""
        if self is FrontDoor.HTTP:
            return text
        return _FORM_FIELDS.sub(lambda field: f"`--{field[1].replace('_', '-')}`", text)

    def source(self) -> str:
        """Return the form field or option that names the register of the ids."""
        return self.named("source=NAME" if self is FrontDoor.HTTP else "--source NAME")

    def confirm(self, doubt: str) -> str:
        """Return the form field or option that confirms `renames` or `ids`."""
        is_http = self is FrontDoor.HTTP
        return self.named(f"confirm_{doubt}=true" if is_http else f"--confirm-{doubt}")

    def map(self, field: str, column: str | None) -> str:
        """Return the form field or option that maps a field to a column, or skips it for None."""
        if self is FrontDoor.HTTP:
            return self.named(f"mapping={_json({field: column})}")
        return self.named(f"--map {field}=" if column is None else f'--map "{field}={column}"')

    def translate(self, field: str, word: str, value: str) -> str:
        """Return the form field or option that translates a word, ready to send or to paste."""
        if self is FrontDoor.HTTP:
            return f"values={_json({field: {word: value}})}"
        text = f"{field}:{word}={value}".replace("\\", "\\\\").replace('"', '\\"')
        return f'--value "{text}"'

    def choose(self, field: str, word: str, value: str) -> str:
        """Return the form field or option that translates a word, as part of a sentence."""
        return self.named(self.translate(field, word, value))


def _json(value: object) -> str:
    return orjson.dumps(value).decode()

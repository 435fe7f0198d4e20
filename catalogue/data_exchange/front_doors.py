"""Front doors of imports, and the form field or option by which a user answers a report."""

from enum import Enum

import orjson


class FrontDoor(Enum):
    """The front door that an import came through. Its report names what a user sends there."""

    HTTP = "form field"
    COMMAND_LINE = "option"

    def named(self, answer: str) -> str:
        """Return a form field or an option for a sentence: “the option `--confirm-ids`”."""
        return f"the {self.value} `{answer}`"

    def source(self) -> str:
        """Return the answer that names the register of the ids, with NAME for its name."""
        return self.named("source=NAME" if self is FrontDoor.HTTP else "--source NAME")

    def confirm(self, doubt: str) -> str:
        """Return the answer that confirms a doubt, which is `renames` or `ids`."""
        is_http = self is FrontDoor.HTTP
        return self.named(f"confirm_{doubt}=true" if is_http else f"--confirm-{doubt}")

    def map(self, field: str, column: str | None) -> str:
        """Return the answer that maps a field to a column, or skips the field if it is None."""
        if self is FrontDoor.HTTP:
            return self.named(f"mapping={_json({field: column})}")
        return self.named(f"--map {field}=" if column is None else f'--map "{field}={column}"')

    def translate(self, field: str, word: str, value: str) -> str:
        """Return the form field or option that translates a word, ready to send or to paste."""
        if self is FrontDoor.HTTP:
            return f"values={_json({field: {word: value}})}"
        text = f"{field}:{word}={value}".replace("\\", "\\\\").replace('"', '\\"')
        return f'--value "{text}"'


def _json(value: object) -> str:
    return orjson.dumps(value).decode()

"""Lists in one cell: `Duty system; "Rota; old"`, as exports write them and imports read them."""

import re
from collections.abc import Iterable
from functools import cache

_SEPARATOR = "; "
_SPECIAL = re.compile(r'[;|,"\n\r]')


def join_list(texts: Iterable[str]) -> str:
    """Join strings for one cell. A string that a reader would divide or trim gets quotes."""
    return _SEPARATOR.join(map(_quoted, texts))


def split_list(text: str, separators: str) -> list[str]:
    """Divide the text of a cell at each of the separators outside quotes.

    Parts without quotes lose additional spaces. Empty and repeated parts are left out.
    """
    parts: list[str] = []
    for match in _parts(separators).finditer(text):
        quoted = match["quoted"]
        part = " ".join(match["plain"].split()) if quoted is None else quoted.replace('""', '"')
        if part:
            parts.append(part)
    return list(dict.fromkeys(parts))


def _quoted(text: str) -> str:
    if _SPECIAL.search(text) or " ".join(text.split()) != text:
        return '"' + text.replace('"', '""') + '"'
    return text


@cache
def _parts(separators: str) -> re.Pattern[str]:
    ends = re.escape(separators)
    return re.compile(
        rf'\s*"(?P<quoted>(?:[^"]|"")*)"[^\S\n]*(?:[{ends}]|\Z)'
        rf"|(?P<plain>[^{ends}]+)(?:[{ends}]|\Z)"
    )

"""Of which characters texts are made, and how they are folded: for searching, and for telling names
apart regardless of how they are typed."""

import re
import unicodedata
from hashlib import sha256

WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What stands between words: `\\s` of ECMA-262, by which the patterns of JSON Schema are read. What
Python takes for white space differs, by some control characters and the byte order mark."""

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
CONTROL_CHARACTER = re.compile(f"[{_CONTROL}]")
"""Control characters but for tabs and line ends: none is for people to read, and calendars, XML and
terminals do not survive all of them."""
NO_CONTROL = rf"^[^{_CONTROL}]*$"
NOT_BLANK = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
_CONTROL_OR_LINE_END = r"\x00-\x1f\x7f-\x9f"
ONE_LINE = rf"^[^{_CONTROL_OR_LINE_END}]*$"

LONGEST_KEY = 400
"""As many characters as core.types.Key columns have."""


def on_one_line(text: str) -> str:
    """The text with a space for each control character, tabs and line ends as well."""
    return re.sub(f"[{_CONTROL_OR_LINE_END}]", " ", text)


def fold(text: str) -> str:
    """Lower case, without accents, with single spaces: 'Café  RMS' becomes 'cafe rms'."""
    if text.isascii():
        return " ".join(text.lower().split())
    # Taking a letter apart may bring a capital to light, as in the sign for "TEL".
    return " ".join(_bare(_bare(text).casefold()).split())


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Nor signs that are not seen, such as the zero-width space.
    return "".join(
        c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def name_key(name: str) -> str:
    """By what names are told apart: the folded name. One sign may fold to eighteen letters, so a
    key that would be too long is cut, and stays different from others by a digest."""
    folded = fold(name)
    if len(folded) <= LONGEST_KEY:
        return folded
    digest = sha256(folded.encode()).hexdigest()[:32]
    return f"{folded[: LONGEST_KEY - len(digest)]}{digest}"


def search_text(*parts: str | list[str] | None) -> str:
    """What a search looks through: every part folded, one to a line, so that a phrase does not
    match across the border between two."""
    texts: list[str] = []
    for part in parts:
        texts += [part] if isinstance(part, str) else (part or [])
    return "\n".join(filter(None, map(fold, texts)))

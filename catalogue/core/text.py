"""Folding of text, for searching and for telling names apart regardless of how they are typed."""

import unicodedata
from hashlib import sha256

LONGEST_KEY = 400
"""As many characters as core.types.Key columns have."""


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

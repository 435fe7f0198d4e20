"""Codes of reference data, and the message for a code that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_QUOTE = 80
MOST_SUGGESTIONS = 3
LEAST_SIMILARITY = 0.75
"""The least similarity of a suggestion, from 0 to 1.

The codes of most agencies of a kind end alike, so difflib's usual 0.6 suggests unrelated codes.
"""


def explain_unknown_code(noun: str, code: str, known: Iterable[str], *, listed_by: str) -> str:
    """Explain that a code does not exist, with up to three suggestions.

    Pass only codes that everyone can see, so that suggestions reveal nothing. `listed_by` is the
    endpoint or the command that lists them.
    """
    similar = similar_codes(code[:LONGEST_QUOTE], known)
    return (
        f"There is no {noun} with the code {quote(code)}.{suggest(similar)} "
        f"`{listed_by}` lists all codes."
    )


def suggest(names: Iterable[str]) -> str:
    """Return a question that offers these names, for the end of a message, or an empty string."""
    offered = " or ".join(f"`{name}`" for name in names)
    return f" Did you mean {offered}?" if offered else ""


def suggest_names(name: str, known: Iterable[str]) -> str:
    """Return a question that offers the names closest to a misspelt name, or an empty string."""
    return suggest(get_close_matches(name, list(known), n=2, cutoff=LEAST_SIMILARITY))


def quote(text: str) -> str:
    """Quote a client's text in a message. Long text is cut."""
    return f"`{text}`" if len(text) <= LONGEST_QUOTE else f"`{text[:LONGEST_QUOTE]}…`"


def similar_codes(code: str, known: Iterable[str]) -> list[str]:
    """Return the codes that begin with this one, else those that resemble it most."""
    codes = sorted(known)
    wanted = "-".join(code.lower().split())
    longer = [each for each in codes if wanted and each.startswith(wanted)]
    return longer[:MOST_SUGGESTIONS] or get_close_matches(
        wanted, codes, n=MOST_SUGGESTIONS, cutoff=LEAST_SIMILARITY
    )

"""Recognition of headings: the fields that a heading can name, and how clearly.

Real headings surround the name of a field with other words: “Application status”, “Is it live?”,
“d) Vendor/provider”, “Purpose of the system”. These words are removed step by step, and each form
that remains is compared with the usual headings of the fields.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from catalogue.data_exchange.fields import LISTS, Answers, ImportField, Kind
from catalogue.data_exchange.synonyms import plain_words

_EXACT, _SYNONYM, _UNCLEAR, _QUESTION = 100.0, 95.0, 80.0, 75.0
_REORDERED, _MISSPELT, _DOUBTFUL = 70.0, 60.0, 50.0
_LESS_CLEAR = 0.5
"""The score that each further heading in a field's list loses."""
_SURROUNDED = 8.0
"""The score that a heading loses if other words surround the name of the field."""
_SPELLING = 90
_SPELLING_LETTERS = 6

CLEAR, HALF_FIT, ALL_FIT = 0.0, 0.5, 1.0

_CORE = ("system", "application", "software", "app", "solution", "service", "tool", "platform")
_SUBJECT = rf"(?:(?:it|ict|business|digital) )?(?:{'|'.join(_CORE)}|asset|product|it|ict)s?"
_NUMBERING = re.compile(r"^\s*\(?(?:[a-z]|[ivx]{1,4}|q?\d{1,2})[).:]\s+", re.IGNORECASE)
_STEPS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?:is|are|does|do|has|have) (?:(?:it|this|the|your) )?(?:{_SUBJECT} )?(?:is )?(?=\w)",
        rf"^whether (?:(?:it|this|the) )?(?:{_SUBJECT} )?(?:(?:is|are|has) )?(?=\w)",
        rf"^when (?:did|does|was|is) (?:(?:it|this|the) )?(?:{_SUBJECT} )?(?=\w)",
        r"^(?:who|what) (?:is|are) the (?=\w)",
        r"^(?:current|main|primary|overall|present) (?=\w)",
        r" (?:details?|information|info)$",
        rf" (?:of|for) (?:(?:the|this|your|each) )?{_SUBJECT}$",
    )
)
_PREFIX = re.compile(rf"^({_SUBJECT}) (?=\w)")
_NAME_WORDS = {word + end for word in _CORE for end in ("", "s")} | {
    "name", "names", "title", "of", "the", "or", "and", "a", "it", "ict", "business", "digital",
    "asset", "assets", "product", "products",
}  # fmt: skip
_BRACKETS = re.compile(
    r"[(\[](?![^)\]]*\b(?:annual|annum|p\.?a\b|(?:per|a) year))[^)\]]*[)\]]", re.IGNORECASE
)
"""Text in brackets, unless it makes the value of a contract its value in a year."""
_JOINING = frozenset({"or", "and", "of", "the", "name", "is", "it"})


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    """A heading that names a field: how clearly it does so, and the reason."""

    score: float
    reason: str
    must_fit: float
    """The share of the column's values that must be readable."""
    answers: Answers = (None, None)
    """The values that yes and no stand for, if the heading is a question."""
    is_question: bool = False


RECORD_IDS = HeadingMatch(_EXACT, "the values are ids of this catalogue", ALL_FIT)
"""The match of a column called “id” with ids of this catalogue."""


def match_heading(
    heading: str, field: ImportField, subjects: tuple[str, ...] = ()
) -> HeadingMatch | None:
    """Return how clearly a heading names a field, or None if it does not.

    `subjects` are words for the record, beside the words for a system.
    """
    # A heading such as “Product id” is about the product, and not about the system.
    of_system = field.is_name_of_system or field.kind is Kind.EXTERNAL_ID
    if of_system and plain_words(heading).startswith("product "):
        return None
    best: HeadingMatch | None = None
    for form, cost in forms(heading, field.kind in LISTS, subjects):
        found = _match_form(form, field, cost)
        if found and (best is None or found.score > best.score):
            best = found
    return best or _match_loosely(heading, field, subjects)


def names_by_words(form: str, field: ImportField) -> bool:
    """Return whether plain words name a field without being one of its usual headings."""
    if field.is_name_of_system and _is_name(form):
        return True
    return bool(field.words) and _is_made_of(form, field.words)


def _match_form(form: str, field: ImportField, cost: float) -> HeadingMatch | None:
    own = plain_words(field.name.replace("_", " "))
    if form == own or (field.label and form in field.headings):
        return HeadingMatch(_EXACT - cost, "the heading is the name of the field", CLEAR)
    usual = f"“{form}” is a usual heading for this field"
    if form in field.headings:
        place = field.headings.index(form)
        return HeadingMatch(_SYNONYM - place * _LESS_CLEAR - cost, usual, CLEAR)
    if form in field.questions:
        return HeadingMatch(
            _QUESTION - cost,
            f"“{form}” is a usual question about this field",
            CLEAR,
            field.questions[form],
            is_question=True,
        )
    if form in field.unclear:
        place = field.unclear.index(form)
        return HeadingMatch(_UNCLEAR - place * _LESS_CLEAR - cost, usual, HALF_FIT)
    if field.words and _is_made_of(form, field.words):
        return HeadingMatch(_REORDERED - cost, f"“{form}” means this field", CLEAR)
    if field.is_name_of_system and _is_name(form):
        return HeadingMatch(_REORDERED - cost, f"“{form}” means this field", CLEAR)
    if form in field.doubtful:
        score = _DOUBTFUL - (field.kind is Kind.TAGS)
        return HeadingMatch(score, f"this heading can mean {field.name}", ALL_FIT)
    return None


def _match_loosely(
    heading: str, field: ImportField, subjects: tuple[str, ...]
) -> HeadingMatch | None:
    """Match a heading with another order of words, a plural, or a small misspelling."""
    from rapidfuzz import fuzz, process

    own = plain_words(field.name.replace("_", " "))
    known = (own, *field.headings)
    loose = {_loose(form): form for form, _ in forms(heading, field.kind in LISTS, subjects)}
    for place, form in enumerate(known):
        if _loose(form) in loose:
            reason = f"the heading is similar to “{form}”"
            return HeadingMatch(_REORDERED - place * _LESS_CLEAR, reason, CLEAR)
    for form in field.questions:
        if _loose(form) in loose:
            reason = f"the heading is similar to “{form}”"
            answers = field.questions[form]
            return HeadingMatch(_REORDERED, reason, CLEAR, answers, is_question=True)
    for form, _ in forms(heading, False, subjects):
        if len(form) < _SPELLING_LETTERS:
            continue
        near = process.extractOne(form, known, scorer=fuzz.ratio, score_cutoff=_SPELLING)
        if near and len(near[0]) >= _SPELLING_LETTERS:
            return HeadingMatch(_MISSPELT, f"the heading is spelt like “{near[0]}”", CLEAR)
    return None


def _is_made_of(form: str, words: frozenset[str]) -> bool:
    """Return whether a heading joins several of a field's words, and has no other word."""
    parts = form.split()
    own = [part for part in parts if part in words or part.removesuffix("s") in words]
    return len(own) >= 2 and all(part in own or part in _JOINING for part in parts)


def _is_name(form: str) -> bool:
    """Return whether a heading names the system, such as “name of system or software”."""
    parts = form.split()
    if not all(part in _NAME_WORDS for part in parts):
        return False
    core = {part.removesuffix("s") for part in parts} & set(_CORE)
    is_named = not {"name", "names", "title"}.isdisjoint(parts)
    return bool(core) and (is_named or (len(core) > 1 and not {"or", "and"}.isdisjoint(parts)))


@lru_cache(maxsize=2_000)
def forms(
    heading: str, is_list: bool = False, subjects: tuple[str, ...] = ()
) -> tuple[tuple[str, float], ...]:
    """Return the heading in plain words, then without the words that surround a field's name.

    Each form comes with the score that its match loses. The heading of a list can end in a number:
    “Tag 2”.
    """
    found: dict[str, float] = dict.fromkeys(_plain_forms(heading), 0.0)
    waiting = list(found)
    while waiting:
        form = waiting.pop(0)
        for shorter in _shorter(form, is_list, subjects):
            if shorter not in found:
                found[shorter] = found[form] + _SURROUNDED
                waiting.append(shorter)
    return tuple(found.items())


def _plain_forms(heading: str) -> Iterator[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _NUMBERING.sub("", heading)).replace("_", " ")
    spaced = re.sub(r"\(s\)", "s", spaced, flags=re.IGNORECASE)
    spaced = re.sub(r"['’]s\b", "", spaced)
    spaced = re.sub(r"#|\bno\.?(?= |$)|\bnum\b", " number ", spaced, flags=re.IGNORECASE)
    spaced = spaced.replace("&", " and ")
    without = _BRACKETS.sub(" ", spaced)
    for text in (spaced, without):
        for joined in (text, re.sub(r"[/|]", " or ", text)):
            if form := plain_words(joined):
                yield form


def _shorter(form: str, is_list: bool, subjects: tuple[str, ...]) -> Iterator[str]:
    for subject in subjects:
        if form.startswith(f"{subject} "):
            yield form.removeprefix(f"{subject} ")
        for end in (f" of {subject}", f" of the {subject}"):
            if form.endswith(end):
                yield form.removesuffix(end)
    for step in _STEPS:
        shorter = step.sub("", form)
        if shorter and shorter != form:
            yield shorter
    match = _PREFIX.match(form)
    if match:
        yield form[match.end() :]
    if is_list and (shorter := re.sub(r" \d+$", "", form)) != form:
        yield shorter


def _loose(form: str) -> str:
    """Return plain words in a fixed order, without articles and plurals."""
    words = (word for word in form.split() if word not in {"the", "of", "a", "is", "this"})
    return " ".join(
        sorted(word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in words)
    )

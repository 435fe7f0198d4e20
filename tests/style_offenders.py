"""The texts that people read, and the rules that docs/reference/style.md sets for them.

`python -m tests.style_offenders catalogue/systems` lists the offenders whose source begins with a
prefix, `--docstrings` those among docstrings and comments, and `--counts` numbers alone.
"""

import argparse
import ast
import io
import json
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from docs.product_source import modules
from tests.style_source import texts_of

ROOT = Path(__file__).resolve().parents[1]
STYLE = ROOT / "docs" / "reference" / "style.md"
GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
DOCUMENT = ROOT / "openapi" / "catalogue.json"

MOST_WORDS = 25

CODE_SPAN = re.compile(r"`+[^`]+`+")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
ADDRESS = re.compile(r"https?://\S+")
WORD = re.compile(r"[\w'’£%-]*\w[\w'’£%./:@-]*")
# A full stop ends a sentence only before a space: "1.1" and "report.pdf" are single words.
SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'”’)*]*\s+(?=[\"'“‘(*]*[A-Z0-9])|\n{2,}|\n(?=- )|(?<=[.!?])\s*$"
)
BARE = re.compile(r"(It|They)\b|That (is|was|are|were|has|have|may|can|does|should|will|cannot)\b")
QUESTION = re.compile(
    r"(What|Which|How|Who|Whose|Where|When|Why)\b"
    r"|(\w+Error|BadRequest|Conflict|Forbidden|NotFound|Precondition\w+|Unprocessable) (if|unless)\b"
)


class Text(NamedTuple):
    """A text that people read."""

    source: str
    """The file that it comes from."""
    where: str
    """The file and line, or the operation or schema of the OpenAPI document."""
    kind: str
    """error, description, summary, help, docstring, prose, reason, markdown or comment."""
    text: str


class Offender(NamedTuple):
    """A text that breaks a rule."""

    source: str
    where: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Ban(NamedTuple):
    """A phrase of the word list, what to write instead, and the uses that are right."""

    phrase: str
    write: str
    pattern: re.Pattern[str]
    allowed: re.Pattern[str] | None


# --- Rules ----------------------------------------------------------------------------------------


def _phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Make the pattern of whole words in either case. `…` stands for one to three words."""
    found = [
        r"\b" + re.escape(each).replace(r"\ ", r"\s+").replace("…", r"(?:[\w'-]+\s+){0,2}[\w'-]+")
        for each in phrases
    ]
    if not found:
        return None
    return re.compile("|".join(f"(?:{each})(?![\\w'-])" for each in found), re.IGNORECASE)


@cache
def banned() -> tuple[Ban, ...]:
    """Read the table under the heading "Words to avoid" of the style guide."""
    bans = []
    section = STYLE.read_text().split("## Words to avoid", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    for row in rows:
        avoid, write, right = (cell.strip() for cell in row.strip("|").split("|"))
        allowed = _phrase_pattern(re.findall(r"`([^`]+)`", right))
        for phrase in re.findall(r"`([^`]+)`", avoid):
            pattern = _phrase_pattern([phrase])
            if pattern is not None:
                bans.append(Ban(phrase, write, pattern, allowed))
    return tuple(bans)


def plain(text: str) -> str:
    """Return the words of a text. Code and addresses become one word, and links their label."""
    text = ADDRESS.sub("address", LINK.sub(r"\1", CODE_SPAN.sub("code", text)))
    return text.replace("’", "'").replace("**", "")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without its code."""
    return [each.strip() for each in SENTENCE_END.split(plain(text)) if each and each.strip()]


def long_sentences(text: Text) -> Iterator[Offender]:
    for sentence in sentences(text.text):
        count = len(WORD.findall(sentence))
        if count > MOST_WORDS:
            yield _offender(text, "sentence", f"{count} words: {sentence}")


def banned_words(text: Text) -> Iterator[Offender]:
    for sentence in sentences(text.text):
        found: list[tuple[int, int, Ban]] = []
        for ban in banned():
            right = [m.span() for m in ban.allowed.finditer(sentence)] if ban.allowed else []
            for match in ban.pattern.finditer(sentence):
                begin, end = match.span()
                if not any(a <= begin and end <= b for a, b in right):
                    found.append((begin, end, ban))
        reached = 0
        for begin, end, ban in sorted(found, key=lambda each: (each[0], -each[1])):
            if begin >= reached:  # "that one may" holds "one may", and counts once
                yield _offender(text, "word", f"[{ban.phrase} -> {ban.write}] {sentence}")
                reached = end


def noun_or_verb_first(text: Text) -> Iterator[Offender]:
    if text.kind == "docstring" and QUESTION.match(text.text.strip()):
        yield _offender(text, "opening", text.text)


def bare_openings(text: Text) -> Iterator[Offender]:
    if text.kind in {"error", "prose"} and BARE.match(text.text):
        yield _offender(text, "bare", text.text)


def missing_stops(text: Text) -> Iterator[Offender]:
    checked = text.kind in {"description", "help"} or (
        text.kind == "error" and text.text[:1].isupper()
    )
    if checked and text.text.strip() and not text.text.rstrip().endswith((".", "!", "?")):
        yield _offender(text, "stop", text.text)


def _offender(text: Text, rule: str, shown: str) -> Offender:
    return Offender(text.source, text.where, rule, " ".join(shown.split()))


# --- The OpenAPI document -------------------------------------------------------------------------


@cache
def _document() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_bytes())  # type: ignore[no-any-return]


_VARIANT = re.compile(r"(ListItem|List|Patch|Create|Field|Bulk|Answer|s)$")


@cache
def _definitions() -> dict[str, str]:
    """Map each view, schema and enumeration to its file in the product."""
    found: dict[str, str] = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and (
                path.name in {"views.py", "schemas.py"}
                or (isinstance(node, ast.ClassDef) and _bases(node) & {"StrEnum", "Vocabulary"})
            ):
                found.setdefault(node.name, _name(path))
    return found


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base) for base in node.bases}


def _source_of(name: str) -> str:
    """Return the file of an operationId or a schema's name, else the document itself."""
    tried = name
    while True:
        for each in (f"{tried}Schema", tried):
            if each in _definitions():
                return _definitions()[each]
        shorter = _VARIANT.sub("", tried)
        if shorter == tried:
            return _name(DOCUMENT)
        tried = shorter


def _walk(node: Any, owner: str, path: str, *, names: bool = False) -> Iterator[Text]:
    """Yield the texts below a node. `names` is true if the keys are names of properties."""
    if isinstance(node, list):
        for index, each in enumerate(node):
            label = each.get("name", index) if isinstance(each, dict) else index
            yield from _walk(each, owner, f"{path}.{label}")
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"summary", "description", "title"} and isinstance(value, str) and not names:
                kind = "description" if key == "description" else "summary"
                where = f"{_name(DOCUMENT)} {owner}{path}.{key}"
                yield Text(_source_of(owner), where, kind, value)
            elif key not in {"example", "examples", "default", "enum"} or names:
                yield from _walk(value, owner, f"{path}.{key}", names=key == "properties")


def openapi_texts() -> Iterator[Text]:
    """Yield each text of the document once, at its first place."""
    seen: set[str] = set()
    for text in _openapi_places():
        if text.text not in seen:
            seen.add(text.text)
            yield text


def _openapi_places() -> Iterator[Text]:
    document = _document()
    yield from _walk(document["info"], "info", "")
    for tag in document["tags"]:
        yield from _walk(tag, f"tag {tag['name']}", "")
    for methods in document["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict):
                yield from _walk(operation, operation["operationId"], "")
    for part, items in document["components"].items():
        for name, item in items.items():
            yield from _walk(item, name if part == "schemas" else f"{part}.{name}", "")


def missing_descriptions() -> Iterator[Offender]:
    """Return the properties and parameters without a description, of their own or by reference."""
    seen: set[tuple[str, str]] = set()
    schemas = _document()["components"]["schemas"]
    for owner, path, node in _described():
        options = [node, *node.get("anyOf", []), *node.get("allOf", []), *node.get("oneOf", [])]
        referred = [each["$ref"].rsplit("/", 1)[1] for each in options if "$ref" in each]
        if node.get("description") or any(schemas.get(r, {}).get("description") for r in referred):
            continue
        enveloped = owner.endswith("List") and path in {".items", ".page", ".total"}
        source = "catalogue/core/rest" if enveloped else _source_of(owner)
        # Variants of a schema repeat its properties: list item, list, patch.
        key = (source if source != _name(DOCUMENT) else owner, f"{_base(owner)}{path}")
        if key not in seen:
            seen.add(key)
            where = f"{_name(DOCUMENT)} {owner}{path}"
            yield Offender(source, where, "missing", "has no description")


def _base(name: str) -> str:
    return _VARIANT.sub("", _VARIANT.sub("", name))


def _described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the parameters of operations, and the properties of schemas at every depth."""
    for methods in _document()["paths"].values():
        shared = methods.get("parameters", [])
        for operation in methods.values():
            if isinstance(operation, dict):
                for each in [*operation.get("parameters", []), *shared]:
                    if "$ref" not in each:
                        yield operation["operationId"], f".{each['name']}", each
    for name, each in _document()["components"].get("parameters", {}).items():
        yield f"parameters.{name}", "", each
    for name, schema in _document()["components"]["schemas"].items():
        yield from _properties(name, "", schema)


def _properties(owner: str, path: str, node: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if isinstance(node, dict):
        properties = node.get("properties", {})
        for name, each in properties.items():
            yield owner, f"{path}.{name}", each
            yield from _properties(owner, f"{path}.{name}", each)
        for key in ("items", "additionalProperties", "anyOf", "allOf", "oneOf"):
            yield from _properties(owner, path, node.get(key))
    elif isinstance(node, list):
        for each in node:
            yield from _properties(owner, path, each)


# --- The product's source -------------------------------------------------------------------------


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def product_texts() -> Iterator[Text]:
    """Yield the texts of the product's source: errors, help, descriptions and other prose."""
    for path, tree in modules().items():
        yield from (
            Text(_name(path), f"{_name(path)}:{line}", kind, text)
            for line, kind, text in texts_of(path, tree)
        )


def internal_texts() -> Iterator[Text]:
    """Yield the docstrings and comments of the product, which its developers read."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            match node:
                case ast.Expr(value=ast.Constant(value=str() as docstring)):
                    where = f"{_name(path)}:{node.lineno}"
                    yield Text(_name(path), where, "docstring", docstring)
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
            if token.type == tokenize.COMMENT and "noqa" not in token.string:
                where = f"{_name(path)}:{token.start[0]}"
                yield Text(_name(path), where, "comment", token.string.lstrip("# "))


# --- Markdown -------------------------------------------------------------------------------------


def markdown_texts() -> Iterator[Text]:
    """Yield the paragraphs, headings and list items of the documentation, without code and tables."""
    names = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
    for path in [*(ROOT / name for name in names), *sorted((ROOT / "docs").rglob("*.md"))]:
        for line, text in _blocks(path.read_text()):
            yield Text(_name(path), f"{_name(path)}:{line}", "markdown", text)


_NEW_BLOCK = re.compile(r"\s*(?:[-*+]|\d+\.)\s+|#+\s+|>\s*")


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    begun, block, fenced = 1, [], False
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        opens = _NEW_BLOCK.match(line)
        left_out = fence or fenced or line.lstrip().startswith(("|", "<!--")) or not line.strip()
        if block and (left_out or opens):
            yield begun, " ".join(block)
            block = []
        if not left_out:
            begun = begun if block else number
            block.append(line[opens.end() :] if opens else line.strip())
    if block:
        yield begun, " ".join(block)


# --- Offenders ------------------------------------------------------------------------------------

RULES = (long_sentences, banned_words, bare_openings, missing_stops)


def offenders(texts: Iterable[Text], rules: Iterable[Any] = RULES) -> list[Offender]:
    return [found for text in texts for rule in rules for found in rule(text)]


def all_offenders(*, docstrings: bool = False) -> list[Offender]:
    if docstrings:
        return offenders(internal_texts(), [banned_words])
    found = offenders([*product_texts(), *markdown_texts()])
    # Most of the document is made from the source: the source's line is the one to change.
    shown = {(each.rule, each.text) for each in found}
    document = offenders(openapi_texts())
    found += [each for each in document if (each.rule, each.text) not in shown]
    return [*found, *missing_descriptions()]


def _package(source: str) -> str:
    parts = source.split("/")
    return "/".join(parts[:2]) if parts[0] in {"catalogue", "docs"} else source


def main() -> None:
    parser = argparse.ArgumentParser(description="List the texts that break the style guide.")
    parser.add_argument("prefixes", nargs="*", help="Beginnings of source files; all without.")
    parser.add_argument("--docstrings", action="store_true", help="Docstrings and comments.")
    parser.add_argument("--counts", action="store_true", help="Numbers by package and rule.")
    options = parser.parse_args()
    found = all_offenders(docstrings=options.docstrings)
    if options.prefixes:
        found = [each for each in found if each.source.startswith(tuple(options.prefixes))]
    if options.counts:
        counts = Counter((_package(each.source), each.rule) for each in found)
        lines = [f"{package}\t{rule}\t{n}" for (package, rule), n in sorted(counts.items())]
    else:
        lines = [*(f"{each.rule:9}{each}" for each in sorted(found)), f"{len(found)} offenders"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

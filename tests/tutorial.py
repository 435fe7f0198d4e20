"""A runner for the tutorial: the commands of its pages, and the output that the pages show.

A `sh` block holds commands. The `text` block after it, if there is one, shows their output, with
`…` for what is left out. A line `HTTP 201` in it is the status of a request.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.stores import ROOT

DOCS = ROOT / "docs"
START = "make demo"
"""The one command that does not end. The test starts a server in its place."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
STATUS = re.compile(r"^HTTP (\d{3})$", re.MULTILINE)
STRING_OR_ELLIPSIS = re.compile(r'"(?:\\.|[^"\\])*"|…')
ANYTHING = "…"
ENDED = "tutorial-block-ended"


class Block(NamedTuple):
    """Commands of a page, and the output that the page shows for them."""

    place: str
    commands: str
    shown: str | None


class Output(NamedTuple):
    """What a block printed: its standard output, and the statuses of its requests in order."""

    text: str
    statuses: list[int]


class Mismatch(AssertionError):
    """A block that failed, or whose output is not what the page shows."""


def pages() -> list[Path]:
    """Return the pages of the tutorial, in the order of the documentation's index."""
    names = re.findall(r"^tutorial/[\w-]+$", (DOCS / "index.md").read_text(), re.MULTILINE)
    return [DOCS / f"{name}.md" for name in names]


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """Yield the blocks of commands of a page."""
    fences = list(FENCE.finditer(text))
    for number, fence in enumerate(fences):
        after = fences[number + 1] if number + 1 < len(fences) else None
        if fence[1] == "sh":
            shown = after[2] if after and after[1] == "text" else None
            line = text.count("\n", 0, fence.start()) + 2
            yield Block(f"{page}:{line}", fence[2], shown)


def compare(shown: str, output: Output, *, in_order: bool = True) -> None:
    """Raise `Mismatch` unless the output is what the page shows.

    Requests that ran at the same time can be answered in any order.
    """
    arranged = list if in_order else sorted
    statuses = arranged(int(status) for status in STATUS.findall(shown))
    if statuses and statuses != arranged(output.statuses):
        raise Mismatch(f"the page shows {statuses}, and the statuses are {output.statuses}")
    body = STATUS.sub("", shown).strip()
    if body.startswith(("{", "[")):
        _compare_documents(list(_documents(_quote_ellipses(body))), list(_documents(output.text)))
    else:
        _compare_lines(body, output.text)


def _quote_ellipses(text: str) -> str:
    return STRING_OR_ELLIPSIS.sub(lambda found: '"…"' if found[0] == ANYTHING else found[0], text)


def _documents(text: str) -> Iterator[Any]:
    decoder, position = json.JSONDecoder(), 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        try:
            document, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise Mismatch(f"this is not JSON ({error}): {text[position:]}") from None
        yield document


def _compare_documents(shown: list[Any], printed: list[Any]) -> None:
    if len(shown) != len(printed):
        raise Mismatch(f"the page shows {len(shown)} documents, and {len(printed)} were printed")
    for expected, actual in zip(shown, printed, strict=True):
        _compare_values("", expected, actual)


def _compare_values(pointer: str, shown: Any, printed: Any) -> None:
    """Compare one value. An object shows some of its members. A shortened list ends in `…`."""
    if isinstance(shown, dict) and isinstance(printed, dict):
        for name, value in shown.items():
            if name not in printed:
                raise Mismatch(f"{pointer}/{name} is missing; there are {sorted(printed)}")
            _compare_values(f"{pointer}/{name}", value, printed[name])
    elif isinstance(shown, list) and isinstance(printed, list):
        rest = shown[-1:] == [ANYTHING]
        wanted = shown[:-1] if rest else shown
        if len(printed) < len(wanted) or (len(printed) > len(wanted) and not rest):
            raise Mismatch(f"{pointer} has {len(printed)} items: {printed}")
        for number, (expected, actual) in enumerate(zip(wanted, printed, strict=False)):
            _compare_values(f"{pointer}/{number}", expected, actual)
    elif isinstance(shown, str) and (shown == ANYTHING or isinstance(printed, str)):
        if not _fits(shown, str(printed)):
            raise Mismatch(f"{pointer} is {printed!r}, and the page shows {shown!r}")
    elif type(shown) is not type(printed) or shown != printed:
        raise Mismatch(f"{pointer} is {printed!r}, and the page shows {shown!r}")


def _compare_lines(shown: str, printed: str) -> None:
    """Find each line that the page shows, in order. `…` stands for lines that the page omits."""
    lines, exact = printed.strip().splitlines(), True
    for line in shown.splitlines():
        if line.strip() == ANYTHING:
            exact = False
            continue
        while lines and not exact and not _fits(line, lines[0]):
            lines.pop(0)
        if not lines or not _fits(line, lines.pop(0)):
            raise Mismatch(f"{line!r} does not follow in the output:\n{printed}")
        exact = True
    if lines and exact:
        raise Mismatch(f"the output goes on: {lines}")


def _fits(shown: str, printed: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in shown.strip().split(ANYTHING))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


@dataclass
class Terminal:
    """A shell that keeps its variables and functions from block to block."""

    directory: Path
    environment: dict[str, str]
    port: int

    def __enter__(self) -> Self:
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-euo", "pipefail"],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._shell.kill()
        self._shell.communicate()

    def run(self, block: Block) -> Output:
        """Run a block, and compare its output with the page."""
        try:
            output = self._output(block.commands)
            refused = {int(status) for status in STATUS.findall(block.shown or "")}
            if failed := [each for each in output.statuses if each >= 400 and each not in refused]:
                raise Mismatch(f"requests failed with {failed}:\n{output.text}")
            if block.shown is not None:
                compare(block.shown, output, in_order=" &\n" not in block.commands)
        except Mismatch as error:
            raise Mismatch(f"{block.place}: {error}\n\n{block.commands}") from None
        return output

    def _output(self, commands: str) -> Output:
        here = self.directory
        (here / "block.sh").write_text(commands.replace(":8000", f":{self.port}"))
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(
            f"source ./block.sh >out.txt 2>err.txt </dev/null\nwait\necho {ENDED}\n"
        )
        self._shell.stdin.flush()
        ended = self._shell.stdout.readline().strip() == ENDED
        printed, errors = (here / "out.txt").read_text(), (here / "err.txt").read_text()
        if not ended:
            raise Mismatch(f"a command failed:\n{printed}\n{errors}")
        return Output(
            printed.replace(f":{self.port}", ":8000"),
            [int(status) for status in STATUS.findall(errors)],
        )

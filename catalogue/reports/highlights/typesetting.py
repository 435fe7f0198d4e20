"""A program that reads JSON and writes a PDF with Typst.

Typst keeps threads for the life of a process. A server that is forked from such a process would
wait for these threads permanently. A separate program can also be stopped when it takes too long.
"""

import base64
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import typst


def main() -> None:
    """Typeset the report from standard input, and write the PDF to standard output.

    A question mark replaces each character that no font has.
    """
    task = json.load(sys.stdin.buffer)
    report, failure = task["report"], None
    # No list names the characters that the fonts have, so each attempt keeps fewer characters.
    for reduced in (str, _european, _ascii):
        try:
            pdf: bytes = typst.compile(
                base64.b64decode(task["template"]),
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"report": reduced(report)},
                pdf_standards=["ua-1"],
                timestamp=datetime.fromisoformat(task["timestamp"]),
            )
        except typst.TypstError as error:
            failure = error
        else:
            sys.stdout.buffer.write(pdf)
            return
    raise SystemExit(str(failure))


def _european(text: str) -> str:
    """Replace every character except those of European scripts and common signs."""
    data = json.loads(text)
    return json.dumps(_replaced(data, lambda c: " " <= c < "\u0530" or c in _SIGNS))


def _ascii(text: str) -> str:
    return json.dumps(_replaced(json.loads(text), lambda c: " " <= c <= "~"))


_SIGNS = frozenset("–—‘’“”…•€")


def _replaced(value: Any, is_kept: Callable[[str], bool]) -> Any:
    if isinstance(value, str):
        return "".join(c if is_kept(c) or c in "\n\t" else "?" for c in value)
    if isinstance(value, list):
        return [_replaced(each, is_kept) for each in value]
    if isinstance(value, dict):
        return {name: _replaced(each, is_kept) for name, each in value.items()}
    return value


if __name__ == "__main__":
    main()

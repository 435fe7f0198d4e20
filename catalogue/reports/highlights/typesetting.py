"""Typst as a program of its own: JSON comes in, a PDF goes out.

Typst keeps threads for as long as a process lives. A server that is forked from one that has set
something would wait for them for ever; and what takes too long can be stopped from outside.
"""

import base64
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import typst


def main() -> None:
    """Set what stands in the input. What the fonts lack is shown as a question mark."""
    asked = json.load(sys.stdin.buffer)
    report, failure = asked["report"], None
    # The fonts have Latin, Greek and Cyrillic, but no standard says which of all characters.
    for shown in (str, _european, _ascii):
        try:
            made: bytes = typst.compile(
                base64.b64decode(asked["template"]),
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"report": shown(report)},
                pdf_standards=["ua-1"],
                timestamp=datetime.fromisoformat(asked["timestamp"]),
            )
        except typst.TypstError as error:
            failure = error
        else:
            sys.stdout.buffer.write(made)
            return
    raise SystemExit(str(failure))


def _european(text: str) -> str:
    """Without what is beyond the scripts of Europe and common signs."""
    data = json.loads(text)
    return json.dumps(_replaced(data, lambda c: " " <= c < "\u0530" or c in _SIGNS))


def _ascii(text: str) -> str:
    return json.dumps(_replaced(json.loads(text), lambda c: " " <= c <= "~"))


_SIGNS = frozenset("–—‘’“”…•€")


def _replaced(value: Any, kept: Callable[[str], bool]) -> Any:
    if isinstance(value, str):
        return "".join(c if kept(c) or c in "\n\t" else "?" for c in value)
    if isinstance(value, list):
        return [_replaced(each, kept) for each in value]
    if isinstance(value, dict):
        return {name: _replaced(each, kept) for name, each in value.items()}
    return value


if __name__ == "__main__":
    main()

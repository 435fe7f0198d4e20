"""PDF/UA-1 documents: tagged, so that screen readers find headings, tables and chart descriptions.

Typst typesets them from a fixed template. The text of a report is passed as data, so that nothing
that a user wrote is read as markup. With built-in fonts and a fixed date, the same report always
gives the same bytes.
"""

import base64
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from catalogue.reports.highlights.blocks import (
    Block,
    Chart,
    Facts,
    Heading,
    Paragraph,
    Rating,
    Table,
)
from catalogue.reports.highlights.charts import bars
from catalogue.reports.highlights.layout import blocks_of

MEDIA = "application/pdf"
LONGEST_SECONDS = 60
"""The time limit for typesetting. A report on a large programme takes a second or two."""

_TEMPLATE = base64.b64encode(Path(__file__).with_name("report.typ").read_bytes()).decode()
_TYPESETTING = str(Path(__file__).with_name("typesetting.py"))
_FONT = "Libertinus Serif"
_BEFORE_APPROVAL = datetime(2000, 1, 1, tzinfo=UTC)


def pdf_of(document: dict[str, Any]) -> bytes:
    """Return the PDF of a report."""
    approved_at, content = document["approved_at"], document["content"]
    data = {
        "title": document["title"],
        "author": content["agencies"][content["programme"]["lead_agency"]],
        "draft": document["status"] != "approved",
        "blocks": [_data(block, place) for place, block in enumerate(blocks_of(document))],
    }
    task = {
        "template": _TEMPLATE,
        "report": orjson.dumps(data).decode(),
        "timestamp": _moment(approved_at).isoformat(),
    }
    # Isolated, so that no module of this folder replaces one of the standard library.
    process = subprocess.run(  # noqa: S603 - a program of this package that receives only data
        [sys.executable, "-I", _TYPESETTING],
        input=orjson.dumps(task),
        capture_output=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(
            f"Typst could not typeset the report ({process.stderr.decode()[-500:]})."
        )
    return process.stdout


def _moment(approved_at: str | None) -> datetime:
    """Return the date of the file: the approval to the second, or a fixed date for a draft."""
    if approved_at is None:
        return _BEFORE_APPROVAL
    return datetime.fromisoformat(approved_at).replace(microsecond=0)


def _data(block: Block, place: int) -> dict[str, Any]:
    match block:
        case Heading(text, level):
            # In a PDF the title belongs to the document, and headings begin below it.
            return {"kind": "heading", "text": text, "level": level - 1}
        case Paragraph(text):
            return {"kind": "paragraph", "text": text}
        case Rating(label, rag, words):
            return {"kind": "rating", "label": label, "rag": rag or "unrated", "words": words}
        case Facts(facts):
            return {"kind": "facts", "facts": facts}
        case Table(caption, columns, rows, figures):
            return {
                "kind": "table",
                "caption": caption,
                "columns": columns,
                "rows": rows,
                "figures": sorted(figures),
            }
        case Chart(title, description, drawn, table):
            return {
                "kind": "chart",
                "title": title,
                "description": description,
                "svg": bars(title, description, drawn, key=f"b{place}", font=_FONT),
                "table": table and _data(table, place),
            }

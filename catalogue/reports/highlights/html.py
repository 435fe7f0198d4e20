"""The web page of a report: a single file without scripts or external resources."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from catalogue.reports.highlights.blocks import Chart
from catalogue.reports.highlights.charts import bars
from catalogue.reports.highlights.layout import blocks_of
from catalogue.reports.highlights.markup import filled_in

MEDIA = "text/html"

_STYLE = "\n" + Path(__file__).with_name("templates").joinpath("report.css").read_text("utf-8")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy, which lets a browser show the page but load nothing else. The page
itself holds the policy too, for readers who save the file."""


def html_of(document: dict[str, Any]) -> bytes:
    """Return the web page of a report."""
    return filled_in(
        "report.html",
        title=document["title"],
        is_draft=document["status"] != "approved",
        blocks=blocks_of(document),
        drawn=_drawn,
        style=_STYLE,
        policy=POLICY.replace("; frame-ancestors 'none'", ""),
    ).encode()


def _drawn(chart: Chart, key: str) -> str:
    return bars(chart.title, chart.description, chart.bars, key=key)

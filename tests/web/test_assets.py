"""Tests of the compiled style sheet and script, and of the versions that they come from."""

import json
import re
from importlib.metadata import metadata

from tests.stores import ROOT

WEB = ROOT / "catalogue" / "web"
STATIC = WEB / "static"
NODE = ROOT / ".ci" / "node"


def macros_target() -> str:
    """Return the version of GOV.UK Frontend whose markup the installed macros write.

    The package names it only in the table of versions of its description.
    """
    package = metadata("govuk-frontend-jinja")
    row = re.compile(
        rf"^\|\s*\[{re.escape(package['Version'])}\][^|]*\|\s*\[([\d.]+)\]", re.MULTILINE
    )
    found = row.search(package.get_payload() or package["Description"])
    assert found, "the description of govuk-frontend-jinja no longer lists its target"
    return found[1]


def test_style_sheet_has_the_version_that_the_macros_are_for() -> None:
    pinned = json.loads((NODE / "package.json").read_text())["dependencies"]["govuk-frontend"]
    locked = json.loads((NODE / "package-lock.json").read_text())["packages"]
    compiled = re.search(r'--govuk-frontend-version: ?"([^"]+)"', (STATIC / "site.css").read_text())
    assert compiled
    assert {
        macros_target(),
        pinned,
        locked["node_modules/govuk-frontend"]["version"],
        compiled[1],
    } == {pinned}


def test_crown_and_font_of_govuk_are_not_used() -> None:
    compiled = (STATIC / "site.css").read_text()
    for name in ("crest", "crown", "GDS Transport", "@font-face"):
        assert name not in compiled, name


def test_every_file_that_the_layout_and_the_style_sheet_name_exists() -> None:
    layout = (WEB / "templates" / "layout.html").read_text()
    named = re.findall(r"static_url\('([^']+)'\)", layout)
    named += re.findall(r"url\([\"']?/static/([^)\"']+)", (STATIC / "site.css").read_text())
    assert {"site.css", "site.js", "favicon.svg"} <= set(named)
    assert [name for name in named if not (STATIC / name).is_file()] == []
    assert "govuk-footer" not in layout, "the component's footer draws the crown"

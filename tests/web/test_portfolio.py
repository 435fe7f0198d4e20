"""The portfolio: each number is that of the list that it leads to."""

from collections.abc import Callable

import pytest

from tests.agencies.api_agreements import agree, agreement
from tests.factories import BEDS, CAMBS, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor, words

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
SCOPES = "agencies:read agencies:write systems:read systems:write"


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    """A program of the agency, with systems in some fields."""
    api = sign_in(BEDS, SCOPES)
    for number, (functional, technical, fields) in enumerate(
        (
            (4, 4, {"disposition": "invest"}),
            (3, 1, {"disposition": "migrate"}),
            (4, 2, {}),
            (1, 3, {"disposition": "tolerate"}),
            (2, 2, {"lifecycle": "decommissioned"}),
            (2, None, {}),
            (None, None, {}),
        )
    ):
        fits = {"functional_fit": functional, "technical_fit": technical}
        system(api, f"System {number}", **fits, **fields)
    return api


def tiles(page: Shown) -> list[str]:
    """Return the words of the four fields."""
    return [words(tile) for tile in page.root.findall(".//li[@class='site-tile']")]


def test_fields_of_the_model_count_own_live_systems(visit: Visiting, beds: CheckedClient) -> None:
    page = visit().open("/portfolio")
    assert tiles(page) == [
        "2 Migrate: good functional fit, poor technical fit",
        "1 Invest: good functional fit, good technical fit",
        "0 Eliminate: poor functional fit, poor technical fit",
        "1 Tolerate: poor functional fit, good technical fit",
    ]
    assert "2 further systems have a fit that is not recorded" in page.text
    everything = visit().open("/portfolio?lifecycle=all")
    assert "1 Eliminate: poor functional fit, poor technical fit" in tiles(everything)


def test_each_number_leads_to_exactly_these_systems(visit: Visiting, beds: CheckedClient) -> None:
    page = visit().open("/portfolio?lifecycle=all")
    links = {text: href for text, href in page.links().items() if href.startswith("/systems?")}
    assert len(links) == 3 + 1 + 7 + 4
    for text, href in links.items():
        number = int(text.split()[0])
        shown = page.visitor.open(href)
        assert f"{number} system" in shown.text.partition("Show")[2], text
    unknown = page.follow("1 systems: functional fit 2, technical fit not recorded")
    assert "System 5" in unknown.links()


def test_fits_that_are_withheld_count_as_not_shared(
    visit: Visiting, beds: CheckedClient, sign_in: SignIn
) -> None:
    cambs = sign_in(CAMBS, SCOPES)
    system(cambs, "Theirs", functional_fit=4, technical_fit=4, disposition="invest")
    agree(agreement(cambs, BEDS, field_profile="summary"), beds, cambs)
    page = visit().open(f"/portfolio?agency={CAMBS}")
    assert "1 further system has a fit that is not recorded, or not shared" in page.text
    assert all(each.startswith("0 ") for each in tiles(page))
    assert "Not shared with your agency 1" in page.text
    assert not [href for href in page.links().values() if href.startswith("/systems?")]
    assert "3 further systems have" in visit().open("/portfolio?agency=all").text


def test_wrong_filters_show_all_that_the_agency_can_see(
    visit: Visiting, beds: CheckedClient
) -> None:
    page = visit().open("/portfolio?agency=nobody&lifecycle=never")
    assert "1 Eliminate: poor functional fit, poor technical fit" in tiles(page)
    administrator = visit(None, "admin systems:read agencies:read")
    assert "0 further systems" in administrator.open("/portfolio").text
    visit(BEDS, "agencies:read").open("/portfolio", status=403)

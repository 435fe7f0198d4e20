"""Statements that the law requires of a public service: accessibility, privacy and cookies."""

from typing import Any

from catalogue.access.sign_in.attempts import LIFETIME_SECONDS
from catalogue.core.application import settings
from catalogue.core.config import LONGEST_SESSION
from catalogue.data_exchange.queue import FILE_KEPT_FOR
from catalogue.data_exchange.rejected_rows import DAYS_KEPT
from catalogue.web.pages import Pages, Visit
from catalogue.web.sessions import cookie_name
from catalogue.web.sign_in.durations import in_words

statements = Pages("statements")


@statements.get("/accessibility", public=True)
def accessibility(visit: Visit) -> Any:
    """The accessibility statement (SI 2018/952, regulation 8)."""
    return visit.render("statements/accessibility.html", operator=settings())


@statements.get("/privacy", public=True)
def privacy(visit: Visit) -> Any:
    """The privacy notice (UK GDPR, article 13)."""
    return visit.render(
        "statements/privacy.html",
        operator=settings(),
        access_log=settings().access_log,
        file_days=FILE_KEPT_FOR.days,
        row_days=DAYS_KEPT,
        longest_row=in_words(LONGEST_SESSION),
        **_durations(),
    )


@statements.get("/cookies", public=True)
def cookies(visit: Visit) -> Any:
    """The cookies, all of which the pages need (SI 2003/2426, regulation 6)."""
    return visit.render(
        "statements/cookies.html",
        session_cookie=cookie_name(settings()),
        sign_in_cookie=cookie_name(settings(), "sign-in"),
        attempt=in_words(LIFETIME_SECONDS),
        **_durations(),
    )


def _durations() -> dict[str, Any]:
    return {
        "idle": in_words(settings().session_idle_seconds),
        "longest": in_words(settings().session_lifetime_seconds),
    }

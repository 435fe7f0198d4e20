"""Signing in and out."""

from catalogue.web.sign_in.pages import sign_in_pages
from catalogue.web.sign_in.signing_out import end_at_provider

__all__ = ["end_at_provider", "sign_in_pages"]

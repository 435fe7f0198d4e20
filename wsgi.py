"""The application for a WSGI server: `granian --interface wsgi wsgi:app` or `gunicorn wsgi:app`."""

import logging
import os

from catalogue.app import serving_app
from catalogue.core.config import unknown_settings

app = serving_app()
for warning in unknown_settings(os.environ):
    logging.getLogger(__name__).warning(warning)

"""The application for a WSGI server: `granian --interface wsgi wsgi:app` or `gunicorn wsgi:app`."""

from catalogue.app import serving_app

app = serving_app()

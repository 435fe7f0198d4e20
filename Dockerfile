# Not built in CI yet. To build it: docker build --tag it-service-catalogue .
# To run it, with a database that has had `catalogue database upgrade`:
#   docker run --read-only --tmpfs /tmp --publish 8000:8000 \
#     --env CATALOGUE_DATABASE_URL=postgresql://... --env CATALOGUE_PUBLIC_URL=https://... \
#     it-service-catalogue

# The oldest supported Python, which the tests use too.
FROM python:3.11-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/catalogue
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /src
# The libraries come first, because they seldom change and are most of the image.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --all-extras --no-install-project
COPY catalogue catalogue
COPY migrations migrations
COPY openapi openapi
RUN uv sync --frozen --no-dev --all-extras --no-editable

FROM python:3.11-slim
RUN useradd --system --no-create-home --shell /usr/sbin/nologin catalogue
COPY --from=build /opt/catalogue /opt/catalogue
ENV PATH=/opt/catalogue/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER catalogue
WORKDIR /tmp
EXPOSE 8000
# Python checks the health, because the image has no curl. Any status but 200 raises an error.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
ENTRYPOINT ["catalogue"]
CMD ["serve", "--host", "0.0.0.0"]

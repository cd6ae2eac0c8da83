# Every target installs what it needs, so a fresh clone needs only Python and make.

PYTHON ?= python3
UV_VERSION := 0.13.9
# NAME, not USER, which every shell sets. Set here to ignore NAME from the environment.
NAME :=
export NAME
# Compiled files make a start of the server take half the time, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

RUN := .venv/.run-installed
DEV := .venv/.dev-installed
GRAPHIQL := graphiql/node_modules/.installed
CLIENTS := tests/clients/node_modules/.installed
PEER := benchmarks/mercurius/node_modules/.installed
SERVER := .venv/bin/python server.py

# --clear, because a venv without its stamp is incomplete or was created by something else.
define make-venv
@command -v $(PYTHON) >/dev/null || \
	{ echo '$(PYTHON) was not found. Name a Python: make PYTHON=python3.12 ...' >&2; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	'Name another: make PYTHON=python3.12 ...' >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo '$(PYTHON) lacks venv or ensurepip.' \
	'Install them (on Debian and Ubuntu: apt install python3-venv).' >&2; exit 1; }
@$(PYTHON) -m venv --clear $(@D)
endef

PIP_INSTALL = $(@D)/bin/python -m pip install --quiet --disable-pip-version-check

# The direct dependencies from pyproject.toml, without versions.
DIRECT := import re, tomllib; \
	project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	names = [*project["dependencies"], *project["optional-dependencies"]["dev"]]; \
	print(*(re.sub("==[^; ]*", "", name, count=1) for name in names), sep="\n")

# On stderr, so that `make -s token` outputs only the token.
define install-lock
@echo 'Installing $< into .venv ...' >&2
@$(PIP_INSTALL) --require-hashes --requirement $<
@touch $@
endef

# Keeps locked versions unless pyproject.toml requires others;
# `make lock LOCK_FLAGS=--upgrade` upgrades everything that is not pinned there.
LOCK := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(LOCK_FLAGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: run test test-slow test-load audit canary check fix lock bench bench-growth bench-guard \
	bench-search migrate schema token verify screenshot clean help

run: $(RUN) $(GRAPHIQL) ## Start the server with demo data
	@exec $(SERVER) run --demo

test: $(DEV) $(GRAPHIQL) $(CLIENTS) ## Run the tests, without the slow ones
	@.venv/bin/python -m pytest -n auto --dist loadfile -m 'not slow'

test-slow: $(DEV) $(GRAPHIQL) $(CLIENTS) ## Run the slow tests
	@.venv/bin/python -m pytest -n auto -m 'slow and not alone'

test-load: $(DEV) ## Measure latency under attack and overload; on an idle machine
	@.venv/bin/python -m pytest -n 0 -m 'slow and alone'

audit: $(DEV) $(CLIENTS) ## Run graphql-http's audits against a test server
	@.venv/bin/python -m pytest tests/clients/test_audit.py

canary: .venv-canary/.created $(GRAPHIQL) $(CLIENTS) ## Run the tests with the newest releases of all dependencies
	@.venv-canary/bin/python -c '$(DIRECT)' > .venv-canary/newest.txt
	@echo 'Installing the newest releases into .venv-canary ...' >&2
	@.venv-canary/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
		--upgrade-strategy eager --requirement .venv-canary/newest.txt
	@.venv-canary/bin/python -m pip freeze --disable-pip-version-check
	@.venv-canary/bin/python -m pytest -n auto -m 'not slow' $(CANARY)

check: $(DEV) ## Check lint, format and types
	@.venv/bin/python -m ruff check
	@.venv/bin/python -m ruff format --check
	@.venv/bin/python -m mypy

fix: $(DEV) ## Fix lint errors and format
	@.venv/bin/python -m ruff check --fix --exit-zero
	@.venv/bin/python -m ruff format

lock: .venv-lock/.uv-$(UV_VERSION) ## Write both lock files from pyproject.toml
	@$(LOCK) --output-file requirements.lock pyproject.toml
	@$(LOCK) --extra dev --constraints requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

bench: $(DEV) $(PEER) ## Benchmark against other servers: make bench BENCH='--seconds 1 --rounds 1'
	@.venv/bin/python -m benchmarks $(BENCH)

bench-growth: $(DEV) ## Benchmark with growing size, time and load
	@.venv/bin/python -m benchmarks.growth $(BENCH)

bench-guard: $(DEV) ## Fail if this server is slower than the committed baseline
	@.venv/bin/python -m benchmarks.guard $(BENCH)

bench-search: $(DEV) ## Benchmark searches among 200,000 freelancers
	@.venv/bin/python -m benchmarks.search

migrate: $(RUN) ## Migrate the database
	@$(SERVER) migrate

# Written to a temporary file first, so that a failure keeps the old one.
schema: $(RUN) ## Write the GraphQL schema to schema.graphql
	@$(SERVER) schema > schema.graphql.tmp || { rm -f schema.graphql.tmp; exit 1; }
	@mv schema.graphql.tmp schema.graphql

token: $(RUN) ## Print an access token: make token NAME=ada
	@test -n "$$NAME" || { echo 'NAME is missing: make token NAME=ada' >&2; exit 2; }
	@$(SERVER) token "$$NAME"

verify: $(RUN) ## Check that every Connect is accounted for
	@$(SERVER) verify

screenshot: $(DEV) $(GRAPHIQL) ## Update docs/graphiql.png, with Chromium
	@.venv/bin/python -m tests.browser.screenshot

clean: ## Remove environments and caches; databases stay
	@rm -rf .venv .venv-lock .venv-canary graphiql/node_modules tests/clients/node_modules
	@rm -rf benchmarks/mercurius/node_modules
	@rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.created .venv-canary/.created:
	$(make-venv)
	@touch $@

$(RUN): requirements.lock .venv/.created
	$(install-lock)

$(DEV): requirements-dev.lock .venv/.created
	$(install-lock)

# Only the GraphiQL page and tests need npm packages, so npm is optional.
%/node_modules/.installed: %/package-lock.json
	@if command -v npm >/dev/null; then echo 'Installing $< into $(@D) ...' >&2; \
	npm ci --prefix $* --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null && \
	touch $@ || echo 'npm could not install $<; continuing without it.' >&2; fi

# Without npm, or if it fails, the benchmark names the contestants that it skips.
$(PEER): benchmarks/mercurius/package.json benchmarks/mercurius/package-lock.json
	@mkdir -p $(@D)
	@if command -v npm >/dev/null; then \
		echo 'Installing the packages of $(dir $<)...' >&2; \
		if npm ci --prefix $(dir $<) --no-audit --no-fund --loglevel=error; then touch $@; fi; \
	fi

.venv-lock/.uv-$(UV_VERSION):
	$(make-venv)
	@$(PIP_INSTALL) uv==$(UV_VERSION)
	@touch $@

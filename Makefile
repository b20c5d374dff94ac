# What you can do here:
#   make demo    the dashboard with the shipped chronology    PORT=, ARTICLE20_DATA_DIR=
#   make test    every check and every test, the browser's included
#   make env     the environment alone                        PYTHON=python3.13 VENV=.venv313
#   make lint · types · imports · tests · fuzz · bench · bench-quick · bench-growth · docs · words · lock · upgrade · clean
# Each step leaves a stamp in the environment's folder, so that running it again costs nothing.

PYTHON ?= python3
VENV ?= .venv
TESTS ?= tests

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Everything that is installed is pinned by its hash, the tools that build article20 too; the locks name
# every dependency, so that none is looked for.
INSTALL := $(PIP) install --require-hashes --only-binary :all: --no-deps --no-compile
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header --only-binary :all:
CHECKED := domain projections infra services tests docs benchmarks
# What was compiled is kept, also where the machine asks Python to keep nothing: the tests start the
# program again and again, and compiling it anew takes three times as long as starting it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test env env-dev browser lint types imports tests fuzz bench bench-quick bench-growth docs words lock upgrade clean

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

demo: env
	@exec $(BIN)/article20 demo $(if $(PORT),--port $(PORT))

# What waits for the network and what reckons on one core go on beside each other.
test:
	@$(MAKE) --no-print-directory --jobs 2 env-dev browser
	@$(MAKE) --no-print-directory --jobs 4 lint types imports tests

env: $(STAMPS)/run

env-dev: $(STAMPS)/dev

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "article20 needs Python 3.11 or later, and $(PYTHON) is not:" \
			"name one that is, as in: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "$(PYTHON) cannot make an environment: install its venv module" \
			"(on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv requirements/run.lock requirements/build.lock pyproject.toml
	@echo "Installing what article20 runs on ..."
	@$(INSTALL) -r requirements/run.lock -r requirements/build.lock
	@$(INSTALL_SELF)
	@$(BIN)/python -m infra.outlines
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements/dev.lock
	@echo "Installing what article20 is tested with ..."
	@$(INSTALL) -r requirements/dev.lock
	@touch $@

$(STAMPS)/bench: $(STAMPS)/dev requirements/bench.lock
	@echo "Installing what article20 is measured beside ..."
	@$(INSTALL) -r requirements/bench.lock
	@touch $@

browser:
	@.ci/browser

lint: env-dev
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@if [ -x $(BIN)/hadolint ]; then echo hadolint Dockerfile; $(BIN)/hadolint Dockerfile; fi

types: env-dev
	$(BIN)/mypy

imports: env-dev
	$(BIN)/lint-imports

# Three workers would each compile all that they import: one process does it for them, once.
$(STAMPS)/compiled: $(STAMPS)/dev
	@$(BIN)/python -m pytest -qq --collect-only $(TESTS) >$(STAMPS)/collected || { \
		cat $(STAMPS)/collected; exit 1; }
	@touch $@

tests: $(STAMPS)/compiled
	$(BIN)/python -m pytest -n 3 --dist worksteal --durations 10 $(TESTS)

# Everything that is claimed about speed, beside its peers, in one run; bench-quick in two minutes,
# on less data; bench-growth up to ten million events.
bench bench-quick bench-growth: $(STAMPS)/bench
	$(BIN)/python -m benchmarks $(patsubst bench-%,--%,$(filter bench-%,$@)) $(ONLY)

# Deliveries nobody would send, very many of them: no answer may be a 5xx, and nothing that was
# refused may be recorded. FUZZ=... for another number.
fuzz: env-dev
	$(BIN)/python -m tests.services.intake.fuzzing $(or $(FUZZ),200000)

# The pages that are generated from the code: docs/settings.md, docs/events.md.
docs: env-dev
	$(BIN)/python -m docs.generate

# The words of the code, carried into the catalogues of the other languages; what is left to translate
# is said.
words: env-dev
	$(BIN)/python -m docs.words

# lock: write down what pyproject.toml asks for, and leave every version that is locked already and
# still fits; upgrade: move all to the newest that fit. Both install what they locked. The four files
# agree with one another, hold for every supported Python and name no index: where packages come
# from is for each machine to say.
upgrade: NEWEST := --upgrade
upgrade: lock

lock: env-dev
	$(PIP) install uv
	$(LOCK) $(NEWEST) pyproject.toml --group dev --output-file requirements/dev.lock
	$(LOCK) --constraint requirements/dev.lock pyproject.toml --output-file requirements/run.lock
	$(LOCK) --constraint requirements/dev.lock --group build --output-file requirements/build.lock
	$(LOCK) $(NEWEST) --constraint requirements/dev.lock --group bench --output-file requirements/bench.lock
	@$(MAKE) --no-print-directory env-dev

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# Each target makes what it needs: .venv from the locked requirements in .ci/lock, then this project into it.
# Needs Python 3.11 or newer; another one than the first found: make PYTHON=/path/to/python3.12 ...
# pip takes its index from its usual configuration and PIP_* variables. The locks are whole, so it resolves nothing.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo serve test twins check bench large docs lock clean

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= logical
TWINS ?= 200000

help:
	@echo 'make demo    fill an embedded database with synthetic customers and show the five views'
	@echo 'make serve   serve the store in .cdp once more, without filling it'
	@echo 'make test    run all tests, on SQLite and on a PostgreSQL that they start'
	@echo 'make twins   compare twin worlds over HTTP for much longer (TWINS=200000 pairs)'
	@echo 'make check   lint, format, types, import contracts, dependencies'
	@echo 'make bench   print the performance table (SIZE=100000)'
	@echo 'make large   walk the console over 100,000 customers and 1,000,000 entries (CUSTOMERS=, ENTRIES=)'
	@echo 'make docs    write the generated parts of the reference pages'
	@echo 'make lock    remake the locked requirements (UPGRADE=--upgrade moves all versions)'
	@echo 'make clean   remove what make and the tests made; the data in .cdp stays'

demo: $(VENV)/.run-stamp
	@$(BIN)/cdp demo

serve: $(VENV)/.run-stamp
	@$(BIN)/cdp serve

test: $(VENV)/.test-stamp
	@$(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=8 $(ARGS)

check: $(VENV)/.test-stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .

twins: $(VENV)/.test-stamp
	@TWINS=$(TWINS) $(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=8 tests/api/test_twins.py tests/invariants

bench: $(VENV)/.test-stamp
	@$(BIN)/python -m tests.bench

large: $(VENV)/.test-stamp
	@$(BIN)/python -m tests.console.large

docs: $(VENV)/.run-stamp
	@$(BIN)/python -m docs.generate

lock: $(VENV)/bin/python
	@$(PIP) install --quiet --quiet --require-hashes -r .ci/lock/lock.txt
	@.ci/relock $(BIN)/uv $(UPGRADE)

clean:
	rm -rf $(VENV) build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 has no ensurepip without python3-venv, so a candidate must show that it can make an environment.
$(VENV)/bin/python:
	@for name in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	    if "$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        echo "Making $(VENV) with $$("$$name" --version)"; \
	        exec "$$name" -m venv --clear $(VENV); \
	    fi; \
	done; \
	echo 'No Python 3.11 or newer with the venv module found (on Debian and Ubuntu: apt-get install python3 python3-venv).' >&2; \
	echo 'To name one: make PYTHON=/path/to/python3.12' >&2; \
	exit 1

$(VENV)/.run-stamp: $(VENV)/bin/python .ci/lock/run.txt pyproject.toml
	@echo 'Installing the locked requirements'
	@$(PIP) install --quiet --quiet --no-deps --require-hashes -r .ci/lock/run.txt
	@$(PIP) install --quiet --quiet --no-index --no-build-isolation --no-deps --editable .
	@touch $@

# The test requirements contain the others, at the same versions.
$(VENV)/.test-stamp: $(VENV)/bin/python .ci/lock/test.txt pyproject.toml
	@echo 'Installing the locked requirements, with those of the tests'
	@$(PIP) install --quiet --quiet --no-deps --require-hashes -r .ci/lock/test.txt
	@$(PIP) install --quiet --quiet --no-index --no-build-isolation --no-deps --editable .
	@touch $@ $(VENV)/.run-stamp

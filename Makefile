# Everything happens in .venv (and .venv-spark); nothing outside this folder is changed.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
SPARK := .venv-spark
DEMO := --config tieout.sandbox.toml
export PYTHONWARNINGS := ignore
# a process that may not keep its bytecode compiles 2,400 modules anew, some four seconds each time
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test test-heavy test-spark check docs dev bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 " + "install")'
	@echo "installing into $(VENV) from requirements.lock"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(BIN)/python -m ensurepip > /dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv > /dev/null 2>&1 || echo "uv is not to be had; using pip, which is slower"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock 2> /dev/null \
	    || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: install ## seven days of the simulated merchant: pull, match, publish, report
	@$(BIN)/tieout run $(DEMO) --from 2026-09-26 --to 2026-10-02 --as-of 2026-10-03T10:30:00+08:00

test: install ## every test that needs nothing from outside
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

test-heavy: install ## the longer tests, a minute of damaged input per parser; writes tests/heavy-result.json
	@FUZZ_SECONDS=60 $(BIN)/python -m pytest -q -n 2 -k damaged tests/contract
	@$(BIN)/python -m pytest -q -m heavy -n 2 --dist load --maxschedchunk 1 -p no:randomly -p tests.plugins.heavy --heavy-result tests/heavy-result.json

test-spark: $(SPARK)/.spark ## the models on Spark as well, every row compared; needs Java 17 and makes .venv-spark
	@$(SPARK)/bin/python -m pytest -q -m spark -p no:randomly tests/integration/test_second_engine.py

$(SPARK)/.spark: requirements.lock requirements-spark.lock pyproject.toml
	@$(MAKE) --no-print-directory install VENV=$(SPARK)
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes -r requirements-spark.lock
	@touch $@

check: install ## format, lint, types, import contracts, generated pages
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "ruff: ok"
	@$(BIN)/mypy --no-error-summary && echo "mypy: ok"
	@$(BIN)/lint-imports --no-logo > $(VENV)/imports.txt 2>&1 && echo "imports: ok" || { cat $(VENV)/imports.txt; exit 1; }
	@$(BIN)/python -m orchestration.cli.reference --check && echo "reference: ok"

docs: install ## the generated pages of docs/reference
	@$(BIN)/python -m orchestration.cli.reference

dev: install ## Dagster UI on 127.0.0.1:3000 with the simulated merchant
	@$(BIN)/tieout dev $(DEMO)

bench: install ## the benchmark suite: ratios, CPU and wall
	@$(BIN)/tieout bench $(DEMO)

clean: ## remove what runs made (data, targets, caches); .venv stays
	@find data -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@rm -rf dbt_project/target dbt_project/logs logs build .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache

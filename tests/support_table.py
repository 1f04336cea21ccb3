"""docs/support.md, from the outcome of the suite: `make support` runs it with `--support-outcomes FOLDER`,
which counts what passed in a file for each of tox's environments, and then

    python tests/support_table.py FOLDER docs/support.md
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    "clickhouse": "ClickHouse, run",
    "spark": "Spark, run",
    "thrift": "Spark by Thrift, run",
    "iceberg": "Spark with Iceberg, run",
    "redshift": "Redshift, emulated",
    "snowflake": "Snowflake, emulated",
    "bigquery": "BigQuery, emulated",
    "databricks": "Databricks, parsed",
    "trino": "Trino, parsed",
    "athena": "Athena, parsed",
    "sqlserver": "SQL Server, parsed",
    "fabric": "Microsoft Fabric, parsed",
}
HEAD = """# What was run on what

Written by the test suite (`make support`), not by hand: the number of tests that passed, each a real dbt with
the vendor's adapter, on the engine itself (run), before a server that speaks its protocol (emulated), or with
each statement parsed in the engine's dialect and none sent (parsed). A failure would be named.

"""


OF_ENGINE = "what is of the engine alone"


class Outcomes:
    """Counts what passed and failed of each feature on each engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: Counter[tuple[str, str, str]] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or report.skipped:
            return
        feature = next((f for f in FEATURES if f"tests/{f}/" in report.nodeid), None)
        # By the id without the name of the test, since the keywords of a report hold the names of
        # folders too: what stands last, as in spark/test_iceberg.py.
        place = re.sub(r"::\w+", "", report.nodeid)
        found = {m.end(): e for e in ENGINES for m in re.finditer(rf"[/[_-]{e}[]/._-]", place)}
        engine = found[max(found)] if found else None
        if feature or engine:
            key = FEATURES.get(feature, OF_ENGINE), engine or "duckdb", report.outcome
            self.counts[key] += 1

    def pytest_sessionfinish(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # An environment may call pytest more than once.
        file = self.folder / f"{os.environ.get('TOX_ENV_NAME', 'tests')}-{os.getpid()}.json"
        file.write_text(json.dumps([[*key, count] for key, count in self.counts.items()]))


def table(folder: Path) -> str:
    """Of all environments together."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for file in sorted(folder.glob("*.json")):
        for feature, engine, outcome, count in json.loads(file.read_text()):
            counts[feature, engine, outcome] += count

    def cell(feature: str, engine: str) -> str:
        passed, failed = (counts[feature, engine, outcome] for outcome in ("passed", "failed"))
        if not passed and not failed:
            return "-"
        return f"{passed} passed" + (f", {failed} failed" if failed else "")

    lines = [f"| | {' | '.join(ENGINES.values())} |", "|---" * (len(ENGINES) + 1) + "|"]
    for feature in [*FEATURES.values(), OF_ENGINE]:
        cells = [cell(feature, engine) for engine in ENGINES]
        lines.append(f"| {feature} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(table(Path(sys.argv[1])))

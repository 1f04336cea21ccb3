"""The same project on the real dbt v2 and on dbt Core: both record the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import Project, make_project
from v2_binary import TABLES, V2Project, first_run, rows
from v2_shop import built_shop, fill

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


@pytest.fixture(scope="module")
def shop(
    make_v2: Callable[[Path], V2Project], tmp_path_factory: pytest.TempPathFactory
) -> V2Project:
    return built_shop(make_v2, tmp_path_factory.mktemp("v2"))


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of fill, built in production by dbt Core in this process."""
    project = make_project(tmp_path_factory.mktemp("core"))
    fill(project)
    project.dbt("build")
    return project


Explanation = Callable[[Any, Any], bool]

#: What differs between two runs of one dbt, too.
MOVING = {
    *("invocation_id", "action_id", "started_at", "completed_at", "recorded_at", "elapsed_time"),
    *("execution_time", "invocation_command"),
}
#: Where dbt v2 tells another story than dbt Core does: column -> what each says.
DIFFERENCES: dict[str, dict[str, Explanation]] = {
    "ops_runs": {
        "dbt_version": lambda v2, core: (v2[0], core[0]) == ("2", "1"),
        # Core lists an exposure, as no-op.
        "node_count": lambda v2, core: v2 == core - 1,
        "success_count": lambda v2, core: v2 == core - 1,
        "status_counts": lambda v2, core: json.loads(v2) | {"no-op": 1} == json.loads(core),
        # It covers the checksum of the snapshot.
        "manifest_hash": lambda v2, core: v2 != core,
    },
    "ops_results": {
        # v2 gives all phases the same begin and end: those of the whole node.
        "compile_time": lambda v2, core: v2 is None and core > 0,
        "execute_time": lambda v2, core: v2 is None and core > 0,
        "thread_id": lambda v2, core: re.match(r"Thread-\d+$", v2) and v2 != core,
        # v2 says how it ended, Core what the adapter or the test said.
        "message": lambda v2, core: v2 in ("Succeeded", "Pass", "Warn"),
        "adapter_response": lambda v2, core: set(json.loads(v2)) <= {"rows_affected"},
        # What v2 does not tell of a unit test.
        "failures": lambda v2, core: (v2, core) == (None, 0),
        "materialized": lambda v2, core: (v2, core) == (None, "unit"),
    },
    "ops_nodes": {
        # v2 hashes the snapshot's body, Core its whole block.
        "checksum": lambda v2, core: v2 != core,
        "node_hash": lambda v2, core: v2 != core,
    },
    "ops_metrics": {},
    "ops_actions": {},
}
KEYS = {
    "ops_runs": ["command"],
    "ops_results": ["unique_id"],
    "ops_nodes": ["unique_id"],
    "ops_metrics": ["unique_id", "metric"],
    "ops_actions": ["action", "reason"],
}


@pytest.mark.parametrize("table", TABLES)
def test_dbt_v2_and_core_record_the_same(shop: V2Project, core: Project, table: str) -> None:
    recorded = []
    for project in (shop, core):
        of_run = rows(project, table, f"invocation_id = '{first_run(project)['invocation_id']}'")
        recorded.append({tuple(row[key] for key in KEYS[table]): row for row in of_run})
    v2_rows, core_rows = recorded
    if table == "ops_results":
        core_rows.pop(("exposure.shop.board",))
    assert v2_rows.keys() == core_rows.keys()
    seen = set()
    for key, v2_row in v2_rows.items():
        assert v2_row.keys() == core_rows[key].keys()
        for column, v2 in v2_row.items():
            expected = core_rows[key][column]
            if column in ("details", "tags", "depends_on"):
                v2, expected = json.loads(v2), json.loads(expected)
            if v2 != expected and column not in MOVING - DIFFERENCES[table].keys():
                explanation = DIFFERENCES[table].get(column)
                assert explanation, f"{key} {column}: {v2!r} on v2, {expected!r} on Core"
                assert explanation(v2, expected), f"{key} {column}: {v2!r}, {expected!r}"
                seen.add(column)
    assert seen == DIFFERENCES[table].keys()

"""A history that a test writes by hand, so that the answers of the views are known."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from projects import Macros

NOON = datetime(2026, 1, 1, 12)
INSERTS = "the inserts here leave columns out, which Spark 3.5 does not take of Iceberg"


class History:
    """Runs and what they recorded; each run is a day after the one before."""

    def __init__(self, macros: Macros) -> None:
        self.macros = macros
        self.day = 0

    def insert(self, table: str, **row: Any) -> None:
        row.setdefault("recorded_at", NOON + timedelta(days=self.day))
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        values = [json.dumps(v) if isinstance(v, list | dict) else v for v in row.values()]
        self.macros.sql(f"insert into ops.{table} ({names}) values ({marks})", *values)

    def run(self, **row: Any) -> str:
        self.day += 1
        values = {
            "invocation_id": f"run{self.day}",
            "project_name": "shop",
            "target_name": "prod",
            "schema_name": "main",
            "command": "build",
            "status": "success",
            "started_at": NOON + timedelta(days=self.day),
            "slow_model_seconds": 300,
            **row,
        }
        self.insert("ops_runs", **values)
        return values["invocation_id"]

    def result(self, node: str, seconds: float | None = 1.0, **row: Any) -> None:
        kind = node.split(".")[0]
        self.insert(
            "ops_results",
            **{
                "invocation_id": f"run{self.day}",
                "unique_id": node,
                "attempt": 1,
                "resource_type": kind,
                "status": "pass" if kind == "test" else "success",
                "execution_time": seconds,
                "completed_at": NOON + timedelta(days=self.day),
                "tags": [],
                **row,
            },
        )

    def builds(self, node: str, *seconds: float, **run: Any) -> None:
        for each in seconds:
            self.run(**run)
            self.result(node, each)

    def rows(self, columns: str, view: str) -> list[Any]:
        rows = self.macros.sql(f"select {columns} from ops.{view}")
        rows.sort(key=lambda row: [(value is None, value) for value in row])
        return [row[0] if len(row) == 1 else row for row in rows]


def empty_history(macros: Macros) -> History:
    for table in macros("ops_tables"):
        # Spark deletes no rows of its own formats, and ClickHouse none without a condition.
        empty = (
            "truncate table" if macros.engine.adapter in ("spark", "clickhouse") else "delete from"
        )
        macros.sql(f"{empty} ops.{table}")
    return History(macros)

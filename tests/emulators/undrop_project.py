"""What is dropped with `backup: undrop`, and what the emulator was sent of it."""

from __future__ import annotations

import json
import re
from typing import Any

from engines import Snowflake
from projects import Project

# docs.snowflake.com/en/sql-reference/sql: undrop-table, show-tables, alter-table, create-clone.
NAME = r'(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+)){0,2}'
GRAMMAR = [
    rf"undrop table (?:{NAME}|identifier\(\d+\))",
    rf"show tables history like '[^']+' in database {NAME}",
    rf"alter table {NAME} rename to {NAME}",
    rf"create (transient )?table {NAME} clone {NAME}",
    rf"show (views|dynamic tables) in database {NAME}",
]


def drop(project: Project, backup_set: str, ok: bool = True) -> str:
    return project.operation("drop_stg_tables", ok=ok, backup="undrop", backup_set=backup_set).text


def later(project: Project, hours: float) -> None:
    assert isinstance(project.engine, Snowflake)
    project.engine.later(hours)


def ids(project: Project, relation: str = "stg_a") -> list[Any]:
    return project.column(f"select id from {relation}")


def built_and_dropped(project: Project, number: int, backup_set: str) -> None:
    """A later run, whose table has other content."""
    project.models(stg_a=f"select {number} as id")
    project.dbt("build")
    drop(project, backup_set)


def sent(project: Project, start: str) -> list[str]:
    assert isinstance(project.engine, Snowflake)
    found = []
    for statement in project.engine.statements():
        sql = re.sub(r"/\*.*?\*/", "", statement["sql"], flags=re.S).strip().rstrip(";")
        if re.match(start, sql):
            found.append(sql)
    return found


def backups(project: Project) -> dict[str, Any]:
    return {
        json.loads(details)["identifier"]: json.loads(details)
        for (details,) in project.sql(
            "select details from ops.ops_actions where action = 'backup' and status = 'success'"
            " order by recorded_at"
        )
    }

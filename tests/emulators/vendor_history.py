"""The histories of statements that the vendors document, as tables that a test writes: each emulator serves
them in place of the view (docs.snowflake.com account-usage, cloud.google.com information-schema-jobs,
docs.aws.amazon.com SYS_QUERY_HISTORY and SYS_QUERY_TEXT, clickhouse.com system.query_log)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from projects import Project

# When the test began.
NOW = datetime(2026, 1, 1)
# Characters of a part of a text on Redshift: 4,000 there. Not all are full.
PART = 400


@dataclass(frozen=True)
class Statement:
    """What a vendor knows of one: it waited a fourth of its seconds."""

    id: str
    sql: str
    started_at: datetime
    seconds: float = 2.0
    tag: str = ""
    failed: bool = False
    amount: float | None = None

    @property
    def completed_at(self) -> datetime:
        return self.started_at + timedelta(seconds=self.seconds)

    @property
    def ms(self) -> int:
        return round(self.seconds * 1000)


class SnowflakeHistory:
    """`amount`: credits; a statement without has no row in the second view."""

    tables = (
        "create schema if not exists account_usage",
        "create table account_usage.query_history (query_id varchar, query_text varchar,"
        " query_tag varchar, query_hash varchar, execution_status varchar,"
        " start_time timestamp_ltz, end_time timestamp_ltz, total_elapsed_time bigint,"
        " queued_provisioning_time bigint, queued_repair_time bigint, queued_overload_time bigint,"
        " bytes_scanned bigint)",
        "create table account_usage.query_attribution_history (query_id varchar,"
        " start_time timestamp_ltz, credits_attributed_compute double,"
        " credits_used_query_acceleration double)",
    )
    views = ("account_usage.query_attribution_history",)

    def rows(self, one: Statement) -> dict[str, list[list[Any]]]:
        status = "FAIL" if one.failed else "SUCCESS"
        texts = [one.id, one.sql, one.tag, f"hash of {one.id}", status]
        numbers = [one.started_at, one.completed_at, one.ms, one.ms // 4, 0, 0, 4096]
        found = {"account_usage.query_history": [[*texts, *numbers]]}
        if one.amount is not None:
            found["account_usage.query_attribution_history"] = [
                [one.id, one.started_at, one.amount, None]
            ]
        return found

    def literal(self, value: Any) -> str:
        if isinstance(value, datetime):
            return f"cast('{value} +00:00' as timestamp_ltz)"
        # The tests' connection takes a semicolon before a blank for the end of a statement.
        text = value.replace("\\", "\\\\").replace("'", "''").replace("; ", ";\\u0020")
        return f"'{text}'"


class BigQueryHistory:
    """`amount`: the bytes billed; a job without ran in a reservation, as did a billed one by its slots."""

    tables = (
        "create schema if not exists history",
        "create table history.jobs (job_id string, parent_job_id string, query string, state string,"
        " error_result struct<reason string, message string>, creation_time timestamp,"
        " start_time timestamp, end_time timestamp, total_bytes_processed int64,"
        " total_bytes_billed int64, total_slot_ms int64, reservation_id string,"
        " query_info struct<query_hashes struct<normalized_literals string>>)",
    )
    views = ("history.jobs",)

    def rows(self, one: Statement) -> dict[str, list[list[Any]]]:
        def job(id: str, parent: str | None, sql: str) -> list[Any]:
            return [
                id,
                parent,
                sql,
                "DONE",
                {"reason": "x", "message": "y"} if one.failed else None,
                one.started_at,
                one.started_at + timedelta(milliseconds=one.ms // 4),
                one.completed_at,
                4096,
                4096 if one.amount is None else int(one.amount),
                one.ms,
                "admin:US.prod" if one.amount is None else None,
                {"query_hashes": {"normalized_literals": f"hash of {one.id}"}},
            ]

        # The statement of a script is a job too, which has the comment when it holds the whole text.
        return {"history.jobs": [job(one.id, None, one.sql), job(f"{one.id}_0", one.id, one.sql)]}

    def literal(self, value: Any) -> str:
        if isinstance(value, datetime):
            return f"timestamp '{value}+00:00'"
        if isinstance(value, dict):
            fields = (f"{self.literal(item)} as {name}" for name, item in value.items())
            return f"struct({', '.join(fields)})"
        # The emulator looks for its views in literals too.
        text = json.dumps(value)[1:-1].replace('\\"', '"').replace("'", "\\'")
        return "'" + text.replace("INFORMATION_", "INFORMATION\\u005f") + "'"


class RedshiftHistory:
    """There are only times."""

    tables = ()
    views = ("public.sys_query_text",)

    def rows(self, one: Statement) -> dict[str, list[list[Any]]]:
        text = one.sql.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        parts = [text[at : at + PART] for at in range(0, len(text), PART)]
        return {
            "public.sys_query_history": [
                [
                    int(one.id.strip("q")),
                    one.tag,
                    "failed" if one.failed else "success",
                    one.started_at,
                    one.completed_at,
                    one.ms * 1000,
                    one.ms * 1000 // 4,
                    f"hash of {one.id}",
                ]
            ],
            "public.sys_query_text": [
                [int(one.id.strip("q")), one.started_at, number, part]
                for number, part in enumerate(parts)
            ],
        }

    def literal(self, value: Any) -> str:
        if isinstance(value, datetime):
            return f"cast('{value}' as timestamp)"
        return "'" + value.replace("'", "''") + "'"


class ClickHouseHistory:
    """Each has a row for its start too, and one of a client that has sent it again. What goes on has a start,
    and what a statement asks of other nodes is no statement of its own."""

    tables = (
        "create schema history",
        "create table history.query_log (type Enum8('QueryStart' = 1, 'QueryFinish' = 2,"
        " 'ExceptionBeforeStart' = 3, 'ExceptionWhileProcessing' = 4), event_date Date,"
        " event_time DateTime, query_start_time_microseconds DateTime64(6),"
        " query_duration_ms UInt64, read_bytes UInt64, query String, normalized_query_hash UInt64,"
        " is_initial_query UInt8, query_id String, log_comment String)"
        " engine = MergeTree partition by toYYYYMM(event_date) order by (event_date, event_time)",
    )
    views = ("history.query_log",)

    def rows(self, one: Statement) -> dict[str, list[list[Any]]]:
        began, ended, hash = one.started_at, one.completed_at, int(self.hash_of(one.id))

        def row(id: str, type: str, start: datetime, ms: int, initial: int = 1) -> list[Any]:
            at, read = (ended if ms else start), (4096 if ms else 0)
            day = str(at.date())
            return [type, day, at, start, ms, read, one.sql, hash, initial, id, one.tag]

        ending = "ExceptionWhileProcessing" if one.failed else "QueryFinish"
        return {
            "history.query_log": [
                row(one.id, "QueryStart", began, 0),
                row(one.id, "ExceptionBeforeStart", ended, 0),
                row(one.id, ending, began, one.ms),
                row(f"{one.id} of a node", "QueryFinish", began, one.ms, initial=0),
                row(f"{one.id} going on", "QueryStart", began, 0),
            ]
        }

    @staticmethod
    def hash_of(id: str) -> str:
        return str(2**64 - int(id.strip("q")))

    def literal(self, value: Any) -> str:
        if isinstance(value, datetime):
            return f"'{value}'"
        # The tests' connection takes a semicolon before a blank for the end of a statement.
        text = value.replace("\\", "\\\\").replace("'", "\\'").replace("; ", ";\\x20")
        return f"'{text}'"


HISTORIES = {
    "clickhouse": ClickHouseHistory(),
    "snowflake": SnowflakeHistory(),
    "bigquery": BigQueryHistory(),
    "redshift": RedshiftHistory(),
}


def history_of(project: Project) -> Any:
    return HISTORIES[project.engine.name]


def make_history(project: Project) -> None:
    for statement in history_of(project).tables:
        project.sql(statement)


def add(project: Project, statements: Sequence[Statement]) -> None:
    """More of it, as it arrives."""
    vendor = history_of(project)
    of_table: dict[str, list[str]] = {}
    for statement in statements:
        for table, rows in vendor.rows(statement).items():
            for row in rows:
                values = (
                    "null"
                    if value is None
                    else str(value)
                    if isinstance(value, int | float)
                    else vendor.literal(value)
                    for value in row
                )
                of_table.setdefault(table, []).append(f"({', '.join(values)})")
    for table, lines in of_table.items():
        project.sql(f"insert into {table} values {', '.join(lines)}")


def sent_texts(project: Project) -> list[str]:
    """What the warehouse has been sent since the test began."""
    return [s if isinstance(s, str) else s["sql"] for s in project.engine.statements()]


def latency(project: Project) -> timedelta:
    return timedelta(hours=8) if project.engine.name == "snowflake" else timedelta(minutes=10)


def run(project: Project, ended: timedelta) -> tuple[str, list[str]]:
    """A dbt run that ended so long ago: its id, and the statements that it has sent."""
    since = len(sent_texts(project))
    project.dbt("run")
    [invocation] = project.column("select invocation_id from ops.ops_runs")
    project.sql(f"delete from ops.ops_runs where invocation_id = '{invocation}'")
    add_run(project, invocation, ended)
    return invocation, sent_texts(project)[since:]


def add_run(project: Project, invocation: str, ended: timedelta, minutes: int = 5) -> None:
    """That it took place, as its end would have recorded it."""
    began = f"cast('{NOW - ended - timedelta(minutes=minutes)}' as timestamp)"
    ending = f"cast('{NOW - ended}' as timestamp)"
    project.sql(
        "insert into ops.ops_runs (invocation_id, project_name, target_name, schema_name, status,"
        " started_at, completed_at, recorded_at)"
        f" values ('{invocation}', 'shop', 'prod', 'main', 'success', {began}, {ending}, {ending})"
    )


def statements(texts: Iterable[str], ended: timedelta, first: int, **more: Any) -> list[Statement]:
    """A second apart, in the five minutes before."""
    began = NOW - ended - timedelta(minutes=5)
    return [
        Statement(f"q{first + n}", text, began + timedelta(seconds=n), **more)
        for n, text in enumerate(texts)
    ]


def of(model: str) -> str:
    return f'"node_id": "model.shop.{model}"'


def recorded(project: Project, columns: str = "query_id") -> list[Any]:
    rows = project.sql(f"select {columns} from ops.ops_query_history")
    return sorted((row[0] if len(row) == 1 else row for row in rows), key=str)


def hash_of(statement: Statement, project: Project) -> str:
    if isinstance(history_of(project), ClickHouseHistory):
        return ClickHouseHistory.hash_of(statement.id)
    return f"hash of {statement.id}"


def ids(*numbers: int, project: Project) -> list[str]:
    """As the engine keeps them."""
    prefix = "" if project.engine.name == "redshift" else "q"
    return sorted(f"{prefix}{number}" for number in numbers)

"""From dbt's events to rows: what the run's own hook cannot see, or would lose when killed."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from dbt_opsplugin.runs import Row, Run, without_statement

__all__ = ["METRIC_PREFIX", "Recorder", "utc_text"]

METRIC_PREFIX = "dbt_opsplugin.metrics: "
"""How `log_model_metrics` hands its rows over: a debug line with this prefix and JSON."""

Append = Callable[[str, Row, str], None]


def utc_text(moment: datetime) -> str:
    """A time as the ops tables hold it: UTC, without an offset."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def utc_now() -> str:
    return utc_text(datetime.now(timezone.utc))


@dataclass
class _Statements:
    """Of one node: how many, their seconds, how often one was tried again, and the engine's own
    figures."""

    count: int = 0
    seconds: float = 0.0
    retries: int = 0
    figures: dict[str, float] = field(default_factory=dict)

    def add(self, seconds: float, figures: dict[str, float]) -> None:
        self.count += 1
        self.seconds += seconds
        for name, value in figures.items():
            before = self.figures.get(name, 0)
            self.figures[name] = max(before, value) if name == "peak_memory" else before + value


@dataclass
class _Query:
    """A statement that is running in a thread."""

    sql: str
    node: str | None
    started_at: str

    @property
    def hash(self) -> str:
        """The same for the same statement, whatever its comments and spaces."""
        text = " ".join(_COMMENT.sub(" ", self.sql).split())
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def tag(self) -> Row | None:
        """The first comment that is JSON: our query comment, or dbt's own."""
        for comment in _COMMENT.findall(self.sql):
            try:
                tag = json.loads(comment[2:-2])
            except ValueError:
                continue
            if isinstance(tag, dict):
                return tag
        return None


_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

_RETRY = re.compile(r"(?i)\bretrying (?:in|query|getQueryResults)\b|\bretry attempt\b")
"""What adapters log before they try a connection or a statement again; dbt has no event for it."""

_LOGGED_STATEMENT = re.compile(
    r"On \S+: (?P<sql>.*)\.\.\.|SQL status: .* in (?P<seconds>[\d.]+) seconds", re.DOTALL
)
"""What dbt-clickhouse logs of a statement, in place of an event."""


class Recorder:
    """Takes dbt's events in any thread and appends rows; keeps them too, for the delivery."""

    def __init__(
        self,
        facts: Row,
        append: Append,
        on_result: Callable[[Row], None] = lambda row: None,
        measure: Callable[[], dict[str, float]] = dict,
    ) -> None:
        """
        Args:
            append: takes the kind of a record, the row and the time.
            on_result: is called with the row of each node that has finished.
            measure: the engine's own figures of the last statement of the calling thread.
        """
        self.run = Run(facts=dict(facts))
        self.queries_wanted = False
        self._append = append
        self._on_result = on_result
        self._measure = measure
        self._lock = threading.Lock()
        # Not the same: a plugin may log or run SQL, which are events again.
        self._result_lock = threading.RLock()
        self._statements: dict[str, _Statements] = {}
        self._running: dict[str, _Query] = {}
        self._node_in_thread: dict[str, str] = {}
        self._query_count = 0
        self._warnings = self._deprecations = 0
        self._parse_time: float | None = None
        self._message: str | None = None
        self._usage: Row = {}
        self._handlers: dict[str, Callable[[Any], Row | None]] = {
            "NodeFinished": self._node_finished,
            "LogHookEndLine": self._hook_finished,
            "SQLQuery": self._statement_started,
            "SQLQueryStatus": self._statement_finished,
            "AdapterEventDebug": self._adapter_logged,
            "AdapterEventInfo": self._adapter_logged,
            "AdapterEventWarning": self._adapter_logged,
            "JinjaLogDebug": self._logged,
            "FoundStats": self._parsed,
            "MainEncounteredError": self._failed,
            "ResourceReport": self._used,
        }
        self._record("facts", dict(facts))

    def handle(self, event: Any) -> None:
        """One event of dbt; those that are of no interest cost a dictionary lookup."""
        if event.info.level == "warn":
            with self._lock:
                self._warnings += 1
                self._deprecations += event.info.name.endswith("Deprecation")
        handler = self._handlers.get(event.info.name)
        if handler is not None:
            with self._lock:
                result = handler(event)
            if result is not None:
                with self._result_lock:
                    self._on_result(result)

    def add_missing(self, rows: Iterable[Row]) -> None:
        """Results that no event told of, such as those skipped by --fail-fast; of a node that
        is known, what its row lacks."""
        known = {row["unique_id"]: row for row in self.run.results}
        for row in rows:
            before = known.get(row["unique_id"], {})
            merged = {**row, **{key: value for key, value in before.items() if value is not None}}
            if merged != before:
                self._add_result(merged)

    def learn(self, facts: Row) -> None:
        """What became known of the run after it began."""
        self.run.facts.update(facts)
        self._record("facts", facts)

    def finish(self, success: bool, elapsed_time: float) -> Run:
        """The run has ended, well or not."""
        self.run.end = {
            "success": success,
            "completed_at": utc_now(),
            "elapsed_time": elapsed_time,
            "message": self._message,
            "warning_count": self._warnings,
            "deprecation_count": self._deprecations,
            **self._usage,
        }
        if self._parse_time is not None:
            self.run.end["parse_time"] = self._parse_time
        self._record("end", self.run.end)
        return self.run

    def _record(self, kind: str, row: Row) -> None:
        now = utc_now()
        self.run.last_seen_at = now
        self._append(kind, row, now)

    def _node_finished(self, event: Any) -> Row:
        info, result = event.data.node_info, event.data.run_result
        # What has not finished by now has failed: dbt says nothing of such a statement.
        self._query_finished(event.info.thread, "error", {})
        response = without_statement(_plain(result.adapter_response))
        row: Row = {
            "invocation_id": self.run.invocation_id,
            "unique_id": info.unique_id,
            "attempt": 1,
            "resource_type": info.resource_type,
            "name": info.node_name,
            "status": result.status,
            "execution_time": result.execution_time,
            "thread_id": result.thread,
            "message": result.message or None,
            "failures": result.num_failures if info.resource_type == "test" else None,
            "adapter_response": response,
            "materialized": info.materialized or None,
            "database_name": info.node_relation.database or None,
            "schema_name": info.node_relation.schema or None,
            "alias": info.node_relation.alias or None,
        }
        for timing in result.timing_info:
            if timing.HasField("completed_at"):
                started = timing.started_at.ToDatetime()
                completed = timing.completed_at.ToDatetime()
                row[f"{timing.name}_time"] = (completed - started).total_seconds()
                row.setdefault("started_at", utc_text(started))
                row["completed_at"] = utc_text(completed)
        affected = response.get("rows_affected")
        if isinstance(affected, (int, float)) and affected >= 0:
            row["rows_affected"] = int(affected)
        # The second is dbt-athena's.
        scanned = response.get("bytes_processed", response.get("data_scanned_in_bytes"))
        if isinstance(scanned, (int, float)):
            row["bytes_processed"] = int(scanned)
        row["query_id"] = response.get("query_id") or response.get("job_id")
        return self._add_result(row)

    def _hook_finished(self, event: Any) -> Row:
        info = event.data.node_info
        row: Row = {
            "invocation_id": self.run.invocation_id,
            "unique_id": info.unique_id,
            "attempt": 1,
            "resource_type": "operation",
            "name": event.data.statement,
            # dbt 1.8 says OK.
            "status": "success" if event.data.status == "OK" else event.data.status,
            "execution_time": event.data.execution_time,
            "thread_id": event.info.thread,
        }
        return self._add_result(row)

    def _add_result(self, row: Row) -> Row:
        self._add_statements(row)
        self.run.add_result(row)
        self._record("result", row)
        return row

    def _statement_started(self, event: Any, sql: str | None = None) -> None:
        self._node_in_thread[event.info.thread] = event.data.node_info.unique_id
        if self.queries_wanted:
            thread = event.info.thread
            self._query_finished(thread, "error", {})
            self._running[thread] = _Query(
                sql or event.data.sql, event.data.node_info.unique_id or None, utc_now()
            )

    def _statement_finished(self, event: Any, seconds: float | None = None) -> None:
        figures = self._measure()
        elapsed = event.data.elapsed if seconds is None else seconds
        node = event.data.node_info.unique_id
        if node:
            of_node = self._statements.setdefault(node, _Statements())
            of_node.add(elapsed, figures)
        if self.queries_wanted:
            words = str(getattr(event.data, "status", "")).split()
            counted = words[-1] if words and words[-1].isdigit() else None
            self._query_finished(
                event.info.thread,
                "success",
                {
                    "execution_time": elapsed,
                    "rows_affected": int(counted) if counted else None,
                    "query_id": getattr(event.data, "query_id", None) or None,
                },
            )

    def _query_finished(self, thread: str, status: str, known: Row) -> None:
        query = self._running.pop(thread, None)
        if query is None:
            return
        self._query_count += 1
        row: Row = {
            "invocation_id": self.run.invocation_id,
            "query_number": self._query_count,
            "unique_id": query.node,
            "query_hash": query.hash,
            "query_tag": query.tag,
            "status": status,
            "started_at": query.started_at,
            **known,
        }
        self.run.queries.append(row)
        self._record("query", row)

    def _add_statements(self, row: Row) -> None:
        """What the statements of a node have taken, into its row."""
        statements = self._statements.get(row["unique_id"], _Statements())
        row["statement_count"], row["statement_time"] = statements.count, statements.seconds
        row["retry_count"] = statements.retries
        for name, value in statements.figures.items():
            if name == "bytes_read":
                row.setdefault("bytes_processed", int(value))
            else:
                row[name] = value if name == "cpu_time" else int(value)

    def _adapter_logged(self, event: Any) -> None:
        if event.data.name == "dbt_clickhouse" and (
            logged := _LOGGED_STATEMENT.fullmatch(event.data.base_msg)
        ):
            if logged["sql"] is None:
                self._statement_finished(event, float(logged["seconds"]))
            else:
                self._statement_started(event, logged["sql"])
        elif _RETRY.search(event.data.base_msg):
            # A statement that is tried again is logged without its node.
            node = event.data.node_info.unique_id or self._node_in_thread.get(event.info.thread)
            if node:
                self._statements.setdefault(node, _Statements()).retries += 1

    def _logged(self, event: Any) -> None:
        message = event.data.msg
        if message.startswith(METRIC_PREFIX):
            for row in json.loads(message[len(METRIC_PREFIX) :]):
                self.run.metrics.append(row)
                self._record("metric", row)

    def _parsed(self, event: Any) -> None:
        started = datetime.fromisoformat(self.run.facts["started_at"])
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        self._parse_time = (now - started).total_seconds()

    def _failed(self, event: Any) -> None:
        self._message = event.data.exc

    def _used(self, event: Any) -> None:
        self._usage = {
            "cpu_time": event.data.process_user_time + event.data.process_kernel_time,
            # Linux counts kilobytes.
            "peak_memory": int(event.data.process_mem_max_rss) * 1024,
        }


def _plain(struct: Any) -> Row:
    """A protobuf Struct as JSON values; its numbers are floats, also the whole ones."""
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in dict(struct).items()
        if not hasattr(value, "DESCRIPTOR")
    }

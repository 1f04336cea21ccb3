"""From dbt's events to rows: what the run's own hook cannot see, or would lose when killed."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

from dbt_opsplugin.runs import Row, Run, add_response, without_statement
from dbt_opsplugin.statements import Statements, utc_now, utc_text

__all__ = ["METRIC_PREFIX", "Recorder"]

METRIC_PREFIX = "dbt_opsplugin.metrics: "
"""How `log_model_metrics` hands its rows over: a debug line with this prefix and JSON."""

RESIZED = "dbt_opsplugin.set_warehouse_size: "
"""How the line begins that `set_warehouse_size` logs when it has set a size."""

_COUNTED = ("pass", "warn", "fail")

_UNTOLD_LINE = re.compile(
    r"\[JinjaLog\w+\]: Unable to parse .*?Dictionary: \{'msg': (?P<line>.*?), 'node_info': ",
    re.DOTALL,
)
"""Of a node that dbt cannot put into an event, a logged line is in a note, as Python writes it."""

Append = Callable[[str, Row, str], None]


class Recorder:
    """Takes dbt's events in any thread and appends rows; keeps them too, for the delivery."""

    def __init__(
        self,
        facts: Row,
        append: Append,
        on_result: Callable[[Row], None] = lambda row: None,
        scrub: Callable[[str], str] = str,
    ) -> None:
        """
        Args:
            append: takes the kind of a record, the row and the time.
            on_result: is called with the row of each node that has finished.
            scrub: a message without what must not be kept.
        """
        self.run = Run(facts=dict(facts))
        self.statements = Statements(self._add_query)
        self._append = append
        self._on_result = on_result
        self._scrub = scrub
        self._lock = threading.Lock()
        # Not the same: a plugin may log or run SQL, which are events again.
        self._result_lock = threading.RLock()
        self._warnings = self._deprecations = 0
        self._parse_time: float | None = None
        self._message: str | None = None
        self._usage: Row = {}
        # A program may run dbt more than once, and have worked before.
        self._cpu_time_before = time.process_time()
        self.misses_nodes = False
        """Whether dbt has sent events of nodes without the node, as it does where the meta of one
        has a key that is no text, or the number of its failures is too large for an event."""
        self._handlers: dict[str, Callable[[Any], Row | None]] = {
            "NodeStart": self._node_started,
            "NodeFinished": self._node_finished,
            "LogHookEndLine": self._hook_finished,
            "SQLQuery": self.statements.started,
            "SQLQueryStatus": self.statements.finished,
            "AdapterEventDebug": self.statements.logged,
            "AdapterEventInfo": self.statements.logged,
            "AdapterEventWarning": self.statements.logged,
            "JinjaLogDebug": self._logged,
            "JinjaLogInfo": self._logged,
            "Note": self._noted,
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
            if row.get("message"):
                row["message"] = self._scrub(row["message"])
            before = known.get(row["unique_id"], {})
            merged = {**row, **{key: value for key, value in before.items() if value is not None}}
            if merged != before:
                self._add_result(merged)

    def learn(self, facts: Row) -> None:
        """What became known of the run after it began."""
        self.run.facts.update(facts)
        self._record("facts", facts)

    def finish(self, success: bool, elapsed_time: float, interrupted: bool = False) -> Run:
        """The run has ended, well or not, or by Ctrl-C or a signal."""
        self.run.end = {
            "success": success,
            "interrupted": interrupted,
            "completed_at": utc_now(),
            "elapsed_time": elapsed_time,
            "message": "interrupted by Ctrl-C or a signal" if interrupted else self._message,
            "warning_count": self._warnings,
            "deprecation_count": self._deprecations,
            **self._usage,
        }
        if self._parse_time is not None:
            self.run.end["parse_time"] = self._parse_time
        self._record("end", self.run.end)
        self.run.add_cut_off()
        return self.run

    def _record(self, kind: str, row: Row) -> None:
        now = utc_now()
        self.run.last_seen_at = now
        self._append(kind, row, now)

    def _node_row(self, info: Any) -> Row:
        return {
            "invocation_id": self.run.invocation_id,
            "unique_id": info.unique_id,
            "attempt": 1,
            "resource_type": info.resource_type,
            "name": info.node_name,
            "materialized": info.materialized or None,
            "database_name": info.node_relation.database or None,
            "schema_name": info.node_relation.schema or None,
            "alias": info.node_relation.alias or None,
        }

    def _node_started(self, event: Any) -> None:
        """Of a node that is cut off this is all that is ever known."""
        info = event.data.node_info
        if not info.unique_id:
            self.misses_nodes = True
        elif info.materialized != "ephemeral":
            row = {**self._node_row(info), "started_at": utc_now(), "thread_id": event.info.thread}
            self.run.add_start(row)
            self._record("start", row)

    def _node_finished(self, event: Any) -> Row | None:
        info, result = event.data.node_info, event.data.run_result
        if info.materialized == "ephemeral":
            # dbt tells of its end, and has no result of it.
            return None
        self.statements.ended(event.info.thread)
        if not info.unique_id:
            self.misses_nodes = True
            return None
        is_test = info.resource_type in ("test", "unit_test")
        row: Row = {
            **self._node_row(info),
            "status": result.status,
            "execution_time": result.execution_time,
            "thread_id": result.thread,
            "message": self._scrub(result.message) if result.message else None,
            # Of a test that did not get as far, dbt says 0.
            "failures": result.num_failures if result.status in _COUNTED and is_test else None,
        }
        for timing in result.timing_info:
            if timing.HasField("completed_at"):
                started = timing.started_at.ToDatetime()
                completed = timing.completed_at.ToDatetime()
                row[f"{timing.name}_time"] = (completed - started).total_seconds()
                row.setdefault("started_at", utc_text(started))
                row["completed_at"] = utc_text(completed)
        add_response(row, without_statement(_plain(result.adapter_response)))
        return self._add_result(row)

    def _hook_finished(self, event: Any) -> Row | None:
        info = event.data.node_info
        if not info.unique_id:
            self.misses_nodes = True
            return None
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
        # Of what dbt did not name, a count of none would be wrong.
        if not self.misses_nodes or self.statements.know(row["unique_id"]):
            self.statements.add_to(row)
        self.run.add_result(row)
        self._record("result", row)
        return row

    def _add_query(self, query: Row) -> None:
        row = {"invocation_id": self.run.invocation_id, **query}
        self.run.queries.append(row)
        self._record("query", row)

    def _logged(self, event: Any) -> None:
        self._take_line(event.data.msg)

    def _noted(self, event: Any) -> None:
        if found := _UNTOLD_LINE.match(event.data.msg):
            with contextlib.suppress(ValueError, SyntaxError):
                self._take_line(str(ast.literal_eval(found["line"])))

    def _take_line(self, message: str) -> None:
        if message.startswith(METRIC_PREFIX):
            for row in json.loads(message[len(METRIC_PREFIX) :]):
                self.run.metrics.append(row)
                self._record("metric", row)
        elif message.startswith(RESIZED):
            self.run.has_resized = True

    def _parsed(self, event: Any) -> None:
        started = datetime.fromisoformat(self.run.facts["started_at"])
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        self._parse_time = (now - started).total_seconds()

    def _failed(self, event: Any) -> None:
        self._message = self._scrub(event.data.exc)

    def _used(self, event: Any) -> None:
        cpu_time = event.data.process_user_time + event.data.process_kernel_time
        self._usage = {
            "cpu_time": max(0.0, cpu_time - self._cpu_time_before),
            # macOS counts bytes, others kilobytes.
            "peak_memory": int(event.data.process_mem_max_rss)
            * (1 if sys.platform == "darwin" else 1024),
        }


def _plain(struct: Any) -> Row:
    """A protobuf Struct as JSON values; its numbers are floats, also the whole ones."""
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in dict(struct).items()
        if not hasattr(value, "DESCRIPTOR")
    }

"""The domain: what a run is and what becomes a row. Standard library only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = [
    "CONNECTION",
    "Row",
    "Run",
    "add_queue_times",
    "add_response",
    "freshness_row",
    "result_row",
    "run_row",
    "status_group",
]

CONNECTION = "connection"
"""The fact that says in which database a run belongs: of its journal, not of its row."""

Row = dict[str, Any]
"""A row of an ops table by column name; times are text in UTC, durations seconds."""

_HARMLESS = {
    "success": "success",
    "pass": "success",
    "no-op": "success",
    "reused": "success",
    "warn": "warn",
    "skipped": "skipped",
    "skip": "skipped",
}


_MEASURED = (
    *("elapsed_time", "cpu_time", "peak_memory", "parse_time"),
    *("warning_count", "deprecation_count"),
)


@dataclass
class Run:
    """One invocation as its journal tells it; a run without an end was killed."""

    facts: Row
    results: list[Row] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
    queries: list[Row] = field(default_factory=list)
    end: Row | None = None
    last_seen_at: str | None = None
    has_resized: bool = False
    _places: dict[str, int] = field(default_factory=dict, repr=False)
    _started: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    def add_start(self, row: Row) -> None:
        """A node has begun, or a batch of one."""
        self._started.setdefault(row["unique_id"], []).append(row)

    def add_result(self, row: Row) -> None:
        """The last word on a node counts: dbt reports a microbatch model for each batch, and
        then for the whole."""
        number = self._places.setdefault(row["unique_id"], len(self.results))
        self.results[number : number + 1] = [row]
        if self._started.get(row["unique_id"]):
            self._started[row["unique_id"]].pop()

    @property
    def lasting_metrics(self) -> list[Row]:
        """Of a metric that a model has measured twice, the last; of a model that failed or was cut
        off, and whose table was rolled back, none."""
        gone = ("error", "interrupted")
        failed = {row["unique_id"] for row in self.results if row["status"] in gone}
        last = {(row["unique_id"], row["metric"]): row for row in self.metrics}
        return [row for row in last.values() if row["unique_id"] not in failed]

    @property
    def was_interrupted(self) -> bool:
        """By Ctrl-C, or by a kill that left it no time to say so."""
        return self.end is None or bool(self.end.get("interrupted"))

    def add_cut_off(self) -> None:
        """Of nodes that an interrupted run had begun and not ended, a row each."""
        for unique_id, starts in list(self._started.items()):
            if starts and self.was_interrupted:
                message = "the run was interrupted before the node had ended"
                self.add_result({**starts[0], "status": "interrupted", "message": message})
                del self._started[unique_id]

    @property
    def columns(self) -> Row:
        """What is known of it, by columns of `ops_runs`."""
        return {name: value for name, value in self.facts.items() if name != CONNECTION}

    @property
    def invocation_id(self) -> str:
        return str(self.facts["invocation_id"])

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]]) -> Run | None:
        """Puts a journal's records together; None when not even the first one is there."""
        run: Run | None = None
        for record in records:
            kind, row = record["kind"], dict(record["row"])
            if kind == "facts":
                if run is None:
                    run = cls(facts=row)
                else:
                    run.facts.update(row)
            elif run is not None:
                if kind == "result":
                    run.add_result(row)
                elif kind == "start":
                    run.add_start(row)
                elif kind == "metric":
                    run.metrics.append(row)
                elif kind == "query":
                    run.queries.append(row)
                elif kind == "end":
                    run.end = row
                run.last_seen_at = record.get("at", run.last_seen_at)
        if run is not None:
            run.add_cut_off()
        return run


def status_group(status: str) -> str:
    """success, warn, skipped or error; what we do not know is an error."""
    return _HARMLESS.get(status, "error")


def run_row(run: Run) -> Row:
    """The row of `ops_runs` for a run that has ended or was interrupted."""
    # Hooks of the project are results too, and no nodes that a run is counted by.
    nodes = [row for row in run.results if row.get("resource_type") != "operation"]
    counts = Counter(str(row["status"]) for row in nodes)
    groups = Counter(status_group(str(row["status"])) for row in nodes)
    failed = {status_group(str(row["status"])) for row in run.results} & {"error", "skipped"}
    end = run.end
    if end is None or run.was_interrupted:
        status = "interrupted"
    elif end.get("success") and not failed:
        status = "success"
    else:
        status = "error"
    row = {
        **run.columns,
        "status": status,
        "completed_at": run.last_seen_at if end is None else end.get("completed_at"),
        "message": "the process ended before the run did" if end is None else end.get("message"),
        "node_count": len(nodes),
        "success_count": groups["success"],
        "warn_count": groups["warn"],
        "error_count": groups["error"],
        "skipped_count": groups["skipped"],
        "status_counts": dict(counts),
    }
    for name in _MEASURED:
        if end is not None and name in end:
            row[name] = end[name]
    return row


def add_queue_times(results: list[Row], parents: Callable[[str], Iterable[str]]) -> None:
    """Sets `queue_time`: the seconds that a node waited for a thread, from when the first node
    started or the last of its parents had finished, whichever was later."""
    timed = [row for row in results if row.get("started_at") and row.get("completed_at")]
    if not timed:
        return
    first = min(row["started_at"] for row in timed)
    finished = {row["unique_id"]: row["completed_at"] for row in timed}
    for row in timed:
        ready = max([first, *(finished.get(parent, first) for parent in parents(row["unique_id"]))])
        waited = datetime.fromisoformat(row["started_at"]) - datetime.fromisoformat(ready)
        row["queue_time"] = max(0.0, waited.total_seconds())


def result_row(result: Mapping[str, Any], node: Any, invocation_id: str) -> Row:
    """A result of run_results.json as a row; `node` is that of the manifest, where it has one."""
    response = without_statement(result.get("adapter_response") or {})
    batches = result.get("batch_results")
    unique_id = str(result["unique_id"])
    row: Row = {
        "invocation_id": invocation_id,
        "unique_id": unique_id,
        "attempt": 1,
        "resource_type": unique_id.split(".")[0],
        "name": getattr(node, "name", unique_id.split(".")[-1]),
        "status": result["status"],
        "execution_time": result.get("execution_time"),
        "thread_id": result.get("thread_id"),
        "message": result.get("message"),
        "failures": result.get("failures"),
        "materialized": getattr(getattr(node, "config", None), "materialized", None),
        "database_name": getattr(node, "database", None),
        "schema_name": getattr(node, "schema", None),
        "alias": getattr(node, "alias", None),
    }
    add_response(row, response)
    for timing in result.get("timing") or []:
        if timing.get("started_at") and timing.get("completed_at"):
            started, completed = _utc(timing["started_at"]), _utc(timing["completed_at"])
            seconds = datetime.fromisoformat(completed) - datetime.fromisoformat(started)
            row[f"{timing['name']}_time"] = seconds.total_seconds()
            row.setdefault("started_at", started)
            row["completed_at"] = completed
    if batches:
        row["batch_results"] = {
            "successful": len(batches.get("successful") or []),
            "failed": len(batches.get("failed") or []),
            "failed_batches": [_exact(_utc(batch[0])) for batch in batches.get("failed") or []],
        }
    return row


def freshness_row(result: Mapping[str, Any], invocation_id: str) -> Row:
    """What sources.json says of a source, for the row of its result."""
    return {
        "invocation_id": invocation_id,
        "unique_id": result["unique_id"],
        "max_loaded_at": _utc(result["max_loaded_at"]),
        "max_loaded_at_time_ago_in_s": result.get("max_loaded_at_time_ago_in_s"),
    }


def add_response(row: Row, response: Mapping[str, Any]) -> None:
    """What an adapter says of a statement, into the row of its node."""
    row["adapter_response"] = response
    affected = response.get("rows_affected")
    if isinstance(affected, (int, float)) and affected >= 0:
        row["rows_affected"] = int(affected)
    # The second is dbt-athena's.
    scanned = response.get("bytes_processed", response.get("data_scanned_in_bytes"))
    if isinstance(scanned, (int, float)):
        row["bytes_processed"] = int(scanned)
    row["query_id"] = response.get("query_id") or response.get("job_id")


def without_statement(response: Mapping[str, Any]) -> Row:
    """What an adapter says of a statement, without the statement, which dbt-trino's holds whole."""
    return {name: value for name, value in response.items() if name != "query"}


def _utc(text: str) -> str:
    return str(text).replace("T", " ").replace("Z", "").split("+")[0]


def _exact(text: str) -> str:
    """To the microsecond, as the macros write it, where no column of a table does."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S.%f}"

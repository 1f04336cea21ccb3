"""The statements that dbt sends: of each node their number and cost; a row of each on request."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from dbt_opsplugin.runs import Row

__all__ = ["Statements", "utc_now", "utc_text"]

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

_RETRY = re.compile(r"(?i)\bretrying (?:in|query|getQueryResults)\b|\bretry attempt\b")
"""What adapters log before they try a connection or a statement again; dbt has no event for it."""

_LOGGED_STATEMENT = re.compile(
    r"On \S+: (?P<sql>.*)\.\.\.|SQL status: .* in (?P<seconds>[\d.]+) seconds", re.DOTALL
)
"""What dbt-clickhouse logs of a statement, in place of an event."""


def utc_text(moment: datetime) -> str:
    """A time as the ops tables hold it: UTC, without an offset."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def utc_now() -> str:
    return utc_text(datetime.now(timezone.utc))


@dataclass
class _OfNode:
    """How many, their seconds, how often one was tried again, and the engine's own figures."""

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
        """The comment that is JSON: our query comment, or dbt's own, which both name dbt. Of others
        that a model has in its SQL, the first."""
        tags = []
        for comment in _COMMENT.findall(self.sql):
            with contextlib.suppress(ValueError):
                tags.append(json.loads(comment[2:-2]))
        found = [tag for tag in tags if isinstance(tag, dict)]
        return next((tag for tag in found if tag.get("app") == "dbt"), next(iter(found), None))


class Statements:
    """Takes dbt's events of statements, one at a time; in each of dbt's threads one runs."""

    def __init__(self, on_query: Callable[[Row], None]) -> None:
        """
        Args:
            on_query: is called with the row of each statement that has ended, once wanted.
        """
        self.queries_wanted = False
        self.measure: Callable[[], dict[str, float]] = dict
        """The engine's own figures of the last statement of the calling thread."""
        self._on_query = on_query
        self._of_node: dict[str, _OfNode] = {}
        self._running: dict[str, _Query] = {}
        self._node_in_thread: dict[str, str] = {}
        self._query_count = 0

    def started(self, event: Any, sql: str | None = None) -> None:
        thread, node = event.info.thread, event.data.node_info.unique_id
        self._node_in_thread[thread] = node
        if self.queries_wanted:
            self.ended(thread)
            self._running[thread] = _Query(sql or event.data.sql, node or None, utc_now())

    def finished(self, event: Any, seconds: float | None = None) -> None:
        figures = self.measure()
        elapsed = event.data.elapsed if seconds is None else seconds
        node = event.data.node_info.unique_id
        if node:
            self._of_node.setdefault(node, _OfNode()).add(elapsed, figures)
        if self.queries_wanted:
            words = str(getattr(event.data, "status", "")).split()
            counted = words[-1] if words and words[-1].isdigit() else None
            self.ended(
                event.info.thread,
                "success",
                {
                    "execution_time": elapsed,
                    "rows_affected": int(counted) if counted else None,
                    "query_id": getattr(event.data, "query_id", None) or None,
                },
            )

    def logged(self, event: Any) -> None:
        """A line of an adapter."""
        if event.data.name == "dbt_clickhouse" and (
            logged := _LOGGED_STATEMENT.fullmatch(event.data.base_msg)
        ):
            if logged["sql"] is None:
                self.finished(event, float(logged["seconds"]))
            else:
                self.started(event, logged["sql"])
        elif _RETRY.search(event.data.base_msg):
            # A statement that is tried again is logged without its node.
            node = event.data.node_info.unique_id or self._node_in_thread.get(event.info.thread)
            if node:
                self._of_node.setdefault(node, _OfNode()).retries += 1

    def ended(self, thread: str, status: str = "error", known: Row | None = None) -> None:
        """What runs in the thread has ended; in an error unless something says otherwise, since dbt
        says nothing of a statement that has failed."""
        query = self._running.pop(thread, None)
        if query is None:
            return
        self._query_count += 1
        self._on_query(
            {
                "query_number": self._query_count,
                "unique_id": query.node,
                "query_hash": query.hash,
                "query_tag": query.tag,
                "status": status,
                "started_at": query.started_at,
                **(known or {}),
            }
        )

    def know(self, node: str) -> bool:
        return node in self._of_node

    def add_to(self, row: Row) -> None:
        """What the statements of a node have taken, into its row."""
        of_node = self._of_node.get(row["unique_id"], _OfNode())
        row["statement_count"], row["statement_time"] = of_node.count, of_node.seconds
        row["retry_count"] = of_node.retries
        for name, value in of_node.figures.items():
            if name == "bytes_read":
                row.setdefault("bytes_processed", int(value))
            else:
                row[name] = value if name == "cpu_time" else int(value)

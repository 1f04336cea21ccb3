"""What a warehouse knows of its statements, recorded: on the engines whose history an emulator can serve."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import Project, make_engine
from dialects import assert_is_of
from engines import ENGINES, Engine
from vendor_history import Statement, add, history_of, make_history, sent_texts

NOW = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
LATENCY = {"snowflake": timedelta(hours=8)}
COMMENT = {
    "comment": "{{ dbt_opsplugin.query_comment(node, tags={'team': 'it\\'s \"*/\" \\\\ **bold** {x}'}) }}",
    "append": True,
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=getattr(pytest.mark, name))
        for name in ("snowflake", "bigquery", "redshift")
        if ENGINES[name].is_installed()
    ]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    return make_engine(request)


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with the comment, before a warehouse with a history."""
    project.config["query-comment"] = COMMENT
    project.outputs["prod"]["threads"] = 1
    project.models(a="select 'it''s \\\\ {{ \"{\" }}' as text", b="select * from {{ ref('a') }}")
    make_history(project)
    return project


def run(project: Project, ended: timedelta, *arguments: str) -> tuple[str, list[str]]:
    """A dbt run that ended so long ago: its id, and the statements that it has sent."""
    since = len(sent_texts(project))
    known = set(project.column("select invocation_id from ops.ops_runs")) if since_first(project) else set()
    project.dbt("run", *arguments)
    [invocation] = set(project.column("select invocation_id from ops.ops_runs")) - known
    began, end = NOW - ended - timedelta(minutes=5), NOW - ended
    project.sql(
        f"update ops.ops_runs set started_at = cast('{began}' as timestamp),"
        f" completed_at = cast('{end}' as timestamp) where invocation_id = '{invocation}'"
    )
    return invocation, sent_texts(project)[since:]


def since_first(project: Project) -> bool:
    return "ops_runs" in project.relations("ops")


def statements(texts: Iterable[str], ended: timedelta, first: int = 0, **more: Any) -> list[Statement]:
    """A second apart, in the five minutes before."""
    began = NOW - ended - timedelta(minutes=5)
    return [
        Statement(f"q{first + n}", text, began + timedelta(seconds=n), **more)
        for n, text in enumerate(texts, start=1)
    ]


def of(model: str) -> str:
    return f'"node_id": "model.shop.{model}"'


def recorded(project: Project, columns: str = "query_id") -> list[Any]:
    rows = project.sql(f"select {columns} from ops.ops_query_history order by query_id")
    return [row[0] if len(row) == 1 else row for row in rows]


def test_each_statement_with_the_comment_is_recorded_once(shop: Project) -> None:
    invocation, texts = run(shop, timedelta(days=1))
    add(shop, statements(texts, timedelta(days=1), amount=1024.0))
    outcome = shop.operation("record_query_history")
    print(outcome.text)
    print(recorded(shop, "*"))
    assert 0

"""The hooks cost a constant number of statements, whatever the size of the project."""

from __future__ import annotations

import pytest
from projects import Outcome, Project, sent_sql

TRANSACTION = ("BEGIN", "COMMIT")


def statements(outcome: Outcome, hook: str) -> list[str]:
    """What was sent at the start or the end of a run, but for dbt's own BEGIN and COMMIT."""
    events = outcome.events
    nodes = [i for i, e in enumerate(events) if e.info.name in ("NodeStart", "NodeFinished")]
    part = events[: nodes[0]] if hook == "start" else events[nodes[-1] :]
    sql = [sql for sql in map(sent_sql, part) if sql is not None]
    return [s for s in sql if s not in TRANSACTION and ("ops" in s or hook == "end")]


# What a thousand models add is of the macros, not of the engine, and building them takes a minute.
THOUSAND = pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.duckdb])


@pytest.mark.parametrize("models", [pytest.param(10, marks=pytest.mark.core), THOUSAND])
def test_a_run_end_takes_six_statements_at_most(project: Project, models: int) -> None:
    for i in range(models):
        parent = f" from {{{{ ref('m{i // 10}') }}}}" if i >= 10 else ""
        project.write(f"models/m{i}.sql", f"select {i} as id{parent}")
    project.vars(row_counts=True)
    first = project.dbt("run")
    # Spark has no catalog to query: it shows schemas and tables, and reads each ops table anew.
    shows = 8 if project.engine.adapter == "spark" else 0
    # On Redshift no statement reads the catalog together with a table, and there and on ClickHouse no insert
    # its own table: what is there is asked for before each, but for the first.
    counts = {"spark": 2, "redshift": 5, "clickhouse": 4}.get(project.engine.adapter, 0)
    assert len(statements(first, "end")) == 6 + shows + counts, statements(first, "end")
    assert project.sql("select count(*) from ops.ops_results") == [(models,)]
    assert project.sql("select count(*) from ops.ops_nodes") == [(models,)]
    assert project.sql("select count(*), sum(value) from ops.ops_metrics") == [(models, models)]


def test_a_usual_run_takes_four_statements_at_its_end_and_two_at_its_start(
    project: Project,
) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    second = project.dbt("run")
    shows = 8 if project.engine.adapter == "spark" else 0
    asks = project.engine.name in ("redshift", "clickhouse")
    assert len(statements(second, "end")) == 4 + shows + 2 * asks, statements(second, "end")
    [metadata_query, *others, note] = statements(second, "start")
    if asks:
        assert others.pop().strip().startswith("/*")
    if shows:
        assert "show table extended in `ops`" in metadata_query
        assert len(others) == 7
        assert all("refresh table ops.ops_" in other for other in others)
    else:
        assert "like 'ops%'" in metadata_query
        assert not others
    assert "ops_actions" in note

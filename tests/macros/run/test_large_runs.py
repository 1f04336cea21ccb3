"""A run of 5,000 nodes, delivered as on an engine that takes statements of 1 MB."""

from __future__ import annotations

import pytest
from projects import Project, open_macros

# As on Snowflake and BigQuery: of the JSON, whose quotes and backslashes a literal doubles.
PAYLOAD = 450_000
LIMIT = 1_000_000
NODES = 5000


def test_five_thousand_results_fit_into_statements_of_a_megabyte(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "macros/limit.sql",
        "{% macro NAME() %}{% do return(dict(dbt_opsplugin.NAME(), max_statement_length=SIZE)) %}"
        "{% endmacro %}".replace("NAME", f"{project.engine.adapter}__engine_facts").replace(
            "SIZE", str(PAYLOAD)
        ),
    )
    project.config["dispatch"] = [
        {"macro_namespace": "dbt_opsplugin", "search_order": ["shop", "dbt_opsplugin"]}
    ]
    run = {"invocation_id": "run", "status": "success", "node_count": NODES}
    results = [
        {
            "invocation_id": "run",
            "unique_id": f"model.shop.a_name_of_the_usual_length_{i:05}",
            "attempt": 1,
            "status": "success",
            "execution_time": i / 1000,
            "message": 'it\'s "CREATE TABLE" \\ 100%',
            "adapter_response": {"_message": "CREATE TABLE (1.0 rows)", "code": "CREATE TABLE"},
        }
        for i in range(NODES)
    ]
    with open_macros(project) as macros:
        macros("_ensure_ops_tables")
        sent: list[str] = []
        execute = macros.adapter.execute

        def counted(sql: str, *args: object, **kwargs: object) -> object:
            sent.append(sql)
            return execute(sql, *args, **kwargs)

        monkeypatch.setattr(macros.adapter, "execute", counted)
        macros("deliver_run", run=run, results=results, metrics=[])
        inserts = [sql for sql in sent if "ops_results" in sql and "insert into" in sql.lower()]
        assert len(inserts) == 4
        assert max(len(sql.encode()) for sql in sent) < LIMIT
        found = macros.sql(
            "select count(*), count(distinct unique_id), min(message) from ops.ops_results"
        )
        assert found == [(NODES, NODES, results[0]["message"])]
        assert macros.sql("select node_count from ops.ops_runs") == [(NODES,)]

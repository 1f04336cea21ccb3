"""A hook of the project may leave a transaction open, which dbt rolls back when the hooks end."""

from __future__ import annotations

import pytest
from projects import Project

SIZES = {"big": {"memory_limit": "2GB", "threads": 3}}


@pytest.mark.duckdb
def test_the_note_of_the_first_size_survives_a_hook_that_opens_a_transaction(
    project: Project,
) -> None:
    project.vars(warehouse_sizes=SIZES)
    project.config["on-run-start"] = "{% call statement('x') %}select 1{% endcall %}"
    project.models(
        fct="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big') }}\") }} select 1 as id"
    )
    project.dbt("run")
    project.dbt("run")
    assert project.sql(
        "select count(*) from ops.ops_actions where action = 'warehouse_size_at_start'"
    ) == [(2,)]

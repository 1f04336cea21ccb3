"""Names that differ by case, or have capitals beyond ASCII."""

from __future__ import annotations

import pytest
from engines import Postgres
from projects import Project

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(postgres_host: str) -> Postgres:
    return Postgres(postgres_host)


def test_a_table_whose_name_differs_by_case_is_another(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    project.operation("drop_stg_tables")
    project.sql('create table main."STG_A" as select 1 as id')
    decision, reason = project.operation("drop_stg_tables").plan()["main.STG_A"]
    assert (decision, "differs by case alone" in reason) == ("keep", True)


@pytest.mark.parametrize("quoted", [True, False])
def test_an_ops_schema_whose_name_differs_by_case_is_another(
    project: Project, quoted: bool
) -> None:
    """Where names are in quotes, as dbt writes them unless told otherwise."""
    project.config["quoting"] = {"schema": quoted}
    project.models(fct="select 1 as id")
    project.dbt("run")
    project.vars(schema="OPS")
    project.dbt("run")
    spaces = project.column("select nspname from pg_namespace where lower(nspname) = 'ops'")
    assert spaces == (["OPS", "ops"] if quoted else ["ops"])
    assert project.sql("select count(*) from ops.ops_runs") == [(1 if quoted else 2,)]


def test_schemas_with_capitals_beyond_ascii_are_found(project: Project) -> None:
    """A name of Postgres' catalog has a collation in which these have no lower case."""
    project.vars(schema="Ops Ü", drop_stg=True, backup="schema", backup_schema="Müll Ü")
    project.outputs["prod"]["schema"] = "Büro Ä"
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    outcome = project.dbt("build")
    assert outcome.plan() == {"Büro Ä.stg_a": ("drop", "read by 1 built")}
    assert project.sql('select status, node_count from "Ops Ü".ops_runs') == [("success", 2)]
    project.operation("restore_stg_tables")
    assert project.sql('select * from "Büro Ä".stg_a') == [(1,)]

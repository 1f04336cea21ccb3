"""What stands where a staging model would be may be another's, or may hold what no build gives back."""

from __future__ import annotations

import pytest
from projects import Project


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    return project


def by_hand(shop: Project) -> None:
    shop.sql("create table main.stg_a as select 'loaded by another tool' as precious")


def test_what_came_after_the_drop_is_anothers(shop: Project) -> None:
    shop.operation("drop_stg_tables")
    by_hand(shop)
    decision, reason = shop.operation("drop_stg_tables").plan()["main.stg_a"]
    assert decision == "keep"
    assert reason.startswith("was dropped at ")
    assert reason.endswith(" and not built since: it may be another's")
    assert shop.sql("select precious from main.stg_a") == [("loaded by another tool",)]


@pytest.mark.duckdb
def test_what_came_after_the_drop_is_no_leftover(shop: Project) -> None:
    shop.operation("drop_stg_tables")
    shop.models(stg_a="{{ config(materialized='ephemeral') }} select 1 as id")
    shop.vars(drop_stg=True)
    shop.dbt("build")
    by_hand(shop)
    shop.dbt("build")
    assert shop.sql("select precious from main.stg_a") == [("loaded by another tool",)]


@pytest.mark.duckdb
def test_what_a_restore_brought_back_is_ours_again(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema")
    shop.operation("restore_stg_tables")
    assert shop.operation("drop_stg_tables").plan()["main.stg_a"][0] == "drop"
    shop.dbt("build")
    assert shop.operation("drop_stg_tables").plan()["main.stg_a"][0] == "drop"


@pytest.mark.duckdb
def test_names_with_letters_of_which_engines_know_another_lower_case(project: Project) -> None:
    """The last letter of a Greek word has its own, in Python alone."""
    project.models(
        stg_a="{{ config(alias='stg_ΠΕΛΑΤΗΣ') }} select 1 as id",
        stg_b="{{ config(alias='stg_ΤΙΜΕΣ', materialized='incremental') }} select 1 as id",
        stg_c="select 1 as id",
        fct="select * from {{ ref('stg_a') }}",
    )
    project.dbt("build")
    plan = project.operation("drop_stg_tables", dry_run=True).plan()
    assert plan["main.stg_ΠΕΛΑΤΗΣ"] == ("drop", "read by 1 built")
    (project.root / "models/staging/stg_b.sql").unlink()
    plan = project.operation("drop_stg_tables", dry_run=True, orphans=True).plan()
    assert plan["main.stg_ΤΙΜΕΣ"] == ("keep", "was incremental, as model.shop.stg_b")


@pytest.mark.duckdb
def test_what_is_no_view_any_more_is_anothers(shop: Project) -> None:
    shop.models(stg_a="{{ config(materialized='view') }} select 1 as id")
    shop.dbt("build")
    shop.sql("drop view main.stg_a")
    by_hand(shop)
    plan = shop.operation("drop_stg_tables").plan()
    reason = "is a table, its last build a view: it may be another's"
    assert plan["main.stg_a"] == ("keep", reason)


@pytest.mark.duckdb
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("upstream", ["select 1 as id", "select boom as id"])
def test_the_history_of_an_incremental_model_outlives_a_build_that_failed(
    project: Project, force: bool, upstream: str
) -> None:
    """Or was skipped: neither has replaced what the last good one left."""
    project.models(
        stg_base="select 1 as id",
        stg_a="{{ config(materialized='incremental') }} select * from {{ ref('stg_base') }}",
        fct="select 1 as id",
    )
    project.dbt("build")
    project.sql("insert into main.stg_a values (2), (3)")
    project.models(stg_base=upstream, stg_a="select nope from {{ ref('stg_base') }}")
    project.dbt("build", ok=False)
    project.models(
        stg_base="select 1 as id",
        stg_a="{{ config(materialized='ephemeral') }} select * from {{ ref('stg_base') }}",
    )
    project.dbt("build")
    decision, reason = project.operation("drop_stg_tables", force=force).plan()["main.stg_a"]
    assert (decision, reason[:15]) == ("keep", "was incremental")
    assert project.sql("select count(*) from main.stg_a") == [(3,)]


@pytest.mark.duckdb
def test_what_another_target_has_built_since_is_its_own(shop: Project) -> None:
    """Staging that two targets share: the other may not have read it yet."""
    shop.outputs["prod"]["schema"] = "us"
    shop.outputs["eu"] = {**shop.outputs["prod"], "schema": "eu"}
    shop.vars(prod_targets=["prod", "eu"])
    shop.models(stg_a="{{ config(schema='staging') }} select 1 as id")
    shop.write(
        "macros/generate_schema_name.sql",
        "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
    )
    shop.dbt("build", target="eu")
    shop.dbt("build", target="prod")
    shop.dbt("run", "--select", "stg_a", target="eu")
    decision, reason = shop.operation("drop_stg_tables").plan()["staging.stg_a"]
    assert decision == "keep"
    assert reason.startswith("model.shop.stg_a in target eu has built it since, at ")
    shop.dbt("build", target="prod")
    assert shop.operation("drop_stg_tables").plan()["staging.stg_a"][0] == "drop"


@pytest.mark.duckdb
def test_a_time_spine_is_read_without_a_word_of_it(project: Project) -> None:
    project.models(
        stg_days="select cast(range as date) as date_day from"
        " range(timestamp '2026-01-01', timestamp '2026-02-01', interval 1 day)",
    )
    project.write(
        "models/staging/stg_days.yml",
        "models: [{name: stg_days, time_spine: {standard_granularity_column: date_day},"
        " columns: [{name: date_day, granularity: day}]}]",
    )
    project.dbt("build")
    plan = project.operation("drop_stg_tables").plan()
    assert plan["main.stg_days"] == ("keep", "is a time spine")


@pytest.mark.duckdb
def test_what_a_foreign_key_holds_goes_after_it(project: Project) -> None:
    project.models(
        stg_customers="select 1 as id",
        stg_orders="select customers.id as id, customers.id as customer_id from"
        " {{ ref('stg_customers') }} as customers",
        fct="select * from {{ ref('stg_orders') }}",
        fct_2="select * from {{ ref('stg_orders') }}",
    )
    project.write(
        "models/staging/schema.yml",
        """
        models:
          - name: stg_customers
            config: {contract: {enforced: true}}
            columns: [{name: id, data_type: integer, constraints: [{type: primary_key}]}]
          - name: stg_orders
            config: {contract: {enforced: true}}
            columns:
              - {name: id, data_type: integer}
              - name: customer_id
                data_type: integer
                constraints:
                  - {type: foreign_key, to: ref('stg_customers'), to_columns: [id]}
        """,
    )
    project.vars(drop_stg=True)
    for _ in range(2):
        project.dbt("build")
        assert project.relations() == ["fct", "fct_2"]


def test_relations_that_are_named_come_back_in_the_order_that_they_need(shop: Project) -> None:
    shop.models(
        stg_b="{{ config(materialized='view') }} select * from {{ ref('stg_a') }}",
        stg_c="{{ config(materialized='view') }} select * from {{ ref('stg_b') }}",
        fct="select * from {{ ref('stg_c') }}",
    )
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup="schema")
    for replace in (False, True):
        shop.operation("restore_stg_tables", relations=["stg_a", "stg_b", "stg_c"], replace=replace)
        assert shop.sql("select id from main.stg_c") == [(1,)]


@pytest.mark.duckdb
def test_orphans_go_and_come_back_by_who_reads_whom(shop: Project) -> None:
    shop.sql("create view stg_base as select 1 as id")
    shop.sql("create view stg_top as select * from stg_base")
    shop.sql("create view stg_aa as select * from stg_top")
    shop.operation("drop_stg_tables", orphans=True, backup="schema")
    assert shop.relations() == ["fct"]
    shop.operation("restore_stg_tables")
    assert shop.sql("select id from stg_aa") == [(1,)]


@pytest.mark.duckdb
def test_a_folder_may_be_named_with_those_above_it(project: Project) -> None:
    for folder in ("sources/bronze", "bronze", "other_sources/bronze"):
        name = folder.replace("/", "_")
        project.write(f"models/{folder}/{name}.sql", "select 1 as id")
    project.vars(staging_folders=["sources/bronze"])
    project.dbt("build")
    assert list(project.operation("drop_stg_tables").plan()) == ["main.sources_bronze"]

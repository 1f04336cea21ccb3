"""drop_stg_tables as a run-operation: what it asks of the recorded runs."""

from __future__ import annotations

import pytest
from projects import Project

STAGING = {"stg_a", "stg_b"}


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_a="select 1 as id",
        stg_b="select 1 as id",
        fct_a="select * from {{ ref('stg_a') }}",
        fct_b="select * from {{ ref('stg_b') }} where {{ var('broken', 'true') }}",
    )
    project.write(
        "models/schema.yml",
        """
        models:
          - name: fct_a
            columns:
              - name: id
                data_tests: [{accepted_values: {arguments: {values: ["{{ var('id', 1) }}"]}}}]
        """,
    )
    return project


def test_it_refuses_outside_production_and_force_overrides_that(shop: Project) -> None:
    shop.dbt("run", target="dev")
    refused = shop.operation("drop_stg_tables", target="dev", ok=False)
    assert "drop_stg_tables: target dev is not production: use a target named in" in refused.text
    assert STAGING <= {*shop.relations("dev")}
    shop.operation("drop_stg_tables", target="dev", force=True)
    assert shop.relations("dev") == ["fct_a", "fct_b"]
    assert len(shop.sql("select * from ops.ops_actions where action = 'drop'")) == 2


def test_it_refuses_when_no_production_run_is_recorded_and_says_so(shop: Project) -> None:
    shop.vars(enabled=False)
    shop.dbt("run")
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "nothing is dropped, since the ops tables hold no run of target prod" in refused.text
    assert "pass force: true" in refused.text
    assert STAGING <= {*shop.relations()}
    rehearsed = shop.operation("drop_stg_tables", dry_run=True)
    assert "this would be refused, since the ops tables hold no run" in rehearsed.text
    assert rehearsed.plan()["main.stg_a"] == (
        "keep",
        "no build of it is recorded: it may be another's",
    )


def test_a_dry_run_prints_its_plan_although_dbt_is_quiet(shop: Project) -> None:
    shop.dbt("build")
    call = ("run-operation", "drop_stg_tables", "--quiet", "--args")
    printed, _ = shop.start(*call, "{dry_run: true}").communicate()
    assert "main.stg_a  table" in printed
    printed, _ = shop.start(*call, "{}").communicate()
    assert "stg_a" not in printed
    assert shop.relations() == ["fct_a", "fct_b"]


@pytest.mark.slow_engines
def test_it_works_after_run_and_test_and_seed(shop: Project) -> None:
    shop.write("seeds/one.csv", "id\n1\n")
    shop.dbt("run")
    shop.dbt("test")
    shop.dbt("seed")
    shop.operation("drop_stg_tables")
    assert shop.relations() == ["fct_a", "fct_b", "one"]


def test_it_refuses_after_a_failed_run_and_after_a_failed_test_of_a_good_run(shop: Project) -> None:
    shop.dbt("run", "--vars", "{broken: nonsense}", ok=False)
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the last dbt run of target prod" in refused.text
    assert STAGING <= {*shop.relations()}

    shop.dbt("run")
    shop.dbt("test", "--vars", "{id: 2}", ok=False)
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the last dbt test of target prod" in refused.text
    assert STAGING <= {*shop.relations()}

    # Tests of a run before this one no longer count against it.
    shop.dbt("run")
    shop.operation("drop_stg_tables")
    assert shop.relations() == ["fct_a", "fct_b"]


def test_staging_that_was_rebuilt_after_its_consumer_stays(shop: Project) -> None:
    shop.dbt("run")
    shop.dbt("run", "--select", "stg_b")
    outcome = shop.operation("drop_stg_tables")
    assert outcome.plan() == {
        "main.stg_a": ("drop", "read by 1 built"),
        "main.stg_b": ("keep", "fct_b was not built after it"),
    }
    assert shop.relations() == ["fct_a", "fct_b", "stg_b"]


@pytest.mark.not_on("spark", "dbt-spark drops a table before it builds it again")
def test_a_consumer_whose_own_last_build_failed_keeps_its_staging(shop: Project) -> None:
    shop.dbt("run")
    shop.dbt("run", "--select", "fct_b", "--vars", "{broken: nonsense}", ok=False)
    shop.dbt("run", "--select", "stg_a+")
    outcome = shop.operation("drop_stg_tables")
    assert outcome.plan()["main.stg_b"] == ("keep", "the last build of fct_b is error")
    assert shop.relations() == ["fct_a", "fct_b", "stg_b"]


def test_relations_built_empty_do_not_count_as_built(shop: Project) -> None:
    shop.dbt("run")
    shop.dbt("run", "--empty")
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "was --empty, --sample or deferred" in refused.text
    shop.dbt("run", "--select", "stg_a+")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_b"] == ("keep", "its own last build is without data")
    assert "drop_stg_tables: nothing to drop" in shop.operation("drop_stg_tables").text


def test_a_second_drop_finds_nothing_and_succeeds(shop: Project) -> None:
    shop.dbt("run")
    shop.operation("drop_stg_tables")
    assert "no staging relation exists" in shop.operation("drop_stg_tables").text


def test_the_next_full_build_brings_staging_back_and_it_can_be_dropped_again(shop: Project) -> None:
    for _ in range(2):
        shop.dbt("build")
        assert STAGING <= {*shop.relations()}
        shop.operation("drop_stg_tables")
        assert shop.relations() == ["fct_a", "fct_b"]


@pytest.mark.slow_engines
def test_a_run_that_began_and_never_ended_keeps_what_it_may_have_rebuilt(shop: Project) -> None:
    shop.vars(longest_run_hours=0)
    shop.dbt("build")
    # The project's own hook fails first, so ours never records this run.
    shop.config["on-run-end"] = "select boom"
    shop.dbt("run", "--vars", "{broken: nonsense}", ok=False)
    shop.config.pop("on-run-end")
    plan = shop.operation("drop_stg_tables").plan()
    assert {decision for decision, _ in plan.values()} == {"keep"}
    assert "was not built after the run that began at" in plan["main.stg_a"][1]
    shop.dbt("run", "--select", "stg_a+")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_a"][0] == "drop"
    assert plan["main.stg_b"][0] == "keep"
    shop.dbt("build")
    shop.operation("drop_stg_tables")
    assert shop.relations() == ["fct_a", "fct_b"]


def test_a_failed_test_is_not_forgotten_when_other_tests_pass_after_it(shop: Project) -> None:
    shop.write(
        "models/more.yml",
        "models: [{name: fct_b, columns: [{name: id, data_tests: [not_null]}]}]",
    )
    shop.dbt("run")
    shop.dbt("test", "--select", "fct_a", "--vars", "{id: 2}", ok=False)
    shop.dbt("test", "--select", "fct_b")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_a"][0] == "keep"
    assert "the last result of test accepted_values_fct_a" in plan["main.stg_a"][1]
    assert plan["main.stg_b"][0] == "drop"


@pytest.mark.not_on("spark", "has no foreign keys")
@pytest.mark.not_on("clickhouse", "has no foreign keys")
def test_a_table_that_a_foreign_key_points_to_stays(shop: Project) -> None:
    shop.dbt("run")
    shop.sql(
        "drop table stg_b; create table stg_b (id integer primary key);"
        "insert into stg_b values (1);"
        "create table elsewhere (id integer references stg_b(id)); insert into elsewhere values (1)"
    )
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_b"] == ("keep", "shop.main.elsewhere reads it")
    assert "stg_a" not in shop.relations()


@pytest.mark.not_on("clickhouse", "has no transactions")
def test_a_transaction_that_fails_halfway_changes_nothing(shop: Project) -> None:
    shop.write(
        "macros/half.sql",
        "{% macro half() %}{% do dbt_opsplugin.run_transaction("
        "['create table one as select 1 as id', 'drop table not_there']) %}{% endmacro %}",
    )
    shop.operation("half", ok=False)
    assert "one" not in shop.relations()


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dryrun": True}, "no argument dryrun: did you mean dry_run?"),
        ({"dry_run": "yes"}, 'dry_run is "yes", not true or false'),
        (
            {"backup": "parket"},
            "backup is parket, not one of parquet, schema, undrop, none: did you mean parquet?",
        ),
        (
            {"backup": "parquet", "backup_set": "a/b"},
            "backup_set is a/b, which cannot name a folder",
        ),
    ],
)
def test_bad_arguments_are_refused_with_the_nearest_valid_one(
    shop: Project, arguments: dict[str, object], message: str
) -> None:
    assert message in shop.operation("drop_stg_tables", ok=False, **arguments).text
    assert not shop.database.exists() or shop.relations("ops") == []


@pytest.mark.not_on(
    "iceberg", "a view that is replaced in the catalog of the session stays the old one"
)
@pytest.mark.slow_engines
def test_leftovers_of_models_that_became_ephemeral_go_unless_they_were_incremental(
    project: Project,
) -> None:
    project.models(
        stg_table="select 1 as id",
        stg_view="{{ config(materialized='view') }} select 1 as id",
        stg_history="{{ config(materialized='incremental') }} select 1 as id",
        fct="select * from {{ ref('stg_table') }} join {{ ref('stg_view') }} using (id)"
        " join {{ ref('stg_history') }} using (id)",
        mart_view="{{ config(materialized='view') }} select * from {{ ref('stg_view') }}",
    )
    project.dbt("build")
    for name in ("stg_table", "stg_view", "stg_history"):
        project.models(**{name: "{{ config(materialized='ephemeral') }} select 1 as id"})
    project.dbt("build", "--exclude", "mart_view")
    plan = project.operation("drop_stg_tables", dry_run=True).plan()
    assert plan["main.stg_table"] == ("drop", "left over: the model is ephemeral now")
    database = "" if project.engine.adapter in ("spark", "clickhouse") else "shop."
    decision, reason = plan["main.stg_view"]
    assert (decision, reason.lower()) == ("keep", f"{database}main.mart_view reads it")
    assert "was incremental" in plan["main.stg_history"][1]
    project.dbt("build")
    project.operation("drop_stg_tables")
    assert project.relations() == ["fct", "mart_view", "stg_history"]
    assert project.sql("select * from mart_view") == [(1,)]


def test_what_counts_as_staging_is_configurable(project: Project) -> None:
    project.vars(staging_folders=["raw_layer"], staging_prefixes=["base__"], staging_tags=["tmp"])
    project.write("models/raw_layer/one.sql", "select 1 as id")
    project.models(
        base__two="select 1 as id",
        three="{{ config(tags=['tmp']) }} select 1 as id",
        stg_not_any_more="select 1 as id",
    )
    project.dbt("build")
    plan = project.operation("drop_stg_tables").plan()
    assert set(plan) == {"main.one", "main.base__two", "main.three"}
    assert project.relations() == ["stg_not_any_more"]

"""An environment-aware materialization for staging."""

from __future__ import annotations

from projects import Project

CONFIG = "{{ config(materialized=dbt_opsplugin.staging_materialization(%s)) }} select 1 as id"
DEFAULT = "'materialized': dbt_opsplugin.staging_materialization()"
FOLDER = (
    "{{ 'ephemeral' if target.name in var('opsplugin_prod_targets', ['prod', 'production'])"
    " else 'view' }}"
)


def test_staging_is_a_view_in_dev_and_ephemeral_in_production(project: Project) -> None:
    project.models(
        stg_default=CONFIG % "",
        stg_named=CONFIG % "dev='table', prod='table'",
        fct="select * from {{ ref('stg_default') }} join {{ ref('stg_named') }} using (id)",
    )
    project.dbt("build")
    assert project.relations() == ["fct", "stg_named"]
    project.dbt("build", target="dev")
    assert project.relations("dev") == ["fct", "stg_default", "stg_named"]
    # Back and forth in one project: dbt reparses when the target changes.
    project.sql("drop table fct")
    project.dbt("build")
    assert project.relations() == ["fct", "stg_named"]


def test_the_one_line_folder_override_does_the_same(project: Project) -> None:
    project.config["models"]["shop"]["staging"] = {"+materialized": FOLDER}
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.dbt("build", target="dev")
    assert project.relations("dev") == ["fct", "stg_a"]


def test_a_model_that_cannot_be_ephemeral_keeps_a_relation_and_the_warning_says_why(
    project: Project,
) -> None:
    hooked = "materialized=dbt_opsplugin.staging_materialization(), post_hook='select 1'"
    project.models(
        stg_hooks="{{ config(" + hooked + ") }} select 1 as id",
        stg_dict="{{ config({" + DEFAULT + ", 'pre-hook': 'select 1'}) }} select 1 as id",
        stg_contract=CONFIG.replace("%s)", "), contract={'enforced': true}"),
        stg_no_contract=CONFIG.replace("%s)", "), contract={'enforced': false}"),
        stg_folder_grants=CONFIG % "",
        stg_plain=CONFIG % "" + " where grants::int > 0",
    )
    project.config["models"]["shop"]["staging"] = {
        "stg_folder_grants": {"+grants": {"select": ["x"]}}
    }
    project.write(
        "models/schema.yml",
        "models: [{name: stg_contract, columns: [{name: id, data_type: integer}]}]",
    )
    outcome = project.dbt("parse")
    assert "model.shop.stg_dict has hooks, so" in outcome.text
    assert "model.shop.stg_contract has an enforced contract, so" in outcome.text
    assert "stg_no_contract" not in outcome.text
    assert (
        "model.shop.stg_hooks has hooks, so it cannot be ephemeral: it stays a view" in outcome.text
    )
    assert "model.shop.stg_folder_grants has grants" in outcome.text
    assert "stg_plain" not in outcome.text
    project.config["models"]["shop"]["staging"] = {}
    project.dbt("build")
    assert project.relations() == ["stg_contract", "stg_dict", "stg_hooks"]


def test_what_is_known_only_after_parsing_is_said_at_the_start_of_the_run(project: Project) -> None:
    project.models(stg_a=CONFIG % "", stg_b=CONFIG % "", fct="select * from {{ ref('stg_a') }}")
    project.write(
        "models/schema.yml",
        """
        models:
          - name: stg_b
            config: {contract: {enforced: true}}
            columns: [{name: id, data_type: integer}]
        """,
    )
    outcome = project.dbt("build", ok=None)
    assert "model.shop.stg_b has an enforced contract but is ephemeral" in outcome.text


def test_an_alias_that_needs_quotes_keeps_a_relation(project: Project) -> None:
    project.models(
        stg_a="{{ config(alias='Sales Raw', materialized=dbt_opsplugin.staging_materialization()) }}"
        " select 1 as id",
        fct="select a.id from {{ ref('stg_a') }} as a join {{ ref('2024_sales') }} as b on a.id = b.id",
        **{"2024_sales": CONFIG % ""},
    )
    project.dbt("build")
    assert project.relations() == ["Sales Raw", "fct"]


def test_a_wrong_argument_is_refused(project: Project) -> None:
    project.models(stg_a=CONFIG % "production='table'")
    assert "no argument production: did you mean prod?" in project.dbt("parse", ok=False).text
    project.models(stg_a=CONFIG % "dev=1")
    assert "dev is 1, not the name of a materialization" in project.dbt("parse", ok=False).text


def test_a_list_of_targets_that_is_none_is_refused_by_its_name(project: Project) -> None:
    project.models(stg_a=CONFIG % "")
    project.vars(prod_targets=5)
    project.dbt("parse")
    said = project.dbt("run", ok=False).text
    assert "opsplugin_prod_targets is 5, not a list of names" in said

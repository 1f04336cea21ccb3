"""One of everything that a project has, built in production by the real dbt v2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from projects import Project
from v2_binary import V2Project


def fill(project: Project) -> None:
    """One of everything that a project has, and that dbt 1.11 and dbt v2 both build."""
    hooks = (
        "pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('small') }}\","
        ' post_hook="{{ dbt_opsplugin.log_model_metrics() }}"'
    )
    project.models(
        stg_orders="{{ config(tags=['daily', \"it's\"], meta={'owner': 'ann'}) }}"
        " select i as id, 10 * i as amount from range(4) as numbers(i)",
        stg_customers="{{ config(materialized='view') }} select 1 as id, 'x' as name",
        stg_lines="{{ config(materialized=dbt_opsplugin.staging_materialization()) }}"
        " select 1 as n",
        fct_orders="{{ config(" + hooks + ", meta={'opsplugin': {'metrics': {"
        "'total': 'sum(amount)', 'nothing': 'max(null)'}}}) }}"
        " select o.* from {{ ref('stg_orders') }} as o join {{ ref('stg_lines') }} on true",
        inc_orders="{{ config(materialized='incremental', unique_key='id') }}"
        " select * from {{ ref('stg_orders') }}",
        v_customers="{{ config(materialized='view') }} select * from {{ ref('stg_customers') }}",
        aliased="{{ config(alias='Other Name', schema='marts') }} select 1 as id",
    )
    project.write("seeds/countries.csv", "code,name\nDE,Germany\nFR,it's\n")
    project.write(
        "snapshots/history.sql",
        """
        {% snapshot history %}
        {{ config(strategy='check', unique_key='id', check_cols='all') }}
        select * from {{ ref('stg_orders') }}
        {% endsnapshot %}
        """,
    )
    project.write(
        "models/properties.yml",
        """
        models:
          - name: fct_orders
            columns:
              - {name: id, data_tests: [not_null, unique]}
              - name: amount
                data_tests:
                  - accepted_values:
                      name: is_small
                      arguments: {values: [0, 10, 20]}
                      config: {severity: warn}
        unit_tests:
          - name: copies
            model: v_customers
            given: [{input: ref('stg_customers'), rows: [{id: 7, name: y}]}]
            expect: {rows: [{id: 7, name: y}]}
        exposures:
          - name: board
            type: dashboard
            owner: {email: a@b.c}
            depends_on: [ref('v_customers')]
        """,
    )
    project.config["query-comment"] = {
        "comment": "{{ dbt_opsplugin.query_comment(node) }}",
        "append": True,
    }
    project.vars(
        row_counts=True,
        warehouse_sizes={"small": {"threads": 3, "memory_limit": "2GB"}},
        tags={"team": "it's"},
        price_per_hour=3.6,
    )


RESULTS = {
    "aliased": "success",
    "copies": "pass",
    "countries": "success",
    "fct_orders": "success",
    "history": "success",
    "inc_orders": "success",
    "is_small": "warn",
    "not_null_fct_orders_id": "pass",
    "stg_customers": "success",
    "stg_orders": "success",
    "unique_fct_orders_id": "pass",
    "v_customers": "success",
}


def built_shop(make_v2: Callable[[Path], V2Project], folder: Path) -> V2Project:
    project = make_v2(folder)
    fill(project)
    project.built = project.dbt("build")
    return project

"""Whether what the package sends is SQL of an engine: an emulator takes much that the engine would not."""

from __future__ import annotations

import re

from projects import Project


def assert_is_of(dialect: str, sql: str, documented: list[str]) -> None:
    """One statement by the grammar that sqlglot has, or in a form (a pattern) that the vendor documents."""
    import sqlglot

    if any(re.fullmatch(form, sql, re.S) for form in documented):
        return
    [statement] = sqlglot.parse(sql, read=dialect)
    assert not isinstance(statement, sqlglot.exp.Command), sql


def full_round(project: Project, size: str) -> None:
    """Everything that the package sends: a size, metrics, a drop with backup, restore, retention."""
    project.vars(drop_stg=True, backup="schema", row_counts=True)
    project.models(
        stg_a="select 1 as id",
        fct=f"{{{{ config(pre_hook=\"{{{{ dbt_opsplugin.set_warehouse_size('{size}') }}}}\","
        " post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }} select * from {{ ref('stg_a') }}",
    )
    project.dbt("build")
    project.operation("restore_stg_tables")
    project.operation("purge_ops_tables", days=1)

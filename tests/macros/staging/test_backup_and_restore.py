"""Backups before a drop, and the way back."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from projects import Project
from typed_tables import KINDS, TYPES, content, other_kind, types_of

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.not_on(
        "spark", "dbt-spark quotes no names, and a row cannot be changed: tests/spark"
    ),
]


@pytest.fixture
def shop(project: Project) -> Project:
    if project.engine.name == "snowflake":
        project.config["quoting"] = {"schema": True, "identifier": True}
    project.models(
        stg_types=TYPES[project.engine.name],
        stg_view="{{ config(materialized='view') }} select id, name from {{ ref('stg_types') }}",
        stg_mixed="{{ config(alias='Stg Mixed', schema='Other One') }} select 1 as \"Id Col\"",
        fct="select * from {{ ref('stg_view') }}",
    )
    project.dbt("build")
    return project


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.core
def test_what_is_dropped_with_a_backup_comes_back_the_same(shop: Project, kind: str) -> None:
    before = content(shop, "stg_types")
    types = types_of(shop, "stg_types")
    dropped = shop.operation("drop_stg_tables", backup=kind)
    assert "dropped 3 (backup set " in dropped.text
    assert shop.relations() == ["fct"]
    rehearsed = shop.operation("restore_stg_tables", dry_run=True)
    assert "(nothing is changed)" in rehearsed.text
    assert shop.relations() == ["fct"]
    shop.operation("restore_stg_tables")
    assert content(shop, "stg_types") == before
    assert types_of(shop, "stg_types") == types
    assert len(content(shop, "stg_view")) == 1000
    assert content(shop, '"main_Other One"."Stg Mixed"') == [(1,)]
    assert len(shop.sql("select * from ops.ops_actions where action = 'restore'")) == 3
    # The restored relations are dbt's again.
    shop.dbt("build")


@pytest.mark.duckdb
def test_the_backup_kind_can_be_a_var_and_an_argument_overrides_it(shop: Project) -> None:
    shop.vars(backup="parquet", backup_path="deep/er/backups", drop_stg=True)
    shop.dbt("build")
    assert len(list(Path("deep/er/backups").glob("*/*.parquet"))) == 2
    shop.vars(drop_stg=False)
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup="none")
    made = "select * from ops.ops_actions where action = 'backup' and status = 'success'"
    assert len(shop.sql(made)) == 3


@pytest.mark.duckdb
def test_a_backup_that_fails_drops_nothing(shop: Project) -> None:
    Path("blocked").write_text("a file where the folder would be")
    outcome = shop.operation("drop_stg_tables", backup="parquet", backup_path="blocked", ok=False)
    assert "blocked" in outcome.text
    assert "stg_types" in shop.relations()
    assert shop.sql("select * from ops.ops_actions where action <> 'run'") == []


@pytest.mark.not_on("snowflake", "it keeps what is dropped: tests/emulators")
def test_a_backup_by_undrop_is_refused_where_the_engine_keeps_nothing(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    outcome = project.operation("drop_stg_tables", backup="undrop", ok=False)
    engine = project.engine.adapter
    assert f"backup: undrop does not exist on {engine}: use backup: schema" in outcome.text
    project.vars(drop_stg=True, backup="undrop")
    refused = project.dbt("build", ok=False)
    assert "backup: undrop does not exist on" in refused.text
    project.vars(drop_stg=False)
    project.models(
        fct="{{ config(post_hook='{{ dbt_opsplugin.drop_stg_tables() }}') }}"
        " select * from {{ ref('stg_a') }}"
    )
    refused = project.dbt("build", ok=False)
    assert "backup: undrop does not exist on" in refused.text
    if not version("dbt-core").startswith("1.8."):
        assert "START sql" not in refused.text
    assert project.relations() == ["fct", "stg_a"]
    assert project.sql("select * from ops.ops_actions where action <> 'run'") == []


@pytest.mark.duckdb
def test_what_a_failed_backup_leaves_is_in_the_log(project: Project) -> None:
    project.models(stg_a="select 1 as id", stg_wide="select 1::hugeint as n")
    project.dbt("build")
    project.operation("drop_stg_tables", backup="parquet", backup_set="half", ok=False)
    assert [file.name for file in Path("opsplugin_backups/half").glob("*.parquet")] == [
        "0001.parquet"
    ]
    [(action, status, details)] = project.sql(
        "select action, status, details from ops.ops_actions where action <> 'run'"
    )
    assert (action, status) == ("backup", "started")
    assert json.loads(details) == {
        "set": "half",
        "kind": "parquet",
        "location": "opsplugin_backups",
    }
    assert project.relations() == ["stg_a", "stg_wide"]


@pytest.mark.duckdb
@pytest.mark.parametrize("type_name", ["HUGEINT", "UHUGEINT"])
def test_a_column_that_parquet_would_round_is_refused(project: Project, type_name: str) -> None:
    project.models(stg_wide=f"select 170141183460469231731687303715884105727::{type_name} as n")
    project.dbt("build")
    refused = project.operation("drop_stg_tables", backup="parquet", ok=False)
    assert "column n of" in refused.text
    assert (
        f"is {type_name}, which Parquet does not hold exactly: nothing was dropped" in refused.text
    )
    project.operation("drop_stg_tables", backup="schema")
    project.operation("restore_stg_tables")
    assert project.sql("select n from stg_wide") == [(2**127 - 1,)]


def test_a_named_set_and_single_relations_can_be_restored(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema", backup_set="first")
    shop.models(
        stg_mixed="{{ config(alias='Stg Mixed', schema='Other One') }} select 2 as \"Id Col\""
    )
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup=other_kind(shop), backup_set="second")
    wrong = shop.operation("restore_stg_tables", backup_set="frist", ok=False)
    assert "there is no backup set frist: did you mean first? Recorded: first, second" in wrong.text
    wrong = shop.operation("restore_stg_tables", relations=["Stg Mixd"], ok=False)
    assert "Stg Mixd is not in backup set second: did you mean stg mixed?" in wrong.text
    shop.operation("restore_stg_tables", backup_set="first", relations=["Stg Mixed"])
    assert content(shop, '"main_Other One"."Stg Mixed"') == [(1,)]
    assert shop.relations() == ["fct"]
    exists = shop.operation("restore_stg_tables", relations=["main_Other One.Stg Mixed"], ok=False)
    assert "exists: pass replace: true" in exists.text
    shop.operation("restore_stg_tables", relations=["model.shop.stg_mixed"], replace=True)
    assert content(shop, '"main_Other One"."Stg Mixed"') == [(2,)]


def test_a_backup_set_name_is_not_used_twice(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema", backup_set="mine")
    shop.dbt("build")
    refused = shop.operation(
        "drop_stg_tables", backup=other_kind(shop), backup_set="mine", ok=False
    )
    assert "backup set mine exists" in refused.text
    assert "stg_types" in shop.relations()


@pytest.mark.duckdb
def test_a_damaged_or_missing_backup_is_refused_before_anything_changes(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="parquet", backup_set="one")
    files = sorted(Path("opsplugin_backups/one").glob("*.parquet"))
    shop.sql(f"copy (select * from read_parquet('{files[-1]}') limit 0) to '{files[-1]}'")
    refused = shop.operation("restore_stg_tables", ok=False)
    assert "has 0 rows, not" in refused.text
    files[-1].unlink()
    refused = shop.operation("restore_stg_tables", ok=False)
    assert "run from the directory that it was made from" in refused.text
    assert shop.relations() == ["fct"]


@pytest.mark.parametrize("kind", KINDS)
def test_backups_expire_after_the_retention(shop: Project, kind: str) -> None:
    shop.operation("drop_stg_tables", backup=kind, backup_set="old")
    shop.sql("update ops.ops_actions set recorded_at = recorded_at - interval '8 days'")
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup=kind, backup_set="new")
    gone = shop.operation("restore_stg_tables", backup_set="old", ok=False)
    assert "there is no backup set old" in gone.text
    if kind == "parquet":
        for file in Path("opsplugin_backups/old").glob("*.parquet"):
            assert shop.sql(f"select count(*) from read_parquet('{file}')") == [(0,)]
    else:
        assert not [name for name in shop.relations("opsplugin_trash") if name.startswith("old")]
    shop.operation("restore_stg_tables")
    assert len(content(shop, "stg_types")) == 1000


def test_without_a_retention_the_set_just_made_stays(shop: Project) -> None:
    shop.vars(backup_retention_days=0)
    shop.operation("drop_stg_tables", backup="schema", backup_set="one")
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup="schema", backup_set="two")
    assert (
        "there is no backup set one"
        in shop.operation("restore_stg_tables", backup_set="one", ok=False).text
    )
    shop.operation("restore_stg_tables")


def test_restoring_asks_for_production_and_for_a_backup(shop: Project) -> None:
    none = shop.operation("restore_stg_tables", ok=False)
    assert "no backup of target prod is recorded" in none.text
    refused = shop.operation("restore_stg_tables", target="dev", ok=False)
    assert "restore_stg_tables: target dev is not production" in refused.text
    wrong = shop.operation("restore_stg_tables", set="x", ok=False)
    assert "no argument set: did you mean backup_set?" in wrong.text


@pytest.mark.duckdb
def test_names_of_fields_and_values_are_not_taken_for_types(project: Project) -> None:
    project.models(
        stg_names="select {'interval': 1, 'bit': 2} as s, 'bit'::enum('bit', 'time') as e,"
        " map {'union': 1} as m"
    )
    project.dbt("build")
    project.operation("drop_stg_tables", backup="parquet")
    project.operation("restore_stg_tables")
    assert project.sql("select s.interval, e from stg_names") == [(1, "bit")]


def test_a_schema_that_has_gone_and_a_views_column_names_come_back(shop: Project) -> None:
    shop.sql(
        'drop view stg_view; create view stg_view ("Id Of It", "as name") as'
        " select id, name from stg_types"
    )
    shop.operation("drop_stg_tables", backup=other_kind(shop))
    shop.sql('drop schema "main_Other One"')
    shop.operation("restore_stg_tables")
    assert shop.relations("main_Other One") == ["Stg Mixed"]
    assert [row[0] for row in types_of(shop, "stg_view")] == ["Id Of It", "as name"]


def test_no_relations_are_not_all_relations(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema")
    refused = shop.operation("restore_stg_tables", relations=[], ok=False)
    assert "relations is empty: name some, or leave it out to restore all" in refused.text
    assert shop.relations() == ["fct"]


def test_a_view_is_not_restored_without_the_table_that_it_reads(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema")
    refused = shop.operation("restore_stg_tables", relations=["stg_view"], ok=False)
    assert "stg_view reads" in refused.text
    assert "which is not there: add stg_types to relations" in refused.text
    shop.operation("restore_stg_tables", relations=["stg_view", "stg_types"])
    assert shop.relations() == ["fct", "stg_types", "stg_view"]


def test_a_copy_in_the_trash_that_is_gone_is_refused(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema", backup_set="one")
    shop.sql("drop schema opsplugin_trash cascade")
    refused = shop.operation("restore_stg_tables", ok=False)
    assert "is not at" in refused.text
    assert "choose another backup_set, or build the model again" in refused.text
    assert shop.relations() == ["fct"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_restore_replaces_is_backed_up_before(shop: Project, kind: str) -> None:
    shop.operation("drop_stg_tables", backup=kind, backup_set="old")
    shop.dbt("build")
    shop.sql("delete from stg_types where id > 0")
    if shop.engine.name in ("postgres", "redshift"):
        refused = shop.operation(
            "restore_stg_tables", relations=["stg_types"], replace=True, ok=False
        )
        held = "shop.main.stg_types cannot be replaced: shop.main.stg_view reads it"
        assert held in refused.text
        assert len(content(shop, "stg_types")) == 1
        shop.sql("drop view stg_view")
    restored = shop.operation("restore_stg_tables", relations=["stg_types"], replace=True)
    assert "what was replaced is in backup set " in restored.text
    assert len(content(shop, "stg_types")) == 1000
    # The way back: the last set is what was replaced.
    shop.operation("restore_stg_tables", replace=True)
    assert len(content(shop, "stg_types")) == 1
    shop.operation("restore_stg_tables", backup_set="old", relations=["stg_types"], replace=True)
    assert len(content(shop, "stg_types")) == 1000


@pytest.mark.duckdb
def test_a_backup_that_cannot_be_found_does_not_expire(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="parquet", backup_set="old")
    shop.sql("update ops.ops_actions set recorded_at = recorded_at - interval '8 days'")
    Path("opsplugin_backups/old").rename("moved")
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup="parquet", backup_set="new")
    assert shop.column("select distinct status from ops.ops_actions where action = 'expire'") == [
        "missing",
        "success",
    ]
    Path("moved").rename("opsplugin_backups/old")
    shop.operation("restore_stg_tables", backup_set="old", relations=["stg_types"])
    assert len(content(shop, "stg_types")) == 1000


def test_a_chain_of_views_comes_back_in_its_order(project: Project) -> None:
    models = {"stg_a": "select 1 as id"}
    for name, parent in zip("bcde", "abcd", strict=True):
        models[f"stg_{name}"] = (
            "{{ config(materialized='view') }} select * from {{ ref('stg_" + parent + "') }}"
        )
    project.models(**models, fct="select * from {{ ref('stg_e') }}")
    project.dbt("build")
    project.operation("drop_stg_tables", backup=other_kind(project))
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables")
    assert project.sql("select id from stg_e") == [(1,)]


def test_a_set_name_that_a_database_would_cut_off_is_refused(shop: Project) -> None:
    refused = shop.operation("drop_stg_tables", backup="schema", backup_set="x" * 51, ok=False)
    assert "of 51 characters: use 50 at most" in refused.text


@pytest.mark.duckdb
def test_a_folder_named_as_a_value_gives_no_column(project: Project) -> None:
    project.vars(backup_path="backups/env=prod/day=1")
    project.models(
        stg_a="select 'eu' as env, date '2020-02-02' as day union all select 'us', date '2021-02-02'"
    )
    project.dbt("build")
    project.operation("drop_stg_tables", backup="parquet")
    project.operation("restore_stg_tables")
    assert project.column("select env from main.stg_a") == ["eu", "us"]


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"relations": 5}, "relations is 5, not a name or a list of names"),
        ({"relations": {"stg_a": True}}, 'relations is {"stg_a": true}, not a name'),
    ],
)
def test_relations_that_are_no_names_are_refused(
    shop: Project, arguments: dict[str, Any], message: str
) -> None:
    shop.operation("drop_stg_tables", backup="schema")
    assert message in shop.operation("restore_stg_tables", ok=False, **arguments).text


@pytest.mark.duckdb
def test_of_a_name_that_is_there_twice_the_clear_ones_are_named(project: Project) -> None:
    project.models(
        stg_one="{{ config(alias='stg_it') }} select 1 as id",
        stg_two="{{ config(alias='stg_it', schema='two') }} select 2 as id",
        stg_three="select 3 as id",
    )
    project.dbt("build")
    project.operation("drop_stg_tables", backup="schema", backup_set="it")
    wrong = project.operation("restore_stg_tables", relations=["stg_it"], ok=False)
    assert (
        "stg_it is more than once in backup set it: name it by its schema or model: " in wrong.text
    )
    named = wrong.text.split("schema or model: ")[1].split("\n")[0].split(", ")
    clear = ["main.stg_it", "main_two.stg_it", "model.shop.stg_one", "model.shop.stg_two"]
    assert sorted(name.strip() for name in named) == clear


@pytest.mark.duckdb
def test_a_restore_checks_the_configuration_and_takes_a_name_twice_for_once(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="schema", backup_set="a.b")
    shop.vars(shema="x")
    assert "opsplugin_shema" in shop.operation("restore_stg_tables", ok=False).text
    del shop.config["vars"]["opsplugin_shema"]
    shop.operation("restore_stg_tables", relations=["stg_types", "main.stg_types"])
    shop.dbt("build")
    refused = shop.operation("drop_stg_tables", backup="schema", backup_set="A_B", ok=False)
    assert "backup set a.b exists" in refused.text
    refused = shop.operation("drop_stg_tables", backup="schema", backup_set=20261129, ok=False)
    assert "put it in quotes: it is no text" in refused.text


@pytest.mark.duckdb
def test_a_retention_for_ever_is_no_date(shop: Project) -> None:
    shop.vars(backup_retention_days=1_000_000)
    shop.operation("drop_stg_tables", backup="schema")
    shop.operation("purge_ops_tables", days=1_000_000)
    shop.operation("restore_stg_tables")


@pytest.mark.duckdb
def test_what_parquet_cannot_hold_is_not_replaced(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="parquet")
    shop.sql("create table main.stg_types as select 1::hugeint as n")
    refused = shop.operation("restore_stg_tables", replace=True, ok=False)
    assert "nothing was replaced; move or drop it yourself first" in refused.text
    assert shop.sql("select n from main.stg_types") == [(1,)]

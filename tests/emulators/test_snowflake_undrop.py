"""Backups that Snowflake itself keeps: `backup: undrop`, before an emulator whose time travel is Snowflake's."""

from __future__ import annotations

import re

import pytest
from dialects import assert_is_of
from engines import Snowflake
from projects import Macros, Project
from undrop_project import GRAMMAR, backups, built_and_dropped, drop, ids, later, sent

snowflake = pytest.importorskip("snowflake.connector")
pytest.importorskip("sqlglot")
snowflake_server = pytest.importorskip("snowflake_server")

pytestmark = pytest.mark.snowflake


@pytest.fixture
def engine(snowflake_port: int) -> Snowflake:
    return Snowflake(snowflake_port)


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_a="select 1 as id union all select 2",
        stg_v="{{ config(materialized='view') }} select id from {{ ref('stg_a') }}",
        fct="select * from {{ ref('stg_v') }}",
    )
    project.dbt("build")
    return project


# The way there and back ---------------------------------------------------------------------------


def test_what_is_dropped_comes_back_by_undrop_and_nothing_is_copied(shop: Project) -> None:
    assert "dropped 2 (backup set one)" in drop(shop, "one")
    assert shop.relations() == ["fct"]
    kept = backups(shop)
    assert kept["STG_A"]["kind"] == "undrop"
    assert kept["STG_A"]["rows"] == 2
    # Of a transient table: a day. The view goes with the table that it reads.
    assert kept["STG_A"]["until"] == kept["STG_V"]["until"]
    assert re.fullmatch(r"undrop until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", kept["STG_A"]["location"])
    rehearsed = shop.operation("restore_stg_tables", dry_run=True)
    assert kept["STG_A"]["location"] in rehearsed.text
    assert shop.relations() == ["fct"]
    shop.operation("restore_stg_tables")
    assert ids(shop) == ids(shop, "stg_v") == [1, 2]
    assert len(shop.sql("select * from ops.ops_actions where action = 'restore'")) == 2
    assert sent(shop, "undrop") == ['undrop table "SHOP"."MAIN"."STG_A"']
    assert sent(shop, r"create [\w ]*table \S+ clone") == []
    assert "opsplugin_trash" not in " ".join(sent(shop, "create schema")).lower()
    # It is dbt's again.
    shop.dbt("build")


def test_the_kind_can_be_a_var_and_the_run_end_drops_by_it(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True, backup="undrop")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables", relations="stg_a")
    assert ids(project) == [1]


def test_a_name_with_capitals_and_spaces_comes_back(project: Project) -> None:
    project.config["quoting"] = {"schema": True, "identifier": True}
    project.models(stg_m="{{ config(alias='Stg Mixed', schema='Other One') }} select 7 as id")
    project.dbt("build")
    drop(project, "one")
    project.operation("restore_stg_tables")
    assert ids(project, '"main_Other One"."Stg Mixed"') == [7]


def test_a_permanent_table_has_the_days_that_it_was_given(project: Project) -> None:
    project.config["models"]["shop"]["+transient"] = False
    project.models(
        stg_a="{{ config(post_hook='alter table {{ this }} set data_retention_time_in_days = 30') }}"
        " select 1 as id"
    )
    project.dbt("build")
    drop(project, "one")
    later(project, 29 * 24)
    project.operation("restore_stg_tables")
    assert ids(project) == [1]


# What is refused before anything is dropped --------------------------------------------------------


@pytest.mark.parametrize("of", ["table shop.main.stg_a", "schema shop.main"])
def test_a_table_that_snowflake_would_not_keep_stops_the_drop(shop: Project, of: str) -> None:
    shop.sql(f"alter {of} set data_retention_time_in_days = 0")
    refused = drop(shop, "one", ok=False)
    assert (
        '"SHOP"."MAIN"."STG_A" has data_retention_time_in_days = 0, so Snowflake would not'
        in refused
    )
    assert "nothing was dropped; set it to 1 or more, or use backup: schema" in refused
    assert shop.relations() == ["fct", "stg_a", "stg_v"]
    assert backups(shop) == {}
    shop.operation("drop_stg_tables", backup="schema")
    assert shop.relations() == ["fct"]


# Which version comes back --------------------------------------------------------------------------


def test_of_several_runs_each_set_brings_its_own_version_back(shop: Project) -> None:
    """The last one by the name, an older one by its id, which the account's usage tells later."""
    drop(shop, "one")
    built_and_dropped(shop, 20, "two")
    built_and_dropped(shop, 30, "three")
    early = shop.operation("restore_stg_tables", backup_set="one", ok=False).text
    assert "STG_A of backup set one is not the version that was dropped last" in early.replace(
        '"', ""
    )
    assert "run again when that view is up to date" in early
    assert shop.relations() == ["fct"]
    later(shop, 2)
    shop.operation("restore_stg_tables", backup_set="one", relations="stg_a")
    assert ids(shop) == [1, 2]
    shop.sql("drop table stg_a")
    shop.operation("restore_stg_tables", backup_set="two", relations="stg_a")
    assert ids(shop) == [20]
    shop.sql("alter table stg_a rename to elsewhere")
    # What was dropped by hand since is the last of its name: the third by its id as well.
    shop.operation("restore_stg_tables", backup_set="three", relations="stg_a")
    assert ids(shop) == [30]
    assert [bool(re.search(r"identifier\(\d+\)", sql)) for sql in sent(shop, "undrop")] == [
        True
    ] * 3


def test_a_table_that_a_run_replaced_is_not_taken_for_the_one_of_the_set(shop: Project) -> None:
    """`create or replace` drops too: what it replaced is newer than the set, and of no set."""
    drop(shop, "one")
    shop.models(stg_a="select 20 as id union all select 21")
    shop.dbt("build")
    shop.dbt("build")
    shop.sql("alter table stg_a rename to elsewhere")
    refused = shop.operation("restore_stg_tables", relations="stg_a", ok=False)
    assert "is not the version that was dropped last" in refused.text
    later(shop, 2)
    shop.operation("restore_stg_tables", relations="stg_a")
    assert ids(shop) == [1, 2]


def test_a_table_that_was_dropped_again_is_restored_from_its_last_set(shop: Project) -> None:
    drop(shop, "one")
    shop.operation("restore_stg_tables")
    shop.sql("update stg_a set id = 5 where id = 2")
    shop.operation("drop_stg_tables", backup="undrop", backup_set="two", force=True)
    refused = shop.operation("restore_stg_tables", backup_set="one", ok=False)
    assert "of backup set one was brought back and dropped again, in backup set two" in refused.text
    shop.operation("restore_stg_tables")
    assert ids(shop) == [1, 5]


def test_a_table_that_was_changed_and_dropped_by_hand_is_refused_by_its_rows(shop: Project) -> None:
    drop(shop, "one")
    shop.sql("undrop table stg_a; delete from stg_a where id = 2; drop table stg_a")
    refused = shop.operation("restore_stg_tables", ok=False)
    assert "of backup set one has 1 rows in time travel, not 2" in refused.text
    assert shop.relations() == ["fct"]


def test_a_table_that_was_changed_and_dropped_later_is_refused_by_the_time(shop: Project) -> None:
    drop(shop, "one")
    shop.sql("undrop table stg_a; update stg_a set id = 5 where id = 2")
    later(shop, 2)
    shop.sql("drop table stg_a")
    refused = shop.operation("restore_stg_tables", ok=False)
    assert "of backup set one was brought back and dropped again, at " in refused.text
    assert shop.relations() == ["fct"]


# What stands in the way ----------------------------------------------------------------------------


def test_what_a_restore_replaces_is_copied_before_and_does_not_come_back_instead(
    shop: Project,
) -> None:
    """The trap of undrop: what is dropped to make room is what a name would bring back."""
    drop(shop, "one")
    shop.models(stg_a="select 20 as id")
    shop.dbt("build")
    exists = shop.operation("restore_stg_tables", ok=False)
    assert "exists: pass replace: true" in exists.text
    replaced = shop.operation("restore_stg_tables", relations="stg_a", replace=True)
    assert ids(shop) == [1, 2]
    assert "what was replaced is in backup set " in replaced.text
    assert [name for name in shop.relations("opsplugin_trash") if "aside" in name] == []
    # The way back: the last set is what was replaced.
    shop.operation("restore_stg_tables", replace=True)
    assert ids(shop) == [20]


def test_a_view_in_the_way_makes_room(shop: Project) -> None:
    drop(shop, "one")
    shop.sql("create view stg_a as select 9 as id")
    shop.operation("restore_stg_tables", relations="stg_a", replace=True)
    assert ids(shop) == [1, 2]
    shop.operation("restore_stg_tables", replace=True)
    assert ids(shop) == [9]


def test_a_table_in_the_way_of_a_view_makes_room_too(shop: Project) -> None:
    drop(shop, "one")
    shop.sql("create transient table stg_v as select 9 as id")
    shop.operation("restore_stg_tables", relations=["stg_a", "stg_v"], replace=True)
    assert ids(shop, "stg_v") == [1, 2]
    assert [name for name in shop.relations("opsplugin_trash") if "aside" in name] == []
    shop.operation("restore_stg_tables", replace=True)
    assert ids(shop, "stg_v") == [9]


def test_what_is_back_already_is_not_brought_back_again(shop: Project) -> None:
    drop(shop, "one")
    shop.sql("undrop table stg_a")
    refused = shop.operation("restore_stg_tables", replace=True, ok=False)
    assert "of backup set one is not dropped: it stands there" in refused.text
    assert ids(shop) == [1, 2]


# The end of time travel ----------------------------------------------------------------------------


def test_what_snowflake_has_let_go_is_refused(shop: Project) -> None:
    drop(shop, "one")
    later(shop, 25)
    refused = shop.operation("restore_stg_tables", ok=False)
    assert "Snowflake does not keep" in refused.text
    assert f"it was to be kept until {backups(shop)['STG_A']['until']}" in refused.text
    assert shop.relations() == ["fct"]


def test_a_backup_ends_with_the_time_travel_and_nothing_is_deleted_for_it(shop: Project) -> None:
    """Not with opsplugin_backup_retention_days, which is no matter of Snowflake."""
    shop.vars(backup_retention_days=0)
    drop(shop, "one")
    shop.dbt("build")
    drop(shop, "two")
    assert shop.sql("select * from ops.ops_actions where action = 'expire'") == []
    until = backups(shop)["STG_A"]["until"]
    gone = f"replace(details::varchar, '{until}', '2026-01-01 00:00:00')::variant"
    shop.sql(f"update ops.ops_actions set details = {gone} where action = 'backup'")
    since = len(sent(shop, "drop table"))
    shop.dbt("build")
    drop(shop, "three")
    expired = shop.sql(
        "select relation, status, reason from ops.ops_actions where action = 'expire'"
    )
    assert ("success", "snowflake kept it until 2026-01-01 00:00:00") in {
        row[1:] for row in expired
    }
    assert len(sent(shop, "drop table")[since:]) == 1
    refused = shop.operation("restore_stg_tables", backup_set="two", ok=False)
    assert "there is no backup set two" in refused.text


# The statements, and the emulator ------------------------------------------------------------------


def test_every_statement_is_snowflakes_sql(shop: Project) -> None:
    drop(shop, "one")
    built_and_dropped(shop, 20, "two")
    later(shop, 2)
    shop.models(stg_a="select 30 as id")
    shop.dbt("build")
    shop.operation("restore_stg_tables", backup_set="one", relations="stg_a", replace=True)
    kinds = {"undrop": 1, "show tables history": 3, "alter table": 1, "select table_id": 1}
    for start, least in kinds.items():
        found = sent(shop, start)
        assert len(found) >= least, start
        for sql in found:
            assert_is_of("snowflake", sql, GRAMMAR)


def test_the_emulator_keeps_what_is_dropped_as_snowflake_does(shop: Project) -> None:
    error = snowflake.errors.ProgrammingError
    with pytest.raises(error, match="did not exist or was purged"):
        shop.sql("undrop table fct")
    shop.sql("create or replace transient table fct as select 9 as id")
    with pytest.raises(error, match="already exists"):
        shop.sql("undrop table fct")
    shop.sql("drop table fct")
    shop.sql("undrop table fct")
    assert ids(shop, "fct") == [9]
    shop.sql("alter table fct rename to newer")
    shop.sql("undrop table fct")
    assert ids(shop, "fct") == [1, 2]
    shop.sql("drop table fct")
    later(shop, 25)
    with pytest.raises(error, match="did not exist or was purged"):
        shop.sql("undrop table fct")


def test_a_backup_of_snowflakes_is_refused_where_the_role_does_not_see_the_table(
    project: Project,
) -> None:
    row = {"database": "SHOP", "schema": "MAIN", "identifier": "NOT_THERE", "type": "table"}
    project.models(a="select 1 as id")
    with pytest.raises(Exception, match=r"Snowflake does not show .*NOT_THERE. to role SYSADMIN"):
        Macros(project)(
            "backup_table",
            relation={**row, "definition": None},
            options={"kind": "undrop", "macro": "drop_stg_tables"},
            number=1,
        )

"""What is of Databricks alone: backups that Unity Catalog itself keeps (`backup: undrop`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError
from scripted import Row, Warehouse, columns_of, make_warehouse, sent_by

pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.databricks")

pytestmark = pytest.mark.parsed

CREATED = "2026-11-28 04:01:43"
TABLE = {"database": "shop", "schema": "main", "identifier": "stg_table", "type": "table"}


class UnityCatalog:
    """What the script does for it: a table that is dropped is listed, unless its schema keeps none."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.keeps = True
        script = warehouse.script
        script.columns = columns_of(warehouse)
        script.backups, script.dropped = [], []
        script.created = {"stg_table": f"{CREATED}.123"}

    def execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
        script = self.warehouse.script
        bare = re.sub(r"/\*.*?\*/", "", sql, flags=re.S).strip()
        if made := re.fullmatch(r"create table .*`(dbt_opsplugin_trial_\w+)` \(id int\)", bare):
            script.created[made[1]] = "2026-11-28 10:00:00"
        if (gone := re.match(r"drop table .*`(\w+)`", bare)) and self.keeps:
            at = script.created[gone[1]][:19].replace(" ", " AD at ") + " UTC"
            script.dropped.append(dropped(gone[1], f"id-of-{gone[1]}", at))
        return script.execute(sql, *args, **kwargs)


def dropped(name: str, id: str, created: str) -> Row:
    return ("shop", "main", name, id, "MANAGED", "2026-11-28 AD at 12:00:00 UTC", created, created)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse("databricks", tmp_path_factory.mktemp("databricks"))


@pytest.fixture
def catalog(built: Warehouse) -> Iterator[UnityCatalog]:
    catalog = UnityCatalog(built)
    connections = built.call.adapter.connections
    connections.execute = catalog.execute
    yield catalog
    connections.execute = built.script.execute


def drop(catalog: UnityCatalog) -> list[str]:
    return sent_by(
        catalog.warehouse, "drop_stg_tables", force=True, backup="undrop", backup_set="one"
    )


def of_kind(sent: list[str], start: str) -> list[str]:
    return [sql for sql in sent if sql.lstrip().startswith(start)]


def details(**others: Any) -> dict[str, Any]:
    return {
        **TABLE,
        "set": "one",
        "kind": "undrop",
        "rows": 3,
        "created": CREATED,
        "until": "2026-12-05 04:01:43",
        "dropped_by": "2026-11-28 12:30:00",
        "location": "undrop until 2026-12-05 04:01:43",
        "definition": None,
        "in_the_way": None,
        **others,
    }


def restore(catalog: UnityCatalog, **others: Any) -> list[str]:
    """The statements that bring stg_table back."""
    of_it = details(**others)
    backup = {"relation": "`shop`.`main`.`stg_table`", "unique_id": None, "details": of_it}
    sent = sent_by(catalog.warehouse, "check_backup", relation=backup["relation"], details=of_it)
    assert len(of_kind(sent, "show tables dropped in `shop`.`main`")) == 1
    replaced = of_it["in_the_way"] is not None
    before = (
        sent_by(catalog.warehouse, "_back_up_what_is_replaced", chosen=[backup]) if replaced else []
    )
    return [*before, *sent_by(catalog.warehouse, "_restore", chosen=[backup])]


def test_nothing_is_copied_and_what_was_dropped_is_brought_back_by_its_id(
    catalog: UnityCatalog,
) -> None:
    sent = drop(catalog)
    made = [*of_kind(sent, "create table"), *of_kind(sent, "create schema")]
    assert len(made) == 1
    assert "dbt_opsplugin_trial_" in made[0]
    # Not before a table was dropped for a trial.
    assert re.match(r"drop table `shop`.`main`.`dbt_opsplugin_trial_", of_kind(sent, "drop")[0])
    assert of_kind(sent, "drop")[1:] == [
        "drop view `shop`.`main`.`stg_view`",
        "drop table `shop`.`main`.`stg_table`",
    ]
    [backed_up] = [sql for sql in of_kind(sent, "insert") if '"action": "backup"' in sql]
    assert f'"created": "{CREATED}"' in backed_up
    assert '"kind": "undrop"' in backed_up
    assert of_kind(restore(catalog), "undrop") == ["undrop table with id 'id-of-stg_table'"]


def test_a_schema_that_keeps_nothing_stops_the_drop_before_it_begins(catalog: UnityCatalog) -> None:
    """`alter schema ... retain dropped to 0 days`, which no catalog tells."""
    catalog.keeps = False
    catalog.warehouse.script.sent.clear()
    with pytest.raises(
        DbtRuntimeError, match=r"`shop`.`main` for a trial .* nothing else was dropped"
    ):
        drop(catalog)
    assert [
        sql for sql in of_kind(catalog.warehouse.script.sent, "drop") if "_trial_" not in sql
    ] == []


def test_a_catalog_that_is_not_unitys_is_refused(catalog: UnityCatalog) -> None:
    options = {"kind": "undrop", "macro": "drop_stg_tables", "set": "one", "schemas": ["main"]}
    with pytest.raises(DbtRuntimeError, match="backup: undrop does not exist in hive_metastore"):
        catalog.warehouse.call("prepare_backups", options=options, database="hive_metastore")


def test_of_several_versions_the_one_of_the_set_comes_back(catalog: UnityCatalog) -> None:
    catalog.warehouse.script.dropped = [
        dropped("stg_table", "newer", "2026-11-29 AD at 04:01:43 UTC"),
        dropped("stg_table", "ours", "2026-11-28 AD at 04:01:43 UTC"),
        dropped("other", "of-another-name", "2026-11-28 AD at 04:01:43 UTC"),
    ]
    assert of_kind(restore(catalog), "undrop") == ["undrop table with id 'ours'"]


@pytest.mark.parametrize("listed", [[], ["one", "two"]])
def test_a_version_that_is_gone_or_may_be_another_is_refused(
    catalog: UnityCatalog, listed: list[str]
) -> None:
    catalog.warehouse.script.dropped = [
        dropped("stg_table", id, f"{CREATED.replace(' ', 'T')}Z") for id in listed
    ]
    with pytest.raises(
        DbtRuntimeError, match=r"is not among the tables .* until 2026-12-05 04:01:43"
    ):
        restore(catalog)


def test_a_table_that_was_dropped_again_later_is_refused(catalog: UnityCatalog) -> None:
    """Under the id of the set: `create or replace` has changed what it holds, and left it its id."""
    catalog.warehouse.script.dropped = [
        dropped("stg_table", "ours", "2026-11-28 AD at 04:01:43 UTC")
    ]
    with pytest.raises(
        DbtRuntimeError, match="was brought back and dropped again, at 2026-11-28 12:00:00"
    ):
        restore(catalog, dropped_by="2026-11-28 11:59:59")


def test_what_is_replaced_is_kept_by_unity_catalog_too(catalog: UnityCatalog) -> None:
    """An id brings its own table back, whatever was dropped last."""
    catalog.warehouse.script.dropped = [
        dropped("stg_table", "ours", "2026-11-20 AD at 00:00:00 UTC")
    ]
    sent = restore(catalog, created="2026-11-20 00:00:00", in_the_way={**TABLE, "definition": None})
    assert of_kind(sent, "create table `shop`.`main`.`stg_table`") == []
    order = [
        " ".join(sql.split()[:2]) for sql in sent if re.match("(drop|undrop|create) table", sql)
    ]
    assert order == ["create table", "drop table", "drop table", "undrop table"]
    assert "undrop table with id 'ours'" in sent


def test_a_copy_is_still_a_copy(catalog: UnityCatalog) -> None:
    sent = sent_by(
        catalog.warehouse, "drop_stg_tables", force=True, backup="schema", backup_set="one"
    )
    assert len([sql for sql in of_kind(sent, "create table") if "deep clone" in sql]) == 1
    assert catalog.warehouse.script.dropped == [
        dropped("stg_table", "id-of-stg_table", "2026-11-28 AD at 04:01:43 UTC")
    ]

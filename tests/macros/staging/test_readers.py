"""Who reads a relation, by what DuckDB says of its views, macros and keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from projects import Macros, make_project, open_macros

TABLES = """
create schema other;
create schema third;
create table stg_orders (id integer primary key);
create table "Stg Mixed" as select 1 as id;
create table "stg""quoted" as select 1 as id;
create table other.stg_orders as select 1 as id;
create table other.stg_lines as select 1 as id;
create table other.stg_selections as select 1 as id;
create table "Order" as select 1 as id;
"""

READERS = {
    "bare": "create view bare as select * from stg_orders",
    "qualified": "create view other.qualified as select * from main.stg_orders",
    "quoted": 'create view quoted as select * from "main"."stg_orders"',
    "mixed": 'create view mixed as select * from "Stg Mixed"',
    "doubled": 'create view doubled as select * from "stg""quoted"',
    "table_macro": "create macro table_macro() as table select * from stg_orders",
    "scalar_macro": "create macro scalar_macro() as (select max(id) from main.stg_orders)",
    "by_query": "create view by_query as select * from query('select * from stg_orders')",
    "by_query_table": "create view by_query_table as select * from query_table('stg_orders')",
    "apostrophe": "create view apostrophe as select 'it''s' as a, id from stg_orders",
    "child": "create table child (id integer references stg_orders(id))",
    "bare_macro": (
        "set schema = 'other'; create macro main.bare_macro() as table select * from stg_lines;"
        "set schema = 'main'"
    ),
    "aliased_macro": "create macro aliased_macro() as table select o.id from stg_orders as o",
    "cast_macro": "create macro cast_macro() as (select max(id)::int from stg_orders)",
    "catalog_macro": "create macro catalog_macro() as table select * from shop.stg_orders",
    "elsewhere": "create view other.elsewhere as select * from other.stg_lines",
    "by_database": "create view third.by_database as select * from shop.stg_orders",
    "by_search_path": (
        "set schema = 'other'; create view main.by_search_path as select * from stg_lines;"
        "set schema = 'main'"
    ),
    "joined_by_search_path": (
        "set schema = 'other'; create view main.joined_by_search_path as"
        " select * from (select 1 as a) as x join stg_lines on true; set schema = 'main'"
    ),
    "joined_by_a_comma": (
        "set schema = 'other'; create view main.joined_by_a_comma as"
        " select l.* from main.stg_orders as o, stg_lines as l; set schema = 'main'"
    ),
    "joined_after_a_bracket": (
        "set schema = 'other'; create view main.joined_after_a_bracket as"
        " select l.id from (select 1 as a) as x, range(3) as r, stg_lines as l; set schema = 'main'"
    ),
    "cte_of_its_name": (
        "set schema = 'other'; create view main.cte_of_its_name as"
        " with stg_lines as (select count(*) as id from (select abs(id) as id from stg_lines) as x)"
        " select * from stg_lines; set schema = 'main'"
    ),
    "of_order": 'create view of_order as select o.id from main."order" as o',
    "bare_order": 'create view bare_order as select * from "order"',
    "macro_of_order": 'create macro macro_of_order() as (select max(id) from "order")',
    "query_of_order": "create view query_of_order as select * from query_table('order')",
    "name_with_a_keyword": (
        "set schema = 'other'; create view main.name_with_a_keyword as"
        " select * from stg_selections; set schema = 'main'"
    ),
}

NOT_READERS = {
    "named_in_text": "create view named_in_text as select 'stg_orders' as name",
    "text_with_apostrophe": "create view text_with_apostrophe as select 'it''s stg_orders' as name",
    "longer_name": "create view longer_name as select 1 as stg_orders_id, 2 as my_stg_orders",
    "of_other_schema": "create view other.of_other_schema as select * from other.stg_orders",
    "its_own_main": "create view other.its_own_main as select * from other.stg_orders as stg_orders",
    "cte_elsewhere": (
        "create view third.cte_elsewhere as with stg_lines as (select 1 as id),"
        " x as (select id from stg_lines) select * from x join stg_lines using (id)"
    ),
    "column_elsewhere": "create view third.column_elsewhere as select 1 as a, 2 as stg_lines",
    "column_read_elsewhere": (
        "create view third.column_read_elsewhere as select a, stg_lines from third.column_elsewhere"
    ),
    "in_order": "create view in_order as select a from third.column_elsewhere order by a",
    "column_after_a_cte": (
        "create view third.column_after_a_cte as with x as (select * from third.column_elsewhere)"
        " select a, stg_lines from x group by a, stg_lines"
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, set[str]]]:
    """relation -> the names of its readers."""
    project = make_project(tmp_path_factory.mktemp("readers"))
    relations = [
        {"key": f"{schema}.{name}", "database": "shop", "schema": schema, "identifier": name}
        for schema, name in [
            ("main", "stg_orders"),
            ("main", "Stg Mixed"),
            ("main", 'stg"quoted'),
            ("other", "stg_lines"),
            ("other", "stg_selections"),
            ("main", "Order"),
        ]
    ]
    with open_macros(project) as macros:
        yield readers(macros, relations)


def readers(macros: Macros, relations: list[dict[str, str]]) -> dict[str, set[str]]:
    for statement in [TABLES, *READERS.values(), *NOT_READERS.values()]:
        macros.sql(statement)
    found: dict[str, set[str]] = {relation["key"]: set() for relation in relations}
    for key, _, _, name in macros("readers", relations=relations):
        found[key].add(name)
    return found


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (
            "main.stg_orders",
            {
                *("bare", "qualified", "quoted", "table_macro", "scalar_macro", "by_query"),
                *("by_query_table", "apostrophe", "child"),
                *("aliased_macro", "cast_macro", "catalog_macro", "by_database"),
            },
        ),
        ("main.Stg Mixed", {"mixed"}),
        ('main.stg"quoted', {"doubled"}),
        (
            "other.stg_lines",
            {
                *("elsewhere", "bare_macro", "by_search_path", "joined_by_search_path"),
                *("joined_by_a_comma", "joined_after_a_bracket", "cte_of_its_name"),
            },
        ),
        ("other.stg_selections", {"name_with_a_keyword"}),
        ("main.Order", {"of_order", "bare_order", "macro_of_order", "query_of_order"}),
    ],
)
def test_readers_are_found_by_whatever_way_they_read(
    found: dict[str, set[str]], relation: str, expected: set[str]
) -> None:
    assert expected <= found[relation]


@pytest.mark.parametrize("name", NOT_READERS)
def test_what_only_looks_like_a_reader_is_none(found: dict[str, set[str]], name: str) -> None:
    for relation in ("main.stg_orders", "other.stg_lines", "main.Order"):
        assert name not in found[relation]

"""The rules of T-SQL, which stand in for a server, by what each is there to find."""

from __future__ import annotations

import pytest
from tsql import broken_rules, statements_in

pytest.importorskip("sqlglot")

pytestmark = pytest.mark.parsed

WRONG = {
    "select a from t limit 3": "has limit",
    "select a || 'x' as b from t": "has ||",
    "select a from t where removed": "takes a value for a condition: removed",
    "select a from t where b = 1 and not coalesce(c, 0)": "takes a value for a condition",
    "select case when a then 1 end as b from t": "takes a value for a condition",
    "select a from t inner join u on u.b": "takes a value for a condition",
    "select a = 1 or b = 1 as c from t": "takes a condition for a value",
    "select a between 1 and 2 as b from t": "takes a condition for a value",
    "select a from t where b = true": "has boolean",
    "select a from (select count(*) from t) as u": "has columns without a name",
    "select a from (select b as a, c as a from t) as u": "or two of one",
    "select a from (select b as a from t order by b) as u": "has an order inside",
    "create or alter view v as select a from t order by a": "has an order inside",
    "create or alter view d.s.v as select 1 as a": "names the database of a view",
    "create or replace view v as select 1 as a": "has create or replace",
    "create table if not exists t (a int)": "has table if not exists",
    "create table t (a int,, b int)": "has a comma too many",
    "create table t (plan int)": "names something plan",
    "alter table t add column a int": "has add column",
    "select greatest(a, b) as c from t": "has greatest",
    "select stddev_samp(a) as c from t": "has stddevsamp",
    "select percentile_cont(0.5) within group (order by a) as b from t": "has a percentile",
    "select a from (with u as (select 1 as a) select a from u) as v": "has a with inside",
    "select a, count(*) as n from t group by 1": "groups by a position",
    "select cast(a as varchar) as b from t": "has a text of no length",
    "select N'a \\\nb' as c": "loses the end of a line",
    "kill 57": "is of no form that is known",
    "begin try exec(N'x') end try begin catch end catch": "is of no form that is known",
}
WRONG_IN_FABRIC = {
    "select N'a' as b": "has a national string",
    "create table t (a nvarchar(20))": "has nvarchar",
    "select a from d.ops.t union all select name from d.sys.objects": "reads tables and the catalog",
}


@pytest.mark.parametrize("sql", WRONG)
def test_what_sql_server_refuses_is_found(sql: str) -> None:
    assert any(WRONG[sql] in broken for broken in broken_rules(sql, "tsql", [])), broken_rules(
        sql, "tsql", []
    )


@pytest.mark.parametrize("sql", WRONG_IN_FABRIC)
def test_what_fabric_refuses_is_found(sql: str) -> None:
    assert not broken_rules(sql, "tsql", [])
    assert any(WRONG_IN_FABRIC[sql] in broken for broken in broken_rules(sql, "fabric", []))


def test_a_batch_is_taken_apart() -> None:
    view = "create or alter view \"v\" as select 'it''s' as a"
    inner = view.replace("'", "''")
    assert statements_in(f"use \"shop\"; exec(N'{inner}');") == [view]
    assert statements_in("select 1 as a") == ["select 1 as a"]

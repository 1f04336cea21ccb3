"""A table with a column of every type of an engine, and what a backup has to bring back of it."""

from __future__ import annotations

import re

import pytest
from projects import Project

# Backups in files are of DuckDB.
KINDS = [pytest.param("parquet", marks=pytest.mark.duckdb), "schema"]
TYPES = {
    "duckdb": """
    select
        i::integer as id, ('O''Brien ' || i)::varchar as name, (i / 3)::decimal(18, 4) as amount,
        timestamp '2026-01-01 00:00:00' + to_days(i::integer) as at, date '2026-01-01' as day,
        case when i % 2 = 0 then null else i::double end as maybe, [i, i + 1] as list,
        {'a': i, 'b': 'x'} as struct, map {'k': i} as map, uuid() as id2, 'é😀' as unicode,
        (case when i % 2 = 0 then 'low' else 'high' end)::enum('low', 'high') as level,
        '{"a": 1}'::json as js, 'ab'::blob as bytes
    from range(1000) as t(i)
""",
    "postgres": """
    select
        cast(i as integer) as id, 'it''s ' || i as name, i / 7.0 as ratio,
        cast(i as numeric(20, 4)) as price, i % 2 = 0 as even,
        timestamp '2026-01-01 00:00:00' + i * interval '1 day' as at, date '2026-01-01' as day,
        timestamptz '2026-01-01 00:00:00+02' as zoned, interval '1 day' as span,
        case when i % 2 = 0 then null else cast(i as double precision) end as maybe,
        array[i, i + 1] as list, row(i, 'x') is not null as struct, gen_random_uuid() as id2,
        'é😀' as unicode, cast('{"a": 1}' as jsonb) as js, cast('ab' as bytea) as bytes
    from generate_series(0, 999) as t(i)
""",
    # An emulator's types are not Snowflake's: those that it has.
    "snowflake": """
    select
        cast(i as integer) as id, 'it''s ' || i as name, cast(i / 3 as number(18, 4)) as amount,
        cast('2026-01-01' as date) as day, i / 2 = 3 as even, 'é😀' as unicode
    from range(1000) as t(i)
""",
}
TYPES["redshift"] = """
    select
        cast(i as integer) as id, 'it\\'s ' || i as name, cast(i as numeric(20, 4)) as price,
        i % 2 = 0 as even, timestamp '2026-01-01 00:00:00' + i * interval '1 day' as at,
        date '2026-01-01' as day, 'é😀' as unicode, json_parse('{"a": 1}') as js
    from generate_series(0, 999) as t(i)
"""
TYPES["clickhouse"] = """
    select
        toInt32(number) as id, 'it''s ' || toString(number) as name, toDecimal64(number, 4) as price,
        number % 2 = 0 as even, toDate('2026-01-01') as day, [number] as list, 'é😀' as unicode
    from numbers(1000)
"""
# It has no enum.
TYPES["ducklake"] = re.sub(r"\n.*::enum.*", "", TYPES["duckdb"])


def types_of(project: Project, relation: str) -> list[tuple[object, ...]]:
    return project.sql(
        "select column_name, data_type from information_schema.columns"
        f" where lower(table_name) = '{relation}' order by ordinal_position"
    )


def other_kind(project: Project) -> str:
    """Files where there are any."""
    return "parquet" if project.engine.adapter == "duckdb" else "schema"


def content(project: Project, relation: str) -> list[tuple[object, ...]]:
    return project.sql(f"select * from {relation} order by 1")

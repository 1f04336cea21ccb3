"""A Snowflake to test against: fakesnow (DuckDB behind Snowflake's protocol), and around it what it
does not know. `python snowflake_server.py PORT_FILE` serves until it is killed."""

from __future__ import annotations

import importlib
import re
import socket
import sys
from datetime import timedelta
from string import Template
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import uvicorn
from fakesnow import arrow, info_schema
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.transforms import show
from snowflake.connector.errors import ProgrammingError
from snowflake_time_travel import NAME, PART, TimeTravel
from starlette.responses import JSONResponse
from starlette.routing import Route


def with_main(sql: str) -> str:
    """fakesnow leaves DuckDB's schema `main` out, where these tests build: Snowflake's MAIN."""
    sql = sql.replace("('main', '", "('")
    return re.sub(
        r'((?:\w+\.)?(?:table_schema|schema_name)) as ("?)(table_schema|schema_name)\b',
        r"case \1 when 'main' then 'MAIN' else \1 end as \2\3",
        sql,
        flags=re.I,
    )


# Before fakesnow's server is imported, which makes these views.
for module in (info_schema, show):
    for name, value in vars(module).items():
        if name.startswith("SQL_CREATE") and isinstance(value, str):
            setattr(module, name, with_main(value))
        elif name.startswith("SQL_CREATE") and isinstance(value, Template):
            setattr(module, name, Template(with_main(value.template)))
# Views of another role, whose text is not shown.
show.SQL_CREATE_VIEW_SHOW_VIEWS = show.SQL_CREATE_VIEW_SHOW_VIEWS.replace(
    "view_definition as text",
    "case when table_name not like 'HIDDEN%' then view_definition end as text",
)
info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW = Template(
    info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW.template.replace(
        "'NO' AS \"IS_TRANSIENT\"",
        "if(tables.comment = 'transient', 'YES', 'NO') AS \"IS_TRANSIENT\"",
    ).replace(
        "'NO' AS \"IS_DYNAMIC\"", "if(tables.comment = 'dynamic', 'YES', 'NO') AS \"IS_DYNAMIC\""
    )
    + """
union all by name
select
    database_name as "TABLE_CATALOG", view_name as "TABLE_NAME",
    case schema_name when 'main' then 'MAIN' else schema_name end as "TABLE_SCHEMA",
    'VIEW' as "TABLE_TYPE", 'NO' as "IS_TRANSIENT", 'NO' as "IS_DYNAMIC", 'NO' as "IS_ICEBERG"
from duckdb_views
where database_name = '${catalog}' and schema_name != '_fs_information_schema'
"""
)

# The package has a function of this name.
server = importlib.import_module("fakesnow.server")

DEFAULT_WAREHOUSE = "DBT_WH"
SIZES = {
    "XSMALL": "X-Small",
    "SMALL": "Small",
    "MEDIUM": "Medium",
    "LARGE": "Large",
    "XLARGE": "X-Large",
    **{f"{n}XLARGE": f"{n}X-Large" for n in range(2, 7)},
}

warehouses: dict[str, str] = {}
# Every statement of a client, with the tag and the warehouse of its session.
statements: list[dict[str, str]] = []
time_travel = TimeTravel()
execute_in_duckdb = FakeSnowflakeCursor.execute
timestamps_of_fakesnow = arrow.timestamp_to_sf_struct


def start_afresh() -> None:
    warehouses.update({DEFAULT_WAREHOUSE: "X-Small", "BIG_WH": "X-Large"})
    statements.clear()
    time_travel.start_afresh()


def execute(cursor: FakeSnowflakeCursor, command: str, *args: Any, **kwargs: Any) -> Any:
    """What Snowflake does with a statement, as far as this package sends it."""

    def answer(sql: str) -> Any:
        return execute_in_duckdb(cursor, sql, *args, **kwargs)

    text = re.sub(r"^\s*(/\*.*?\*/\s*)*", "", command, flags=re.S).rstrip().rstrip(";")
    if text.endswith("*/"):
        # The last one: text in the statement may begin a comment and not end it.
        text = text[: text.rindex("/*")].strip()
    # Where a test has put what Snowflake documents of it.
    command = command.replace("snowflake.account_usage.", "shop.account_usage.")
    session = cursor._conn
    if found := re.fullmatch(
        r"execute immediate \$\$ begin (.*); return ''; exception when other then return sqlerrm; end; \$\$",
        text,
        flags=re.S,
    ):
        return answer(f"select {literal(run_block(cursor, found[1]))} as anonymous_block")
    if found := re.fullmatch(r"alter session (set|unset) query_tag( = ('.*'))?", text, re.I | re.S):
        session.query_tag = unquoted(found[3]) if found[3] else ""
        return answer("select 'Statement executed successfully.' as status")
    if found := re.fullmatch(r"use warehouse (\S+)", text, re.I):
        session.warehouse = warehouse_named(found[1])
        return answer("select 'Statement executed successfully.' as status")
    if re.match(r"select current_warehouse\(\)", text, re.I):
        return answer(text.replace("current_warehouse()", literal(warehouse_of(session))))
    if found := re.fullmatch(r"alter warehouse (\S+) set warehouse_size = '(.*)'", text, re.I):
        size = SIZES[found[2].replace("-", "").upper()]
        if size == "6X-Large":
            # Which some regions have not.
            raise ProgrammingError(
                msg=f"Warehouse size {size} is refused", errno=1, sqlstate="42601"
            )
        warehouses[warehouse_named(found[1])] = size
        return answer("select 'Statement executed successfully.' as status")
    if found := re.fullmatch(r"show warehouses like '(.*)'", text, re.I):
        pattern = re.escape(found[1]).replace("_", ".").replace("%", ".*")
        rows = [
            f'select {literal(name)} as "name", \'STARTED\' as "state", {literal(size)} as "size"'
            for name, size in warehouses.items()
            if re.fullmatch(pattern, name, re.I)
        ]
        return answer(" union all ".join(rows))
    if found := re.fullmatch(r"drop database if exists (\w+)", text, re.I):
        session._duck_conn.execute(f"detach database if exists {found[1]}")
        start_afresh()
        return answer("select 'Statement executed successfully.' as status")
    if re.match(r"show dynamic tables", text, re.I):
        return answer(
            "select '' as \"database_name\", '' as \"schema_name\", '' as \"name\", '' as \"text\" where false"
        )
    if found := re.match(rf"create dynamic table ({NAME}) .*? as (select .*)", text, re.I | re.S):
        result = answer(f"create table {found[1]} as {found[2]}")
        session._duck_conn.execute(f"comment on table {found[1]} is 'dynamic'")
        return result
    if found := re.fullmatch(rf"drop dynamic table ({NAME})", text, re.I):
        return answer(f"drop table {found[1]}")
    permanent = re.match(rf"create (?:or replace )?table {NAME} clone ({NAME})$", text, re.I)
    if permanent and is_transient(cursor, permanent[1]):
        raise ProgrammingError(
            msg="Transient object cannot be cloned to a permanent object.",
            errno=2120,
            sqlstate="42601",
        )
    if found := time_travel.answer(session, text):
        return answer(found)
    if re.match(r"merge into ", text, re.I):
        # DuckDB's own: what fakesnow makes of it cannot run dbt's.
        session._duck_conn.execute(text)
        return answer('select 0 as "number of rows inserted", 0 as "number of rows updated"')
    statement = time_travel.before(session, text)
    # DuckDB keeps what is temporary in a database of its own.
    result = answer(re.sub(r"^(\s*create or replace) +temporary ", r"\1 ", command))
    time_travel.after(session, statement)
    return result


def later(request: Any) -> JSONResponse:
    """Time goes on."""
    time_travel.ahead += timedelta(hours=float(request.query_params["hours"]))
    return JSONResponse({})


def is_transient(cursor: FakeSnowflakeCursor, table: str) -> bool:
    database, schema, name = (quoted or bare for quoted, bare in re.findall(PART, table))
    return cursor._conn._duck_conn.execute(
        "select comment = 'transient' from duckdb_tables() where lower(database_name) = lower(?)"
        " and lower(schema_name) = lower(?) and lower(table_name) = lower(?)",
        [database, schema, name],
    ).fetchone() == (True,)


def warehouse_of(session: Any) -> str:
    return getattr(session, "warehouse", DEFAULT_WAREHOUSE)


def run_block(cursor: FakeSnowflakeCursor, body: str) -> str:
    """Snowflake Scripting: the statements one by one, until one fails."""
    for statement in split(body):
        try:
            execute(cursor, statement)
        except Exception as error:
            return str(error)
    return ""


def split(body: str) -> list[str]:
    """At the semicolons that are not within quotes."""
    parts = re.split(r"""((?:[^;'"]|'(?:[^'\\]|''|\\.)*'|"[^"]*")*);?""", body, flags=re.S)
    return [part.strip() for part in parts if part.strip()]


def warehouse_named(name: str) -> str:
    name = name.strip('"') if name.startswith('"') else name.upper()
    if name not in warehouses:
        raise ProgrammingError(
            msg=f"Object does not exist, or operation cannot be performed: {name}",
            errno=2043,
            sqlstate="02000",
        )
    return name


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'").replace("\\\\", "\\")


def as_sql_error(cursor: FakeSnowflakeCursor, command: str, *args: Any, **kwargs: Any) -> Any:
    """An error that is not Snowflake's would be an HTTP 500, for which clients try for minutes."""
    statements.append(
        {
            "sql": command,
            "tag": getattr(cursor._conn, "query_tag", ""),
            "warehouse": warehouse_of(cursor._conn),
        }
    )
    try:
        return execute(cursor, command, *args, **kwargs)
    except ProgrammingError:
        raise
    except Exception as error:
        raise ProgrammingError(
            msg=f"{type(error).__name__}: {error}", errno=1, sqlstate="58000"
        ) from error


def with_nulls(times: pa.ChunkedArray) -> pa.Array:
    """In fakesnow, a time that is null becomes 1970."""
    made = timestamps_of_fakesnow(times)
    return pa.StructArray.from_arrays(
        [pc.fill_null(part, 0) for part in made.flatten()],
        fields=list(made.type),
        mask=pc.is_null(times.combine_chunks()),
    )


def main() -> None:
    arrow.timestamp_to_sf_struct = with_nulls
    FakeSnowflakeCursor.execute = as_sql_error
    # It takes a dollar in a text for a variable; no test sets one.
    FakeSnowflakeCursor._inline_variables = lambda cursor, sql: sql
    server.app.router.routes.append(Route("/statements", lambda _: JSONResponse(statements)))
    server.app.router.routes.append(Route("/later", later))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    with open(sys.argv[1], "w") as file:
        file.write(str(listening.getsockname()[1]))
    uvicorn.Server(uvicorn.Config(server.app, log_level="warning")).run([listening])


if __name__ == "__main__":
    main()

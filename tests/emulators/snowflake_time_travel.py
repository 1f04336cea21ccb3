"""Snowflake's time travel of whole tables, for the emulator: what is dropped or replaced is kept for its
retention, listed by `show tables history`, and brought back by `undrop table`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from snowflake.connector.errors import ProgrammingError

PART = r'"([^"]*)"|(\w+)'
NAME = r'(?:"[^"]*"|[\w.])+'
DAYS = r"data_retention_time_in_days = (\d+)"
# Of the usage of the account.
LATENCY = timedelta(minutes=90)
# Which fakesnow leaves out of every catalog.
HIDDEN = "_fs_information_schema"

Key = tuple[str, str, str]


@dataclass
class Table:
    """One version of a table: it stands, or has been dropped and lies under another name."""

    id: int
    key: Key
    # As the catalog has them.
    schema: str
    name: str
    created: datetime
    transient: bool = False
    retention: int | None = None
    dropped: datetime | None = None
    kept_days: int = 0

    @property
    def kept_as(self) -> str:
        return f'"{self.key[0]}"."{HIDDEN}"."kept_{self.id}"'


class Statement(NamedTuple):
    """That makes a table, or drops or replaces one."""

    key: Key
    table: Table | None
    # The name of what it makes, as far as that is transient.
    transient: str | None


def quoted(key: Key) -> str:
    return ".".join(f'"{part}"' for part in key)


def error(message: str, number: int, state: str) -> ProgrammingError:
    return ProgrammingError(msg=message, errno=number, sqlstate=state)


class TimeTravel:
    """Of one account, whose clock may be put forward."""

    def __init__(self) -> None:
        self.start_afresh()

    def start_afresh(self) -> None:
        self.ahead = timedelta()
        self.last = datetime.now(timezone.utc)
        self.number = 0
        self.standing: dict[Key, Table] = {}
        self.dropped: list[Table] = []
        self.of_schemas: dict[tuple[str, ...], int] = {}

    def answer(self, session: Any, text: str) -> str | None:
        """A select of what a statement gives that time travel knows; none of another."""
        done = "select 'Statement executed successfully.' as status"
        if found := re.fullmatch(rf"undrop table (?:identifier\((\d+)\)|({NAME}))", text, re.I):
            table = self.undrop(session, found[2], found[1])
            return f"select 'Table {table.name} successfully restored.' as status"
        if found := re.fullmatch(rf"alter table ({NAME}) rename to ({NAME})", text, re.I):
            self.rename(session, self.known(session, found[1]), found[2])
            return done
        if found := re.fullmatch(rf"alter table ({NAME}) set {DAYS}", text, re.I):
            altered = self.known(session, found[1])
            if altered.transient and int(found[2]) > 1:
                raise error("invalid value for DATA_RETENTION_TIME_IN_DAYS", 1008, "22023")
            altered.retention = int(found[2])
            return done
        if found := re.fullmatch(rf"alter schema ({NAME}) set {DAYS}", text, re.I):
            self.of_schemas[self.key(session, f"{found[1]}.x")[:2]] = int(found[2])
            return done
        if found := re.fullmatch(
            rf"show tables history like '(.*)' in (?:database|schema) ({NAME})", text, re.I
        ):
            place = tuple((inside or bare).upper() for inside, bare in re.findall(PART, found[2]))
            return self.history(session, found[1].replace("''", "'").replace("\\\\", "\\"), place)
        if "account_usage.tables" in text:
            self.usage(session)
        return None

    def now(self) -> datetime:
        """To the millisecond, and no two at once."""
        now = datetime.now(timezone.utc) + self.ahead
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.last = max(now, self.last + timedelta(milliseconds=1))
        return self.last

    def key(self, session: Any, name: str) -> Key:
        parts = [quoted or bare for quoted, bare in re.findall(PART, name)]
        parts = [session.database, session.schema][: 3 - len(parts)] + parts
        database, schema, table = (part.upper() for part in parts)
        return database, schema, table

    def table(self, session: Any, key: Key) -> Table | None:
        """What stands under the name, be it made before we looked."""
        there = session._duck_conn.execute(
            "select schema_name, table_name, comment = 'transient' from duckdb_tables() where upper(database_name) = ?"
            " and upper(schema_name) = ? and upper(table_name) = ?",
            list(key),
        ).fetchone()
        if there is None:
            self.standing.pop(key, None)
            return None
        if key not in self.standing:
            self.number += 1
            self.standing[key] = Table(self.number, key, *there[:2], self.now())
        self.standing[key].transient = bool(there[2])
        return self.standing[key]

    def known(self, session: Any, name: str) -> Table:
        table = self.table(session, self.key(session, name))
        if table is None:
            raise error(f"Table '{name}' does not exist or not authorized.", 2003, "02000")
        return table

    def days(self, table: Table) -> int:
        days = table.retention
        if days is None:
            days = self.of_schemas.get(table.key[:2], 1)
        return min(days, 1) if table.transient else days

    def before(self, session: Any, text: str) -> Statement | None:
        """Keeps a copy of what a statement is about to drop or to replace."""
        found = re.match(
            rf"(drop) table (?:if exists )?({NAME})|create (?:(or replace) )?(transient |temporary )?"
            rf"table (if not exists )?({NAME})\s",
            text,
            re.I,
        )
        if not found or (found[4] or "").lower() == "temporary ":
            return None
        key = self.key(session, found[2] or found[6])
        table = self.table(session, key)
        if table and found[5]:
            return None
        if table:
            table.kept_days = self.days(table)
            session._duck_conn.execute(
                f"create or replace table {table.kept_as} as from {quoted(key)}"
            )
        name = found[6] if (found[4] or "").lower() == "transient " else None
        return Statement(key, table, name)

    def after(self, session: Any, statement: Statement | None) -> None:
        """It has not failed."""
        if statement is None:
            return
        if statement.transient:
            # Where the patched catalog finds it.
            session._duck_conn.execute(f"comment on table {statement.transient} is 'transient'")
        if statement.table:
            statement.table.dropped = self.now()
            del self.standing[statement.key]
            if statement.table.kept_days:
                self.dropped.append(statement.table)
        self.table(session, statement.key)

    def let_go(self) -> None:
        now = self.now()
        self.dropped = [
            table
            for table in self.dropped
            if table.dropped and table.dropped + timedelta(days=table.kept_days) > now
        ]

    def undrop(self, session: Any, of_name: str, of_id: str | None) -> Table:
        self.let_go()
        found = [
            table
            for table in self.dropped
            if (str(table.id) == of_id if of_id else table.key == self.key(session, of_name))
        ]
        if not found:
            raise error(f"Table {of_id or of_name} did not exist or was purged.", 2003, "02000")
        table = max(found, key=lambda one: one.dropped or one.created)
        taken = session._duck_conn.execute(
            "select count(*) from system.information_schema.tables where upper(table_catalog) = ?"
            " and upper(table_schema) = ? and upper(table_name) = ?",
            list(table.key),
        ).fetchone()
        if taken != (0,):
            raise error(f"Object '{quoted(table.key)}' already exists.", 2002, "42710")
        self.move(session, table.kept_as, table)
        self.dropped.remove(table)
        table.dropped = None
        return table

    def move(self, session: Any, source: str, table: Table) -> None:
        """DuckDB moves no table to another schema."""
        session._duck_conn.execute(f"create table {quoted(table.key)} as from {source}")
        session._duck_conn.execute(f"drop table {source}")
        if table.transient:
            session._duck_conn.execute(f"comment on table {quoted(table.key)} is 'transient'")
        self.standing[table.key] = table

    def rename(self, session: Any, table: Table, name: str) -> None:
        key = self.key(session, name)
        parts = [inside or bare.upper() for inside, bare in re.findall(PART, name)]
        _, schema, named = [*key[: 3 - len(parts)], *parts]
        if self.table(session, key):
            raise error(f"Object '{quoted(key)}' already exists.", 2002, "42710")
        source = quoted(table.key)
        del self.standing[table.key]
        table.key, table.schema, table.name = key, schema, named
        self.move(session, source, table)

    def history(self, session: Any, pattern: str, place: tuple[str, ...]) -> str:
        """A select of what `show tables history like` lists."""
        self.let_go()
        like = re.escape(pattern).replace("_", ".").replace("%", ".*")
        for key in session._duck_conn.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
        ).fetchall():
            self.table(session, tuple(part.upper() for part in key))
        selects = [
            f"""select '{table.created}'::timestamptz as "created_on", '{table.name}' as "name",
            '{table.key[0]}' as "database_name",
            case '{table.schema}' when 'main' then 'MAIN' else '{table.schema}' end as "schema_name",
            (select count(*) from {table.kept_as if table.dropped else quoted(table.key)}) as "rows",
            '{table.kept_days if table.dropped else self.days(table)}' as "retention_time",
            {f"'{table.dropped}'::timestamptz" if table.dropped else "null"} as "dropped_on" """
            for table in [*self.standing.values(), *self.dropped]
            if re.fullmatch(like, table.name, re.I) and table.key[: len(place)] == place
        ]
        nothing = """select null::timestamptz as "created_on", '' as "name", '' as "database_name",
            '' as "schema_name", 0 as "rows", '' as "retention_time", null::timestamptz as "dropped_on"
            where false"""
        return " union all ".join([*selects, nothing])

    def usage(self, session: Any) -> None:
        """The view of the account's tables, which is behind."""
        connection = session._duck_conn
        connection.execute("create schema if not exists shop.account_usage")
        connection.execute(
            "create or replace table shop.account_usage.tables (table_id bigint, table_catalog varchar,"
            " table_schema varchar, table_name varchar, created timestamptz, deleted timestamptz)"
        )
        until = self.now() - LATENCY
        for table in [*self.standing.values(), *self.dropped]:
            if (table.dropped or table.created) < until:
                connection.execute(
                    "insert into shop.account_usage.tables values (?, ?, ?, ?, ?, ?)",
                    [table.id, *table.key, table.created, table.dropped],
                )

"""A Redshift to test against: a real Postgres, and before it a proxy that speaks Redshift's protocol
to a client and has the statements that Postgres does not know rewritten.
`python redshift_server.py PORT_FILE POSTGRES_FOLDER` serves until it is killed; every statement of a
client goes into PORT_FILE.statements, as a line of JSON."""

from __future__ import annotations

import asyncio
import json
import re
import struct
import sys
from pathlib import Path

SSL_REQUEST = 80877103
# What a client says of itself, beside what only Redshift's clients say.
KNOWN_TO_POSTGRES = {"user", "database", "application_name"}
# A backslash escapes in every string.
OPTIONS = (
    "-c standard_conforming_strings=off -c backslash_quote=on -c escape_string_warning=off"
    " -c search_path=main,public"
)
STRING = r"'(?:[^'\\]|\\.|'')*'"
CATALOG = re.compile(r"\b(pg_catalog\.|information_schema\.|pg_get_viewdef)", re.I)
TABLE = re.compile(r'\b(from|join|into)\s+"[^"]+"\."[^"]+"\."', re.I)


class NotOnRedshift(Exception):
    """A statement that Postgres would take and Redshift does not."""


def with_paths(select: str) -> str:
    """Values by path: of the type super there, of jsonb here."""
    select = re.sub(
        r"cast\(item\.(\w+) as (varchar\(65535\)|boolean|varchar|bigint|double precision)\)",
        r"cast(item->>'\1' as \2)",
        select,
    )
    return re.sub(r"\bitem\.(\w+) as", r"nullif(item->'\1', 'null') as", select)


def for_postgres(sql: str) -> str:
    """A statement of Redshift, as far as this package and its tests send it."""
    bare = re.sub(STRING, "''", sql)
    if CATALOG.search(bare) and TABLE.search(bare):
        raise NotOnRedshift("Specified types or functions not supported on Redshift tables.")
    if "from (select json_parse(" in sql:
        before, after = sql.split("from (select json_parse(", 1)
        sql = with_paths(before) + "from (select json_parse(" + after
        sql = sql.replace(
            ", payloads.items as item", ", lateral jsonb_array_elements(payloads.items) as item"
        )
    sql = re.sub(
        r"\) as list_rows, list_rows\.(\w+) as list_item",
        r") as list_rows, lateral jsonb_array_elements("
        r"case when jsonb_typeof(list_rows.\1) = 'array' then list_rows.\1 end) as list_item",
        sql,
    ).replace("cast(list_item as varchar(65535))", "(list_item #>> '{}')")
    sql = sql.replace(" sortkey (recorded_at)", "").replace(
        "json_serialize(", "public.json_serialize("
    )
    sql = sql.replace("pg_catalog.svv_external_columns", "public.svv_external_columns")
    sql = sql.replace(
        "listagg(text) within group (order by sequence)", "string_agg(text, '' order by sequence)"
    ).replace(", 1, 1, 'e')", ", 1, 1, '', 1)")
    # A user who may not read it.
    sql = sql.replace("has_table_privilege(current_user, 'svv_table_info', 'SELECT')", "false")
    sql = re.sub(
        r"\bshow query_group\b",
        "select coalesce(nullif(current_setting('redshift.query_group', true), ''), 'unset')",
        sql,
    )
    return re.sub(r"\b(set|reset) query_group\b", r"\1 redshift.query_group", sql)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def error(text: str) -> bytes:
    return message(b"E", b"SERROR\0VERROR\0C0A000\0M" + text.encode() + b"\0\0")


class Session:
    """One client, with a connection of its own to Postgres."""

    def __init__(self, folder: str, log: Path) -> None:
        self.folder, self.log = folder, log

    async def serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        server, questions = await asyncio.open_unix_connection(f"{self.folder}/.s.PGSQL.5432")
        back = asyncio.create_task(self.pipe(server, answers))
        try:
            questions.write(await self.start(client, answers))
            while True:
                kind = await client.readexactly(1)
                (length,) = struct.unpack("!i", await client.readexactly(4))
                body = await client.readexactly(length - 4)
                questions.write(message(kind, self.rewritten(kind, body)))
                await questions.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            questions.close()
            await back

    async def pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()

    async def start(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> bytes:
        """The message that opens a connection, without what Postgres does not know."""
        (length, code) = struct.unpack("!ii", await client.readexactly(8))
        if code == SSL_REQUEST:
            answers.write(b"N")
            (length, code) = struct.unpack("!ii", await client.readexactly(8))
        parts = (await client.readexactly(length - 8)).split(b"\0")
        said = dict(zip(parts[::2], parts[1::2], strict=False))
        kept = {k: v for k, v in said.items() if k.decode() in KNOWN_TO_POSTGRES}
        kept[b"options"] = OPTIONS.encode()
        body = b"".join(k + b"\0" + v + b"\0" for k, v in kept.items()) + b"\0"
        # Version 3.0 of the protocol.
        return struct.pack("!ii", len(body) + 8, 196608) + body

    def rewritten(self, kind: bytes, body: bytes) -> bytes:
        """Of the messages that hold a statement: to parse, with a name before, or to run at once."""
        if kind not in (b"P", b"Q"):
            return body
        name, sql, rest = body.split(b"\0", 2) if kind == b"P" else (None, *body.split(b"\0", 1))
        with self.log.open("a") as file:
            file.write(json.dumps(sql.decode()) + "\n")
        try:
            sql = for_postgres(sql.decode()).encode()
        except NotOnRedshift as problem:
            # Postgres says so, in its own order of messages.
            sql = b"select cast('" + str(problem).encode() + b"' as integer)"
        return (b"" if name is None else name + b"\0") + sql + b"\0" + rest


async def main(port_file: Path, folder: str) -> None:
    log = port_file.with_name(port_file.name + ".statements")
    log.touch()
    session = Session(folder, log)
    server = await asyncio.start_server(session.serve, "127.0.0.1", 0)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))

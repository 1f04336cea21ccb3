"""A BigQuery for the tests: bqemulator, with a record of what it was asked and some of what it lacks.

    python bigquery_server.py FILE

writes its port into the file. GET /statements gives what was sent, as a list of {sql, labels}, since the last
DELETE of it, which also makes the reservation as it was."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import os
import re
import shutil
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial
import structlog

# Where DuckDB looks for the extension that it would download.
home = Path(tempfile.mkdtemp(prefix="opsplugin_bigquery_"))
os.environ["HOME"] = str(home)
os.environ["BQEMU_ENABLE_FORMAT_EXTENSIONS"] = "false"
[extension] = Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension")
platform = duckdb.sql("pragma platform").fetchone()[0]
folder = home / ".duckdb" / "extensions" / extension.parent.name / platform
folder.mkdir(parents=True)
shutil.copy(extension, folder)
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

from bqemulator import server  # noqa: E402
from bqemulator.config import LogLevel, Settings  # noqa: E402
from bqemulator.domain.errors import NotFoundError  # noqa: E402
from bqemulator.sql import inner_query  # noqa: E402
from bqemulator.sql.rewriter import information_schema  # noqa: E402
from sqlglot import Dialect  # noqa: E402
from sqlglot.expressions import core  # noqa: E402

RESERVATION = {"slot_capacity": 100, "autoscale_max_slots": 0}
# Of tables, by name: what `alter table ... set options` has said.
OPTIONS: dict[str, str] = {}
record: list[dict[str, Any]] = []
reservation = dict(RESERVATION)


# Where its time goes -----------------------------------------------------------------------------


def shallow(value: Any) -> Any:
    """A copy of what sqlglot notes of a node, which holds numbers: it copies each node many times."""
    return dict(value) if type(value) is dict else copy.deepcopy(value)


core.deepcopy = shallow
parse = Dialect.parse
parsed = lru_cache(5000)(lambda dialect, sql, options: parse(dialect(), sql, **dict(options)))


def parse_once(self: Dialect, sql: str, **options: Any) -> list[Any]:
    """Each of its many rewriters parses a statement anew, and changes what it got."""
    if self.settings:
        return parse(self, sql, **options)
    trees = parsed(type(self), sql, tuple(options.items()))
    return [tree.copy() if tree else tree for tree in trees]


Dialect.parse = parse_once


# What bqemulator lacks ----------------------------------------------------------------------------


def literal(value: str | None) -> str:
    return "cast(null as string)" if value is None else json.dumps(value, ensure_ascii=False)


COLUMNS = ("table_catalog", "table_schema", "table_name", "table_type", "ddl")


def tables_as_values(tables: tuple[Any, ...], project: str, dataset: str) -> str:
    """INFORMATION_SCHEMA.TABLES with ddl, as far as the package reads it."""
    rows = [
        "select " + ", ".join(f"'' as {name}" for name in COLUMNS) + " from (select 1) where false"
    ]
    for table in tables:
        name = f"`{project}.{table.dataset_id}.{table.table_id}`"
        kind = information_schema._BQ_TABLE_TYPE_MAP[table.table_type]
        query = table.view_query
        if table.table_type == "MATERIALIZED_VIEW":
            query = query or CATALOG.get_materialized_view(
                project, table.dataset_id, table.table_id
            )
            query = getattr(query, "view_query", query)
        ddl = f"CREATE {kind} {name} AS {query}"
        if not query:
            days = table.time_partitioning.expiration_ms if table.time_partitioning else None
            options = OPTIONS.get(name, "") + (" partition_expiration_days=1" if days else "")
            ddl = f"CREATE TABLE {name} (...) OPTIONS({options})"
        values = (project, table.dataset_id, table.table_id, kind, ddl)
        rows.append(
            "select "
            + ", ".join(f"{literal(v)} as {n}" for v, n in zip(values, COLUMNS, strict=True))
        )
    return f"({' union all '.join(rows)})"


CATALOG: Any = None


def expand(sql: str, project: str, catalog: Any) -> str:
    """The views of a region, and of reservations."""
    global CATALOG
    CATALOG = catalog

    def of_region(found: re.Match[str]) -> str:
        views = [
            f"select * from `{found[1]}`.`{dataset.dataset_id}`.INFORMATION_SCHEMA.{found[2]}"
            for dataset in catalog.list_datasets(found[1])
        ]
        return f"({' union all '.join(views)})"

    sql = re.sub(r"`(\w+)`\.`region-us`\.INFORMATION_SCHEMA\.(TABLES|ROUTINES)", of_region, sql)
    for dataset in re.findall(rf"`{project}`\.`(\w+)`\.INFORMATION_SCHEMA", sql):
        if not catalog.get_dataset(project, dataset):
            raise NotFoundError(
                f"Not found: Dataset {project}:{dataset} was not found in location US"
            )
    sql = re.sub(
        r"`admin`\.`region-us`\.INFORMATION_SCHEMA\.RESERVATIONS",
        f"(select 'prod' as reservation_name, {reservation['slot_capacity']} as slot_capacity,"
        f" struct({reservation['autoscale_max_slots']} as max_slots) as autoscale)",
        sql,
    )
    return expand_by_dataset(sql, project, catalog)


expand_by_dataset = inner_query.expand_information_schema
inner_query.expand_information_schema = expand
information_schema._tables_as_values = tables_as_values
information_schema._synth_ddl = lambda routine: (
    f"CREATE FUNCTION {routine.dataset_id}.{routine.routine_id} AS ({routine.definition_body})"
)


def for_emulator(sql: str) -> str:
    altered = re.search(r"alter reservation `admin\.region-us\.prod` set options \((.*)\)", sql)
    if altered:
        for option in altered[1].split(", "):
            name, value = option.split(" = ")
            reservation[name] = int(value)
        return "select 1"
    options = re.search(r"alter table (`\S+`) set options \((.*)\)", sql)
    if options:
        OPTIONS["`" + options[1].replace("`", "") + "`"] = options[2].replace(" = ", "=")
        return "select 1"
    # Where a test has put what BigQuery documents of it.
    sql = sql.replace("`shop`.`region-us`.INFORMATION_SCHEMA.JOBS", "`shop`.`history`.`jobs`")
    # Some statements are known by how they begin.
    sql = re.sub(r"^\s*/\*.*?\*/", "", sql, flags=re.S)
    sql = sql.replace(" options (location = 'US')", "")
    return sql.replace("@@error.message", "__error_message__")


# Its record -------------------------------------------------------------------------------------


class Recorder:
    """Around the application, as ASGI has it."""

    def __init__(self, app: Any, catalog: Any) -> None:
        self.app, self.catalog = app, catalog

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/statements":
            await self.tell(scope, send)
        elif scope["type"] == "http" and scope["method"] == "POST":
            await self.note(scope, receive, send)
        elif not self.is_there(scope["path"]):
            await answer(send, 404, {"error": {"code": 404, "message": "Not found: Dataset"}})
        else:
            await self.app(scope, receive, send)

    def is_there(self, path: str) -> bool:
        """Whether the dataset is, whose tables are asked for."""
        found = re.fullmatch(r"/bigquery/v2/projects/(\w+)/datasets/(\w+)/tables", path)
        return found is None or self.catalog.get_dataset(found[1], found[2]) is not None

    async def tell(self, scope: Any, send: Any) -> None:
        told = list(record)
        if scope["method"] == "DELETE":
            record.clear()
            OPTIONS.clear()
            reservation.update(RESERVATION)
        await answer(send, 200, told)

    async def note(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        asked = json.loads(body) if body.startswith(b"{") else {}
        job = asked.get("configuration", asked)
        holder = job["query"] if isinstance(job.get("query"), dict) else job
        if isinstance(holder.get("query"), str):
            record.append({"sql": holder["query"], "labels": job.get("labels", {})})
            holder["query"] = for_emulator(holder["query"])
            body = json.dumps(asked).encode()
            scope["headers"] = [h for h in scope["headers"] if h[0] != b"content-length"]
            scope["headers"].append((b"content-length", str(len(body)).encode()))
        given = [{"type": "http.request", "body": body, "more_body": False}]
        await self.app(scope, lambda: later(given, receive), send)


async def answer(send: Any, status: int, value: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


async def later(given: list[Any], receive: Any) -> Any:
    return given.pop() if given else await receive()


async def main(file: Path) -> None:
    create_app = server.create_app
    server.create_app = lambda context: Recorder(create_app(context), context.catalog)
    settings = Settings(rest_port=0, grpc_port=0, log_level=LogLevel.ERROR)
    emulator = server.EmulatorServer(settings)
    await emulator.start()
    file.write_text(str(emulator.rest_port))
    await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))

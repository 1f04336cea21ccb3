"""Inside dbt-duckdb: tagged connections, DuckDB's own figures of each query, dbt's artifacts as
sources.

    # profiles.yml
    plugins:
      - module: dbt_opsplugin.hosts.dbt_duckdb

    # a source, read when it is used
    sources:
      - name: dbt
        meta: {plugin: dbt_duckdb}
        tables: [{name: run_results}, {name: manifest}, {name: sources}]
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.factory import FACTORY

from dbt_opsplugin import __version__

__all__ = ["Plugin", "last_figures"]

ARTIFACTS = ("manifest", "run_results", "sources")

# Our name -> where DuckDB has it: since 2.0 in sections, before that by flat names.
_FIGURES = {
    "cpu_time": [("query", "cpu_time"), ("cpu_time",)],
    "rows_scanned": [("query", "total_rows_scanned"), ("cumulative_rows_scanned",)],
    "peak_memory": [("system", "peak_buffer_memory"), ("system_peak_buffer_memory",)],
    "bytes_read": [("io", "total_bytes_read"), ("total_bytes_read",)],
}


class Plugin(BasePlugin):
    """What the profile names as a plugin of dbt-duckdb."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Names us in the user agent, for the query history of MotherDuck. Nowhere else: DuckDB
        shares a file within a process only among connections of one configuration."""
        if creds.is_motherduck:
            known = config.get("custom_user_agent") or (creds.settings or {}).pop(
                "custom_user_agent", None
            )
            agent = f"dbt_opsplugin/{__version__}"
            config["custom_user_agent"] = f"{known} {agent}" if known else agent

    def configure_cursor(self, cursor: Any) -> None:
        """Tags the connection, and lets DuckDB measure what it runs, without printing it."""
        tag = json.dumps({"app": "dbt", "dbt_opsplugin_version": __version__, **_invocation()})
        with contextlib.suppress(duckdb.Error):  # The configuration may be locked.
            cursor.execute("set variable connection_tag = $tag", {"tag": tag})
            cursor.execute("set enable_profiling = 'no_output'")

    def load(self, source_config: Any) -> Any:
        """One artifact of the last dbt command, a row for each of its nodes.

        Raises:
            ValueError: the table is no artifact, or the manifest is not that of this run.
            FileNotFoundError: there is none yet.
        """
        name = source_config.get("artifact", source_config.identifier)
        if name not in ARTIFACTS:
            raise ValueError(f"{name} is no artifact of dbt: use one of {', '.join(ARTIFACTS)}")
        return _Rows(_artifact_rows(name, _artifact(name, source_config.get("path"))))


def last_figures() -> dict[str, float]:
    """What DuckDB measured of the last statement of this thread; empty without the plugin."""
    try:
        connection = FACTORY.adapters["duckdb"].connections.get_if_exists()
        measured = json.loads(connection.handle.cursor().get_profiling_information())
    except Exception:  # No plugin, no connection, or nothing measured.
        return {}
    figures: dict[str, float] = {}
    for name, places in _FIGURES.items():
        for place in places:
            value: Any = measured
            for key in place:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, (int, float)):
                figures[name] = value
                break
    return figures


def _invocation() -> dict[str, str]:
    try:
        from dbt_common.invocation import get_invocation_id

        return {"invocation_id": get_invocation_id()}
    except Exception:
        return {}


def _artifact(name: str, path: str | None) -> Any:
    """What is in the folder of the source, or where dbt writes. There it has written the manifest
    before the run, so that another one is of another run: of models that may be gone."""
    adapter: Any = FACTORY.adapters["duckdb"]
    file = Path(adapter.config.project_root, path or adapter.config.project_target_path)
    file /= f"{name}.json"
    if not file.is_file():
        raise FileNotFoundError(f"there is no {file}: run a dbt command that writes it first")
    artifact = json.loads(file.read_text(encoding="utf-8"))
    if name == "manifest" and path is None:
        parsed = getattr(adapter.get_macro_resolver(), "metadata", None)
        of_run = getattr(parsed, "invocation_id", None)
        found = artifact["metadata"].get("invocation_id")
        if of_run is not None and found != of_run:
            raise ValueError(
                f"{file} is of another run ({found}): run dbt without --no-write-json, or name the"
                " folder of the manifest in the meta of the source: path"
            )
    return artifact


def _artifact_rows(name: str, artifact: dict[str, Any]) -> list[dict[str, Any]]:
    """unique_id, a few columns that everyone asks for, and all of it as JSON."""
    at = artifact["metadata"]["generated_at"]
    invocation_id = artifact["metadata"].get("invocation_id")
    if name == "manifest":
        items = [*artifact["nodes"].values(), *artifact["sources"].values()]
    else:
        items = artifact["results"]
    return [
        {
            "invocation_id": invocation_id,
            "generated_at": at,
            "unique_id": item.get("unique_id"),
            "resource_type": item.get("resource_type") or str(item.get("unique_id")).split(".")[0],
            "name": item.get("name") or str(item.get("unique_id")).split(".")[-1],
            "status": item.get("status"),
            "execution_time": item.get("execution_time"),
            "node": json.dumps(item),
        }
        for item in items
    ]


class _Rows:
    """Rows that DuckDB can register, by the Arrow stream of a relation in a database of their
    own: it takes no pandas and no pyarrow."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._connection = duckdb.connect()
        self._relation = self._connection.sql(
            "select item.* replace (cast(item.generated_at as timestamp) as generated_at)"
            " from (select unnest(from_json($1, $2)) as item)",
            params=[json.dumps(rows), json.dumps([_STRUCTURE])],
        )

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._relation.__arrow_c_stream__(requested_schema)


_STRUCTURE = {
    "invocation_id": "VARCHAR",
    "generated_at": "VARCHAR",
    "unique_id": "VARCHAR",
    "resource_type": "VARCHAR",
    "name": "VARCHAR",
    "status": "VARCHAR",
    "execution_time": "DOUBLE",
    "node": "VARCHAR",
}

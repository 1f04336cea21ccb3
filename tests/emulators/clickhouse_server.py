"""A ClickHouse for the tests: the engine itself (chdb), behind as much of its HTTP interface as dbt-clickhouse
and its client use.

    python clickhouse_server.py FILE

writes its port into the file. GET /statements gives what was sent to it since the last DELETE of that, as a list
of {sql, settings}: the settings of the address, which is where a client puts its own.

As in ClickHouse, a session holds what `set` has set until it has been idle for a minute, and the settings of an
address go over those. chdb keeps no log of queries: for system.query_log it reads history.query_log, which a test
makes, of one node for all."""

from __future__ import annotations

import gzip
import json
import re
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

# Parameters of an address that are no settings.
NO_SETTINGS = {
    "cancel_http_readonly_queries_on_client_close",
    "client_protocol_version",
    "compress",
    "database",
    "default_format",
    "enable_http_compression",
    "http_headers_progress_interval_ms",
    "query",
    "query_id",
    "quota_key",
    "replace_running_query",
    "send_progress_in_http_headers",
    "session_check",
    "session_id",
    "session_timeout",
    "wait_end_of_query",
}
IDLE_SECONDS = 60
LOG = re.compile(r"clusterAllReplicas\('\w+', system[.]query_log\)|\bsystem[.]query_log\b")
MIMES = {"gzip": gzip.decompress, "lz4": lz4.frame.decompress, "": bytes}


class Session:
    """A connection of chdb, which one request at a time uses."""

    def __init__(self, folder: str) -> None:
        self.connection = chdb.connect(folder)
        # chdb alone takes a lone name for a query.
        self.connection.query("set implicit_select = 0")
        self.lock = threading.Lock()
        self.used = time.monotonic()
        self.database: str | None = None

    def run(self, query: str, parameters: dict[str, str]) -> bytes:
        database = parameters.get("database") or "default"
        if database != self.database:
            self.connection.query(f"use `{database}`")
            self.database = database
        for name, value in settings_of(parameters).items():
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            self.connection.query(f"set {name} = '{quoted}'")
        values = {k[6:]: v for k, v in parameters.items() if k.startswith("param_")}
        result = self.connection.query(
            query, parameters.get("default_format", "TabSeparated"), params=values or None
        )
        return bytes(result.bytes() or b"")


def settings_of(parameters: dict[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in parameters.items()
        if name not in NO_SETTINGS and not name.startswith("param_")
    }


class Sessions:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self.sessions: dict[str, Session] = {}
        # Without one open connection, chdb would end the engine.
        self.first = chdb.connect(folder)

    def of(self, name: str | None) -> Session:
        """That of a name; a request without one has its own."""
        with self.lock:
            now = time.monotonic()
            for key, session in list(self.sessions.items()):
                if now - session.used > IDLE_SECONDS and not session.lock.locked():
                    self.sessions.pop(key).connection.close()
            if name is None:
                return Session(self.folder)
            if name not in self.sessions:
                self.sessions[name] = Session(self.folder)
            return self.sessions[name]


record: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sessions: Sessions

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/ping":
            self.answer(200, b"Ok.\n")
        elif path == "/statements":
            self.answer(200, json.dumps(record).encode())
        else:
            self.do_POST()

    def do_DELETE(self) -> None:
        record.clear()
        self.answer(200, b"")

    def do_POST(self) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = MIMES[self.headers.get("Content-Encoding", "")](body)
        parts = [parameters.get("query", ""), body.decode("utf-8", "surrogateescape")]
        query = "\n".join(part for part in parts if part)
        record.append({"sql": query, "settings": settings_of(parameters)})
        name = parameters.get("session_id")
        session = self.sessions.of(name)
        with session.lock:
            try:
                data = session.run(LOG.sub("history.query_log", query), parameters)
            except Exception as problem:
                text = str(problem)
                code = (re.search(r"Code: (\d+)", text) or [None, "1"])[1]
                # As ClickHouse does where a table is unknown, and else.
                self.answer(404 if code in ("60", "81") else 500, text.encode(), code)
            else:
                self.answer(200, data)
            session.used = time.monotonic()
        if name is None:
            session.connection.close()

    def answer(self, status: int, data: bytes, code: str | None = None) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(data) > 1000:
            data = gzip.compress(data)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="opsplugin_clickhouse_") as folder:
        Handler.sessions = Sessions(folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Path(sys.argv[1]).write_text(str(server.server_port))
        server.serve_forever()


if __name__ == "__main__":
    main()

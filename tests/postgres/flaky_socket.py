"""A way to a Postgres server that fails every other connection."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET = ".s.PGSQL.5432"


class FlakyServer(socketserver.ThreadingUnixStreamServer):
    """Passes connections on to `target`, but hangs up on the first, the third and so on."""

    daemon_threads = True
    taken = 0
    target: str


class Connection(socketserver.BaseRequestHandler):
    server: FlakyServer

    def handle(self) -> None:
        self.server.taken += 1
        if self.server.taken % 2:
            return
        with socket.socket(socket.AF_UNIX) as beyond:
            beyond.connect(self.server.target)
            other = {self.request: beyond, beyond: self.request}
            while True:
                for source in select.select(list(other), [], [])[0]:
                    if not (data := source.recv(65536)):
                        return
                    other[source].sendall(data)


@contextmanager
def flaky_socket(host: str, folder: Path) -> Iterator[str]:
    """Yields a folder to connect to, instead of `host`, the folder of the server's own socket."""
    with FlakyServer(str(folder / SOCKET), Connection) as server:
        server.target = str(Path(host) / SOCKET)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield str(folder)
        finally:
            server.shutdown()
            thread.join()

"""Nothing lost: rows are appended to a file as they happen and stay until the warehouse has them.

One file per dbt process, one JSON record per line. A writer holds a lock on its file for as
long as it lives, so a file that can be locked belongs to nobody: its process has ended or was
killed, and whoever locks it may deliver it. A record that was cut off while it was written is
not valid JSON or lacks its newline, and is left out; those before it are whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dbt_opsplugin.runs import Run

try:
    import fcntl
except ImportError:  # Windows has no such lock.
    fcntl = None  # type: ignore[assignment]

__all__ = ["SUFFIX", "Journal", "abandoned", "delivery", "is_delivery", "trim"]

SUFFIX = ".opsplugin.jsonl"
"""Of our files: the folder may be a shared one."""

_DELIVERY = "DBT_OPSPLUGIN_DELIVERY"
"""Environment variable of `delivery`."""

_DAY = 24 * 60 * 60

LIMIT = 256 * 1024 * 1024
"""Bytes that a journal folder may hold before the oldest undelivered runs are dropped."""


class Journal:
    """The file of one run, open for appending and locked."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def create(cls, folder: Path, invocation_id: str) -> Journal:
        """Opens a new journal.

        Raises:
            OSError: the folder cannot be made or written.
        """
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".gitignore").write_text("*\n")
        path = folder / f"{invocation_id}{SUFFIX}"
        # Named when it is locked: else another process may take it for one that was left.
        unnamed = path.with_suffix(".new")
        descriptor = os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _lock(descriptor)
        unnamed.rename(path)
        return cls(path, descriptor)

    def append(self, kind: str, row: dict[str, Any], at: str) -> None:
        """Appends one record in one write, so that other threads cannot cut into it."""
        record = json.dumps({"kind": kind, "at": at, "row": row}, default=str) + "\n"
        data = record.encode()
        while data:
            data = data[os.write(self._descriptor, data) :]

    def acknowledge(self) -> None:
        """The warehouse has the rows: the file is not needed any more."""
        self.path.unlink(missing_ok=True)
        self.close()

    def postpone(self) -> None:
        """To the end of the line of those that wait."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read(self) -> Run | None:
        return Run.from_records(_records(self.path))


@contextlib.contextmanager
def delivery() -> Iterator[None]:
    """Within, a command of dbt delivers what waits although it asks the warehouse for nothing."""
    os.environ[_DELIVERY] = "on"
    try:
        yield
    finally:
        os.environ.pop(_DELIVERY, None)


def is_delivery() -> bool:
    return _DELIVERY in os.environ


def abandoned(folder: Path, own: Path | None = None) -> Iterator[Journal]:
    """The journals of processes that are gone, oldest first, each locked while it is in use."""
    for path in _files(folder):
        if path == own:
            continue
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        except OSError:
            continue
        if not _lock(descriptor) or not path.exists():
            os.close(descriptor)
            continue
        journal = Journal(path, descriptor)
        try:
            yield journal
        finally:
            journal.close()


def trim(folder: Path, limit: int = LIMIT) -> int:
    """Deletes the oldest abandoned journals until the folder is below its limit.

    Returns:
        How many runs were given up.
    """
    sizes = {}
    for path in _files(folder):
        with contextlib.suppress(OSError):  # Delivered in the meantime.
            sizes[path] = path.stat().st_size
    total, dropped = sum(sizes.values()), 0
    if total <= limit:
        return 0
    for journal in abandoned(folder):
        if total <= limit:
            break
        total -= sizes.get(journal.path, 0)
        journal.path.unlink(missing_ok=True)
        dropped += 1
    return dropped


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"), key=_written_at)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # Delivered in the meantime.
        return 0.0


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)
            except ValueError:
                return
            if not isinstance(record, dict) or "kind" not in record:
                return
            if not isinstance(record.get("row"), dict):
                return
            yield record


def _lock(descriptor: int) -> bool:
    """Whether a file is nobody else's. Where none can be locked, as in some file systems of a
    network, it counts as left when nothing was written to it for a day."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        except OSError:
            pass
    return time.time() - os.fstat(descriptor).st_mtime >= _DAY

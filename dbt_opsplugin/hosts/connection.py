"""Which database a profile leads to."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["connection_of"]


def connection_of(credentials: Any) -> str:
    """A hash: the same for the same database, and without what leads there."""
    parts = [credentials.type, getattr(credentials, "database", None), _server(credentials)]
    text = json.dumps([*parts, getattr(credentials, "port", None)], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _server(credentials: Any) -> str | None:
    """By the adapter's own word where there is one; of DuckDB, its file, or the one attached
    as the database of the target."""
    path = getattr(credentials, "path", None)
    for attached in getattr(credentials, "attach", None) or []:
        if attached.alias == credentials.database:
            path = attached.path
    if credentials.type == "duckdb" and path and not getattr(credentials, "remote", None):
        place = str(path).partition("?")[0]  # What follows may be a token.
        is_file = ":" not in place[2:]  # But for the drive of Windows.
        # Relative to where dbt was called, whatever the folder of its project.
        return str(Path(place).resolve()) if is_file else place
    with contextlib.suppress(Exception):
        return str(credentials.unique_field)
    return None

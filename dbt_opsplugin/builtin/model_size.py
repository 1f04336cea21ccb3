"""`meta.opsplugin.warehouse_size`: a model runs on a size of its own."""

from __future__ import annotations

import threading
from typing import Any

from dbt_opsplugin.hookspecs import CallMacro, hookimpl
from dbt_opsplugin.runs import Row

__all__ = ["ModelSize"]

# Its name, or one for a full refresh and one for other builds.
Size = str | dict[str, str]


class ModelSize:
    """Models in several threads share one warehouse: the last that started decides, and what was
    there before the first comes back when the last has ended. Where a size is of a session, each
    model has its own, and gives it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[tuple[str, Size]] = []
        self._before: dict[str, Any] | None = None
        self._of_sessions: dict[str, dict[str, Any] | None] = {}

    @hookimpl
    def opsplugin_start_model(self, model: Row, call_macro: CallMacro) -> None:
        size = _size(model)
        if size is None:
            return
        with self._lock:
            self._running.append((model["unique_id"], size))
            self._resize(size, model["unique_id"], call_macro)

    @hookimpl
    def opsplugin_finish_model(self, model: Row, call_macro: CallMacro) -> None:
        size = _size(model)
        if size is None:
            return
        with self._lock:
            was_last = self._running[-1:] == [(model["unique_id"], size)]
            if (model["unique_id"], size) in self._running:
                self._running.remove((model["unique_id"], size))
            if model["unique_id"] in self._of_sessions:
                own = self._of_sessions.pop(model["unique_id"])
                if own is not None:
                    call_macro("put_size_back", settings=own, unique_id=model["unique_id"])
            elif self._running and was_last:
                other, wanted = self._running[-1]
                self._resize(wanted, other, call_macro)
            elif not self._running and self._before is not None:
                before, self._before = self._before, None
                call_macro("put_size_back", settings=before, unique_id=model["unique_id"])

    def _resize(self, size: Size, unique_id: str, call_macro: CallMacro) -> None:
        state = call_macro("resize_for_model", size=size, unique_id=unique_id)
        before = dict(state["before"]) if state["before"] is not None else None
        if state["of_session"]:
            self._of_sessions[unique_id] = before
        elif self._before is None:
            self._before = before


def _size(model: Row) -> Size | None:
    own = model["meta"].get("opsplugin")
    return (own.get("warehouse_size") or None) if isinstance(own, dict) else None

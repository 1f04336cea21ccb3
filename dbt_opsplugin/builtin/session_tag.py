"""`opsplugin_session_tags: true`: the session says which model it builds, where an engine has a
place for that."""

from __future__ import annotations

from dbt_opsplugin.hookspecs import CallMacro, hookimpl
from dbt_opsplugin.runs import Row

__all__ = ["SessionTag"]


class SessionTag:
    """Set before every model and taken off after it, also when it failed."""

    def __init__(self) -> None:
        self._wanted = True

    @hookimpl
    def opsplugin_start_model(self, model: Row, call_macro: CallMacro) -> None:
        if self._wanted:
            self._wanted = bool(call_macro("tag_session_of", unique_id=model["unique_id"]))

    @hookimpl
    def opsplugin_finish_model(self, model: Row, call_macro: CallMacro) -> None:
        if self._wanted:
            call_macro("untag_session")

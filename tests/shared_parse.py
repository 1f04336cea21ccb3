"""What dbt commands in one process have in common is done once: each parses some 800 macros that are
the same, and compiles those that it runs. That was most of the time of a test."""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

from dbt_common import behavior_flags
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.tests import enable_test_caching

__all__ = ["find_callers_quickly", "share_parses"]


def share_parses() -> None:
    """Parses by dbt's own means, for its own tests; templates by the text and the kind of environment,
    on which alone the code depends that Jinja makes of them."""
    enable_test_caching()
    compile_template = MacroFuzzEnvironment.compile
    known: dict[tuple[Any, ...], CodeType] = {}

    def compile_once(self: MacroFuzzEnvironment, source: Any, *args: Any, **kwargs: Any) -> Any:
        key = type(self), source, *args, *kwargs.items()
        if not isinstance(source, str) or len(source) > 100_000:
            return compile_template(self, source, *args, **kwargs)
        if key not in known:
            known[key] = compile_template(self, source, *args, **kwargs)
        return known[key]

    MacroFuzzEnvironment.compile = compile_once


def find_callers_quickly() -> None:
    """Each command asks, for each flag of the adapter that changes its behaviour, which module declared
    it. Python's `inspect.stack` answers with the source of all frames, and below pytest there are many,
    in many modules: it was half the time of a test."""

    def caller() -> str:
        frame = sys._getframe(1)
        while frame.f_globals.get("__name__") == behavior_flags.__name__:
            frame = frame.f_back
        return frame.f_globals["__name__"]

    behavior_flags.BehaviorFlagRendered._default_source = staticmethod(caller)

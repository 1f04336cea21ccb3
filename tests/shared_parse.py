"""What dbt commands in one process have in common is done once: each parses some 800 macros that are
the same, and compiles those that it runs. That was most of the time of a test."""

from __future__ import annotations

from types import CodeType
from typing import Any

from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.tests import enable_test_caching

__all__ = ["share_parses"]


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

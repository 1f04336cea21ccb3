"""What dbt commands in one process have in common is done once: each parses some 800 macros that are
the same, and compiles those that it runs. That was most of the time of a test."""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

import dbt.parser.base
import dbt.parser.manifest
from dbt.parser.base import RelationUpdate
from dbt.parser.manifest import ManifestLoader
from dbt_common import behavior_flags
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.tests import enable_test_caching

__all__ = ["find_callers_quickly", "parse_what_is_needed", "share_parses"]


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


class RelationUpdateOnDemand:
    """dbt's, made when it is asked for the first name: most parsers have no node that needs one, and
    each holds three, with a context of all macros."""

    def __init__(self, **arguments: Any) -> None:
        self._arguments = arguments
        self._update: RelationUpdate | None = None

    def __call__(self, node: Any, override: str | None) -> None:
        self._update = self._update or RelationUpdate(**self._arguments)
        self._update(node, override)


def parse_what_is_needed() -> None:
    """Leaves out what gives the same for every project: the rendering of macros' descriptions that hold
    no Jinja, and the calls in a macro that dispatches nothing."""
    process_docs = ManifestLoader.process_docs
    extract_calls = dbt.parser.manifest.statically_extract_macro_calls
    known: dict[str, list[str]] = {}

    def process_docs_with_jinja(self: ManifestLoader, config: Any) -> None:
        macros = self.manifest.macros
        self.manifest.macros = {
            name: macro
            for name, macro in macros.items()
            if "{" in macro.description or any("{" in arg.description for arg in macro.arguments)
        }
        try:
            process_docs(self, config)
        finally:
            self.manifest.macros = macros

    def extract_calls_once(source: str, *args: Any) -> list[str]:
        if "dispatch" in source:
            return extract_calls(source, *args)
        if source not in known:
            known[source] = extract_calls(source, *args)
        return known[source]

    ManifestLoader.process_docs = process_docs_with_jinja
    dbt.parser.manifest.statically_extract_macro_calls = extract_calls_once
    dbt.parser.base.RelationUpdate = RelationUpdateOnDemand


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

"""Macros that dbt v2 would render with minijinja, beside what dbt Core renders with Jinja2."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import minijinja
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FILES = sorted((Path(__file__).resolve().parent.parent / "macros").rglob("*.sql"))
JINJA2 = jinja2.Environment(extensions=["jinja2.ext.do"])


class Returned(Exception):
    """dbt's return(): it ends the macro with a value."""

    def __init__(self, value: Any = None) -> None:
        self.value = value


def end_with(value: Any = None) -> None:
    raise Returned(value)


def with_mutable_literals(source: str) -> str:
    """In the fork the lists and mappings of a template can be changed, and `append`, `update` and
    the like exist; in minijinja they cannot. Python's can, so each literal is made one."""
    text, open_literals, before = "", [], ""
    for _, kind, value in JINJA2.lex(source):
        if kind == "operator" and value in "[{(":
            subscript = kind_before_is_value(before)
            open_literals.append(value != "(" and not subscript)
            value = f"mutable({value}" if open_literals[-1] else value
        elif kind == "operator" and value in "]})":
            value = f"{value})" if open_literals.pop() else value
        if kind not in ("whitespace", "data"):
            before = value
        text += value
    return text


def kind_before_is_value(before: str) -> bool:
    """Whether a bracket after this token is a subscript or a call, not a literal."""
    keywords = {"in", "if", "else", "and", "or", "not", "is"}
    return bool(re.fullmatch(r"[\w\])}'\"].*|.*[\])}]", before)) and before not in keywords


# macro -> the file that it is in.
SOURCES = {
    name: file.read_text()
    for file in FILES
    for name in re.findall(r"{% macro (\w+)\(", file.read_text())
}
# The Python package calls no method of Python's that starts with an underscore.
PRIVATE = "private"


class Package:
    """The macros in one engine, called from Python: `Package(engine)._nearest(value, choices)`."""

    def __init__(self, render: Callable[[str, dict[str, Any]], str]) -> None:
        self.render = render

    def __getattr__(self, name: str) -> Callable[..., Any]:
        name = name.removeprefix(PRIVATE)
        if name not in SOURCES:
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> Any:
            source = SOURCES[name] + "{{ return(" + name + "(*given, **named)) }}"
            try:
                self.render(source, {**self.context(), "given": args, "named": kwargs})
            except Returned as returned:
                return returned.value
            raise AssertionError(f"{name} returned nothing")

        return call

    def context(self) -> dict[str, Any]:
        def dispatch(name: str, _: str) -> Callable[..., Any]:
            engine = "duckdb" if f"duckdb__{name}" in SOURCES else "default"
            return getattr(self, f"{engine}__{name}")

        return {
            "return": end_with,
            "dbt_opsplugin": self,
            "adapter": SimpleNamespace(dispatch=dispatch),
            "modules": SimpleNamespace(re=re),
            "dbt_version": "1.11.0",
            "invocation_id": "1a2b3c4d-0000-4000-8000-000000000000",
            "model": SimpleNamespace(name="fct_orders"),
            "target": SimpleNamespace(name="prod"),
            "tojson": lambda value: json.dumps(value),
            "dict": lambda *args, **kwargs: dict(*args, **kwargs),
            "mutable": lambda value: value,
        }


def render_with_jinja2(source: str, context: dict[str, Any]) -> str:
    return JINJA2.from_string(source).render(context)


def render_with_minijinja(source: str, context: dict[str, Any]) -> str:
    source = with_mutable_literals(source).replace("dbt_opsplugin._", f"dbt_opsplugin.{PRIVATE}_")
    return minijinja.Environment().render_str(source, **context)


IN_JINJA2 = Package(render_with_jinja2)
IN_MINIJINJA = Package(render_with_minijinja)


def same(macro: str, *args: Any, **kwargs: Any) -> Any:
    """What a macro returns, which is the same in both engines."""
    expected = getattr(IN_JINJA2, macro)(*args, **kwargs)
    actual = getattr(IN_MINIJINJA, macro)(*args, **kwargs)
    assert (actual, type(actual)) == (expected, type(expected))
    return actual


SIZES = ["X-SMALL", "SMALL", "MEDIUM", "LARGE", "X-LARGE"]


@pytest.mark.parametrize(
    ("macro", "args", "expected"),
    [
        ("literal", [None], "null"),
        ("literal", [True], "true"),
        ("literal", [-3], "-3"),
        ("literal", [2.5], "2.5"),
        ("literal", ["it's \\ {{ x }} \x00"], "'it''s \\ {{ x }} \ufffd'"),
        ("_nearest", ["LARG", SIZES], "LARGE"),
        ("_nearest", ["x_small", SIZES], "SMALL"),
        ("_nearest", ["", SIZES], "X-SMALL"),
        ("_nearest", ["a", []], ""),
        ("_size_key", ["x_large"], "XLARGE"),
        ("_size_key", [4], "4"),
        ("_relation_key", ["Db", "Main", "Stg_A"], "db.main.stg_a"),
        ("_relation_key", [None, "main", "stg_a"], ".main.stg_a"),
        ("_timestamp", ["2025-01-31T10:20:30.000001Z"], "2025-01-31 10:20:30.000001"),
        ("_timestamp", [None], None),
        ("_type_problem", [True, {"kind": "number"}], "not a number of zero or more"),
        ("_type_problem", [["a", 1], {"kind": "strings"}], "not a list of names"),
        ("_type_problem", [["a"], {"kind": "strings"}], ""),
        ("_readable_bytes", [1536], "1.5 KiB"),
        ("_readable_bytes", [None], "-"),
        ("_duckdb_memory_text", ["4GB"], "3.7 GiB"),
        ("_duckdb_memory_text", ["1.5 TiB"], "1.5 TiB"),
        ("_duckdb_memory_amount", ["18.8 GiB"], "19252MiB"),
        ("_duckdb_memory_amount", ["4GB"], "4GB"),
        ("_thousands", [1234567], "1,234,567"),
        ("_thousands", [-1000], "-1,000"),
        ("_json_payload", [[{"a": "\x00 \\u0000 \ud800"}]], '[{"a": "\\ufffd \\\\u0000 \\ufffd"}]'),
        ("query_tag", [], "dbt:fct_orders:prod:1a2b3c4d-0000-4000-8000-000000000000"),
    ],
)
def test_a_macro_returns_the_same_in_both_engines(
    macro: str, args: list[Any], expected: Any
) -> None:
    assert same(macro, *args) == expected


@given(st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text()))
@settings(max_examples=50, deadline=None)
def test_any_value_is_the_same_literal_in_both_engines(value: Any) -> None:
    same("literal", value)


@given(st.text(max_size=12), st.lists(st.text(min_size=1, max_size=12), max_size=5))
@settings(max_examples=50, deadline=None)
def test_any_value_has_the_same_nearest_choice_in_both_engines(
    value: str, choices: list[str]
) -> None:
    same("_nearest", value, choices)


def test_a_difference_between_the_engines_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "x", "{% macro x() %}{{ 1e30 }}{% endmacro %}")
    with pytest.raises(AssertionError):
        same("x")


def test_only_literals_are_made_mutable() -> None:
    source = (
        "{% set a = [b[0], {'c': [1]}] %}{% for d in [1] if e(f)[0] not in [2] %}[{d}]{% endfor %}"
    )
    assert with_mutable_literals(source) == (
        "{% set a = mutable([b[0], mutable({'c': mutable([1])})]) %}"
        "{% for d in mutable([1]) if e(f)[0] not in mutable([2]) %}[{d}]{% endfor %}"
    )

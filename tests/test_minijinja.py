"""dbt v2 renders our macros with a fork of minijinja. Here they are held to what that engine has:
every file parses in it and uses only what the fork knows.

The Python package `minijinja` is the engine without dbt's additions. Where the fork differs it
says so below; the facts were read in dbt-labs/dbt-fusion, crates/dbt-jinja, at 39a38d8c."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import minijinja
import pytest
import yaml
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "macros").rglob("*.sql"))
JINJA2 = jinja2.Environment(extensions=["jinja2.ext.do"])


def name_of(file: Path) -> str:
    return file.relative_to(ROOT / "macros").as_posix()


# Parsing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_macro_file_parses(file: Path) -> None:
    minijinja.Environment().add_template(file.name, file.read_text())


def test_the_hook_lines_parse() -> None:
    config = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    for hook in ("on-run-start", "on-run-end"):
        minijinja.Environment().add_template(hook, config[hook])


def test_the_macros_in_the_documentation_parse() -> None:
    for file in (ROOT / "macros").rglob("*.yml"):
        for entry in yaml.safe_load(file.read_text())["macros"]:
            minijinja.Environment().add_template(entry["name"], entry["description"])


def test_what_minijinja_cannot_parse_fails() -> None:
    for source in ("{% macro x( %}{% endmacro %}", "{{ a b }}", "{% macro x() %}"):
        with pytest.raises(minijinja.TemplateError):
            minijinja.Environment().add_template("x", source)


# Names -----------------------------------------------------------------------------------------
# minijinja looks a filter, test or method up only when it is rendered, and dbt v2 fails there.

FILTERS = {
    *("abs", "attr", "batch", "bool", "capitalize", "count", "d", "default", "dictsort", "first"),
    *("float", "format", "groupby", "indent", "int", "is_list", "items", "join", "last", "length"),
    *("lines", "list", "lower", "map", "max", "min", "pprint", "reject", "rejectattr", "replace"),
    *("reverse", "round", "select", "selectattr", "slice", "sort", "split", "string", "sum"),
    *("title", "tojson", "trim", "unique", "upper"),
}
TESTS = {
    *("boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "ge", "gt"),
    *("in", "integer", "iterable", "le", "lower", "lt", "mapping", "ne", "none", "number", "odd"),
    *("sameas", "sequence", "string", "true", "undefined", "upper"),
}
METHODS = {
    "text": {
        *("endswith", "find", "format", "isdigit", "join", "ljust", "lower", "lstrip", "partition"),
        *("replace", "rfind", "rjust", "rsplit", "rstrip", "split", "splitlines", "startswith"),
        *("strip", "title", "upper", "zfill"),
    },
    "list": {"append", "copy", "count", "extend", "index", "insert", "pop", "remove"},
    "mapping": {"copy", "get", "items", "keys", "pop", "setdefault", "to_dict", "update", "values"},
    "modules": {"findall", "fullmatch", "match", "now", "search", "sub", "timedelta"},
    "datetime": {"astimezone", "strftime", "timestamp"},
    "timedelta": {"total_seconds"},
    "relation": {"create", "include", "information_schema", "without_identifier"},
    "adapter": {
        *("commit", "dispatch", "get_relation", "quote"),
        # Of BigQuery's; dbt's own macros for it call them.
        *("check_schema_exists", "get_dataset_location", "list_schemas"),
        # Of ClickHouse's.
        "is_before_version",
        # Of Athena's, likewise.
        *(
            "get_glue_table_location",
            "get_glue_table_type",
            "is_work_group_output_location_enforced",
        ),
    },
    "exceptions": {"raise_compiler_error", "warn"},
}
KNOWN_METHODS = set().union(*METHODS.values())


def unknown_names(source: str) -> Iterator[str]:
    """What a template uses that the fork does not have, or has in another form."""
    for node in JINJA2.parse(source).find_all((nodes.Filter, nodes.Test, nodes.Call)):
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"{node.lineno}: filter {node.name}"
        elif isinstance(node, nodes.Test) and node.name not in TESTS:
            yield f"{node.lineno}: test {node.name}"
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
            subject, method = node.node.node, node.node.attr
            package = subject.name if isinstance(subject, nodes.Name) else ""
            if package not in ("dbt", "dbt_opsplugin") and method not in KNOWN_METHODS:
                yield f"{node.lineno}: method {method}"
            # The fork's str.format fills {}, {0} and {name}; it prints {:,} as it stands.
            text = subject.value if isinstance(subject, nodes.Const) else ""
            if method == "format" and (not text or re.search(r"{\w*[:!]", text)):
                yield f"{node.lineno}: a format specification in {text!r}: use the filter format"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_macro_uses_only_what_dbt_v2_has(file: Path) -> None:
    unknown = list(unknown_names(file.read_text()))
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ a | wordcount }}", "filter wordcount"),
        ("{{ a is callable }}", "test callable"),
        ("{{ a.casefold().isoformat() }}", "method isoformat"),
        ("{{ '{:,}'.format(a) }}", "'{:,}'"),
        ("{{ text.format(a) }}", "format specification"),
    ],
)
def test_what_dbt_v2_does_not_have_is_found(source: str, said: str) -> None:
    assert said in "\n".join(unknown_names(source))

"""The macros and vars are documented, completely and nowhere twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from dbt.version import __version__ as dbt_version
from macro_files import PACKAGE, ROOT, SETTINGS, TREE, MacroFile, read


def documented() -> dict[str, tuple[str, dict[str, Any]]]:
    """name -> (folder of the YAML, entry)."""
    return {
        entry["name"]: (file.parent.name, entry)
        for file in sorted((ROOT / "macros").rglob("*.yml"))
        for entry in yaml.safe_load(file.read_text())["macros"]
    }


def is_type(text: str) -> bool:
    """Whether validate_macro_args accepts it (dbt has `bool`, and no `boolean`)."""
    plain = r"(?:str|string|bool|int|integer|float|any|relation|column)"
    text, before = re.sub(rf"\b{plain}\b", "T", text.replace(" ", "")), ""
    while text != before:
        text, before = re.sub(r"\b(?:list\[T\]|optional\[T\]|dict\[T,T\])", "T", text), text
    return text == "T"


def documentation_gaps(
    files: list[MacroFile], docs: dict[str, tuple[str, dict[str, Any]]]
) -> Iterator[str]:
    """What the YAML of a folder lacks, or has too much."""
    public = {macro.name: (file, macro) for file in files for macro in file.public}
    for name in docs.keys() - public.keys():
        yield f"{name} is documented and is no public macro"
    for name, (file, macro) in public.items():
        if name not in docs:
            yield f"{file.path}: {name} is not documented"
            continue
        folder, entry = docs[name]
        arguments = entry.get("arguments", [])
        if folder != file.path.split("/")[0]:
            yield f"{file.path}: {name} is documented in {folder}"
        if [argument["name"] for argument in arguments] != macro.arguments:
            yield f"{file.path}: the documented arguments of {name} are not {macro.arguments}"
        for argument in arguments:
            if not is_type(argument.get("type", "")):
                yield f"{file.path}: {name}: {argument['name']} has no type that dbt accepts"
        if not all(e.get("description", "").strip() for e in [entry, *arguments]):
            yield f"{file.path}: {name} or an argument of it has no description"


def test_every_public_macro_is_documented_with_exactly_its_arguments() -> None:
    assert not list(documentation_gaps(TREE, documented()))


@pytest.mark.parametrize(
    ("folder", "entry", "said"),
    [
        ("sql", {"name": "y"}, "is no public macro"),
        ("sql", {"name": "y"}, "x is not documented"),
        ("run", {"name": "x", "description": "d"}, "is documented in run"),
        ("sql", {"name": "x", "description": "d"}, "are not ['a']"),
        ("sql", {"name": "x", "arguments": [{"name": "a", "type": "boolean"}]}, "no type"),
        ("sql", {"name": "x", "arguments": [{"name": "a", "type": "dict[any]"}]}, "no type"),
        ("sql", {"name": "x", "arguments": [{"name": "a", "type": "list"}]}, "no type"),
        ("sql", {"name": "x", "description": " "}, "has no description"),
    ],
)
def test_a_gap_in_the_documentation_is_found(folder: str, entry: dict[str, Any], said: str) -> None:
    file = read("sql/x.sql", "{% macro x(a) %}{% endmacro %}")
    assert said in "\n".join(documentation_gaps([file], {entry["name"]: (folder, entry)}))


def test_the_documentation_is_one_file_per_folder_and_version_2() -> None:
    for file in (ROOT / "macros").rglob("*.yml"):
        assert file.name == f"_{file.parent.name}.yml"
        assert yaml.safe_load(file.read_text())["version"] == 2


validates_arguments = pytest.mark.skipif(
    tuple(map(int, dbt_version.split(".")[:2])) < (1, 10),
    reason="validate_macro_args came with dbt 1.10",
)


@validates_arguments
def test_dbt_finds_no_fault_in_the_documentation_of_the_package(project: Any) -> None:
    project.config["flags"]["validate_macro_args"] = True
    project.models(one="select 1 as id")
    outcome = project.dbt("parse")
    assert not [e.info.msg for e in outcome.events if e.info.level in ("warn", "error")]
    macros = outcome.result.macros
    for name in documented():
        assert macros[f"macro.{PACKAGE}.{name}"].description
    assert "{{ dbt_opsplugin.set_query_tag() }}" in (
        macros[f"macro.{PACKAGE}.set_query_tag"].description
    )


@validates_arguments
def test_dbt_does_find_a_fault_when_there_is_one(project: Any) -> None:
    project.config["flags"]["validate_macro_args"] = True
    project.write("macros/x.sql", "{% macro x(a) %}{% endmacro %}")
    project.write("macros/x.yml", "macros: [{name: x, arguments: [{name: b, type: boolean}]}]")
    events = project.dbt("parse").events
    faults = [e.info.msg for e in events if "macro x " in e.info.msg]
    assert len(faults) == 2, faults


def undocumented_vars(readme: str) -> list[str]:
    return [name for name in SETTINGS if f"`opsplugin_{name}`" not in readme]


def test_the_reference_in_the_readme_names_every_var() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.exists() else ""
    if not re.search(r"^#+ .*Reference", text, re.MULTILINE):
        pytest.skip("README.md has no Reference yet")
    assert not undocumented_vars(text)


def test_a_var_that_the_readme_does_not_name_is_found() -> None:
    assert undocumented_vars("`opsplugin_schemas`, opsplugin_schema") == list(SETTINGS)

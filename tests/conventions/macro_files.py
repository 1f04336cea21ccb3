"""The macro files as dbt parses them, for the assertions on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt.include.global_project import PACKAGE_PATH
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "dbt_opsplugin"


@dataclass(frozen=True)
class Macro:
    node: nodes.Macro
    name: str

    @property
    def arguments(self) -> list[str]:
        return [argument.name for argument in self.node.args]

    @property
    def required(self) -> list[str]:
        return self.arguments[: len(self.arguments) - len(self.node.defaults)]

    @property
    def dialect(self) -> str:
        """The prefix of an implementation: default, duckdb ..., or nothing."""
        prefix, separator, _ = self.name.partition("__")
        return prefix if separator and prefix else ""

    @property
    def is_public(self) -> bool:
        return not self.name.startswith("_") and not self.dialect


@dataclass(frozen=True)
class MacroFile:
    path: str
    source: str
    ast: nodes.Template = field(repr=False)
    macros: tuple[Macro, ...] = ()

    @property
    def names(self) -> list[str]:
        return [macro.name for macro in self.macros]

    @property
    def public(self) -> list[Macro]:
        return [macro for macro in self.macros if macro.is_public]


def read(path: str, source: str) -> MacroFile:
    """Parses a file as dbt does."""
    ast = get_environment().parse(source)
    macros = [Macro(n, n.name.removeprefix("dbt_macro__")) for n in ast.find_all(nodes.Macro)]
    return MacroFile(path, source, ast, tuple(macros))


def tree() -> list[MacroFile]:
    folder = ROOT / "macros"
    files = sorted(folder.rglob("*.sql"))
    return [read(file.relative_to(folder).as_posix(), file.read_text()) for file in files]


TREE = tree()
OURS = {macro.name: macro for file in TREE for macro in file.macros}
DBTS = {
    name
    for file in (Path(PACKAGE_PATH) / "macros").rglob("*.sql")
    for name in re.findall(r"{%-?\s*macro\s+(\w+)", file.read_text())
}


def dispatches(file: MacroFile) -> Iterator[tuple[nodes.Call, list[Any], int]]:
    """Every `adapter.dispatch(name, package)(...)` as (node, what is dispatched, how many arguments)."""
    for call in file.ast.find_all(nodes.Call):
        target = call.node
        if isinstance(target, nodes.Call) and isinstance(target.node, nodes.Getattr):
            yield call, [constant(argument) for argument in target.args], len(call.args)


def calls(file: MacroFile) -> Iterator[tuple[nodes.Call, str, str]]:
    """Every call as (node, namespace, name): `a.b()` and `b()`."""
    for call in file.ast.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name):
            yield call, "", call.node.name
        elif isinstance(call.node, nodes.Getattr) and isinstance(call.node.node, nodes.Name):
            yield call, call.node.node.name, call.node.attr


def constant(node: nodes.Expr | None) -> Any:
    return node.as_const() if isinstance(node, (nodes.Const, nodes.List, nodes.Tuple)) else None


def returned_mapping(macro: str) -> nodes.Dict:
    """The dict that a macro returns."""
    return next(node for node in OURS[macro].node.find_all(nodes.Dict))


def of_engines() -> dict[str, list[str]]:
    """What an engine may have of its own, as its page says: name -> arguments."""
    text = (ROOT / "macros" / "engines" / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]*) ?\|", text, re.MULTILINE)
    return {
        name: arguments.strip().split(", ") if arguments.strip() else [] for name, arguments in rows
    }


# Every var: name -> default and kind.
SETTINGS = returned_mapping("_settings").as_const()
OF_ENGINES = of_engines()

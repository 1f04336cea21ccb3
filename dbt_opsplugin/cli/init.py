"""`dbt-ops init`: puts the macro package into a project; shows the change, asks, keeps comments."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import click

from dbt_opsplugin import __version__
from dbt_opsplugin._yaml import read_yaml
from dbt_opsplugin.cli._project import project_dir_option
from dbt_opsplugin.errors import UsageError

__all__ = ["init"]

COMMENT = "{{ dbt_opsplugin.query_comment(node) }}"

_NAME = "dbt_opsplugin"

_PLACES = ("git", "subdirectory", "package", "private", "tarball", "name", "local")
"""Where an entry of packages.yml says which package it is."""


@click.command()
@project_dir_option
@click.option("--git", required=True, help="The git URL of the package.")
@click.option("--revision", default=f"v{__version__}", show_default=True)
@click.option("--prod-target", multiple=True, help="A target that is production; may be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def init(
    project_dir: Path, git: str, revision: str, prod_target: tuple[str, ...], yes: bool
) -> None:
    """Add dbt_opsplugin to a dbt project.

    Changes packages.yml (or dependencies.yml, where that lists the packages) and
    dbt_project.yml, and nothing that is set already. Run `dbt deps` afterwards.
    """
    project = project_dir / "dbt_project.yml"
    if not project.is_file():
        raise UsageError(f"there is no dbt_project.yml in {project_dir}: pass --project-dir")
    packages = _packages_file(project_dir)
    changes = [
        _edit(packages, lambda data: _add_package(data, packages, git, revision)),
        _edit(project, lambda data: _configure(data, project, list(prod_target))),
    ]
    changes = [(path, old, new) for path, old, new in changes if old != new]
    if not changes:
        click.echo("Nothing to do: the project has it all.")
        return
    for path, old, new in changes:
        names = str(path), str(path)
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), *names, n=2, lineterm="")
        click.echo("\n".join(lines))
    if not yes and not click.confirm("Write this?"):
        click.echo("Nothing is changed.")
        return
    for path, _, new in changes:
        try:
            path.write_bytes(new.encode())
        except OSError as error:
            why = f"{path} cannot be written ({error.strerror})"
            raise UsageError(f"{why}: make it writable, then run this again") from error
    click.echo("Written. Next: dbt deps")


def _packages_file(project_dir: Path) -> Path:
    dependencies = project_dir / "dependencies.yml"
    if "packages" in _parse(dependencies, _read(dependencies)):
        return dependencies
    return project_dir / "packages.yml"


def _edit(path: Path, change: Callable[[Any], None]) -> tuple[Path, str, str]:
    """The file as it is and as it would be; the same text when nothing changes."""
    old = _read(path)
    text = old.replace("\r\n", "\n")
    data = _parse(path, text)
    mark = "\ufeff" * text.startswith("\ufeff")
    before = _dump(data, text)
    change(data)
    after = _dump(data, text)
    return path, old, old if before == after else _with_line_ends(old, mark + after)


def _read(path: Path) -> str:
    """With its line ends; nothing where there is no file."""
    try:
        return path.read_bytes().decode() if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 ({error}): save it as UTF-8 first") from error


def _parse(path: Path, text: str) -> Any:
    try:
        data = _yaml(text).load(text)
    except Exception as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise UsageError(f"{path} is not a mapping: correct it first")
    return data


def _with_line_ends(old: str, new: str) -> str:
    """Lines that stay keep their ends; those that are new end as most do."""
    if "\r\n" not in old:
        return new
    usual = "\r" if 2 * old.count("\r\n") > old.count("\n") else ""
    before, after = old.split("\n"), new.split("\n")
    before[-1] += usual if before[-1] else ""
    lines = [line + usual for line in after[:-1]] + after[-1:]
    matcher = difflib.SequenceMatcher(None, [b.removesuffix("\r") for b in before], after, False)
    for block in matcher.get_matching_blocks():
        lines[block.b : block.b + block.size] = before[block.a : block.a + block.size]
    return "\n".join(lines)


def _add_package(data: Any, path: Path, git: str, revision: str) -> None:
    packages = data.get("packages")
    if packages is None:
        packages = data["packages"] = []
    if not isinstance(packages, list) or not all(isinstance(p, dict) for p in packages):
        raise UsageError(f"packages in {path} is not a list of mappings: correct it first")
    if not any(_is_ours(package, path.parent, git) for package in packages):
        packages.append({"git": git, "revision": revision})


def _is_ours(package: Any, project_dir: Path, git: str) -> bool:
    """By its address or name, or what a local one says it is, whatever the name of its folder."""
    file = project_dir / str(package.get("local") or "") / "dbt_project.yml"
    if "local" in package and file.is_file():
        return read_yaml(file).get("name") == _NAME
    places = [str(package[key]) for key in _PLACES if key in package]
    return any(_address(place) == _address(git) or _name(place) == _NAME for place in places)


def _address(place: str) -> str:
    return place.rstrip("/").removesuffix(".git")


def _name(place: str) -> str:
    """The last part of an address: https://host/owner/name.git, git@host:owner/name, owner/name."""
    return re.split("[/:]", _address(place))[-1].replace("-", "_").lower()


def _configure(data: Any, path: Path, prod_targets: list[str]) -> None:
    if "query-comment" not in data:
        data["query-comment"] = {"comment": COMMENT, "append": True}
    if prod_targets:
        if data.get("vars") is None:
            data["vars"] = {}
        if not isinstance(data["vars"], dict):
            value = json.dumps(data["vars"], default=str)
            raise UsageError(
                f"vars in {path} is {value}, not a mapping: write it as name: value, one a line"
            )
        data["vars"].setdefault("opsplugin_prod_targets", prod_targets)


def _dump(data: Any, like: str) -> str:
    stream = StringIO()
    _yaml(like).dump(data, stream)
    return stream.getvalue()


def _yaml(like: str) -> Any:
    """A round trip with the indentation of the file: lists flush with their key, or set in."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    flush = any(
        line.startswith("- ") and previous.rstrip().endswith(":")
        for previous, line in zip(like.splitlines(), like.splitlines()[1:], strict=False)
    )
    if not flush:
        yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml

"""`dbt-ops init`: puts the macro package into a project; shows the change, asks, keeps comments."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import click

from dbt_opsplugin import __version__
from dbt_opsplugin._yaml import read_yaml
from dbt_opsplugin.errors import UsageError

__all__ = ["init"]

COMMENT = "{{ dbt_opsplugin.query_comment(node) }}"


@click.command()
@click.option(
    "--project-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of dbt_project.yml; by default this one.",
)
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
    changes = [
        _edit(
            _packages_file(project_dir),
            lambda data: _add_package(data, project_dir, git, revision),
        ),
        _edit(project, lambda data: _configure(data, list(prod_target))),
    ]
    changes = [(path, old, new) for path, old, new in changes if old != new]
    if not changes:
        click.echo("Nothing to do: the project has it all.")
        return
    for path, old, new in changes:
        lines = difflib.unified_diff(
            old.splitlines(True), new.splitlines(True), str(path), str(path), n=2
        )
        click.echo("".join(lines), nl=False)
    if not yes and not click.confirm("Write this?"):
        click.echo("Nothing is changed.")
        return
    for path, _, new in changes:
        path.write_text(new)
    click.echo("Written. Next: dbt deps")


def _packages_file(project_dir: Path) -> Path:
    dependencies = project_dir / "dependencies.yml"
    if dependencies.is_file() and "packages" in (_load(dependencies.read_text()) or {}):
        return dependencies
    return project_dir / "packages.yml"


def _edit(path: Path, change: Callable[[Any], None]) -> tuple[Path, str, str]:
    """The file as it is and as it would be; the same text when nothing changes."""
    old = path.read_text() if path.is_file() else ""
    try:
        data = _load(old)
    except Exception as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise UsageError(f"{path} is not a mapping: correct it first")
    before = _dump(data, old)
    change(data)
    after = _dump(data, old)
    return path, old, old if before == after else after


def _add_package(data: Any, project_dir: Path, git: str, revision: str) -> None:
    packages = data.get("packages")
    if packages is None:
        packages = data["packages"] = []
    if not isinstance(packages, list) or not all(isinstance(p, dict) for p in packages):
        raise UsageError(f"packages in {project_dir} is not a list of mappings: correct it first")
    if not any(_is_ours(package, project_dir, git) for package in packages):
        packages.append({"git": git, "revision": revision})


def _is_ours(package: Any, project_dir: Path, git: str) -> bool:
    """By its address, or what a local one says it is, whatever the name of its folder."""
    if any(value == git or "opsplugin" in str(value) for value in package.values()):
        return True
    file = project_dir / str(package.get("local") or "") / "dbt_project.yml"
    return "local" in package and file.is_file() and read_yaml(file).get("name") == "dbt_opsplugin"


def _configure(data: Any, prod_targets: list[str]) -> None:
    if "query-comment" not in data:
        data["query-comment"] = {"comment": COMMENT, "append": True}
    if prod_targets:
        if data.get("vars") is None:
            data["vars"] = {}
        data["vars"].setdefault("opsplugin_prod_targets", prod_targets)


def _load(text: str) -> Any:
    return _yaml(text).load(text)


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

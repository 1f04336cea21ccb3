"""The checks of `dbt-ops doctor` that come with the product."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from dbt_opsplugin import __version__
from dbt_opsplugin._yaml import read_yaml, rendered
from dbt_opsplugin.errors import OpsError, UsageError
from dbt_opsplugin.hookspecs import hookimpl
from dbt_opsplugin.journal import SUFFIX
from dbt_opsplugin.runs import Row

__all__ = ["Checks"]


class Checks:
    """From what needs nothing to what needs the warehouse; each says what to do about it."""

    @hookimpl
    def opsplugin_checks(self, project: Any) -> list[Row]:
        found = [_dbt(), _python_half(), _package(project.folder), _comment(project.folder)]
        found += [_journal(project.folder), *_plugins()]
        return [*found, *_target(project)]


def _check(check: str, status: str, message: str) -> Row:
    return {"check": check, "status": status, "message": message}


def _dbt() -> Row:
    try:
        from dbt.version import __version__ as version
    except ImportError as error:
        return _check("dbt Core", "error", f"cannot be imported: {error}: install it here")
    supported = [int(part) for part in re.findall(r"\d+", version)[:2]]
    text = f"{version} on Python {platform.python_version()}"
    if not [1, 8] <= supported <= [1, 12]:
        return _check("dbt Core", "error", f"{text} is not supported: use 1.8 to 1.12")
    return _check("dbt Core", "ok", text)


def _python_half() -> Row:
    if os.environ.get("DBT_OPSPLUGIN", "").lower() in ("off", "0", "false"):
        return _check("Python half", "warn", "DBT_OPSPLUGIN switches it off: the macros record")
    try:
        from dbt_opsplugin.hosts.dbt_core import OpsPlugin  # noqa: F401
    except Exception as error:
        return _check("Python half", "error", f"{__version__} cannot work in this dbt: {error}")
    return _check("Python half", "ok", f"{__version__}, found by dbt")


def _package(folder: Path) -> Row:
    settings = read_yaml(folder / "dbt_project.yml")
    try:
        place = rendered(str(settings.get("packages-install-path") or "dbt_packages"))
    except UsageError as error:
        return _check("macro package", "warn", f"is not looked for: packages-install-path {error}")
    installed = folder / place
    file = installed / "dbt_opsplugin" / "dbt_project.yml"
    if not file.is_file():
        files = [f.read_text(encoding="utf-8", errors="replace") for f in _package_files(folder)]
        listed = any("opsplugin" in text for text in files)
        remedy = "run dbt deps" if listed else "run dbt-ops init, then dbt deps"
        return _check("macro package", "error", f"is not in {installed}: {remedy}")
    version = str(read_yaml(file).get("version"))
    if version != __version__:
        return _check(
            "macro package",
            "error",
            f"{version}, but the Python half is {__version__}: install the same version of both",
        )
    return _check("macro package", "ok", version)


def _comment(folder: Path) -> Row:
    comment = read_yaml(folder / "dbt_project.yml").get("query-comment")
    if "dbt_opsplugin.query_comment" in str(comment):
        return _check("query comment", "ok", "tags every statement")
    if comment is not None:
        return _check(
            "query comment",
            "warn",
            "query-comment is your own and carries no tag: dbt_opsplugin.query_comment(node) does",
        )
    return _check(
        "query comment", "warn", "statements carry no tag: dbt-ops init adds query-comment"
    )


def _journal(folder: Path) -> Row:
    journal = Path(os.environ.get("DBT_OPSPLUGIN_JOURNAL") or folder / ".dbt_opsplugin")
    # What is missing is made by the first run.
    place = next(path for path in (journal, *journal.parents) if os.path.lexists(path))
    if not place.is_dir():
        remedy = "remove it, or set DBT_OPSPLUGIN_JOURNAL to a folder"
        return _check("journal", "error", f"{place} is not a folder: {remedy}")
    if not os.access(place, os.W_OK | os.X_OK):
        return _check("journal", "error", f"{place} cannot be written: set DBT_OPSPLUGIN_JOURNAL")
    waiting = len(list(journal.glob(f"*{SUFFIX}")))
    if waiting:
        return _check("journal", "warn", f"{waiting} runs wait in {journal}: dbt-ops deliver")
    return _check("journal", "ok", f"{journal}, nothing waits")


def _plugins() -> list[Row]:
    names = sorted(entry_point.name for entry_point in entry_points(group="dbt_opsplugin"))
    return [_check("plugins", "ok", ", ".join(names))] if names else []


def _target(project: Any) -> list[Row]:
    try:
        [health] = project.rows("report_health", deliver=False)
    except (OpsError, ValueError) as error:
        return [_check("target", "error", str(error))]
    target, production = health["target"], health["production"]
    kind = "production" if production else "not production"
    names = ", ".join(health["production_targets"])
    what = f"{target} is {kind} (opsplugin_prod_targets: {names})"
    if not health["enabled"]:
        return [_check("target", "ok", f"{what}: nothing is recorded or dropped")]
    does = [what, f"runs are recorded in {health['ops_schema']}"]
    if production and health["drop_stg"]:
        backup = f"after a backup ({health['backup']})" if health["backup"] else "without a backup"
        does.append(f"a successful build drops staging {backup}")
    return [_check("target", "ok", "; ".join(does)), _tables(health)]


def _tables(health: Row) -> Row:
    found, wanted, missing = health["found_version"], health["tables_version"], health["missing"]
    tried = health.get("tried", True)
    can = "can be written" if tried else "not tried here whether they can be written"
    if not found:
        return _check("ops tables", "ok", f"{can}; the first run makes them")
    if found[:18] > wanted[:18]:
        return _check(
            "ops tables", "warn", f"are of a newer package ({found}): update this one ({wanted})"
        )
    if missing or found != wanted:
        return _check("ops tables", "ok", f"{can}; the next run brings them up to date")
    return _check("ops tables", "ok", f"{can}, up to date")


def _package_files(folder: Path) -> list[Path]:
    files = [folder / "packages.yml", folder / "dependencies.yml"]
    return [file for file in files if file.is_file()]

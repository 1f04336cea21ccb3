"""One version, and nothing in the repository that belongs elsewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from macro_files import ROOT


def versions(root: Path) -> dict[str, str]:
    """Where the version stands -> what it is, for those places that exist."""
    found = {}
    for path, pattern in {
        "dbt_project.yml": r"^version: [\"']?([^\"'\n]+)",
        "pyproject.toml": r"^version = \"([^\"]+)\"",
        "macros/run/_ops_version.sql": r"macro package_version.*?return\('(.+?)'\)",
        "dbt_opsplugin/__init__.py": r"^__version__(?:: \w+)? = \"([^\"]+)\"",
    }.items():
        file = root / path
        match = re.search(pattern, file.read_text(), re.M | re.S) if file.exists() else None
        if match:
            found[path] = match[1]
    return found


def test_there_is_one_version() -> None:
    found = versions(ROOT)
    assert {"dbt_project.yml", "macros/run/_ops_version.sql"} <= found.keys()
    assert len(set(found.values())) == 1, found
    pyproject = ROOT / "pyproject.toml"
    if pyproject.exists() and "\nversion" in pyproject.read_text().partition("[project]")[2]:
        assert "pyproject.toml" in found


def test_a_second_version_is_seen(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: x\nversion: 0.1.0\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.2.0"\n')
    assert versions(tmp_path) == {"dbt_project.yml": "0.1.0", "pyproject.toml": "0.2.0"}


def test_every_folder_of_macros_is_read() -> None:
    """And of the engines' folders the one of the target, and the one that it shares."""
    paths = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["macro-paths"]
    folders = {f"macros/{folder.name}" for folder in (ROOT / "macros").iterdir()}
    engines = "macros/engines"
    shared = "/{{ 'sqlserver' if target.type == 'fabric' else 'of_no_other' }}"
    assert set(paths) == folders - {engines} | {engines + "/{{ target.type }}", engines + shared}


def test_no_module_shadows_the_attribute_that_dbt_reads() -> None:
    assert not (ROOT / "dbt_opsplugin" / "plugins.py").exists()


# Written so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~$}-])/" + r"(?:work|tmp)/"),
    "an unfinished piece": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b"),
}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    assert not [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in tracked()
        for number, line in enumerate(file.read_text(errors="ignore").splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]


@pytest.mark.parametrize(
    ("what", "line", "found"),
    [
        ("a path of one machine", "see /" + "work/main/x", True),
        ("a path of one machine", "'/" + "tmp/x.duckdb'", True),
        ("a path of one machine", "https://host/" + "work/x and {root}/" + "tmp/x", False),
        ("an unfinished piece", "# TO" + "DO: later", True),
        ("an unfinished piece", "mas" + "TO" + "DON", False),
    ],
)
def test_the_patterns_find_what_they_shall(what: str, line: str, found: bool) -> None:
    assert bool(FORBIDDEN[what].search(line)) is found

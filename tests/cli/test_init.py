"""dbt-ops init: what it adds, what it leaves alone, and that it may be run again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from projects import REPOSITORY

from dbt_opsplugin.cli import cli
from dbt_opsplugin.cli.init import COMMENT
from dbt_opsplugin.errors import UsageError

PROJECT = """\
# The shop.
name: shop   # its name
version: '1.0'
profile: shop

models:
  shop:
    +materialized: view  # cheap

vars:
  start: "2026-01-01"
"""

PACKAGES = """\
packages:
- package: dbt-labs/dbt_utils   # helpers
  version: [">=1.0.0", "<2.0.0"]
"""


def init(folder: Path, *arguments: str, answer: str = "y\n") -> Result:
    return CliRunner().invoke(
        cli,
        ["init", "--project-dir", str(folder), "--git", "https://example.com/ops.git", *arguments],
        input=answer,
    )


def test_it_shows_the_change_asks_and_keeps_comments_and_quotes(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "packages.yml").write_text(PACKAGES)
    result = init(tmp_path, "--prod-target", "live", "--revision", "v1")
    assert result.exit_code == 0
    assert "+- git: https://example.com/ops.git" in result.output
    packages = (tmp_path / "packages.yml").read_text()
    assert packages == PACKAGES + "- git: https://example.com/ops.git\n  revision: v1\n"
    project = (tmp_path / "dbt_project.yml").read_text()
    for line in PROJECT.splitlines():
        assert line in project
    assert "opsplugin_prod_targets:\n" in project
    assert "comment: '{{ dbt_opsplugin.query_comment(node) }}'\n  append: true\n" in project


def test_a_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    init(tmp_path, "--yes")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert init(tmp_path).output == "Nothing to do: the project has it all.\n"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_local_package_is_known_by_what_it_says_it_is(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "dbt_project.yml").write_text("name: dbt_opsplugin\n")
    (tmp_path / "shop" / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "shop" / "packages.yml").write_text("packages:\n  - local: ../ops\n")
    init(tmp_path / "shop", "--yes")
    assert (tmp_path / "shop" / "packages.yml").read_text() == "packages:\n  - local: ../ops\n"


@pytest.mark.parametrize(
    "package",
    [
        "git: https://example.com/ops.git/",
        "git: https://elsewhere.com/acme/dbt-opsplugin.git",
        "git: git@elsewhere.com:dbt_opsplugin",
        "package: acme/dbt_opsplugin",
        "{tarball: https://elsewhere.com/1.tar.gz, name: dbt_opsplugin}",
        "{git: https://elsewhere.com/dbt.git, subdirectory: packages/dbt-opsplugin}",
        "local: ../dbt_opsplugin",
    ],
)
def test_the_package_is_known_by_its_address_or_name(tmp_path: Path, package: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "packages.yml").write_text(f"packages:\n  - {package}\n")
    init(tmp_path, "--yes")
    assert (tmp_path / "packages.yml").read_text() == f"packages:\n  - {package}\n"


@pytest.mark.parametrize(
    "package",
    [
        "git: https://example.com/dbt-opsplugin-other.git",
        "git: https://example.com/dbt-opsplugin/other.git",
        "{git: https://example.com/other.git, revision: dbt_opsplugin}",
        "local: dbt_opsplugin",
    ],
)
def test_a_package_of_a_similar_name_is_another_one(tmp_path: Path, package: str) -> None:
    (tmp_path / "dbt_opsplugin").mkdir()
    (tmp_path / "dbt_opsplugin" / "dbt_project.yml").write_text("name: other\n")
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "packages.yml").write_text(f"packages:\n  - {package}\n")
    assert "ops.git" in init(tmp_path, "--yes").output
    packages = (tmp_path / "packages.yml").read_text()
    assert packages.startswith(f"packages:\n  - {package}\n  - git: https://example.com/ops.git\n")


def test_lines_keep_their_ends(tmp_path: Path) -> None:
    windows = PROJECT.replace("\n", "\r\n")
    mixed = PROJECT.replace("profile: shop\n", "profile: shop\r\n")
    for old, end in (("\ufeff" + windows, "\r\n"), (windows[:-2], "\r\n"), (mixed, "\n")):
        (tmp_path / "dbt_project.yml").write_bytes(old.encode())
        init(tmp_path, "--yes")
        new = (tmp_path / "dbt_project.yml").read_bytes().decode()
        added = ["query-comment:", f"  comment: '{COMMENT}'", "  append: true", ""]
        assert new == old.removesuffix(end) + end + end.join(added)


def test_the_shown_change_holds_what_changes_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_bytes(PROJECT.replace("\n", "\r\n").encode())
    shown = init(tmp_path, "--yes").output.partition("dbt_project.yml\n@@")[2]
    changed = [line for line in shown.splitlines() if line.startswith(("+", "-"))]
    assert changed == ["+query-comment:", f"+  comment: '{COMMENT}'", "+  append: true"]


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("dbt_project.yml", "vars: [a, 1]\n", 'vars in {} is ["a", 1], not a mapping: write it as'),
        ("packages.yml", "packages: {}\n", "packages in {} is not a list of mappings: correct it"),
        ("packages.yml", "- packages\n", "{} is not a mapping: correct it first"),
        ("dependencies.yml", "packages: [\n", "{} is not YAML: "),
        ("dependencies.yml", "- packages\n", "{} is not a mapping: correct it first"),
        ("packages.yml", b"# \xe9\n", "{} is not UTF-8 ("),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_changed(
    tmp_path: Path, file: str, content: str | bytes, problem: str
) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / file).write_bytes(data)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = init(tmp_path, "--yes", "--prod-target", "live")
    assert isinstance(result.exception, UsageError)
    assert problem.format(tmp_path / file) in str(result.exception)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_are_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    project = PROJECT.replace("The shop.", "Das Café.")
    (tmp_path / "dbt_project.yml").write_text(project, encoding="utf-8")
    packages = PACKAGES.replace("helpers", "dépendances")
    (tmp_path / "packages.yml").write_text(packages, encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    result = subprocess.run(
        [sys.executable, "-m", "dbt_opsplugin.cli", "init", "--git", "ops.git", "--yes"],
        cwd=tmp_path,
        env={**os.environ, **ascii_only, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "# dépendances" in result.stdout
    assert (tmp_path / "dbt_project.yml").read_text(encoding="utf-8").startswith(project)
    assert (tmp_path / "packages.yml").read_text(encoding="utf-8").startswith(packages)


def test_without_a_yes_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    assert "Nothing is changed." in init(tmp_path, answer="n\n").output
    assert [path.name for path in tmp_path.iterdir()] == ["dbt_project.yml"]
    assert (tmp_path / "dbt_project.yml").read_text() == PROJECT


def test_what_the_project_has_set_stays(tmp_path: Path) -> None:
    own = PROJECT + '  opsplugin_prod_targets: ["mine"]\nquery-comment: none\n'
    (tmp_path / "dbt_project.yml").write_text(own)
    (tmp_path / "dependencies.yml").write_text(PACKAGES)
    init(tmp_path, "--yes", "--prod-target", "live")
    assert (tmp_path / "dbt_project.yml").read_text() == own
    assert "ops.git" in (tmp_path / "dependencies.yml").read_text()
    assert not (tmp_path / "packages.yml").exists()


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    result = init(tmp_path)
    assert isinstance(result.exception, UsageError)
    assert "there is no dbt_project.yml in" in str(result.exception)


def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "packages.yml").mkdir()
    result = init(tmp_path, "--yes")
    assert isinstance(result.exception, UsageError)
    place = tmp_path / "packages.yml"
    assert str(result.exception) == (
        f"{place} cannot be written (Is a directory): make it writable, then run this again"
    )
    assert (tmp_path / "dbt_project.yml").read_text() == PROJECT
